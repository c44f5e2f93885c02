from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.base import LEAST_REASON

from .service_quality_policy import CHATTER

STATES = [
    ("asked", "Waiting for approval"),
    ("approved", "Approved"),
    ("refused", "Refused"),
]


class ServiceQualityAskedMixin(models.AbstractModel):
    """Asks for a decision, which an executive takes who has not asked for it.

    It holds from its approval on. What was asked for stays as it was asked: who wants
    something else asks again. Before a register is in use there is nothing that a
    decision could change, so the first set-up needs no second person.

    A model that takes this up has a ``company_id``, and says in ``_apply`` what an
    approval does.
    """

    _name = "service.quality.asked.mixin"
    _description = "Asked For by One Person, Approved by Another"
    _inherit = [
        "service.quality.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]

    reason = fields.Char(string="Ground", required=True)
    asked_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    asked_at = fields.Datetime(readonly=True, copy=False, default=fields.Datetime.now)
    state = fields.Selection(
        STATES,
        string="Decision",
        required=True,
        readonly=True,
        copy=False,
        default="asked",
        tracking=True,
    )
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    decided_at = fields.Datetime(readonly=True, copy=False)
    can_be_decided = fields.Boolean(compute="_compute_can_be_decided")

    _second_roles = ("executive",)

    @api.depends("state", "may_decide")
    @api.depends_context("uid")
    def _compute_can_be_decided(self):
        for one in self:
            one.can_be_decided = one.state == "asked" and one.may_decide

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Ask the executives, or decide at once where no register is in use."""
        asked = super().create(vals_list)
        asked._service_check_says(["reason"], LEAST_REASON)
        for one in asked:
            if one.company_id._service_register_is_used():
                one._ask_executives()
            else:
                one.sudo()._decide("approved")  # the first set-up
        return asked

    def write(self, vals):
        """Refuse to change what was asked for."""
        changed = {name for name in vals if not name.startswith(CHATTER)}
        if changed and not self.env.su:
            raise UserError(
                self.env._("What was asked for stays as it is. Ask for something else.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        raise UserError(self.env._("What was asked for stays in the record."))

    @api.model
    def _step_refusal(self, label):
        return self.env._("Use Approve or Refuse to decide.")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refuse(self):
        """Refuse what another person asked for.

        :raise AccessError: for who is not the second person, as its asker
        """
        return self._take_decision("refused", self.env._("Refused"))

    def _refusal(self):
        return self.env._("Only an executive decides this.")

    def _authors(self):
        """Add who asked, where a step wrote it down."""
        return super()._authors() | self.asked_by_id

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _decide(self, state):
        self._service_lock()  # of two who decide at once, one does
        if any(one.state != "asked" for one in self):
            raise UserError(self.env._("This was decided already."))
        for one in self:
            super(ServiceQualityAskedMixin, one)._decide(state)
            one.activity_ids.action_feedback()
            if state == "approved":
                one._apply()
        return True

    def _apply(self):
        """Let it hold from now on."""
        raise NotImplementedError

    def _ask_executives(self):
        """Ask everyone who may decide, by an activity of each."""
        self.ensure_one()
        second = self.sudo()._second_persons()  # also whom the asker may not read
        users = second.users - self.asked_by_id
        self.env["mail.activity"].sudo()._service_plan(  # for others
            [
                (
                    self,
                    user,
                    user.partner_id._service_day(self.company_id),
                    lambda own: own.env._("Decide: %s", own.display_name),
                )
                for user in users
            ],
            mails=True,
        )
