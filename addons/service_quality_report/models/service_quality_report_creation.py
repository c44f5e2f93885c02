from collections import namedtuple
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.metrics import OPEN_PHASES
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_core.tools.selection import with_codes
from odoo.addons.service_quality_indicator.tools.cause import same_cause

from .report_data import DRAFT_DAYS, PERIODIC

ENDING = ("month", "quarter", "half", "year")
"""Kinds of periods at whose end reports are due."""

EVIDENCE = {
    ("organisation", "month"): "monthly_reports",
    ("organisation", "quarter"): "quarterly_reports",
    ("department", "month"): "statistics_sent",
    "department": "department_reports",
    "project": "project_reports",
    "customer": "service_reports",
}
"""The rules of evidence that reports of a kind, or kind and period, are proof for."""

Days = namedtuple("Days", "start end")
"""From one day until another, which is not in it any more."""

NOT_KEPT = {"same_keys", "event_day"}
"""What is said of an event that is no field of its report."""

NEWS_DAYS = 3
"""How long something that calls for an event report is news."""


class ServiceQualityReportCreation(models.AbstractModel):
    """Creates the drafts that are due at the end of a period, and after an event."""

    _name = "service.quality.report.creation"
    _description = "Creation of Reports"

    # ------------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------------

    @api.model
    def _make_due(self, company):
        """Make the drafts of periods that are over, those that are not there yet.

        Also those of periods that ended while the job was off.

        :return: the new reports
        """
        made = self.env["service.quality.report"]
        last = dict(
            made._read_group(
                [("company_id", "=", company.id), ("kind", "in", PERIODIC)],
                ["period_kind"],
                ["date_from:max"],
            )
        )
        for kind in ENDING:
            for period in company._service_periods_ended(kind, last.get(kind)):
                if self._was_at_work(company, period):
                    made |= self._make_of_period(company, period)
        return made

    @api.model
    def _make_of_period(self, company, period):
        """Make the drafts of a period for a company; each project's come first."""
        made = self.env["service.quality.report"]
        for kind, subjects in self._due_subjects(company, period):
            domain = self._of_period(company, kind, period)
            there = made.search(domain)  # batched: once a kind
            known = {report._subject() for report in there}
            values = [
                self._prepare_report(company, kind, period, subject and subject.id)
                for subject in subjects
                if subject not in known
            ]
            reports = made.create(values)  # batched: once a kind
            reports._ask_to_write()
            made |= reports
        return made

    @api.model
    def _of_period(self, company, kind, period):
        """Return the domain of reports of a kind on a period."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", kind)
            & Domain("period_kind", "=", period.kind)
            & Domain("date_from", "=", period.start)
        )

    @api.model
    def _due_subjects(self, company, period):
        """Yield kinds and the list of what each has a report about after a period."""
        none = self.env["res.company"]
        if self._is_due(company, "project", period):
            yield "project", list(self._projects(company, period))
        if self._is_due(company, "department", period):
            teams = self._departments(company, period)
            # a team of another company can have no report of this one
            ours = teams.filtered(lambda team: team.company_id in (company, none))
            yield "department", list(ours)
        yield "customer", list(self._agreements_to_report(company, period))
        if period.kind != "half":
            yield "organisation", [None]

    @api.model
    def _is_due(self, company, kind, period):
        """Return True if drafts of projects or departments make themselves then.

        The settings say so, or a regulation in force: what the register waits for does
        not wait for somebody to think of it.
        """
        asked = {
            one for one in ENDING if self._days_asked(company, kind, one) is not None
        }
        cadence = company[f"service_report_{kind}_cadence"]
        if cadence == "asked":
            cadence = False if asked else "month"
        return period.kind == cadence or period.kind in asked

    @api.model
    def _days_asked(self, company, kind, period_kind):
        """Return within how many days regulations want a report; None: they do not."""
        evidence = EVIDENCE.get((kind, period_kind)) or EVIDENCE.get(kind)
        return evidence and company._service_due_days(evidence, period_kind)

    @api.model
    def _departments(self, company, days):
        """Return the departments that had a ticket of ours in hand on some days.

        A team that anybody may use, and nobody did, has nothing to report. The register
        asks for the same ones.

        :param days: a period, or :class:`Days`
        """
        spans = self.env["service.quality.span"]
        return spans._teams_at_work(company, *self._moments(company, days))

    @api.model
    def _projects(self, company, days):
        """Return the service projects that a report on some days is due about.

        Regulation A4.3.4 has each project analysed by its figures: one is due that was
        at work then, be it by one ticket, or a row about one, as an arrival.
        A project that was in force and had nothing to do has nothing to analyse. But
        what was promised is due all the same (A4.3.3): where one of its agreements
        asks for reports, it is reported on in a quiet month, too. The monthly quality
        report lists all that are in force in any case (A4.2.1). The register asks for
        the same ones.
        """
        projects = self.env["service.quality.report.project"]
        projects = projects.with_context(active_test=False)._in_force(company, days)
        clocks = Domain("agreement_id.project_id", "in", projects.ids)
        at_work = self.env["service.quality.clock"]._read_group(
            clocks & Domain("ticket_id", "any", self._in_hand(company, days)),
            ["agreement_id"],
        )
        agreements = self._in_force_to_report(company, days)
        agreements = agreements.union(*(agreement for (agreement,) in at_work))
        return projects & agreements.project_id

    @api.model
    def _in_hand(self, company, days):
        """Return the domain of tickets that were open on some days, or had a row then.

        Where a ticket is now, and whose, does not matter: spans and rows say it.
        """
        start, end = self._moments(company, days)
        spans = (
            Domain("phase", "in", OPEN_PHASES)
            & Domain("date_from", "<", end)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", start))
        )
        rows = Domain("at", ">=", start) & Domain("at", "<", end)
        return Domain("service_span_ids", "any", spans) | Domain(
            "service_event_ids", "any", rows
        )

    @api.model
    def _moments(self, company, days):
        """Return the first moment of some days and of the one after, naive UTC."""
        return tuple(map(company._service_midnight, (days.start, days.end)))

    @api.model
    def _in_force_to_report(self, company, days):
        """Return the agreements in force on some days that ask for any reports."""
        return self.env["service.quality.agreement"].search(
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", "sla")
            & Domain("report_cadence", "in", ENDING)
            & Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<", days.end)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", days.start))
        )

    @api.model
    def _agreements_to_report(self, company, period):
        """Return agreements that ask for a report of such periods, one of each version.

        A version that was followed by another within the period is left to that one.
        Such a report was promised: it is due in a quiet month as well (A4.3.3).
        """
        found = self._in_force_to_report(company, period)
        found = found.filtered(lambda one: one.report_cadence == period.kind)
        return found - found.previous_id

    @api.model
    def _was_at_work(self, company, period):
        """Return True if any service of a company is older than a period's end."""
        end = period.bounds(company._service_tz())[1]
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        return bool(
            tickets.search_count(
                [("company_id", "=", company.id), ("service_opened_at", "<", end)],
                limit=1,
            )
            or self.env["service.quality.report.project"]._in_force(company, period)
        )

    @api.model
    def _prepare_report(self, company, kind, period, subject_id=None):
        """Return the values of a draft."""
        values = {
            "kind": kind,
            "company_id": company.id,
            "period_kind": period.kind,
            "date_from": period.start,
            "due_date": self._due_day(company, kind, period),
        }
        subjects = self.env["service.quality.report"]._subjects()
        if kind in subjects:
            values[subjects[kind]] = subject_id
        draft = self.env["service.quality.report"].new(values)
        return values | {"user_id": draft._propose_owner().id}

    @api.model
    def _due_day(self, company, kind, period):
        """Return the day until which a report is sent: the register has the same."""
        days = self._days_asked(company, kind, period.kind)
        if days is None:
            days = DRAFT_DAYS + 1
        return fields.Date.add(period.last, days=days)

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @api.model
    def _make_events(self, company):
        """Make an event report for each thing that calls for one, once for each.

        Regulation A4.2.1: gathered periodically or on an event.
        """
        Report = self.env["service.quality.report"]
        # what it is called is kept, for all readers
        own = self.with_context(lang=Report.new({"company_id": company.id})._lang())
        found = own._events(company)
        there = Report.search(
            [
                ("company_id", "=", company.id),
                ("event_key", "in", [key for one in found for key in _keys(one)]),
            ]
        )
        known = set(there.mapped("event_key"))
        today = company._service_day()
        fresh = []
        for event in found:  # one draft for each story
            if known.isdisjoint(_keys(event)):
                known.update(_keys(event))
                fresh.append(event)
        if fresh:
            content = self.env["service.quality.report.content"]
            for period in {_month(event, today) for event in fresh}:  # one or two
                content._take_figures(company, period, fresh=True)
            # what is told of a figure is what the report shows
            told = {one["event_key"]: one["event_text"] for one in own._events(company)}
            for event in fresh:
                event["event_text"] = told.get(event["event_key"], event["event_text"])
        due = fields.Date.add(today, days=DRAFT_DAYS)
        reports = Report._create_as_step(
            [
                self._prepare_report(company, "event", _month(event, today))
                | {"due_date": due}
                | {name: event[name] for name in event if name not in NOT_KEPT}
                for event in fresh
            ]
        )
        reports._ask_to_write()
        return reports

    @api.model
    def _events(self, company):
        """Return what happened that calls for an event report; addons add theirs.

        :return: list of dicts of values of the report: the ``trigger``, one of
            ``_triggers()``, the ``event_text`` in the language of the context, and
            the ``event_key`` under which it is reported once; ``same_keys`` are those
            of what is the same story, ``event_day`` is when it was, else today
        """
        return [
            *self._major_complaints(company),
            *self._days_of_misses(company),
            *self._figures_beyond(company),
        ]

    @api.model
    def _triggers(self):
        """Return what brings about an event report, by code; addons add theirs."""
        return {
            "complaint": self.env._("A major complaint"),
            "indicator": self.env._("An indicator beyond its tolerance"),
            "missed": self.env._("Many targets missed in a day"),
        }

    @api.model
    def _trigger_selection(self):
        """Return the triggers as a selection; one that is gone shows its code."""
        return with_codes(self._triggers(), self._triggers_in_use())

    @api.model
    @ormcache()
    def _triggers_in_use(self):
        """Return the codes of what brought about the reports there are."""
        found = self.env.execute_query(
            SQL(
                "SELECT DISTINCT trigger FROM service_quality_report"
                " WHERE trigger IS NOT NULL ORDER BY 1"
            )
        )
        return tuple(code for (code,) in found)

    @api.model
    def _major_complaints(self, company):
        """Return what is to be reported of major complaints of the last days."""
        complaints = self.env["helpdesk.ticket"].search(
            [
                ("company_id", "=", company.id),
                ("service_is_complaint", "=", True),
                ("service_severity", "=", "major"),
                ("service_opened_at", ">=", self._recently(company)),
            ]
        )
        return [
            {
                "trigger": "complaint",
                # what complaints are about, they tell of together
                "event_key": f"complaint:{complaint._service_story().id}",
                "same_keys": [f"complaint:{complaint.id}"],
                "event_day": company._service_day(complaint.service_opened_at),
                "event_ticket_id": complaint.id,
                "event_text": self.env._("Major complaint %s", complaint.number),
            }
            for complaint in complaints
        ]

    @api.model
    def _days_of_misses(self, company):
        """Return the days on which so many targets were missed as the company says."""
        limit = company.service_report_missed_a_day
        if not limit:
            return []
        days = (
            self.with_context(tz=company._service_tz())
            .env["service.quality.clock"]
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("kind", "=", "sla"),
                    ("verdict", "=", "missed"),
                    ("counted", "=", True),
                    ("judged_at", ">=", self._recently(company)),
                ],
                ["judged_at:day"],
                ["__count"],
                having=[("__count", ">=", limit)],
            )
        )
        return [
            {
                "trigger": "missed",
                "event_key": f"missed:{day:%Y-%m-%d}",
                "event_day": fields.Date.to_date(day),
                "event_text": self.env._(
                    "%(count)s targets missed on %(day)s",
                    count=count,
                    day=f"{day:%Y-%m-%d}",
                ),
            }
            for day, count in days
        ]

    @api.model
    def _figures_beyond(self, company):
        """Return what is to be reported of figures beyond tolerance, once a period.

        Only the month that runs and the last one are news: history that is imported,
        or taken again, is not.
        """
        running = Period.around("month", company._service_day())
        figures = self.env["service.quality.figure"].search(
            [
                ("company_id", "=", company.id),
                ("scope", "=", "company"),
                ("period_kind", "=", "month"),
                ("goal_state", "=", "beyond"),
                ("date_from", ">=", running.previous().start),
                ("taken_at", ">=", self._recently(company)),
            ]
        )
        causes = {}
        for figure in figures.sorted(lambda one: one._cause_rank()):
            if figure.is_small:
                continue
            place = figure._cause_place()
            first = next(
                (one for one in causes if same_cause(one._cause_place(), place)), figure
            )
            causes.setdefault(first, []).append(figure)
        return [
            {
                "trigger": "indicator",
                "event_key": _figure_key(figure),
                "event_day": figure.date_from,
                "same_keys": [_figure_key(one) for one in same],
                "event_text": self.env._(
                    "%(name)s %(value)s in %(month)s",
                    name=figure.indicator_id.name,
                    value=self.env["service.quality.report.content"]._text(figure),
                    month=f"{figure.date_from:%Y-%m}",
                ),
            }
            for figure, same in causes.items()
        ]

    @api.model
    def _recently(self, company):
        """Return since when an event is still news: from the morning of a day, UTC.

        It is three days ago, or the day on which the job ran last.
        """
        days = [fields.Date.subtract(company._service_day(), days=NEWS_DAYS)]
        ran = fields.Datetime.to_datetime(self.env.context.get("lastcall"))
        if ran:
            days.append(company._service_day(ran))
        return company._service_midnight(min(days))

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_make_reports(self):
        """Make the drafts of periods that are over."""
        self._for_each_company("_make_due")

    @api.model
    def _cron_report_events(self):
        """Make the event reports that are called for."""
        self._for_each_company("_make_events")

    @api.model
    def _for_each_company(self, name):
        """Call a method for each company, whatever becomes of the others."""
        companies = self.env["res.company"].search([])
        for left, company in zip(
            range(len(companies) - 1, -1, -1), companies, strict=True
        ):
            make = getattr(self.with_company(company), name)
            run_isolated(
                self.env.cr, f"reports of {company.name}", partial(make, company)
            )
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return


def _month(event, today):
    """Return the month of an event: its report tells the figures of that one."""
    return Period.around("month", min(event.get("event_day") or today, today))


def _keys(event):
    """Return all keys under which a story may have been reported."""
    return {event["event_key"], *event.get("same_keys", ())}


def _figure_key(figure):
    return f"indicator:{figure.indicator_id.id}:{figure.date_from}"
