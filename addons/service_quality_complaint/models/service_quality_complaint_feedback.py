from collections import Counter
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.models.severity import RANK
from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.period import Period


class ServiceQualityComplaintFeedback(models.Model):
    """The feedback tells a department its complaints of a month (A3.4.4 and B6).

    Figures are as they were when they were sent. What is hidden from the person told
    is not among them.
    """

    _name = "service.quality.complaint.feedback"
    _description = "Complaints of a Month"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "month desc, team_id, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    user_id = fields.Many2one(
        "res.users", string="Told To", readonly=True, index="btree_not_null"
    )
    told_at = fields.Datetime(readonly=True)

    received = fields.Integer(readonly=True)
    minor = fields.Integer(readonly=True)
    important = fields.Integer(readonly=True)
    major = fields.Integer(readonly=True)
    admitted = fields.Integer(readonly=True, help="In full or in part.")
    not_admitted = fields.Integer(readonly=True)
    answered = fields.Integer(
        readonly=True, help="Of those received in the month, so far."
    )
    late = fields.Integer(
        readonly=True, help="Answered too late, or late and not answered yet."
    )
    refused = fields.Integer(string="Answers Refused", readonly=True)
    repeated = fields.Integer(
        string="Complained Before",
        readonly=True,
        help="By contacts who had complained within the year before.",
    )
    hours_to_answer = fields.Float(
        readonly=True, aggregator="avg", help="On average, of those answered."
    )
    open_count = fields.Integer(
        string="Still Open", readonly=True, help="Of any month, when this was sent."
    )
    oldest_days = fields.Integer(
        string="Oldest Open (Days)", readonly=True, aggregator="max"
    )
    cause_id = fields.Many2one(
        "service.quality.cause", string="Most Frequent Cause", readonly=True
    )

    response = fields.Text(
        string="What We Do About It", help="The department's own analysis and action."
    )
    responded_at = fields.Datetime(readonly=True)

    _once_uniq = models.UniqueIndex("(team_id, month)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("team_id", "month")
    def _compute_display_name(self):
        for feedback in self:
            feedback.display_name = f"{feedback.team_id.name} · {feedback.month:%Y-%m}"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Note when the department said what it does."""
        result = super().write(vals)
        if "response" in vals:
            self._service_check_filled_in("response")
            self._service_check_says(["response"])
            answered = self.sudo().filtered("response")  # written by steps alone
            fresh = answered.filtered(lambda feedback: not feedback.responded_at)
            fresh._write_as_step({"responded_at": fields.Datetime.now()})
            answered.activity_ids.action_feedback()
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "What was fed back stays as it was sent. Only enter what the department "
            "does about it."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        raise UserError(self.env._("What was fed back to a department stays."))

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {"response": False}

    def _rectify_ended(self):
        return self.filtered("responded_at")

    def _rectify_ends(self):
        return {one: End(one.responded_at, one.user_id) for one in self}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_complaints(self):
        """List the complaints that were counted and that the reader may see."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_complaint.service_quality_complaint_report_action"
        )
        start, end = self._bounds(self.company_id, self.month)
        return action | {
            "domain": [
                ("concerned_id", "=", self.team_id.id),
                ("complained_at", ">=", start),
                ("complained_at", "<", end),
            ],
            "context": {},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _bounds(self, company, month):
        """Return the first moment of a company's month and of the next, naive UTC."""
        return Period.around("month", month).bounds(company._service_tz())

    @api.model
    def _feed_back(self, company, month):
        """Tell each department of a company how its complaints were, once.

        :param month: its first day
        :return: the new records
        """
        complaints = self.env["service.quality.complaint.report"].search(
            self._month_domain(company, month)
        )
        told = self.search(
            [("month", "=", month), ("company_id", "=", company.id)]
        ).team_id
        made = self._create_as_step(
            [
                self._prepare_feedback(company, team, month, found)
                for team, found in complaints.grouped("concerned_id").items()
                if team not in told
            ]
        )
        made._tell()
        return made

    @api.model
    def _month_domain(self, company, month):
        """Return the domain of complaints that a month's feedback counts."""
        start, end = self._bounds(company, month)
        return (
            Domain("company_id", "=", company.id)
            & Domain("concerned_id", "!=", False)
            & Domain("is_cancelled", "=", False)
            & Domain("complained_at", "<", end)
            & (Domain("complained_at", ">=", start) | Domain("is_open", "=", True))
        )

    @api.model
    def _prepare_feedback(self, company, team, month, complaints):
        """Return what one department is told.

        :param complaints: rows of the analysis, of the month or still open
        """
        users = team._service_contacts(company._service_people)
        users = users or company._service_role_users("quality")
        user = users.sorted("id")[:1]
        if user:
            tickets = self.env["helpdesk.ticket"].with_user(user)
            hidden = Domain("ticket_id", "any", tickets._service_hidden_domain())
            complaints = complaints.filtered_domain(~hidden)
        start, _end = self._bounds(company, month)
        received = complaints.filtered(lambda row: row.complained_at >= start)
        return (
            {
                "company_id": company.id,
                "team_id": team.id,
                "month": month,
                "user_id": user.id,
                "told_at": fields.Datetime.now(),
            }
            | self._figures(received)
            | self._pending_figures(complaints.filtered("is_open"))
        )

    @api.model
    def _count_late(self, complaints):
        """Count those whose answer came too late, or is late now, as the clocks say."""
        clocks = self.env["service.quality.clock"].search(
            [
                ("ticket_id", "in", complaints.ticket_id.ids),
                ("metric", "=", "complaint_answer"),
                ("counted", "=", True),
                ("burning", "in", ("late", "missed")),
            ]
        )
        return len(clocks.ticket_id)

    @api.model
    def _pending_figures(self, pending):
        return {
            "open_count": len(pending),
            "oldest_days": int(max(pending.mapped("open_days"), default=0)),
        }

    @api.model
    def _figures(self, received):
        """Count the complaints that a month brought."""
        answered = received.filtered("answered_at")
        causes = Counter(row.cause_id.id for row in received if row.cause_id)
        return {
            "received": len(received),
            **{
                severity: len(received.filtered_domain([("severity", "=", severity)]))
                for severity in RANK
            },
            "admitted": len(received.filtered(_admitted)),
            "not_admitted": len(received.filtered(lambda row: row.admitted == "no")),
            "answered": len(answered),
            "late": self._count_late(received),
            "refused": len(received.filtered("refused")),
            "repeated": len(received.filtered("is_repeated")),
            "hours_to_answer": sum(answered.mapped("hours_to_answer"))
            / (len(answered) or 1),
            "cause_id": causes.most_common(1)[0][0] if causes else False,
        }

    def _tell(self):
        """Remind who answers for each department, and write to them."""
        told = self.filtered("user_id")
        # our own mail says more than the one that activities send
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one._answer_by(), lambda own: own._todo())
                for one in told
            ]
        )
        written = told.filtered("user_id.email")
        if written:
            self.env.ref(
                "service_quality_complaint.mail_template_complaint_feedback"
            )._service_send_batch(written.ids, "mail.mail_notification_light")

    def _answer_by(self):
        return fields.Date.add(self.company_id._service_day(), days=7)

    def _todo(self):
        return self.env._("Complaints of the month: what do we do about it?")

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_feed_back(self):
        """Feed back the months that are over, also those while the job was off."""
        told = dict(self._read_group([], ["company_id"], ["month:max"]))
        for company in self.env["res.company"].search([]):
            feed_back = partial(self._feed_back_since, company, told.get(company))
            run_isolated(self.env.cr, f"feedback to {company.name}", feed_back)

    @api.model
    def _feed_back_since(self, company, last):
        for period in company._service_periods_ended("month", last):
            self._feed_back(company, period.start)  # batched: once per company


def _admitted(complaint):
    return complaint.admitted in ("yes", "partly")
