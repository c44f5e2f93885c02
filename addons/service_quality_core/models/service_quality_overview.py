from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .roles import ROLES, group_of
from .service_quality_clock import LATE

NOTICE_DAYS = 90

ARCHIVED_TOO = {"active_test": False}
"""Archiving a ticket stops no promise and settles no complaint."""

TILES = {
    "quality": [(80, "activities")],
    "technical_centre": [(80, "activities")],
    "service_manager": [(40, "late"), (70, "agreements_ending")],
    "project_manager": [(20, "project_late"), (70, "agreements_ending")],
    "desk": [(10, "late"), (20, "soon"), (80, "activities")],
    "staff": [(10, "my_late"), (20, "my_soon"), (60, "activities")],
    "sales": [
        (10, "agreements_ending"), (20, "agreements_draft"), (40, "activities"),
    ],
}  # fmt: skip
"""What each role sees first, with its place on the page."""


def with_tiles(tiles, added):
    """Return the tiles of each role with others beside them.

    >>> with_tiles({"desk": [(10, "late")], "sales": []}, {"desk": [(20, "soon")]})
    {'desk': [(10, 'late'), (20, 'soon')], 'sales': []}

    :param tiles: dict of role to a list of (sequence, name)
    :param added: such a dict, of some of the roles
    """
    return {role: [*shown, *added.get(role, ())] for role, shown in tiles.items()}


