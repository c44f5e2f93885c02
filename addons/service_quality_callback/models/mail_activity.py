from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    service_callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        index="btree_not_null",
        ondelete="cascade",
    )
