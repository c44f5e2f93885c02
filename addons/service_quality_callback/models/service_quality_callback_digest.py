from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.period import MOST

from .callback_data import COUNTED_OUT

WEEK = timedelta(days=7)

ANSWER_DAYS = 7
"""A department says within a week what it does about its bad results."""


class ServiceQualityCallbackDigest(models.Model):
    """A digest shows a department its calls of a week, and asks about bad results.

    Regulation A3.4.2: the results that the desk supplies are analysed and acted on.
    """

    _name = "service.quality.callback.digest"
    _description = "Weekly Follow-up Call Results"
    _inherit = ["mail.thread", "mail.activity.mixin", "service.quality.due.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    _due_subject = "digest"
    _due_sequence = 90
    _due_field = "due_date"
    _due_depends = ("missing_count", "due_date")

    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date_from = fields.Date(string="Week From", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Told", readonly=True, help="Who leads the department."
    )
    due_date = fields.Date(
        string="Answer Until", readonly=True, help="For what it does about bad results."
    )
    call_count = fields.Integer(string="Calls", readonly=True)
    reached_count = fields.Integer(string="Reached", readonly=True)
    solved_count = fields.Integer(string="Solved", readonly=True)
    satisfaction = fields.Float(
        string="Satisfaction (1–5)", readonly=True, digits=(3, 2), aggregator="avg"
    )
    line_ids = fields.One2many(
        "service.quality.callback.digest.line", "digest_id", string="Bad Results"
    )
    missing_count = fields.Integer(
        string="Unanswered", compute="_compute_missing_count", store=True
    )

    _week_uniq = models.UniqueIndex(
        "(team_id, company_id, date_from)",
        "This department has its results of the week already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("team_id", "date_from")
    def _compute_display_name(self):
        for digest in self:
            names = (digest.team_id.name, digest.date_from and str(digest.date_from))
            digest.display_name = " · ".join(filter(None, names))

    @api.depends("line_ids.answered_at")
    def _compute_missing_count(self):
        for digest in self:
            digest.missing_count = len(
                digest.line_ids.filtered(lambda line: not line.answered_at)
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _make(self, company, monday):
        """Make the results of the weeks before a Monday that a department lacks.

        :param monday: date
        :return: what was made
        """
        first = self._first_week(company, monday)
        known = {
            (digest.date_from, digest.team_id)
            for digest in self.search(
                [("company_id", "=", company.id), ("date_from", ">=", first)]
            )
        }
        calls = self.env["service.quality.callback"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "ended"),
                ("ended_at", ">=", company._service_midnight(first)),
                ("ended_at", "<", company._service_midnight(monday)),
                ("result", "not in", COUNTED_OUT),
                ("team_id", "!=", False),
            ]
        )
        weeks = calls.grouped(
            lambda call: (_monday(company._service_day(call.ended_at)), call.team_id)
        )
        digests = self.create(
            [
                self._prepare(company, team, found, week, monday)
                for (week, team), found in weeks.items()
                if (week, team) not in known
            ]
        )
        self.env["service.quality.callback.digest.line"]._create_as_step(
            [
                {"digest_id": digest.id, "callback_id": call.id}
                for digest in digests
                for call in weeks[digest.date_from, digest.team_id].sorted("ended_at")
                if call._is_bad()
            ]
        )
        digests._tell()
        return digests

    @api.model
    def _first_week(self, company, monday):
        """Return the Monday of the first week that may lack results.

        A job that was off catches up, from the week in which it ran last.
        """
        last = self.search(
            [("company_id", "=", company.id)], order="date_from desc", limit=1
        )
        weeks = [monday - WEEK]
        if last:
            weeks.append(last.date_from + WEEK)
        ran = fields.Datetime.to_datetime(self.env.context.get("lastcall"))
        if ran:
            weeks.append(_monday(company._service_day(ran)))
        return max(min(weeks), monday - MOST * WEEK)

    def _prepare(self, company, team, calls, first, monday):
        graded = [
            call.satisfaction_score
            for call in calls
            if call.satisfaction and not call.is_self_graded
        ]
        leader = company._service_people(team.user_id)
        leader = leader or calls.ticket_id[:1]._service_manager()
        return {
            "team_id": team.id,
            "company_id": company.id,
            "date_from": first,
            "due_date": monday + timedelta(days=ANSWER_DAYS),
            "user_id": leader.id,
            "call_count": len(calls),
            "reached_count": len(calls.filtered("reached_at")),
            "solved_count": len(calls.filtered(lambda call: call.solved == "yes")),
            "satisfaction": sum(graded) / len(graded) if graded else 0,
        }

    def _tell(self):
        """Tell who leads each department.

        Bad results are to be answered: an activity, which Odoo sends by mail. Of a week
        without any the leader is told, and has nothing to do.
        """
        bad = self.filtered("line_ids")
        self.env["mail.activity"]._service_plan(
            [(one, one.user_id, one.due_date, lambda own: own._todo()) for one in bad],
            mails=True,
        )
        for digest in self - bad:  # one of each department
            lang = digest.company_id._service_lang(digest.user_id)
            own = digest.with_context(lang=lang)
            digest.message_notify(
                partner_ids=digest.user_id.partner_id.ids,
                subject=digest.display_name,
                body=own.env._("Follow-up calls of last week: no bad results"),
            )

    def _todo(self):
        """Return what the leader is asked to do."""
        return self.env._(
            "%s bad results: enter analysis and action", len(self.line_ids)
        )

    def _close_answered(self):
        """End the reminders of what has been answered in full."""
        done = self.filtered(lambda digest: not digest.missing_count)
        done.activity_ids.action_feedback(self.env._("Answered"))

    # ------------------------------------------------------------------
    # Escalation
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        return self.env._("Bad results of follow-up calls")

    @api.model
    def _open_domain(self):
        return Domain("missing_count", ">", 0)

    def _due_agreement(self):
        ticket = self.line_ids.callback_id.ticket_id[:1]
        return ticket._service_agreements().get(ticket) or super()._due_agreement()

    def _overdue_text(self):
        return self.env._("%s has not answered", self.team_id.name)

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_make_digests(self):
        """Make last week's results.

        It runs daily, and catches up weeks in which it did not run.
        """
        for company in self.env["res.company"].search([]):
            self._make(company, _monday(company._service_day()))


def _monday(day):
    """Return the Monday of the week in which a day lies."""
    return day - timedelta(days=day.weekday())
