from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools.core.period import Period

GROUP = "service_quality.service_quality_group_%s"

TILES = {
    "executive": (
        "attainment", "satisfaction", "calls_reached", "reports_to_acknowledge",
        "targets_to_approve", "deviations", "obligations",
    ),
    "quality": (
        "attainment", "satisfaction", "calls_reached", "exclusions",
        "reports_to_finish", "deviations", "obligations",
    ),
    "technical_centre": (
        "attainment", "reopened", "backlog", "major_complaints",
        "reports_to_review", "deviations", "obligations",
    ),
    "service_manager": (
        "attainment", "first_response", "backlog", "late", "my_reports", "deviations",
        "agreements_ending",
    ),
    "project_manager": (
        "project_goals", "project_late", "project_complaints", "patrols", "my_reports",
        "my_deviations", "agreements_ending",
    ),
    "desk": (
        "late", "soon", "calls_due", "complaints", "calls_reached", "first_response",
        "handovers",
    ),
    "staff": ("my_late", "my_soon", "my_visits", "patrols", "my_grade", "activities"),
    "sales": ("agreements_ending", "agreements_draft", "customer_goals", "activities"),
}  # fmt: skip
"""What each role sees first, at most seven tiles; the first role held comes first."""

CODES = {
    "attainment": "sla_resolution",
    "first_response": "sla_first_response",
    "satisfaction": "satisfaction_mean",
    "calls_reached": "callback_reached",
    "complaints_answered": "complaints_answered",
    "reopened": "reopened",
    "backlog": "backlog",
    "my_grade": "satisfaction_mean",
}
"""The indicator that a tile of figures shows."""

PERIODS = 12


class ServiceQualityOverview(models.AbstractModel):
    """The first page of each role: what needs me today?

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
        keys = [key for key in TILES[role] if key in CODES]
        indicators, figures = self._indicators(keys), self._figures(keys)
        tiles = [
            self._figure_tile(key, indicators.get(CODES[key]), figures[CODES[key]])
            if key in CODES
            else getattr(self, f"_tile_{key}")()
            for key in TILES[role]
        ]
        return {
            "role": role,
            "company": self.env.company.name if len(self.env.companies) > 1 else "",
            "roles": [{"value": value, "label": names[value]} for value in roles],
            "tiles": [tile for tile in tiles if tile],
        }

    @api.model
    def _roles(self):
        """Return the roles that the reader holds, in the order of the tiles."""
        found = [role for role in TILES if self.env.user.has_group(GROUP % role)]
        if not found:
            raise AccessError(
                self.env._(
                    "The first page is for those who hold a role in Service Quality. "
                    "Ask an administrator for one."
                )
            )
        return found

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _indicators(self, keys):
        """Return the indicators behind tiles by code, the company's own before ours."""
        found = self.env["service.quality.indicator"].search(
            [
                ("code", "in", [CODES[key] for key in keys]),
                ("company_id", "in", (self.env.company.id, False)),
            ]
        )
        own_last = found.sorted(lambda one: bool(one.company_id))
        return {one.code: one for one in own_last}

    @api.model
    def _figures(self, keys):
        """Return the monthly figures behind tiles by code, oldest first."""
        running = Period.around("month", self.env.company._service_day())
        scopes = Domain("scope", "=", "company")
        if "my_grade" in keys:
            scopes = Domain("scope", "=", "engineer") & Domain(
                "user_id", "=", self.env.uid
            )
        figures = self.env["service.quality.figure"].search(
            scopes
            & Domain("indicator_id.code", "in", [CODES[key] for key in keys])
            & Domain("company_id", "=", self.env.company.id)
            & Domain("period_kind", "=", "month")
            & Domain("date_from", ">=", running.shifted(-PERIODS).start),
            order="date_from",
        )
        by_code = figures.grouped(lambda figure: figure.indicator_id.code)
        return {CODES[key]: by_code.get(CODES[key], figures[:0]) for key in keys}

    @api.model
    def _figure_tile(self, key, indicator, figures):
        """Return the tile of an indicator: the last whole month, and its course."""
        counts_engineers = self.env.company.service_engineer_figures
        if not indicator or (key == "my_grade" and not (figures or counts_engineers)):
            return None
        whole = figures.filtered(lambda figure: not figure.is_provisional)
        last = (whole or figures)[-1:]
        moods = {"on_target": "good", "tolerated": "warning", "beyond": "bad"}
        hint = self.env._("No month was counted yet.")
        if last:
            hint = last.period
            if last.is_small:
                hint = self.env._("%s, few counted", last.period)
        return {
            "key": key,
            "title": indicator.name,
            "value": last.value_text or self.env._("no data"),
            "hint": hint,
            "goal": last.goal_text or "",
            "goal_value": bool(last.goal_text) and last.goal,
            "mood": moods.get(last.goal_state, "none"),
            "trend": [figure.has_value and figure.value for figure in figures],
            "is_running": figures[-1:].is_provisional,
            "model": "service.quality.figure",
            "domain": [("id", "in", figures.ids)],
            "action": "service_quality.service_quality_figure_action",
            "context": {},
        }

    @api.model
    def _goals_tile(self, key, title, hint, scope, domain):
        """Return the tile that counts figures beyond their goal in the last month."""
        running = Period.around("month", self.env.company._service_day())
        return self._tile(
            key,
            title,
            "service.quality.figure",
            Domain("scope", "=", scope)
            & Domain("goal_state", "=", "beyond")
            & Domain("period_kind", "=", "month")
            & Domain("date_from", "=", running.previous().start)
            & domain,
            hint,
            action="service_quality.service_quality_figure_action",
        )

    @api.model
    def _tile_project_goals(self):
        return self._goals_tile(
            "project_goals",
            self.env._("Figures of my projects beyond their goal"),
            self.env._("last month"),
            "project",
            Domain("project_id.user_id", "=", self.env.uid),
        )

    @api.model
    def _tile_customer_goals(self):
        return self._goals_tile(
            "customer_goals",
            self.env._("Figures of customers beyond their goal"),
            self.env._("last month"),
            "customer",
            Domain.TRUE,
        )

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
