from odoo import fields, models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    service_is_answer = fields.Boolean(
        string="Answer to a Complaint",
        help="Offered as a beginning when a complaint is answered.",
    )
