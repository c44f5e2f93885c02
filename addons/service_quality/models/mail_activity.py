from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    service_callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        index="btree_not_null",
        ondelete="cascade",
    )
    service_alarm_id = fields.Many2one(
        "service.quality.escalation.alarm",
        string="Alarm",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    service_reminder_id = fields.Many2one(
        "service.quality.escalation.reminder",
        string="Reminder",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
