from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.core.isolation import run_isolated
from ...tools.core.period import Period
from ..core.arguments import Arguments
from ..core.service_quality_request import idempotent
from .report_data import DRAFT_DAYS, KINDS, PERIODS, SUBJECTS

ENDING = ("month", "quarter", "half", "year")
"""Kinds of periods at whose end reports are due."""

NEWS_DAYS = 3
"""How long something that calls for an event report is news."""


class ServiceQualityReport(models.Model):
    """Drafts make themselves at the end of a period, and when something happens."""

    _inherit = "service.quality.report"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    @idempotent
    def make(self, kind, period_kind, date_from, subject_id=None, external_ref=None):
        """Make the draft of a report with its figures, for another program or by hand.

        A period that is not over is allowed; the report is marked provisional.

        :param kind: organisation, customer, project or department
        :param period_kind: month, quarter, half or year
        :param date_from: the period's first day, ``YYYY-MM-DD``
        :param subject_id: id of the agreement, service project or team
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: the id of the report
        :raise AccessError: for who makes no reports, or may not read the subject
        :raise ValidationError: for anything else, a day on which no such period begins
            by the company's calendar, and a period that has not begun
        """
        given = Arguments(self.env)
        kinds = [one for one in KINDS if one[0] != "event"]
        kind = given.choice("kind", kind, kinds)
        period_kind = given.choice("period_kind", period_kind, PERIODS)
        day = given.date("date_from", date_from)
        if kind in SUBJECTS:
            model = self._fields[SUBJECTS[kind]].comodel_name
            subject = given.record("subject_id", subject_id, model)
            subject.check_access("read")
        period = Period.around(period_kind, day)
        values = self._prepare_report(self.env.company, kind, period, subject_id)
        # a day that no period begins on is refused, and not put right in silence
        return self.create(values | {"date_from": day}).id

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _make_due(self, company):
        """Make the drafts of periods that are over, those that are not there yet.

        Also those of periods that ended while the job was off.

        :return: the new reports
        """
        made = self.browse()
        last = dict(
            self._read_group(
                [("company_id", "=", company.id), ("kind", "!=", "event")],
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
        made = self.browse()
        for kind, subjects in self._due_subjects(company, period):
            there = self.search(self._of_period(company, kind, period))
            known = {report._subject() for report in there}
            values = [
                self._prepare_report(company, kind, period, subject and subject.id)
                for subject in subjects
                if subject not in known
            ]
            reports = self.create(values)
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
        projects = self.env["service.quality.report.project"]._in_force(company, period)
        if period.kind == company.service_report_project_cadence:
            yield "project", list(projects)
        if period.kind == company.service_report_department_cadence:
            yield "department", list(self._departments(company))
        yield "customer", list(self._agreements_to_report(company, period))
        if period.kind != "half":
            yield "organisation", [None]

    @api.model
    def _probe(self, company, period):
        return self.new(
            {
                "company_id": company.id,
                "period_kind": period.kind,
                "date_from": period.start,
            }
        )

    @api.model
    def _departments(self, company):
        return self.env["helpdesk.ticket.team"].search(
            [("company_id", "in", (company.id, False))]
        )

    @api.model
    def _agreements_to_report(self, company, period):
        """Return agreements that ask for a report of such periods, one of each version.

        A version that was followed by another within the period is left to that one.
        """
        found = self.env["service.quality.agreement"].search(
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", "sla")
            & Domain("report_cadence", "=", period.kind)
            & Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<", period.end)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", period.start))
        )
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
            "due_date": fields.Date.add(period.end, days=DRAFT_DAYS),
        }
        names = {"customer": "agreement_id", "project": "project_id"}
        if kind == "department":
            values["team_id"] = subject_id
        elif kind in names:
            values[names[kind]] = subject_id
        return values | {"user_id": self.new(values)._propose_owner().id}

    def _propose_owner(self):
        """Return who writes the report."""
        candidates = {
            "customer": self.agreement_id.project_id.user_id
            or self.agreement_id.manager_id,
            "project": self.project_id.user_id,
            "department": self.team_id._service_contacts(
                self.company_id._service_people
            )[:1]
            if self.team_id
            else None,
        }.get(self.kind)
        people = self.company_id._service_people(candidates or self.env["res.users"])
        return people or self._fallback_owner()

    def _fallback_owner(self):
        """Return who looks after reports that nobody else does."""
        company = self.company_id
        for role in ("quality", "service_manager", "technical_centre"):
            users = company._service_role_users(role)
            if users:
                return users[:1]
        return self.env.ref("base.user_admin")

    def _ask_to_write(self):
        """Give each writer the activity to finish and send the report."""
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.due_date, one._todo())
                for one in self.filtered("user_id")
            ]
        )

    def _todo(self):
        """Say to the writer what is to be done."""
        own = self.with_context(lang=self.user_id.lang)
        return own.env._("Write, have reviewed and send this report")

    def _hand_over(self):
        """Give what the writers had to do to whoever writes the reports now."""
        for user, reports in self.grouped("user_id").items():
            # activities of others are not the caller's to write
            todos = reports.sudo().activity_ids.filtered(
                lambda todo, user=user: (
                    todo.automated
                    and not todo.service_reminder_id
                    and todo.user_id != user
                )
            )
            todos.unlink()
            if todos and user:
                reports._ask_to_write()  # batched: once for each writer

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @api.model
    def _make_events(self, company):
        """Make an event report for each thing that calls for one, once for each.

        Regulation A4.2.1: gathered periodically or on an event.
        """
        found = [
            *self._major_complaints(company),
            *self._days_of_misses(company),
            *self._figures_beyond(company),
        ]
        there = self.search(
            [
                ("company_id", "=", company.id),
                ("event_key", "in", [event["event_key"] for event in found]),
            ]
        )
        known = set(there.mapped("event_key"))
        period = Period.around("month", company._service_day())
        fresh = [event for event in found if event["event_key"] not in known]
        if fresh:
            self._probe(company, period)._take_figures(fresh=True)
        reports = self._create_as_step(
            [
                self._prepare_report(company, "event", period)
                | {"due_date": fields.Date.add(company._service_day(), days=DRAFT_DAYS)}
                | event
                for event in fresh
            ]
        )
        reports._ask_to_write()
        return reports

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
                "event_key": f"complaint:{complaint.id}",
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
        or taken anew, is not.
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
        return [
            {
                "trigger": "indicator",
                "event_key": f"indicator:{figure.indicator_id.id}:{figure.date_from}",
                "event_text": self.env._(
                    "%(name)s %(value)s in %(month)s",
                    name=figure.indicator_id.name,
                    value=figure.indicator_id._format(figure.value),
                    month=f"{figure.date_from:%Y-%m}",
                ),
            }
            for figure in figures
            if not figure.is_small
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
