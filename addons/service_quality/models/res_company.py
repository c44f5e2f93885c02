from odoo import api, fields, models


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

    service_call_from = fields.Float(
        string="Follow-up Calls From",
        default=9,
        help="In the customer's own time zone, where the contact has no other wish.",
    )
    service_call_to = fields.Float(string="Follow-up Calls Until", default=20)
    service_call_gap = fields.Float(
        string="Hours Between Attempts",
        default=3,
        help="At least so long after a call that was not answered the next one is "
        "tried, in another part of the day.",
    )
    service_call_attempts = fields.Integer(
        string="Attempts",
        default=3,
        help="After so many calls that were not answered the customer is unreachable.",
    )

    _service_call_hours_check = models.Constraint(
        "CHECK (service_call_from >= 0 AND service_call_from < service_call_to "
        "AND service_call_to <= 24)",
        "Calling hours begin before they end, within one day.",
    )
    _service_call_attempts_check = models.Constraint(
        "CHECK (service_call_attempts >= 1 AND service_call_gap >= 0)",
        "There is at least one attempt, and no negative time between attempts.",
    )
    _service_staff_retention_check = models.Constraint(
        "CHECK (service_staff_retention_months >= 0)",
        "Staff is kept in the ledger for a number of months, or 0 for ever.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # whoever founds a company need not be a service manager
        self.env["service.quality.target"].sudo()._ship_house_rules()
        return companies
