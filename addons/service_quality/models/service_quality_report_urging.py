from odoo import api, fields, models

from .recipients import members

LADDER = ("quality", "technical_centre", "executive")
"""Who hears of what is overdue, one level further each time."""

DAYS_A_LEVEL = (1, 3, 7)
"""So many days after it was due each level hears of it, once."""


class ServiceQualityReport(models.Model):
    """What is overdue climbs: drafts, acknowledgements, instructions, objections.

    Whom a level tells is asked of the roster that escalation rules ask.
    """

    _inherit = "service.quality.report"

    escalation_level = fields.Integer(
        string="Escalated To", readonly=True, copy=False, help="Level, 0 for none."
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("state", "due_date")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for report in self:
            report.is_overdue = bool(
                report.state != "sent" and report.due_date and report.due_date < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return [("state", "!=", "sent"), ("due_date", "<", today)]

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _urge(self):
        """Tell the next level of everything that is overdue for so long."""
        today = fields.Date.today()
        late = fields.Date.subtract(today, days=DAYS_A_LEVEL[0])
        reports = self.search([("state", "!=", "sent"), ("due_date", "<=", late)])
        for report in reports:
            report._climb(report, report.due_date, self.env._("Report overdue"))
        deliveries = self.env["service.quality.report.delivery"].search(
            [("acknowledged_at", "=", False), ("acknowledge_by", "<=", late)]
        )
        for delivery in deliveries:
            text = self.env._("Not acknowledged by %s", delivery.name)
            delivery.report_id._climb(delivery, delivery.acknowledge_by, text)
        self._urge_parts(
            "instruction", "deadline", late, self.env._("Instruction overdue")
        )
        self._urge_parts(
            "response", "due_date", late, self.env._("Objection not answered")
        )

    @api.model
    def _urge_parts(self, part, date_field, late, text):
        open_parts = self.env[f"service.quality.report.{part}"].search(
            [("state", "=", "open"), (date_field, "<=", late)]
        )
        for one in open_parts:
            one.report_id._climb(one, one[date_field], text)

    def _climb(self, record, due, text):
        """Give the next level an activity, once for each level.

        :param record: what is overdue; it keeps how far it has climbed
        """
        days = (fields.Date.today() - due).days
        level = sum(days >= wanted for wanted in DAYS_A_LEVEL)
        for role in LADDER[record.escalation_level : level]:
            for user in members(self.env, role, self.company_id.id):
                self.activity_schedule(  # batched: a few, once for each level
                    "mail.mail_activity_data_warning",
                    summary=f"{text} · {self.display_name}",
                    user_id=user.id,
                )
        if level > record.escalation_level:
            if record == self:
                self._write_step({"escalation_level": level})
            else:
                record.escalation_level = level
