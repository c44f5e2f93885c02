from datetime import date

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import (
    About,
    PeriodList,
    Row,
)
from odoo.addons.service_quality_indicator.tools.statistics import is_few

from .report_data import FOR_THE_CUSTOMER, PERIODIC, SCOPE_OF_KIND

CONTRACTS = "contracts"

RED = ("tolerated", "beyond")

URGENT_FIRST = {"beyond": 0, "tolerated": 1, "few": 2, "on_target": 3}


class ServiceQualityReportTelling(models.AbstractModel):
    """Says what a report lists beside its figures: it is kept with the draft.

    The lists of other addons come from ``service.quality.period.list``; those of
    contracts, events and instructions are its own.
    """

    _name = "service.quality.report.telling"
    _description = "What a Report Tells"

    @api.model
    def _prepare(self, report, figures):
        """Return the lists and measures of a draft, as values of its fields.

        :param report: in its own language
        :param figures: what was counted of its subject
        """
        if report.kind not in PERIODIC:
            story = self.env["service.quality.report.story"]
            return {"told": [_as_json(one) for one in story._lists(report)]}
        period = report._period()
        values = {
            "measures": report._measures(period),
            "measures_before": report._measures(period.previous()),
            "told": [],
        }
        if report.kind not in FOR_THE_CUSTOMER:
            lists = self._own_lists(report)
            about = self._about(report, period)
            lists += self._told()._lists(about)
            lists.sort(key=lambda one: one.rank)
            values["told"] = [_as_json(one) for one in lists]
        return values

    @api.model
    def _told(self):
        """Return what other addons tell, as superuser."""
        # a report counts all; a page leaves out rows that are kept from its reader
        return self.env["service.quality.period.list"].sudo()

    @api.model
    def _about(self, report, period):
        """Return what the lists of a report are of."""
        start, end = period.bounds(report.company_id._service_tz())
        scope = SCOPE_OF_KIND[report.kind]
        return About(
            report.company_id, period, start, end, scope, report._subject() or None
        )

    @api.model
    def _measures(self, report, period):
        """Return what all addons say was decided in a period; see the report's."""
        about = self._about(report, period)
        found = self._told()._measures(about)
        return [
            {
                "about": one.about,
                "action": one.action,
                "owner": one.owner,
                "until": _plain(one.until) if one.until else "",
                "state": one.state,
                "result": one.result,
                "ticket": one.ticket_id,
            }
            for one in found
        ]

    # ------------------------------------------------------------------
    # Its own lists
    # ------------------------------------------------------------------

    @api.model
    def _own_lists(self, report):
        """Return the lists of what reports know themselves."""
        # contracts are with the company, and no department's
        is_whole = report.kind != "department"
        lists = [self._list_of_contracts(report)] if is_whole else []
        if report.kind == "organisation":
            lists += [self._list_of_events(report), self._list_of_instructions(report)]
        return lists

    @api.model
    def _list_of_contracts(self, report):
        """Return what was promised and achieved of each contract in force."""
        _ = self.env._
        figures = self._figures_of_contracts(report)
        agreements = self._agreements(report) | figures.agreement_id
        found = {figure.agreement_id: figure for figure in figures}
        rows = [
            self._row_of_contract(one, found.get(one, figures.browse()))
            for one in agreements
        ]
        rows.sort(key=lambda row: (_urgency(row.state), row.cells[:2]))
        heads = (
            _("Customer"), _("Contract"), _("Promised"), _("Achieved"), _("Gap"),
            _("Counted"), _("95 % interval"),
        )  # fmt: skip
        return PeriodList(
            CONTRACTS,
            10,
            _("Service targets by customer and contract"),
            heads,
            rows,
            _("No contract was in force."),
            numbers=(2, 3, 4, 5, 6),
        )

    @api.model
    def _figures_of_contracts(self, report):
        """Return how far each contract was kept, of those the report is about."""
        content = self.env["service.quality.report.content"]
        scope = Domain("scope", "=", "agreement") & Domain(
            "indicator_id", "=", content._attainment().id
        )
        if report.kind == "project":
            scope &= Domain("project_id", "=", report.project_id.id)
        return content._figures(report, report.date_from, scope).filtered("denominator")

    @api.model
    def _agreements(self, report):
        """Return the contracts in force in the period, also those without tickets."""
        if report.kind == "department":
            return self.env["service.quality.agreement"]
        period = report._period()
        domain = (
            Domain("company_id", "=", report.company_id.id)
            & Domain("kind", "=", "sla")
            & Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<", period.end)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", period.start))
        )
        if report.kind == "project":
            domain &= Domain("project_id", "=", report.project_id.id)
        return self.env["service.quality.agreement"].search(domain)

    @api.model
    def _row_of_contract(self, agreement, figure):
        """Return the row of a contract with how it stands."""
        customers = agreement.partner_ids.commercial_partner_id.mapped("name")
        head = (", ".join(customers) or self.env._("all"), agreement.display_name)
        if not figure:
            cells = (*head, "–", self.env._("no data"), "–", 0, "–")
            return Row(cells, state="no_data")
        indicator, count = figure.indicator_id, round(figure.denominator)
        has_goal = figure.goal_state in ("on_target", *RED)
        few = is_few(count)
        state = figure.goal_state
        if state in RED and not figure._misses_goal():
            state = "few"
        gap = "–"
        if has_goal and not few:
            gap = indicator._format_change(figure.goal, figure.value)
        cells = (
            *head,
            indicator._format(figure.goal) if has_goal else "–",
            self.env["service.quality.report.content"]._text(figure),
            gap,
            count,
            f"{figure.low:.1f} – {figure.high:.1f} %",
        )
        return Row(cells, state=state)

    @api.model
    def _list_of_events(self, report):
        """Return the event reports of the period."""
        _ = self.env._
        period = report._period()
        events = report.search(
            Domain("company_id", "=", report.company_id.id)
            & Domain("kind", "=", "event")
            & Domain("date_from", ">=", period.start)
            & Domain("date_from", "<", period.end),
            order="id",
        )
        label = self.env["service.quality.period.list"]._label
        rows = [
            Row(
                (
                    one.number or "–",
                    one.event_text or "–",
                    label(one, "trigger") or "–",
                    label(one, "state"),
                ),
                one.event_ticket_id.id,
            )
            for one in events
        ]
        heads = (_("Report"), _("What happened"), _("Brought about by"), _("Status"))
        return PeriodList(
            "events", 140, _("Major events"), heads, rows, _("No major event.")
        )

    @api.model
    def _list_of_instructions(self, report):
        """Return what executives wanted done at the end of the period, and was not.

        What they have asked for since is not among it; how each stands now is beside.
        """
        _ = self.env._
        _start, end = report._period().bounds(report.company_id._service_tz())
        waiting = self.env["service.quality.report.instruction"].search(
            Domain("company_id", "=", report.company_id.id)
            & Domain("given_at", "<", end)
            & (Domain("state", "=", "open") | Domain("done_at", ">=", end)),
            order="deadline, id",
        )
        rows = [
            Row(
                (
                    one.text,
                    one.author_id.name,
                    one.user_id.name,
                    one.deadline,
                    self._state_of_instruction(one),
                ),
                one.report_id.event_ticket_id.id,
            )
            for one in waiting
        ]
        heads = (_("Instruction"), _("Given by"), _("Owner"), _("Until"), _("Status"))
        title, empty = _("Open instructions"), _("No instruction was open.")
        return PeriodList("instructions", 150, title, heads, rows, empty)

    @api.model
    def _state_of_instruction(self, instruction):
        """Return how an instruction stands now, in words."""
        _, company = self.env._, instruction.company_id
        if instruction.state == "done":
            day = company._service_day(instruction.done_at)
            return _("done on %s", f"{day:%Y-%m-%d}")
        is_late = instruction.deadline < company._service_day()
        return _("overdue") if is_late else _("open")

    # ------------------------------------------------------------------
    # What may be shown
    # ------------------------------------------------------------------

    @api.model
    def _shown(self, report):
        """Return the lists of a report, measures among them, as all may read them.

        Rows about tickets that are kept from some are left out, and counted.

        :return: list of dicts as in ``told``, the rows as lists of cells
        """
        lists = [*(report.told or []), *self._lists_of_measures(report)]
        ids = {row["ticket"] for one in lists for row in one["rows"] if row["ticket"]}
        # as superuser, as the page is made; one query, whatever there is
        tickets = self.env["helpdesk.ticket"].sudo().browse(ids).exists()
        kept = {ticket.id for ticket in tickets if any(ticket._service_about())}
        shown = []
        for one in sorted(lists, key=lambda told: told["rank"]):
            rows = [row for row in one["rows"] if row["ticket"] not in kept]
            notes = [one["note"]] if one["note"] else []
            if len(rows) < len(one["rows"]):
                notes.append(
                    self.env._(
                        "%s more are kept confidential, and not listed.",
                        len(one["rows"]) - len(rows),
                    )
                )
            if rows or notes or one["empty"]:
                shown.append(one | {"rows": rows, "note": " ".join(notes)})
        return shown

    @api.model
    def _red_contracts(self, report):
        """Return the cells of the contracts that were not kept."""
        return [
            row["cells"]
            for one in report.told or []
            if one["code"] == CONTRACTS
            for row in one["rows"]
            if row["state"] in RED
        ]

    @api.model
    def _lists_of_measures(self, report):
        """Return the measures of the period, and of the one before, as lists."""
        if report.kind not in PERIODIC or (
            report.kind in FOR_THE_CUSTOMER
            and not (report.measures or report.measures_before)
        ):
            return []
        _ = self.env._
        heads = (
            _("What it is about"), _("Improvement action"), _("Owner"), _("Until"),
            _("Status"),
        )  # fmt: skip
        names = ("about", "action", "owner", "until", "state")
        now = PeriodList(
            "measures",
            145,
            _("Measures"),
            heads,
            _rows_of_measures(report.measures, names),
            _("No measure was decided in the period."),
        )
        before = PeriodList(
            "measures_before",
            146,
            _("What became of the measures of the period before"),
            (*heads, _("Result")),
            _rows_of_measures(report.measures_before, (*names, "result")),
            _("There were none the period before."),
        )
        return [_as_json(now), _as_json(before)]


def _rows_of_measures(measures, names):
    return [
        Row(tuple(one.get(name) or "–" for name in names), one.get("ticket") or False)
        for one in measures or []
    ]


def _as_json(told):
    """Return a list as it is kept: dates as texts, and how each row stands."""
    rows = [
        {
            "cells": [_plain(cell) for cell in row.cells],
            "ticket": row.ticket_id or False,
            "state": row.state,
        }
        for row in told.rows
    ]
    return told._asdict() | {
        "heads": list(told.heads),
        "numbers": list(told.numbers),
        "rows": rows,
    }


def _urgency(state):
    """Return the place of a row by how it stands: what lies beyond comes first."""
    return URGENT_FIRST.get(state, len(URGENT_FIRST))


def _plain(cell):
    """Return a value as JSON keeps it."""
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return "–" if cell is None or cell is False else cell
