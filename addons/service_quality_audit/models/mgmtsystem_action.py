from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End

STATES = [
    ("proposed", "Proposed"),
    ("open", "In progress"),
    ("done", "Done, to be checked"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]

STAGES = {
    "proposed": "mgmtsystem_action.stage_draft",
    "open": "mgmtsystem_action.stage_open",
    "done": "service_quality_audit.mgmtsystem_action_stage_done",
    "closed": "mgmtsystem_action.stage_close",
    "cancelled": "mgmtsystem_action.stage_cancel",
}
"""The stage of each state, by its identifier."""

OPEN = ("proposed", "open", "done")

APPROVAL_DAYS = 14
"""Within so many days after it was proposed a measure is approved, or cancelled."""

STEPS = {"stage_id", "date_open", "date_closed", "active"}
"""Fields of the management system that only steps write where a regulation holds."""

DECIDED = {
    "name", "type_action", "description", "service_cost", "service_benefit",
    "service_about_on", "service_team_id", "service_project_id", "service_ticket_id",
    "service_suggester_id",
}  # fmt: skip
"""What was approved: it is not changed afterwards."""

SAID = {"name", "description", "type_action", "service_suggester_id"}
"""What of a suggestion is the customer's."""

SOURCE = {"service_source_model", "service_source_id", "service_source_name"}

LEFT_OUT, BY_JOB = "service_without_companies", object()
"""A key of the context, and the beginning of its value: an object, so that no caller
can send one."""

OTHER_SOURCES = ("helpdesk.ticket", "service.quality.callback")
"""What a customer suggests comes from these."""

OLDEST = 36_500
"""So many days back ages are asked for."""


class MgmtsystemAction(models.Model):
    """A measure (措施): what somebody has promised to do, whatever it came from.

    Regulations A3.1.2 and A3.2.5. Where a regulation is in force it goes from step to
    step: proposed, approved, reported done by its owner, and checked by somebody else.
    Where none is, it is an action as the management system has it.
    """

    _name = "mgmtsystem.action"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.gated.mixin",
        "service.quality.decision.mixin",
        "service.quality.due.mixin",
        "mgmtsystem.action",
    ]

    _check_company_auto = True
    _service_settled = frozenset(STEPS | {"date_deadline", *SOURCE})
    _due_subject = "measure"
    _due_sequence = 60
    _due_field = "date_deadline"
    _due_owner = "user_id"
    _due_depends = ("service_state", "date_deadline")
    _not_authored = frozenset({"stage_id", "date_deadline", "service_supervision"})

    type_action = fields.Selection(
        [
            ("immediate", "Correction"),
            ("correction", "Corrective action"),
            ("prevention", "Preventive action"),
            ("improvement", "Improvement action"),
        ],
        string="Kind",
        help="A correction puts right what went wrong, on the spot. A corrective "
        "action takes away its cause. An improvement action has no fault behind it.",
    )
    date_deadline = fields.Date(tracking=True)
    service_state = fields.Selection(
        STATES,
        string="Status",
        compute="_compute_service_state",
        store=True,
        group_expand="_expand_states",
    )
    service_source_model = fields.Char(string="Model of the Source", index=True)
    service_source_id = fields.Many2oneReference(
        string="Source", model_field="service_source_model", index=True
    )
    service_source_name = fields.Char(
        string="Comes From", help="What it came from, as it was named then."
    )
    service_about_on = fields.Date(
        string="Concerns",
        default=lambda self: self.env.company._service_day(),
        index=True,
        help="A day in the period that the measure is about. The report of that "
        "period lists it.",
    )
    service_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    service_project_id = fields.Many2one(
        "service.quality.project",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    service_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    service_cost = fields.Float(string="Expected Cost")
    service_benefit = fields.Text(string="Expected Benefit")
    service_suggester_id = fields.Many2one(
        "res.partner",
        string="Suggested By",
        index="btree_not_null",
        ondelete="restrict",
        help="This person is told what became of the suggestion.",
    )
    service_proposer_id = fields.Many2one(
        "res.users",
        string="Proposed By",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    service_approve_by = fields.Date(
        string="Decide By", readonly=True, copy=False, index=True
    )
    service_for_executive = fields.Boolean(
        string="For an Executive",
        readonly=True,
        copy=False,
        help="An executive decides, because it was once costly or an improvement.",
    )
    service_approved_by_id = fields.Many2one(
        "res.users", string="Approved By", readonly=True, copy=False
    )
    service_approved_at = fields.Datetime(
        string="Approved On", readonly=True, copy=False
    )
    service_result = fields.Text(string="What Was Done", readonly=True, copy=False)
    service_done_at = fields.Datetime(string="Done On", readonly=True, copy=False)
    service_done_by_id = fields.Many2one(
        "res.users", string="Done By", readonly=True, copy=False
    )
    service_check = fields.Text(string="What Was Found", readonly=True, copy=False)
    service_is_effective = fields.Selection(
        [("yes", "Effective"), ("no", "Not effective")],
        string="Did It Work",
        readonly=True,
        copy=False,
    )
    service_checked_at = fields.Datetime(string="Checked On", readonly=True, copy=False)
    service_checked_by_id = fields.Many2one(
        "res.users", string="Checked By", readonly=True, copy=False
    )
    service_supervision = fields.Text(
        string="Supervision",
        readonly=True,
        copy=False,
        help="What the quality department found while it was not done in its time.",
    )
    service_supervised_at = fields.Datetime(
        string="Supervised On", readonly=True, copy=False
    )
    service_cancel_reason = fields.Text(
        string="Why It Was Cancelled", readonly=True, copy=False
    )
    service_effect_check_ids = fields.Many2many(
        "service.quality.effect.check",
        "service_quality_effect_check_measure_rel",
        "mgmtsystem_action_id",
        "service_quality_effect_check_id",
        string="Checks of Their Effect",
        readonly=True,
        copy=False,
    )
    service_age = fields.Integer(
        string="Age (Days)",
        compute="_compute_service_age",
        search="_search_service_age",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.model
    def _state_stages(self):
        """Return the stages of the states, dict of state to stage."""
        refer = self.env.ref
        return {state: refer(xmlid) for state, xmlid in STAGES.items()}

    @api.depends("stage_id")
    def _compute_service_state(self):
        states = {
            stage: state
            for state, xmlid in STAGES.items()
            if (stage := self.env.ref(xmlid, raise_if_not_found=False))
        }
        for action in self:
            stage = action.stage_id
            action.service_state = states.get(stage) or (
                "closed" if stage.is_ending else "open"
            )

    @api.model
    def _expand_states(self, states, domain):
        """Return the columns of the board, in the order of the way."""
        wanted = {*states, *OPEN}
        return [state for state, _label in STATES if state in wanted]

    @api.depends("create_date", "date_closed")
    def _compute_service_age(self):
        for action in self:
            day = (action.company_id or self.env.company)._service_day
            end = day(action.date_closed or None)
            begin = day(action.create_date) if action.create_date else end
            action.service_age = max((end - begin).days, 0)

    def _search_service_age(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        value = Arguments(self.env).whole("service_age", value, 0, OLDEST)
        company = self.env.company
        whole = operator in (">=", "<")
        day = fields.Date.subtract(company._service_day(), days=value - whole)
        compared = "<" if operator in (">", ">=") else ">="
        since = company._service_midnight(day)
        return Domain("date_closed", "=", False) & Domain(
            "create_date", compared, since
        )

    @api.model
    def _elapsed_days(self, dt1_text, dt2_text):
        """Return the days between two moments, never less than none.

        The management system takes them the wrong way round.
        """
        return abs(super()._elapsed_days(dt1_text, dt2_text))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Propose measures; where a regulation holds they begin as proposed."""
        proposed = self.env.ref(STAGES["proposed"]).id
        begin = {"stage_id": proposed, "active": True}  # whatever the context says
        begin |= dict.fromkeys(("date_open", "date_closed"), False)
        vals_list = self._with_company(vals_list)
        gated = [self._is_gated(vals) for vals in vals_list]
        for vals, is_gated in zip(vals_list, gated, strict=True):
            if is_gated:
                self._check_proposed(vals)
        actions = super().create(
            [
                vals | begin if is_gated else vals
                for vals, is_gated in zip(vals_list, gated, strict=True)
            ]
        )
        actions.filtered("service_is_gated")._begin()
        return actions

    @api.model
    def _check_proposed(self, vals):
        """Refuse values with which no measure begins."""
        given = vals.keys() & STEPS
        proposed = self.env.ref(STAGES["proposed"])
        if "stage_id" in given and vals["stage_id"] in (False, proposed.id):
            given -= {"stage_id"}
        if "active" in given and vals["active"]:
            given -= {"active"}
        if given:
            self._refuse_step(min(given))
        if not vals.get("date_deadline"):
            raise ValidationError(
                self.env._(
                    "Enter a deadline: every measure has an owner and a deadline."
                )
            )
        self._check_source(vals)

    @api.model
    def _check_source(self, vals):
        """Refuse a source that does not exist, or that the user may not read."""
        model, source_id = map(vals.get, ("service_source_model", "service_source_id"))
        if not model and not source_id:
            return
        mixin = self.env.registry["service.quality.measure.source.mixin"]
        known = model in self.env and (
            isinstance(self.env[model], mixin) or model in OTHER_SOURCES
        )
        source = known and self.env[model].browse(source_id).exists()
        if not source:
            raise ValidationError(
                self.env._("What the measure comes from is not on record.")
            )
        source.check_access("read")

    def write(self, vals):
        """Let steps alone move measures on where a regulation holds."""
        gated = self.filtered("service_is_gated")
        self._check_company_kept(vals)
        if gated:
            gated._check_steps(vals)
        result = super().write(vals)
        if gated and vals.keys() & {"type_action", "service_cost"}:
            gated._note_executive()
        return result

    def _check_steps(self, vals):
        """Refuse what only a step writes, and to change what was decided."""
        stage = vals.get("stage_id")
        given = vals.keys() & STEPS
        if "stage_id" in given and all(one.stage_id.id == stage for one in self):
            given -= {"stage_id"}
        if given:
            self._refuse_step(min(given))
        if vals.keys() & SOURCE and not self.env.su:
            raise AccessError(self.env._("What a measure comes from stays as it was."))
        if vals.keys() & DECIDED and not self.env.su:
            if any(one.service_state != "proposed" for one in self):
                raise AccessError(
                    self.env._(
                        "What was approved is not changed. Cancel the measure, and "
                        "propose another one."
                    )
                )
        if not vals.get("date_deadline", True):
            raise ValidationError(
                self.env._("A measure has an owner and a day: enter until when.")
            )
        said = vals.keys() & SAID and self.filtered(
            lambda one: one.sudo().service_proposer_id.share  # whoever they are
        )
        if said and not self.env.su:
            raise AccessError(
                self.env._(
                    "A customer has suggested this: it stays as it was said, and the "
                    "customer is told what becomes of it. Decide on it, or propose a "
                    "measure of your own."
                )
            )
        if "user_id" in vals and not self.env.su:
            self._check_may_hand_over()

    def _check_may_hand_over(self):
        """Refuse to give away what one has to do oneself, or what has ended."""
        if any(one.service_state not in OPEN for one in self):
            raise AccessError(self.env._("What has ended stays with its owner."))
        if any(
            one.service_state != "proposed" and one.user_id == self.env.user
            for one in self
        ):
            raise AccessError(
                self.env._(
                    "The owner does not hand over a measure. Somebody else does."
                )
            )

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s of a measure is not written by hand where a regulation is in force. It "
            "follows from the buttons: Approve, Report Done, Check, Cancel.",
            label,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_gated(self):
        if any(one.service_is_gated for one in self):
            raise UserError(
                self.env._("A measure stays on record. Cancel it, with a reason.")
            )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "service_result": False,
            "service_check": False,
            "service_is_effective": True,
        }

    def _rectify_ended(self):
        return self.filtered(
            lambda one: one.service_is_gated and one.service_state == "closed"
        )

    def _rectify_ends(self):
        return {one: End(one.date_closed, one.service_checked_by_id) for one in self}

    # ------------------------------------------------------------------
    # When it is due
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        return self.env._("Measures")

    @api.model
    def _open_domain(self):
        """Return the domain of what its owner has still to do."""
        return Domain("service_state", "in", ("proposed", "open")) & Domain(
            "date_deadline", "!=", False
        )

    def _check_due_unmoved(self, vals):
        """Let what is proposed be planned, but not put off by who is to do it."""
        gated = self.filtered(
            lambda one: (
                one.service_is_gated
                and (
                    one.service_state != "proposed"
                    or one.is_overdue
                    or one._is_put_off(vals)
                )
            )
        )
        return super(MgmtsystemAction, gated)._check_due_unmoved(vals)

    def _is_put_off(self, vals):
        """Return True if its owner would give one that is proposed a later day.

        An action of a plan that is not handed in yet is signed with its day later.
        """
        day = fields.Date.to_date(vals.get("date_deadline"))
        source = self.sudo()._source()  # whoever may read it
        planning = (
            source._name == "mgmtsystem.nonconformity"
            and source.state != "done"
            and not source.service_submitted_at
        )
        return bool(
            day
            and self.date_deadline
            and day > self.date_deadline
            and self.env.user == self.user_id
            and not planning
        )

    def _check_may_move_due(self):
        """Refuse all but the quality department and who decides on it."""
        if not self.env.su and not self.may_decide:
            self._check_supervisor()
        return super()._check_may_move_due()

    def _due_project(self):
        return self.service_project_id or super()._due_project()

    def _overdue_text(self):
        return self.env._("Measure overdue: %s", self.name)

    def _coming_text(self):
        return self.env._("Measure: %s", self.name)

    # ------------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------------

    def send_mail_for_action(self, force_send=True):
        """Plan an activity of the owner instead, where a regulation holds."""
        gated = self.filtered("service_is_gated")
        return super(MgmtsystemAction, self - gated).send_mail_for_action(force_send)

    @api.model
    def process_reminder_queue(self, reminder_days=10):
        """Leave to the escalation rules what is under a regulation."""
        reminder_days = Arguments(self.env).whole(
            "reminder_days", reminder_days, -OLDEST, OLDEST
        )
        companies = self.env["res.company"].search([])
        gated = companies.filtered(lambda one: one._service_is_regulated())
        nobodys = [False] if gated else []  # as what is of no company
        free = self.with_context(**{LEFT_OUT: (BY_JOB, gated.ids + nobodys)})
        return super(MgmtsystemAction, free).process_reminder_queue(reminder_days)

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Leave out the companies that a job has named."""
        left_out = self.env.context.get(LEFT_OUT)
        if isinstance(left_out, tuple) and left_out[0] is BY_JOB:
            domain = Domain(domain) & Domain("company_id", "not in", left_out[1])
        return super()._search(domain, *args, **kwargs)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _source(self):
        """Return the record that one measure comes from, or an empty one of none."""
        self.ensure_one()
        model = self.service_source_model
        if not model or model not in self.env or not self.env[model]._auto:
            return self.browse()
        return self.env[model].browse(self.service_source_id).exists()

    def _supervised_after(self):
        """Return how many days after it was due one was supervised last; below none
        where that was before.
        """
        day = self.company_id._service_day(self.service_supervised_at)
        return (day - self.late_after).days - 1

    def _words(self):
        """Return what one measure is, as a text."""
        return html2plaintext(self.description or "").strip() or self.name

    def _check_texts(self):
        self._service_check_says(["name"], LEAST_REASON)
