from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .base import LEAST_REASON
from .roles import ROLES, group_of


class ServiceQualityDeputy(models.Model):
    """Names who stands in for a role for some days, where nobody else could decide.

    In a small company one person holds several roles. Where the only holder of a role
    has written what is to be decided, and no other executive is left, the deputy
    decides. An executive names the deputy, from today on at the earliest; nothing but
    the end of it changes afterwards.
    """

    _name = "service.quality.deputy"
    _description = "Deputy"
    _inherit = ["service.quality.steps.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_name = "user_id"

    role = fields.Selection(ROLES, required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Deputy",
        required=True,
        index=True,
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._service_day(),
    )
    date_to = fields.Date(
        string="Until", required=True, help="The last day on which the deputy decides."
    )
    reason = fields.Char(required=True)
    named_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    named_at = fields.Datetime(
        required=True, readonly=True, copy=False, default=fields.Datetime.now
    )
    ended_at = fields.Datetime(readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )

    _date_check = models.Constraint(
        "CHECK (date_to >= date_from)",
        "A deputy stands in for a day at least. Choose an end after the first day.",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id", "named_by_id", "company_id")
    def _check_user(self):
        for deputy in self:
            if deputy.user_id == deputy.named_by_id:
                raise ValidationError(
                    self.env._("Whoever names a deputy is not the deputy.")
                )
            if not deputy.company_id._service_people(deputy.user_id):
                raise ValidationError(
                    self.env._("%s does not work in this company.", deputy.user_id.name)
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_executive()
        deputies = super().create(vals_list)
        deputies._service_check_says(["reason"], LEAST_REASON)
        for deputy in deputies:
            if deputy.date_from < deputy.company_id._service_day():
                raise ValidationError(
                    self.env._("A deputy is named from today on, and not for the past.")
                )
        return deputies

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("A deputy stays as named. End it, and name another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_named(self):
        raise UserError(self.env._("A deputy stays on record. End it instead."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_end(self):
        """End deputies now, before their last day.

        :raise AccessError: for who is no executive
        """
        self._ensure_some()
        self._check_executive()
        self.filtered(lambda deputy: not deputy.ended_at)._write_as_step(
            {"ended_at": fields.Datetime.now(), "ended_by_id": self.env.uid}
        )
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_executive(self):
        if not self.env.user.has_group(group_of("executive")):
            raise AccessError(self.env._("Only an executive names a deputy."))

    @api.model
    def _standing_in(self, company, roles):
        """Return the deputies that stand in for one of some roles today."""
        day = company._service_day()
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("role", "in", roles)
            & Domain("date_from", "<=", day)
            & Domain("date_to", ">=", day)
            & Domain("ended_at", "=", False)
            & Domain("user_id.active", "=", True)
        )
