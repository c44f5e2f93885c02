from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceQualityExclusionGround(models.Model):
    """Names a ground of an agreement on which misses may be left out of attainment."""

    _name = "service.quality.exclusion.ground"
    _description = "Ground for Exclusions"
    _order = "agreement_id, sequence, id"

    agreement_id = fields.Many2one(
        "service.quality.agreement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="agreement_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True, help="As the agreement says it, such as: power cut at the site."
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        grounds = super().create(vals_list)
        grounds._check_draft()
        return grounds

    def write(self, vals):
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to change what was signed."""
        if any(ground.agreement_id.state != "draft" for ground in self):
            raise UserError(
                self.env._(
                    "What the signed agreement names as grounds stays as it is. Amend "
                    "it to change them in its next version."
                )
            )
