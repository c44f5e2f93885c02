from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

KINDS = [
    ("policy", "Quality policy"),
    ("strategy", "Strategy"),
    ("targets", "Quality targets"),
    ("organisation", "Organisation"),
]

FREE_WHEN_APPROVED = {"owner_id"}
"""What may change on an approved one: who looks after it."""

CHATTER = ("message_", "activity_")


class ServiceQualityPolicy(models.Model):
    """Holds what executives set out for quality, version by version (A4.1.1).

    An approved version stays as it is. What is to change becomes the next version,
    which ends the one before on the day from which it is in force.
    """

    _name = "service.quality.policy"
    _description = "Quality Policy Document"
    _inherit = [
        "service.quality.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "kind, name, version desc, id desc"
    _check_company_auto = True
    _second_roles = ("executive",)
    _not_authored = frozenset({"owner_id"})

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default="policy", tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    version = fields.Integer(required=True, readonly=True, default=1, copy=False)
    previous_id = fields.Many2one(
        "service.quality.policy",
        string="Previous Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    next_ids = fields.One2many(
        "service.quality.policy",
        "previous_id",
        string="Next Version",
        readonly=True,
    )
    text = fields.Html(required=True, sanitize_style=True)
    reason = fields.Text(
        string="What Changed",
        copy=False,
        help="Against the version before, in view of market, technology and company.",
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Looked After By",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved")],
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
    )
    approved_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
    date_start = fields.Date(string="In Force From", copy=False, tracking=True)
    date_end = fields.Date(
        string="In Force Until",
        readonly=True,
        copy=False,
        tracking=True,
        help="The first day on which it is no longer in force.",
    )
    review_date = fields.Date(
        string="Next Review",
        tracking=True,
        help="Approved with the document; afterwards each periodic review sets it.",
    )
    is_in_force = fields.Boolean(
        compute="_compute_is_in_force", search="_search_is_in_force"
    )

    _date_check = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A document cannot go out of force before it comes into force.",
    )

    _previous_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "The next version of this document is being written already. Reload the page.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = policy.name and f"{policy.name} · v{policy.version}"

    @api.depends("state", "date_start", "date_end")
    def _compute_is_in_force(self):
        in_force = self.filtered_domain(self._in_force_domain())
        for policy in self:
            policy.is_in_force = policy in in_force

    def _search_is_in_force(self, operator, value):
        return self._in_force_domain() if operator == "in" else NotImplemented

    @api.model
    def _in_force_domain(self):
        return Domain("state", "=", "approved") & self.env[
            "res.company"
        ]._service_day_domain(
            lambda day: (
                Domain("date_start", "<=", day)
                & (Domain("date_end", "=", False) | Domain("date_end", ">", day))
            )
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Change only drafts; what was approved becomes a next version."""
        if not self.env.su:
            changed = {name for name in vals if not name.startswith(CHATTER)}
            approved = self.filtered(lambda policy: policy.state == "approved")
            if approved and changed - FREE_WHEN_APPROVED:
                raise UserError(
                    self.env._(
                        "%s is approved, and stays as it is. Make a new version and "
                        "change that one.",
                        approved[0].display_name,
                    )
                )
        return super().write(vals)

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s is not written by hand. Use Approve to put a document in force, and "
            "New Version to make the next one.",
            label,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if any(policy.state == "approved" for policy in self):
            raise UserError(self.env._("What was approved stays in the record."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def _refusal(self):
        return self.env._("Only an executive approves this.")

    def _decide(self, state):
        """Let drafts be in force from their day on, from today at the earliest."""
        for policy in self:
            policy._approve(policy.company_id._service_day())
        return True

    def _approve(self, today):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%s is approved already.", self.display_name))
        # what nobody has approved was not in force
        start = max(self.date_start or today, today)
        previous = self.previous_id
        self._check_only_version()
        if previous:
            if previous.next_ids.filtered(lambda one: one.state == "approved"):
                raise ValidationError(
                    self.env._("%s has a next version already.", previous.display_name)
                )
            if start < previous.date_start:
                raise ValidationError(
                    self.env._(
                        "The version before is in force from %s. Choose that day or a "
                        "later one.",
                        previous.date_start,
                    )
                )
            previous._write_as_step({"date_end": start})
        self._write_as_step(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
                "date_start": start,
            }
        )
        self.activity_ids.action_feedback(feedback=self.env._("Approved"))

    def _check_only_version(self):
        """Refuse a second document of a name that no version before makes way for."""
        others = self.search(
            Domain("id", "not in", (self | self.previous_id).ids)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("kind", "=", self.kind)
            & Domain("name", "=", self.name)
            & Domain("state", "=", "approved")
            & Domain("date_end", "=", False)
        )
        if others:
            raise ValidationError(
                self.env._(
                    "%s is approved already. Make a new version of it, which ends the "
                    "one before.",
                    others[0].display_name,
                )
            )

    def action_ask_approval(self):
        """Ask the executives to approve, by an activity of each."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("%s is approved already.", self.display_name))
        self.env["mail.activity"]._service_plan(
            [
                (
                    self,
                    user,
                    user.partner_id._service_day(self.company_id),
                    lambda own: own.env._("Approve %s", own.display_name),
                )
                for user in self.company_id._service_role_users("executive")
            ],
            mails=True,
        )
        return True

    def action_new_version(self):
        """Open the draft of the next version, made from this one if there is none."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "approved":
            raise UserError(self.env._("It is still a draft: change it right here."))
        self._service_lock()  # of two at once, one makes the draft
        draft = self.next_ids.filtered(lambda policy: policy.state == "draft")
        if not draft:
            if self.next_ids:
                raise UserError(
                    self.env._(
                        "Make it from the newest version: %s.",
                        self.next_ids[0].display_name,
                    )
                )
            draft = self.copy({"name": self.name})
            # which version it is follows from where it was made
            draft._write_as_step({"previous_id": self.id, "version": self.version + 1})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft[:1].id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
