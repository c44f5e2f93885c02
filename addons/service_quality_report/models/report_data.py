"""The models of reports share these kinds, periods and states."""

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.tools.form_text import weigh

KINDS = [
    ("organisation", "Quality report"),
    ("customer", "Customer service report"),
    ("project", "Project quality analysis report"),
    ("department", "Department summary report"),
    ("event", "Event report"),
]

PERIODIC = ("organisation", "customer", "project", "department")
"""Kinds that tell the figures of a period; others are about one thing, as an event."""

STATES = [("draft", "Draft"), ("reviewed", "Reviewed"), ("sent", "Sent")]

TRANSITIONS = frozenset(
    {("draft", "reviewed"), ("reviewed", "draft"), ("reviewed", "sent")}
)

SUBJECTS = {
    "customer": "agreement_id",
    "project": "project_id",
    "department": "team_id",
}
"""What a report of a kind is about; addons add theirs by ``_subjects()``."""

MOST_PRINTED = 50
"""So many rows of a list stand on the page; the workbook has all of them."""

TEXTS = ("summary", "decisions", "analysis", "deviations", "actions", "plan")
"""What people write into a report."""

FOR_THE_CUSTOMER = ("customer",)

ROLE = "service_quality_core.service_quality_group_%s"

DRAFT_DAYS = 5
"""Where no regulation says so, a report is sent within so many days of the next period.
"""

ABOUT = frozenset(
    {
        "kind", "period_kind", "date_from", "company_id", "agreement_id",
        "project_id", "team_id",
    }
)  # fmt: skip
"""What the figures of a report are of."""

TREND = 12
"""So many periods a course is shown for."""

SCOPE_OF_KIND = {
    "organisation": "company",
    "event": "company",
    "customer": "agreement",
    "project": "project",
    "department": "department",
}
"""Of what scope the figures of a report are."""

DETAILED = ("customer", "project")
"""Kinds that list each missed ticket, and each target of each process."""

ROLES_CONCERNED = {
    "organisation": (
        "executive", "quality", "technical_centre", "service_manager", "desk",
    ),
    "event": ("executive", "quality", "technical_centre", "service_manager"),
    "project": ("executive", "quality", "technical_centre", "service_manager"),
    "department": ("executive", "quality", "service_manager"),
    "customer": (),
}  # fmt: skip
"""The roles that a report of a kind goes to in any case."""

MIMETYPES = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def says(text):
    """Return True if a text says why or what, and is no full stop."""
    return weigh(text) >= LEAST_REASON
