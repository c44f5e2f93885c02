from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles
from odoo.addons.service_quality_core.tools.period import Period

TILES = {
    "executive": [(10, "attainment"), (50, "targets_to_approve"), (60, "deviations")],
    "quality": [(10, "attainment"), (40, "exclusions"), (60, "deviations")],
    "technical_centre": [
        (10, "attainment"), (20, "reopened"), (30, "backlog"), (60, "deviations"),
    ],
    "service_manager": [
        (10, "attainment"), (20, "first_response"), (30, "backlog"),
        (60, "deviations"),
    ],
    "project_manager": [(10, "project_goals"), (40, "patrols"), (60, "my_deviations")],
    "desk": [(60, "first_response")],
    "staff": [(40, "patrols")],
    "sales": [(30, "customer_goals")],
}  # fmt: skip
"""What each role sees of this, with its place on the page."""

PERIODS = 12

OWN = "my_"
"""Begins the names of tiles with the figures of the reader."""


class ServiceQualityOverview(models.AbstractModel):
    """Adds the tiles of figures, goals, and what is done about them."""

    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), TILES)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _tile_codes(self):
        """Return the indicators that tiles of figures show; addons add theirs.

        :return: dict of tile to the code of an indicator; a tile whose name begins
            with ``my_`` shows the figures of the reader
        """
        return {
            "attainment": "sla_resolution",
            "first_response": "sla_first_response",
            "reopened": "reopened",
            "backlog": "backlog",
        }

    @api.model
    def _read_keys(self, keys):
        all_codes = self._tile_codes()
        codes = {key: all_codes[key] for key in keys if key in all_codes}
        tiles = super()._read_keys([key for key in keys if key not in codes])
        if not codes:
            return tiles
        indicators = self._indicators(codes.values())
        own = {key: code for key, code in codes.items() if key.startswith(OWN)}
        of_company = self._figures(
            [code for key, code in codes.items() if key not in own],
            Domain("scope", "=", "company"),
        )
        of_reader = self._figures(
            own.values(),
            Domain("scope", "=", "engineer") & Domain("user_id", "=", self.env.uid),
        )
        nothing = self.env["service.quality.figure"]
        return tiles | {
            key: self._figure_tile(
                key,
                indicators.get(code),
                (of_reader if key in own else of_company).get(code, nothing),
            )
            for key, code in codes.items()
        }

    @api.model
    def _indicators(self, codes):
        """Return the indicators of codes by code, the company's own before ours."""
        found = self.env["service.quality.indicator"].search(
            [
                ("code", "in", list(codes)),
                ("company_id", "in", (self.env.company.id, False)),
            ]
        )
        own_last = found.sorted(lambda one: bool(one.company_id))
        return {one.code: one for one in own_last}

    @api.model
    def _figures(self, codes, scope):
        """Return the monthly figures of indicators by code, oldest first."""
        running = Period.around("month", self.env.company._service_day())
        figures = self.env["service.quality.figure"].search(
            scope
            & Domain("indicator_id.code", "in", list(codes))
            & Domain("company_id", "=", self.env.company.id)
            & Domain("period_kind", "=", "month")
            & Domain("date_from", ">=", running.shifted(-PERIODS).start),
            order="date_from",
        )
        return figures.grouped(lambda figure: figure.indicator_id.code)

    @api.model
    def _figure_tile(self, key, indicator, figures):
        """Return the tile of an indicator: the last whole month, and its course."""
        counts_engineers = self.env.company.service_engineer_figures
        if not indicator or (key.startswith(OWN) and not (figures or counts_engineers)):
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
            "action": "service_quality_indicator.service_quality_figure_action",
            "context": {},
        }

    # ------------------------------------------------------------------
    # Counts
    # ------------------------------------------------------------------

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
            action="service_quality_indicator.service_quality_figure_action",
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

    @api.model
    def _tile_patrols(self):
        project = Domain("project_id.user_id", "=", self.env.uid)
        return self._tile(
            "patrols",
            self.env._("Patrols overdue"),
            "service.quality.patrol",
            Domain("state", "=", "overdue") & (self._mine() | project),
            self.env._("mine and of my projects"),
            action="service_quality_indicator.service_quality_patrol_action",
        )

    @api.model
    def _tile_deviations(self):
        return self._tile(
            "deviations",
            self.env._("Deviations not closed"),
            "service.quality.deviation",
            Domain("state", "!=", "closed"),
            self.env._("figures beyond their goal"),
            action="service_quality_indicator.service_quality_deviation_action",
        )

    @api.model
    def _tile_my_deviations(self):
        return self._tile(
            "my_deviations",
            self.env._("Deviations to analyse"),
            "service.quality.deviation",
            Domain("state", "=", "open") & Domain("owner_id", "=", self.env.uid),
            self.env._("mine"),
            action="service_quality_indicator.service_quality_deviation_action",
        )

    @api.model
    def _tile_targets_to_approve(self):
        return self._tile(
            "targets_to_approve",
            self.env._("Targets to approve"),
            "service.quality.indicator.target",
            Domain("state", "=", "draft"),
            self.env._("proposed goals of indicators"),
            mood="warning",
            action="service_quality_indicator.service_quality_indicator_target_action",
        )

    @api.model
    def _tile_exclusions(self):
        return self._tile(
            "exclusions",
            self.env._("Exclusions to decide"),
            "service.quality.exclusion",
            Domain("state", "=", "requested"),
            self.env._("asked for by service managers"),
            mood="warning",
            action="service_quality_indicator.service_quality_exclusion_action",
        )
