from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_escalation.models.service_quality_sweep import KEY

LABELS = (*KEY, "company_id", "agreement_id")
"""What an exclusion takes over from its clock."""


class ServiceQualityExclusion(models.Model):
    """Asks to leave a missed target out of attainment, with ground and evidence.

    A miss stays a miss: an approved exclusion gives a second figure beside the first.
    The clock is named by its key and not by its id: it is a projection, which may be
    written again.
    """

    _name = "service.quality.exclusion"
    _description = "Exclusion"
    _inherit = [
        "service.quality.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True
    _not_authored = frozenset({"decision_note"})

    # the clock
    clock_id = fields.Many2one(
        "service.quality.clock",
        string="Missed Target",
        compute="_compute_clock_id",
        readonly=False,
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    target_id = fields.Many2one(
        "service.quality.target",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    cycle = fields.Integer(required=True, readonly=True)
    round = fields.Integer(required=True, readonly=True)
    holder = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Empty: what was missed is a house rule.",
    )
    judged_at = fields.Datetime(
        string="Missed At", readonly=True, help="It counts in this period."
    )

    # what is said for it
    ground_id = fields.Many2one(
        "service.quality.exclusion.ground",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('agreement_id', '=', agreement_id), ('company_id', '=', company_id), "
        "'|', ('agreement_id', '!=', False), ('approved_at', '<=', judged_at)]",
        help="One that the agreement names; for a house rule one that an executive "
        "approved before it was missed.",
    )
    evidence = fields.Text(
        string="What Proves It",
        required=True,
        help="What proves that the ground is given.",
    )
    document_ids = fields.Many2many(
        "ir.attachment", string="Documents", bypass_search_access=True, copy=False
    )
    requested_by_id = fields.Many2one(
        "res.users", readonly=True, required=True, default=lambda self: self.env.user
    )

    # what was decided
    state = fields.Selection(
        [("requested", "Requested"), ("approved", "Approved"), ("refused", "Refused")],
        required=True,
        default="requested",
        readonly=True,
        copy=False,
        tracking=True,
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)
    decision_note = fields.Text(string="Note on the Decision", copy=False)

    _key_uniq = models.UniqueIndex(
        "(ticket_id, target_id, cycle, round, holder) WHERE state <> 'refused'",
        "An exclusion of this target was requested already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends(*KEY)
    def _compute_clock_id(self):
        """Find the clocks by their keys, as they are now."""
        clocks = self.env["service.quality.clock"].search(
            [("ticket_id", "in", self.ticket_id.ids)]
        )
        found = {_key(clock): clock for clock in clocks}
        for exclusion in self:
            exclusion.clock_id = found.get(_key(exclusion))

    @api.depends("ticket_id", "target_id")
    def _compute_display_name(self):
        for exclusion in self:
            # who decides on a miss need not have its ticket any more
            ticket = exclusion.ticket_id.sudo()
            names = (ticket.number, exclusion.target_id.display_name)
            exclusion.display_name = " · ".join(filter(None, names))

    @api.model
    def default_get(self, fields):
        """Take over what is known of the clock that the form was opened for."""
        values = super().default_get(fields)
        clock_id = self.env.context.get("default_clock_id")
        if clock_id:
            clock = self.env["service.quality.clock"].browse(clock_id)
            values |= {
                name: value
                for name, value in self._prepare_labels(clock).items()
                if name in fields
            }
        return values

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("ground_id", "agreement_id")
    def _check_ground(self):
        for exclusion in self:
            if not exclusion.agreement_id:
                exclusion._check_house_ground()
                continue
            if exclusion.ground_id.agreement_id != exclusion.agreement_id:
                raise ValidationError(
                    self.env._(
                        "The agreement %s does not name this ground. Choose one that "
                        "it names.",
                        exclusion.agreement_id.display_name,
                    )
                )

    def _check_house_ground(self):
        """Refuse a ground that was not approved for house rules before the miss."""
        ground = self.ground_id
        if ground.agreement_id or ground.company_id != self.company_id:
            raise ValidationError(
                self.env._(
                    "A house rule was missed: choose a ground that is approved for "
                    "house rules of the company."
                )
            )
        if not ground.approved_at or ground.approved_at > self.judged_at:
            raise ValidationError(
                self.env._(
                    "An executive had not approved this ground when the target was "
                    "missed. A ground holds from its approval on."
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not all(vals.get("clock_id") for vals in vals_list):
            raise UserError(
                self.env._(
                    "Ask for an exclusion on the service target that was missed."
                )
            )
        clocks = self.env["service.quality.clock"].browse(
            [vals["clock_id"] for vals in vals_list]
        )
        clocks.check_access("read")
        vals_list = [
            {
                **{
                    name: vals[name]
                    for name in ("ground_id", "evidence")
                    if name in vals
                },
                "document_ids": vals.get("document_ids"),
                **self._prepare_labels(clock),
            }
            for vals, clock in zip(vals_list, clocks, strict=True)
        ]
        exclusions = super()._create_as_step(vals_list)
        exclusions._check_evidence()
        exclusions._service_check_says(["evidence"], LEAST_REASON)
        for exclusion in exclusions:
            # who may read an exclusion reads its evidence
            own = exclusion.document_ids.filtered(lambda one: not one.res_id)
            own.write({"res_model": self._name, "res_id": exclusion.id})  # batched: one
        return exclusions

    def write(self, vals):
        self._check_by_hand(vals)
        if any(exclusion.state != "requested" for exclusion in self) and any(
            name in self._fields and not name.startswith(("message_", "activity_"))
            for name in vals
        ):
            raise UserError(
                self.env._("This exclusion was decided, and stays as it is.")
            )
        allowed = {"ground_id", "evidence", "document_ids"}
        return super().write(
            {
                name: value
                for name, value in vals.items()
                if name in allowed or name.startswith(("message_", "activity_"))
            }
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(exclusion.state != "requested" for exclusion in self):
            raise UserError(
                self.env._("An exclusion that was decided is part of the record.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refuse(self):
        """Refuse exclusions.

        :raise AccessError: as :meth:`action_approve`
        """
        return self._take_decision("refused", self.env._("Refused"))

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _prepare_labels(self, clock):
        """Return what an exclusion takes over from its clock.

        :raise UserError: where nothing was promised by an agreement, or not missed
        """
        if clock.kind not in ("sla", "house"):
            raise UserError(
                self.env._(
                    "Only targets of a customer's agreement and house rules can be "
                    "excluded."
                )
            )
        late = clock.verdict != "met" and clock.burning == "late"
        if clock.verdict != "missed" and not late:
            raise UserError(
                self.env._("This target was not missed: there is nothing to exclude.")
            )
        values = {name: getattr(clock[name], "id", clock[name]) for name in LABELS}
        return values | {"judged_at": clock.judged_at or clock.deadline}

    def _service_keeping(self):
        """Return the exclusions whose evidence stays: those that were decided."""
        return self.filtered(lambda exclusion: exclusion.state != "requested")

    @api.constrains("document_ids")
    def _check_documents(self):
        self.sudo().document_ids._service_check_evidence()  # the file of who asks

    def _check_evidence(self):
        if any(not exclusion.document_ids for exclusion in self):
            raise ValidationError(
                self.env._(
                    "An exclusion needs evidence. Attach the document that proves it."
                )
            )

    def _authors(self):
        """Return who asked for it as well."""
        return super()._authors() | self.requested_by_id

    def _refusal(self):
        return self.env._("Exclusions are decided by the quality department.")

    def _check_decidable(self, state):
        if any(exclusion.state != "requested" for exclusion in self):
            raise UserError(self.env._("This exclusion was decided already."))

    def _decide(self, state):
        """Leave approved misses out of the second figure of their periods."""
        result = super()._decide(state)
        if state == "approved":
            self.env["service.quality.figure"]._count_exclusions(self)
        return result


def _key(record):
    return tuple(getattr(record[name], "id", record[name]) for name in KEY)
