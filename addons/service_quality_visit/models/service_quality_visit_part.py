from odoo import api, fields, models


class ServiceQualityVisitPart(models.Model):
    """Says which part an engineer took from a stock for a customer, or brought back."""

    _name = "service.quality.visit.part"
    _description = "Part Used on a Visit"
    _order = "visit_id, sequence, id"

    visit_id = fields.Many2one(
        "service.quality.visit", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", related="visit_id.company_id", store=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Part", required=True)
    serial = fields.Char(string="Serial Number")
    quantity = fields.Float(digits=(16, 2), default=1, required=True)
    direction = fields.Selection(
        [("taken", "Taken from"), ("returned", "Returned to")],
        default="taken",
        required=True,
    )
    place = fields.Char(
        string="Stock", help="The stock, the van or the person it came from or went to."
    )

    _quantity_check = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a part is more than 0."
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.visit_id._check_unsigned()
        return parts

    def write(self, vals):
        self.visit_id._check_unsigned()
        result = super().write(vals)
        if "visit_id" in vals:
            self.visit_id._check_unsigned()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.visit_id._check_unsigned()
