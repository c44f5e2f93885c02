from odoo import Command, fields, models


class MailActivity(models.Model):
    """An activity may come from an alarm or a reminder, and ends with it."""

    _inherit = "mail.activity"

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

    def _service_hand_to(self, heir):
        """Name the heir among those whom the alarms told."""
        handed = super()._service_hand_to(heir)
        handed.service_alarm_id.write({"user_ids": [Command.link(heir.id)]})
        return handed