class ServiceQualityOverview(models.AbstractModel):
    """Reads the first page of each role, which says what needs its people today.

    Tiles of figures read what was taken, so that the page is as fast with a million
    tickets; the other tiles count by the domain that they open. A tile is a method,
    ``_tile_<name>``, that returns None where there is nothing to show at all.
    """

    _name = "service.quality.overview"
    _description = "First Page by Role"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def read_tiles(self, role=None):
        """Return the first page of a role.

        :param role: one that the reader holds; else the one shown last, or the first
        Everything counted is of the current company, also where more are on.

        :return: dict with ``role``, ``roles`` (those the reader holds, with their
            names), ``company`` (its name where more than one is on, else empty) and
            ``tiles``: dicts with ``key``, ``title``, ``value`` (a text),
            ``hint``, ``mood`` (``good``, ``bad``, ``warning`` or ``none``), ``model``,
            ``domain``, ``context`` and ``action`` of the list that it opens; a tile of
            figures also ``goal`` (a text), ``goal_value``, ``trend``: the values of
            twelve months, oldest first, False without data, and ``is_running``: whether
            the last of them is not over
        :raise AccessError: for those who hold no role
        """
        roles = self._roles()
        if role not in roles:
            role = self.env.user.res_users_settings_id.service_overview_role
        if role not in roles:
            role = roles[0]
        names = dict(
            self.env["res.users.settings"]
            ._fields["service_overview_role"]
            ._description_selection(self.env)
        )
        keys = [key for _sequence, key in sorted(self._tiles()[role])]
        tiles = self._read_keys(keys)
        return {
            "role": role,
            "company": self.env.company.name if len(self.env.companies) > 1 else "",
            "roles": [{"value": value, "label": names[value]} for value in roles],
            "tiles": [tiles[key] for key in keys if tiles[key]],
        }

    @api.model
    def _roles(self):
        """Return the roles that the reader holds, in the order of the tiles."""
        found = [
            role for role, _name in ROLES if self.env.user.has_group(group_of(role))
        ]
        if not found:
            raise AccessError(
                self.env._(
                    "The first page is for those who hold a role in Service Quality. "
                    "Ask an administrator for one."
                )
            )
        return found

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _tiles(self):
        """Return the tiles of each role, at most nine; addons add theirs.

        :return: dict of role to a list of (sequence, name), as :func:`with_tiles` takes
        """
        return with_tiles({role: [] for role, _name in ROLES}, TILES)

    @api.model
    def _read_keys(self, keys):
        """Return tiles by name; addons extend it for those that are read together.

        :return: dict of name to what the method of the tile returns
        """
        return {key: getattr(self, f"_tile_{key}")() for key in keys}

    # ------------------------------------------------------------------
    # Counts
    # ------------------------------------------------------------------

    @api.model
    def _tile(
        self, key, title, model, domain, hint, *, mood="bad", action="", context=None
    ):
        """Return a tile that counts records; None for what the reader cannot read.

        :param mood: how it is when there are any
        :param action: the external id of the list to open with the domain
        :param context: in which the records are counted, and the list is opened
        """
        records = self.env[model].with_context(**(context or {}))
        if not records.has_access("read"):
            return None
        if "company_id" in records._fields:
            domain &= Domain("company_id", "in", (self.env.company.id, False))
        count = records.search_count(domain)
        return {
            "key": key,
            "title": title,
            "value": str(count),
            "hint": hint,
            "mood": mood if count else "good",
            "model": model,
            "domain": list(domain),
            "action": action,
            "context": context or {},
        }

    # ------------------------------------------------------------------
    # Tickets
    # ------------------------------------------------------------------

    @api.model
    def _mine(self):
        return Domain("user_id", "=", self.env.uid)

    @api.model
    def _ticket_tile(self, key, title, domain, mood="bad"):
        return self._tile(
            key,
            title,
            "helpdesk.ticket",
            domain,
            self.env._("now"),
            mood=mood,
            action="service_quality_core.helpdesk_ticket_action",
            context=ARCHIVED_TOO,
        )

    @api.model
    def _tile_late(self):
        late = Domain("service_state", "=", "late")
        return self._ticket_tile("late", self.env._("Late tickets"), late)

    @api.model
    def _tile_soon(self):
        soon = Domain("service_state", "=", "at_risk")
        title = self.env._("Tickets at risk")
        return self._ticket_tile("soon", title, soon, mood="warning")

    @api.model
    def _tile_my_late(self):
        late = Domain("service_state", "=", "late") & self._mine()
        return self._ticket_tile("my_late", self.env._("My late tickets"), late)

    @api.model
    def _tile_my_soon(self):
        soon = Domain("service_state", "=", "at_risk") & self._mine()
        title = self.env._("My tickets at risk")
        return self._ticket_tile("my_soon", title, soon, mood="warning")

    @api.model
    def _tile_project_late(self):
        late = LATE & Domain("agreement_id.project_id.user_id", "=", self.env.uid)
        return self._ticket_tile(
            "project_late",
            self.env._("Late tickets of my projects"),
            Domain("service_clock_ids", "any", late),
        )

    # ------------------------------------------------------------------
    # Own work
    # ------------------------------------------------------------------

    @api.model
    def _tile_activities(self):
        return self._tile(
            "activities",
            self.env._("My activities due"),
            "mail.activity",
            self._mine()
            & Domain("date_deadline", "<=", self.env.user.partner_id._service_day()),
            self.env._("today or before"),
            action="mail.mail_activity_action_my",
        )

    # ------------------------------------------------------------------
    # Agreements
    # ------------------------------------------------------------------

    @api.model
    def _tile_agreements_ending(self):
        today = self.env.company._service_day()
        ending = fields.Date.add(today, days=NOTICE_DAYS)
        return self._tile(
            "agreements_ending",
            self.env._("Agreements ending"),
            "service.quality.agreement",
            Domain("state", "=", "signed")
            & Domain("date_end", ">=", today)
            & Domain("date_end", "<=", ending),
            self.env._("within %s days", NOTICE_DAYS),
            mood="warning",
            action="service_quality_core.service_quality_agreement_action",
        )

    @api.model
    def _tile_agreements_draft(self):
        return self._tile(
            "agreements_draft",
            self.env._("Agreements to sign"),
            "service.quality.agreement",
            Domain("state", "=", "draft"),
            self.env._("drafts"),
            mood="warning",
            action="service_quality_core.service_quality_agreement_action",
        )
