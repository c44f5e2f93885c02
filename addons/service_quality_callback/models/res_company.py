from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

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
