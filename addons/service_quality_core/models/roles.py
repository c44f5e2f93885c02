"""Lists the roles of people: each is a group, and has a first page."""

ROLES = [
    ("executive", "Executive"),
    ("quality", "Quality Department"),
    ("technical_centre", "Technical Service Centre"),
    ("service_manager", "Service Manager"),
    ("project_manager", "Project Manager"),
    ("desk", "Service Desk"),
    ("staff", "Service Staff"),
    ("sales", "Sales"),
]

DECIDING = (
    "executive", "quality", "technical_centre", "service_manager", "project_manager",
)  # fmt: skip
"""The roles whose holders decide or judge: who is given one is kept."""

OTHER_GROUPS = {"administrator": "base.group_system"}
"""The groups of roles that are not ours."""

STAFF = "base.group_user"
"""The group of all who work here."""


def group_of(role):
    """Return the external id of the group of a role."""
    return OTHER_GROUPS.get(role, f"service_quality_core.service_quality_group_{role}")


TECHNICAL_CENTRE = group_of("technical_centre")

INTEGRATION = group_of("integration")
"""Other programs, which have no first page."""


def is_person(user):
    """Return True for an internal user who is neither a bot nor the public one."""
    id_of = user.env["ir.model.data"]._xmlid_to_res_id
    bots = {id_of("base.user_root"), id_of("base.public_user")}
    return bool(user) and user.id not in bots and not user.share
