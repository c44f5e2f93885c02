from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import Command, api, fields, models
from odoo.fields import Domain

from .service_quality_callback import COUNTED_OUT

ANSWER_DAYS = 7
"""A department says within a week what it does about its bad results."""


class ServiceQualityCallbackDigest(models.Model):
    """A department's follow-up calls of a week, and what it does about bad results.

    Regulation A3.4.2: the results that the desk supplies are analysed and acted on.
    """

    _name = "service.quality.callback.digest"
    _description = "Weekly Follow-up Call Results"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

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
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_escalated = fields.Boolean(readonly=True)

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

    @api.depends("missing_count", "due_date")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._overdue_domain())
        for digest in self:
            digest.is_overdue = digest in overdue

    def _search_is_overdue(self, operator, value):
        return self._overdue_domain() if operator == "in" else NotImplemented

    @api.model
    def _overdue_domain(self):
        return Domain("missing_count", ">", 0) & Domain(
            "due_date", "<", fields.Date.context_today(self)
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _make(self, monday):
        """Make the results of the week before a Monday, for each department once.

        :param monday: date
        :return: what was made
        """
        made = self.browse()
        for company in self.env["res.company"].search([]):
            made += self._make_of_company(company, monday - timedelta(days=7), monday)
        return made

    @api.model
    def _make_of_company(self, company, first, following):
        zone = ZoneInfo(company.partner_id.tz or "UTC")
        known = self.search(
            [("company_id", "=", company.id), ("date_from", "=", first)]
        ).team_id
        calls = self.env["service.quality.callback"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "ended"),
                ("ended_at", ">=", _midnight(first, zone)),
                ("ended_at", "<", _midnight(following, zone)),
                ("result", "not in", COUNTED_OUT),
                ("team_id", "!=", False),
                ("team_id", "not in", known.ids),
            ]
        )
        digests = self.create(
            [
                self._prepare(company, team, found, first, following)
                for team, found in calls.grouped("team_id").items()
            ]
        )
        digests._tell()
        return digests

    def _prepare(self, company, team, calls, first, following):
        graded = [call.satisfaction_score for call in calls if call.satisfaction]
        bad = calls.filtered(lambda call: call._is_bad())
        leader = team.user_id or calls.ticket_id[:1]._service_manager()
        return {
            "team_id": team.id,
            "company_id": company.id,
            "date_from": first,
            "due_date": following + timedelta(days=ANSWER_DAYS),
            "user_id": leader.id,
            "call_count": len(calls),
            "reached_count": len(calls.filtered("reached_at")),
            "solved_count": len(calls.filtered(lambda call: call.solved == "yes")),
            "satisfaction": sum(graded) / len(graded) if graded else 0,
            "line_ids": [
                Command.create({"callback_id": call.id})  # batched: values
                for call in bad.sorted("ended_at")
            ],
        }

    def _tell(self):
        """Tell who leads each department: by an activity, which Odoo sends by mail."""
        for digest in self:
            bad = len(digest.line_ids)
            summary = (
                self.env._("%s bad results: enter analysis and action", bad)
                if bad
                else self.env._("Follow-up calls of last week: take note")
            )
            digest.activity_schedule(  # batched: one per department and week
                "mail.mail_activity_data_todo",
                date_deadline=digest.due_date,
                summary=summary,
                user_id=digest.user_id.id,
            )

    def _close_answered(self):
        """End the reminders of what has been answered in full."""
        done = self.filtered(lambda digest: not digest.missing_count)
        done.activity_ids.action_feedback(self.env._("Answered"))

    def _escalate(self):
        """Tell the service managers once of what stays unanswered."""
        for digest in self:
            manager = digest.line_ids.callback_id.ticket_id[:1]._service_manager()
            digest.activity_schedule(  # batched: one per department and week
                "mail.mail_activity_data_warning",
                summary=self.env._("%s has not answered", digest.team_id.name),
                user_id=manager.id,
            )
        self.is_escalated = True

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_make_digests(self):
        """Make last week's results, and escalate those that nobody answered.

        It runs daily, so that a Monday on which the server was down is made up for.
        """
        today = fields.Date.context_today(self)
        self._make(today - timedelta(days=today.weekday()))
        overdue = self.search(
            self._overdue_domain() & Domain("is_escalated", "=", False)
        )
        overdue._escalate()


def _midnight(date, zone):
    """Return the beginning of a local day as naive UTC."""
    local = datetime.combine(date, time(), zone)
    return local.astimezone(UTC).replace(tzinfo=None)
