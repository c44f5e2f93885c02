from odoo import api, fields, models
from odoo.exceptions import UserError

from .base import LEAST_REASON, CarriedJson
from .event_names import EventNames

ORIGINS = [
    ("user", "Odoo client"),
    ("mail", "E-mail"),
    ("portal", "Portal"),
    ("rpc", "Other program"),
    ("import", "Import"),
    ("migration", "Taken over"),
    ("system", "System"),
    ("offline", "Phone without connection"),
]


class ServiceQualityEvent(models.Model):
    """Is the ledger: each row is one fact that a service target can depend on.

    The database refuses to change or delete a row; a mistake is taken back by a
    further row that voids it. Rows hold no text of the customer.
    """

    _name = "service.quality.event"
    _inherit = ["service.quality.decision.mixin"]
    _description = "Service Ledger"
    _order = "at desc, seq desc, id desc"
    _rec_name = "kind"
    _log_access = False
    _second_roles = ("service_manager",)

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    at = fields.Datetime(
        string="When", required=True, readonly=True, help="When it happened, UTC."
    )
    seq = fields.Integer(
        readonly=True, help="The order of an import among rows of the same second."
    )
    kind = fields.Char(
        string="Kind Code",
        required=True,
        readonly=True,
        help="Rows outlive the addon that wrote them, and keep its word for it.",
    )
    kind_name = fields.Char(string="Kind", compute="_compute_kind_name")
    value = CarriedJson(string="Content", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        readonly=True,
        ondelete="restrict",
        help="The team that held the ticket after the event.",
    )
    voids_id = fields.Many2one(
        "service.quality.event",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    voided_by_ids = fields.One2many("service.quality.event", "voids_id")
    reason = fields.Char(readonly=True)
    origin = fields.Selection(ORIGINS, required=True, readonly=True)
    external_ref = fields.Char(
        readonly=True, help="The other system's key of this row, unique per ticket."
    )
    recorded_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    is_voided = fields.Boolean(compute="_compute_is_voided")
    summary = fields.Char(compute="_compute_summary")

    _order_idx = models.Index("(ticket_id, at, seq, id)")
    # what a ticket was classified as last, which figures ask of every ticket
    _classified_idx = models.Index(
        "(ticket_id, at, seq, id) WHERE kind IN ('opened', 'reclassified')"
    )
    _at_idx = models.Index("USING brin (at)")
    _recorded_at_idx = models.Index("USING brin (recorded_at)")
    # whether history came in after figures of it were taken
    _imported_idx = models.Index(
        "(company_id, at, id) WHERE origin IN ('import', 'migration')"
    )
    # which verdicts rest on what a phone noted
    _offline_idx = models.Index("(ticket_id, at) WHERE origin = 'offline'")
    _voided_idx = models.Index("(company_id, recorded_at) WHERE kind = 'voided'")
    _external_ref_uniq = models.UniqueIndex(
        "(ticket_id, external_ref) WHERE external_ref IS NOT NULL",
        "The ledger of this ticket has a row with this external reference already.",
    )

    def init(self):
        """Add what the ORM has no words for: the transaction id and the lock."""
        self.env.cr.execute(
            """
            ALTER TABLE service_quality_event ADD COLUMN IF NOT EXISTS
                xid xid8 NOT NULL DEFAULT pg_current_xact_id();
            CREATE INDEX IF NOT EXISTS service_quality_event__xid_idx
                ON service_quality_event (xid, id);
            CREATE OR REPLACE FUNCTION service_quality_event_refuse() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('service_quality_core.unlocked', true) = 'on' THEN
                    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
                END IF;
                RAISE EXCEPTION 'The service ledger is append-only: % refused.', TG_OP
                    USING HINT = 'Void the row by a further one, with a reason.',
                          ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE OR REPLACE TRIGGER service_quality_event_append_only
                BEFORE UPDATE OR DELETE ON service_quality_event
                FOR EACH ROW EXECUTE FUNCTION service_quality_event_refuse();
            CREATE OR REPLACE TRIGGER service_quality_event_no_truncate
                BEFORE TRUNCATE ON service_quality_event
                FOR EACH STATEMENT EXECUTE FUNCTION service_quality_event_refuse();
            """
        )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("voided_by_ids")
    def _compute_is_voided(self):
        # of rows that the reader may see
        voided = self.sudo().search([("voids_id", "in", self.ids)]).voids_id
        for event in self:
            event.is_voided = event._origin in voided

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_name(self):
        kinds = self._kinds()
        for event in self:
            event.kind_name = kinds.get(event.kind, event.kind)

    @api.depends("kind_name", "at")
    def _compute_display_name(self):
        for event in self:
            at = fields.Datetime.context_timestamp(event, event.at)
            event.display_name = f"{event.kind_name} · {at:%Y-%m-%d %H:%M}"

    @api.depends("kind", "value")
    def _compute_summary(self):
        """Put in words what a row holds, from ids that are looked up in sets."""
        names = EventNames(self.env, self)
        for event in self:
            event.summary = names.summary(event)

    # ------------------------------------------------------------------
    # Kinds
    # ------------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return the kinds of rows, dict of code to label; addons add theirs.

        It is no selection: rows of an addon that is gone stay, and show their code.
        """
        _ = self.env._
        return {
            "opened": _("Opened"),
            "phase": _("Phase changed"),
            "assigned": _("Assigned"),
            "reclassified": _("Reclassified"),
            "responded": _("Responded"),
            "updated": _("Customer updated"),
            "arrived": _("Arrived on site"),
            "departed": _("Left the site"),
            "moved": _("Moved to another company"),
            "deadline_set": _("Deadline set by hand"),
            "noted": _("Taken note of"),
            "duplicated": _("Marked as duplicate"),
            "archived": _("Archived"),
            "restored": _("Restored"),
            "voided": _("Voided"),
            "unmeasured": _("No longer measured"),
        }

    @api.model
    def formatted_read_group(self, domain, groupby=(), *args, **kwargs):
        """Name the kinds by which rows are grouped."""
        groups = super().formatted_read_group(domain, groupby, *args, **kwargs)
        if "kind" in groupby:
            kinds = self._kinds()
            for group in groups:
                group["kind"] = kinds.get(group["kind"], group["kind"])
        return groups

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_repeated(self, kind, at=None, reason=None):
        """Refuse to record something else under the key of these facts.

        :param at: when it was; None for the moment of the call, which a repeat moves
        :raise ValidationError: for another kind, time or reason
        """
        if any(
            event.kind != kind
            or (at and event.at != at)
            or (event.reason or "") != (reason or "")
            for event in self
        ):
            self.env["service.quality.request"]._refuse_other_content(
                self[0].external_ref
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list:
            raise UserError(
                self.env._(
                    "Rows of the service ledger are not created by hand. Work on the "
                    "ticket, or call service_record on it."
                )
            )
        return super().create(vals_list)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_void(self):
        """Ask for the reason why the row is taken back."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void a row of the ledger"),
            "res_model": "service.quality.event.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_event_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _void(self, reason):
        """Take a row back.

        What a stage, team or assignee of the ticket says now is not taken back by this:
        move the ticket itself where it is wrong.

        :raise AccessError: for who is no service manager, or has recorded the row
        :raise UserError: for the opening, or for a row that is voided already
        """
        self.ensure_one()
        self.check_access("read")
        if self.kind == "opened":
            raise UserError(
                self.env._(
                    "The opening of a ticket is not voided. Cancel the ticket with a "
                    "reason instead."
                )
            )
        if self.is_voided:
            raise UserError(self.env._("This row is voided already."))
        ticket = self.ticket_id
        ticket.check_access("read")
        ticket._service_check_void(self)
        self._service_check_said("reason", reason, LEAST_REASON)
        self._decide_as_second_person(
            self.env._("Voided"),
            self.env._("Rows of the ledger are voided by service managers."),
        )
        ticket = ticket.sudo()  # executives and deputies do not write tickets
        self._take_back()
        row = ticket._service_row("voided", {"kind": self.kind}, self.at)
        row.update(voids_id=self.id, reason=reason)
        # only the ledger writes rows; that they may be was checked
        self.env["service.quality.ledger"].sudo()._append([row])

    def _authors(self):
        """Return who recorded the row."""
        return super()._authors() | self.user_id

    def _take_back(self):
        """Undo what a row changed elsewhere, before it is voided; addons add theirs."""

    def _unlock_ledger(self):
        """Let this transaction delete rows: the only way, and never by accident.

        For deleting a ticket that nothing happened to, for uninstalling, and for the
        purge of personal data.
        """
        self.env.cr.execute(
            "SELECT set_config('service_quality_core.unlocked', %s, true)", ["on"]
        )

    def _lock_ledger(self):
        """Close what :meth:`_unlock_ledger` opened, as the transaction's end does."""
        self.env.cr.execute(
            "SELECT set_config('service_quality_core.unlocked', %s, true)", ["off"]
        )
