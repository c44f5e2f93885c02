from collections import Counter
from datetime import date

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import PeriodList, Row


class ServiceQualityReportStory(models.AbstractModel):
    """Tells what an event report is about: what happened, to whom, why, and then what.

    What there is depends on what brought the report about: ``_lists_of_<trigger>``.
    Addons tell the story of reports of their own kinds.
    """

    _name = "service.quality.report.story"
    _description = "Story of an Event"

    @api.model
    def _lists(self, report):
        """Return the lists of an event report, an empty list of an unknown trigger."""
        lists = getattr(self, f"_lists_of_{report.trigger}", None)
        return lists(report) if lists else []

    @api.model
    def _figures(self, report, figures):
        """Return those of the company's figures that the event concerns."""
        if report.trigger == "indicator":
            return figures.filtered(
                lambda one: one.indicator_id == self._figure(report).indicator_id
            )
        metrics = set(self._clocks(report).mapped("metric"))
        return figures.filtered(
            lambda one: (
                one.indicator_id._chosen("metric") in metrics
                or (
                    report.trigger == "complaint"
                    and one.indicator_id.formula == "complaints"
                )
            )
        )

    @api.model
    def _sentences(self, report):
        """Return what happened, whom it hit, and how far it is, to begin with."""
        _ = self.env._
        tickets, clocks = self._tickets(report), self._clocks(report)
        lead, *rest = self._lead(report)
        hit = tickets | clocks.ticket_id
        customers = hit.commercial_partner_id
        effect = _(
            "It concerns tickets: %(tickets)s, customers: %(customers)s; service "
            "targets missed: %(missed)s.",
            tickets=len(hit),
            customers=len(customers),
            missed=len(clocks.filtered(lambda clock: clock.verdict == "missed")),
        )
        return [lead, *([effect] if hit else []), *rest]

    @api.model
    def _lead(self, report):
        """Return a sentence of what happened; and one of how it stands, if known."""
        _, told = self.env._, self.env["service.quality.period.list"]
        if report.trigger == "indicator":
            content = self.env["service.quality.report.content"]
            figure = self._figure(report)
            lines = report.line_ids.filtered(lambda line: line.figure_id == figure)
            return [content._sentence(line) for line in lines] or [report.event_text]
        first = report.event_ticket_id.sudo()  # the page is made as superuser
        if not first or any(first._service_about()):  # kept from some
            return [report.event_text or "–"]
        at = told._moment(report.company_id, first.service_opened_at)
        return [
            _("%(event)s: %(name)s, %(at)s.",
              event=report.event_text, name=first.name, at=at),
            _("%(number)s stands at: %(stage)s.",
              number=first.number, stage=first.stage_id.display_name),
        ]  # fmt: skip

    # ------------------------------------------------------------------
    # What it is about
    # ------------------------------------------------------------------

    @api.model
    def _tickets(self, report):
        """Return the tickets of the story, the one that it began with first."""
        # a story is all of its tickets; a page leaves out rows that are kept from some
        ticket = report.event_ticket_id.sudo().with_context(active_test=False)
        first = ticket.browse(ticket._service_story().id)
        if not first:
            return first
        others = first.search(
            first._service_story_domain(first) & Domain("id", "!=", first.id),
            order="service_opened_at, id",
        )
        return first | others

    @api.model
    def _clocks(self, report):
        """Return the promises to customers that the event is about."""
        clocks = self.env["service.quality.clock"]
        own = Domain("counted", "=", True) & Domain("kind", "in", ("sla", "house"))
        if report.trigger == "complaint":
            domain = Domain("ticket_id", "in", self._tickets(report).ids)
        elif report.trigger == "missed":
            company, day = report.company_id, date.fromisoformat(_part(report, 1))
            start = company._service_midnight(day)
            end = company._service_midnight(date.fromordinal(day.toordinal() + 1))
            domain = (
                Domain("company_id", "=", company.id)
                & Domain("kind", "=", "sla")
                & Domain("verdict", "=", "missed")
                & Domain("judged_at", ">=", start)
                & Domain("judged_at", "<", end)
            )
        elif report.trigger == "indicator":
            domain = Domain("id", "in", self._missed_of_figure(report))
        else:
            return clocks
        return clocks.search(own & domain, order="deadline, id")

    @api.model
    def _figure(self, report):
        """Return the company's figure that lay beyond its tolerance."""
        return self.env["service.quality.figure"].search(
            [
                ("company_id", "=", report.company_id.id),
                ("scope", "=", "company"),
                ("period_kind", "=", "month"),
                ("indicator_id", "=", int(_part(report, 1))),
                ("date_from", "=", _part(report, 2)),
            ]
        )

    @api.model
    def _missed_of_figure(self, report):
        """Return the ids of the clocks that the figure counts as missed."""
        figure = self._figure(report)
        indicator = figure.indicator_id
        if not figure or indicator._declared().model != "service.quality.clock":
            return []
        return self.env["service.quality.counting"]._row_ids(
            indicator,
            figure.company_id,
            figure._period(),
            "company",
            figure.company_id.id,
            "not_hit",
            figure,
        )

    # ------------------------------------------------------------------
    # By what brought it about
    # ------------------------------------------------------------------

    @api.model
    def _lists_of_complaint(self, report):
        tickets = self._tickets(report)
        told = self.env["service.quality.period.list"]
        lists = [
            PeriodList(
                f"facts_{ticket.id}",
                10 + place,
                self.env._("What is known of %s", ticket.number),
                (),
                [Row(fact, ticket.id) for fact in told._story(ticket)],
            )
            for place, ticket in enumerate(tickets[:5])  # a few in one story
        ]
        return [
            *lists,
            self._list_of_effects(self._clocks(report), tickets),
            self._list_of_course(tickets),
            self._list_of_promises(self._clocks(report)),
        ]

    @api.model
    def _lists_of_missed(self, report):
        clocks = self._clocks(report)
        return [
            self._list_of_effects(clocks, clocks.ticket_id),
            self._list_of_causes(clocks.ticket_id),
            self._list_of_promises(clocks),
        ]

    @api.model
    def _lists_of_indicator(self, report):
        clocks = self._clocks(report)
        lists = [self._list_of_deviations(report)]
        if clocks:
            lists += self._lists_of_missed(report)
        return lists

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    @api.model
    def _list_of_effects(self, clocks, tickets):
        """Return whom it hit: their tickets, and the promises that were missed."""
        _ = self.env._
        missed = Counter(
            clock.ticket_id.commercial_partner_id
            for clock in clocks
            if clock.verdict == "missed"
        )
        hit = Counter(ticket.commercial_partner_id for ticket in tickets)
        rows = [
            Row((customer.name or "–", count, missed[customer]))
            for customer, count in hit.most_common()
        ]
        heads = (_("Customer"), _("Tickets"), _("Missed targets"))
        title, empty = _("Whom it concerns"), _("No customer is known.")
        return PeriodList("effects", 20, title, heads, rows, empty, numbers=(1, 2))

    @api.model
    def _list_of_causes(self, tickets):
        _ = self.env._
        found = Counter(ticket.service_cause_id for ticket in tickets)
        rows = [
            Row((cause.name or _("not entered"), count))
            for cause, count in found.most_common()
        ]
        heads = (_("Cause"), _("Tickets"))
        return PeriodList("causes", 40, _("Causes"), heads, rows, numbers=(1,))

    @api.model
    def _list_of_course(self, tickets):
        """Return what happened when, of all tickets of the story."""
        _ = self.env._
        told = self.env["service.quality.period.list"]
        rows = [
            (row.at, row.seq, row.id, row)
            for row in tickets.service_event_ids
            if not row.is_voided
        ]
        course = [
            Row(
                (
                    told._moment(row.company_id, row.at),
                    row.ticket_id.number,
                    " · ".join(filter(None, (row.kind_name, row.summary))),
                    (row.user_id or row.team_id).display_name or "–",
                ),
                row.ticket_id.id,
            )
            for *_order, row in sorted(rows, key=lambda one: one[:3])
        ]
        heads = (_("When"), _("Ticket"), _("What happened"), _("By"))
        title, empty = _("Course"), _("Nothing was recorded.")
        return PeriodList("course", 30, title, heads, course, empty)

    @api.model
    def _list_of_promises(self, clocks):
        _ = self.env._
        told = self.env["service.quality.period.list"]
        rows = [
            Row(
                (
                    clock.ticket_id.number,
                    clock.ticket_id.commercial_partner_id.name or "–",
                    clock.target_id.display_name,
                    told._moment(clock.company_id, clock.deadline) or "–",
                    told._moment(clock.company_id, clock.stopped_at) or _("still open"),
                    told._label(clock, "burning"),
                ),
                clock.ticket_id.id,
                "beyond" if clock.burning in ("missed", "late") else "",
            )
            for clock in clocks
        ]
        heads = (
            _("Ticket"), _("Customer"), _("Service target"), _("Due"), _("Done at"),
            _("Status"),
        )  # fmt: skip
        title, empty = _("Service targets concerned"), _("No service target.")
        return PeriodList("promises", 50, title, heads, rows, empty)

    @api.model
    def _list_of_deviations(self, report):
        """Return what the owners of the figure say about it."""
        _ = self.env._
        figure = self._figure(report)
        deviations = self.env["service.quality.deviation"].search(
            Domain("figure_id", "=", figure.id)
            | Domain("also_figure_ids", "in", figure.ids)
        )
        told = self.env["service.quality.period.list"]
        rows = [
            Row((one.analysis or "–", *told._measure_of(one)[1:5]))
            for one in deviations
        ]
        heads = (
            _("Cause"), _("Improvement action"), _("Owner"), _("Until"), _("Status"),
        )  # fmt: skip
        title, empty = _("Cause and measures"), _("Nobody was asked yet.")
        return PeriodList("deviations", 35, title, heads, rows, empty)


def _part(report, place):
    """Return a part of what an event is known by, as ``missed:2026-10-03``."""
    return report.event_key.split(":")[place]
