from functools import partial

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import (
    Measure,
    PeriodList,
    Row,
)

from .counting_context import SCOPES

MOST_ENTRIES = 1000
"""So many entries that came late are kept with a report; the rest is counted."""


class ServiceQualityPeriodList(models.AbstractModel):
    """Tell what was decided on deviations, what was excluded and what corrected."""

    _inherit = "service.quality.period.list"

    @api.model
    def _lists(self, about):
        lists = super()._lists(about)
        lists.append(self._list_of_exclusions(about))
        if about.scope == "company":
            lists.append(self._list_of_corrections(about))
            lists.append(self._list_of_late_entries(about))
        return lists

    @api.model
    def _list_of_exclusions(self, about):
        """Return what was asked to be left out of attainment, and what became of it."""
        _ = self.env._
        asked = self.env["service.quality.exclusion"].search(
            self._ticket_domain(about, "ticket_id.")
            & Domain("judged_at", ">=", about.start)
            & Domain("judged_at", "<", about.end),
            order="judged_at, id",
        )
        rows = [
            Row(
                (
                    one.ticket_id.number,
                    one.target_id.display_name,
                    one.ground_id.display_name,
                    self._label(one, "state"),
                    one.decided_by_id.name or "–",
                ),
                one.ticket_id.id,
            )
            for one in asked
        ]
        heads = (
            _("Ticket"), _("Service target"), _("Ground"), _("Status"), _("Decided by"),
        )  # fmt: skip
        return PeriodList(
            "exclusions",
            160,
            _("Exclusions"),
            heads,
            rows,
            _("Nothing was excluded."),
            _("A miss stays a miss: the figures count it.") if rows else "",
        )

    @api.model
    def _list_of_corrections(self, about):
        """Return the company's figures that came out different after they were closed.

        Those of the period, and those of any period corrected while it ran.
        """
        _ = self.env._
        corrected = self.env["service.quality.figure.correction"].search(
            Domain("company_id", "=", about.company.id)
            & Domain("figure_id.scope", "=", "company")
            & Domain("figure_id.period_kind", "=", about.period.kind)
            & (
                Domain("figure_id.date_from", "=", about.period.start)
                | Domain("corrected_at", ">=", about.start)
                & Domain("corrected_at", "<", about.end)
            ),
            order="corrected_at, id",
        )
        rows = [
            Row(
                (
                    one.figure_id.indicator_id.name,
                    one.figure_id.period,
                    one.before_text,
                    one.after_text,
                    one.reason,
                    self._moment(about.company, one.corrected_at),
                )
            )
            for one in corrected
            if one.before_text != one.after_text
        ]
        heads = (
            _("Figure"), _("Period"), _("Value before"), _("Value now"), _("Because"),
            _("Corrected At"),
        )  # fmt: skip
        empty = _("No figure was corrected.")
        title = _("Corrected figures")
        return PeriodList("corrections", 170, title, heads, rows, empty, numbers=(2, 3))

    @api.model
    def _late_entries(self, about):
        """Return the ids of all rows that people entered, and of those entered late."""
        # what is counted is no secret, and the rows are told without names
        Indicator = self.env["service.quality.indicator"].sudo()
        indicator = Indicator.search([("formula", "=", "late_entries")], limit=1)
        if not indicator:
            return [], []
        count = partial(
            self.env["service.quality.counting"]._row_ids,
            *(indicator, about.company, about.period, "company", about.company.id),
        )
        return count("all"), count("hit")

    @api.model
    def _list_of_late_entries(self, about):
        """Return what people entered later than the settings allow, of how many.

        It is counted by when it was entered, as the indicator of it is. Who entered it
        is not told: how a person works is not for all who read the report.
        """
        _ = self.env._
        entered, late = self._late_entries(about)
        # the report tells all of them, whoever makes it
        events = self.env["service.quality.event"].sudo().browse(late)
        shown = events.sorted(lambda one: (one.at, one.id))[:MOST_ENTRIES]
        rows = [
            Row(
                (
                    one.ticket_id.number,
                    one.kind_name,
                    self._moment(about.company, one.at),
                    self._moment(about.company, one.recorded_at),
                ),
                one.ticket_id.id,
            )
            for one in shown
        ]
        heads = (_("Ticket"), _("Entry"), _("Happened at"), _("Entered at"))
        title, empty = _("Entered later"), _("Nobody entered anything by hand.")
        if entered:
            title = _(
                "Entered later: %(late)s of %(all)s", late=len(late), all=len(entered)
            )
            empty = _("Nothing was entered late.")
        more = len(late) - len(rows)
        note = _("%s more are not listed.", more) if more else ""
        return PeriodList("late_entries", 175, title, heads, rows, empty, note)

    @api.model
    def _measures(self, about):
        """Add what is done about each deviation of the period (A4.3.4)."""
        domain = (
            Domain("company_id", "=", about.company.id)
            & Domain("date_from", ">=", about.period.start)
            & Domain("date_to", "<", about.period.end)
        )
        if about.scope == "department":
            domain &= Domain("scope", "=", "department")
            domain &= Domain("scope_id", "=", about.record.id)
        elif about.scope == "project":
            domain &= Domain("figure_id.project_id", "=", about.record.id)
        deviations = self._untold(self.env["service.quality.deviation"].search(domain))
        return [
            *super()._measures(about),
            *(self._measure_of(deviation) for deviation in deviations),
        ]

    @api.model
    def _measure_of(self, deviation):
        _ = self.env._
        action = deviation.action
        if not action and deviation.no_action_reason:
            action = _("No action: %s", deviation.no_action_reason)
        worked = self._label(deviation, "is_effective")
        return Measure(
            " · ".join(
                filter(None, (deviation.indicator_id.name, self._scope_of(deviation)))
            ),
            action or _("not decided yet"),
            deviation.owner_id.name or "",
            deviation.action_until
            or (deviation.state == "open" and deviation.deadline),
            self._label(deviation, "state"),
            ": ".join(filter(None, (worked, deviation.follow_up))),
        )

    @api.model
    def _scope_of(self, deviation):
        """Return what a deviation is of in the language of the context.

        The name that is kept with the figure is in that of who had it taken.
        """
        scope = SCOPES.get(deviation.scope)
        if not scope or not deviation.scope_id:
            return deviation.scope_name
        # its name is on record with the figure, in another language
        record = self.env[scope.model].sudo().browse(deviation.scope_id).exists()
        return record.display_name or deviation.scope_name
