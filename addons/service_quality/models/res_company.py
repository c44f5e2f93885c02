from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_process_id = fields.Many2one(
        "helpdesk.ticket.type",
        string="Usual Process",
        help="The process of a ticket that does not name one.",
    )
    service_staff_retention_months = fields.Integer(
        string="Keep Staff in the Ledger (Months)",
        help="After so many months without an event, finished tickets no longer say "
        "in their ledger who did what. 0 keeps it for ever.",
    )

    _service_staff_retention_check = models.Constraint(
        "CHECK (service_staff_retention_months >= 0)",
        "Staff is kept in the ledger for a number of months, or 0 for ever.",
    )
