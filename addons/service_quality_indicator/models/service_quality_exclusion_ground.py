from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceQualityExclusionGround(models.Model):
    """Names a ground on which misses may be left out of attainment.

    It is one of an agreement, which both sides have signed, or one for the house rules.
    The latter holds for what is missed after an executive has approved it, who is not
    the one who wrote it.
    """

    _name = "service.quality.exclusion.ground"
    _description = "Ground for Exclusions"
    _inherit = ["service.quality.approval.mixin"]
    _order = "agreement_id, sequence, id"
    _second_roles = ("executive",)
    _not_authored = frozenset({"sequence", "active"})

    agreement_id = fields.Many2one(
        "service.quality.agreement",
        index=True,
        ondelete="cascade",
        help="Without an agreement it is a ground for the house rules.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(
        required=True, help="As the agreement says it, such as: power cut at the site."
    )
    approved_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="From then on it may be used for house rules. The grounds of an agreement "
        "are signed with it.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("agreement_id.company_id")
    def _compute_company_id(self):
        for ground in self:
            ground.company_id = (
                ground.agreement_id.company_id or ground.company_id or self.env.company
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
        if self.agreement_id or vals.keys() - self._not_authored:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_draft()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _refusal(self):
        return self.env._("An executive approves the grounds for house rules.")

    def _check_decidable(self, state):
        """Let only grounds for house rules be approved."""
        self._check_draft()
        if self.agreement_id:
            raise UserError(
                self.env._("The grounds of an agreement are signed with it.")
            )

    def _prepare_decided(self, state):
        return {"approved_at": fields.Datetime.now()}

    def _check_draft(self):
        """Refuse to change what was signed or approved."""
        if any(
            ground.agreement_id and ground.agreement_id.state != "draft"
            for ground in self
        ):
            raise UserError(
                self.env._(
                    "What the signed agreement names as grounds stays as it is. Amend "
                    "it to change them in its next version."
                )
            )
        if any(ground.approved_at for ground in self):
            raise UserError(
                self.env._(
                    "An approved ground stays as it is. Archive it, and write another "
                    "one."
                )
            )
