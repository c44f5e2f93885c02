from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_process_id = fields.Many2one(
        "helpdesk.ticket.type",
        string="Usual Process",
        help="The process of a ticket that does not name one.",
    )
