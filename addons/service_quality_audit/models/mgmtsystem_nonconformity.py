"""The fields of a nonconformity are apart from its gates, for their length."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import (
    APPLIED,
    ERASED,
    MODE,
    End,
)

from .service_quality_raised_mixin import ENDED

STEP, TAKEN = "service_nonconformity_step", object()
"""A key of the context, and its value while a step writes: an object, so that no caller
can send one."""

STAGES = {
    "draft": "mgmtsystem_nonconformity.stage_draft",
    "analysis": "mgmtsystem_nonconformity.stage_analysis",
    "pending": "mgmtsystem_nonconformity.stage_pending",
    "open": "mgmtsystem_nonconformity.stage_open",
    "check": "service_quality_audit.nonconformity_stage_check",
    "done": "mgmtsystem_nonconformity.stage_done",
    "cancel": "mgmtsystem_nonconformity.stage_cancel",
}
"""The stage of each state, by its identifier."""

BY_STEPS = {"stage_id", "state", "closing_date", "number_of_nonconformities"}
"""Fields of the management system that only steps write where a regulation holds."""

FINDING = {
    "name", "description", "severity_id", "origin_ids", "procedure_ids", "partner_id",
    "reference", "system_id", "ref", "user_id",
}  # fmt: skip
"""What was found: whoever finds writes it, and never those of whom it was found."""

SOURCE = {"res_model", "res_id"}
"""In what it was found: said once, where it is raised."""

QUESTION = "mgmtsystem.verification.line"

OF_AUDIT = ("name", "description", "severity_id")
"""What the report of an audit says of a finding; there it is rectified."""

PEOPLE = {
    "responsible_user_id", "manager_user_id", "service_team_id", "service_project_id",
}  # fmt: skip

WHEN = {
    **dict.fromkeys(FINDING, ("draft",)),
    **dict.fromkeys(PEOPLE, ("draft", "analysis", "pending", "open", "check")),
    "service_correction": ("draft",),
    "service_is_corrected": ("draft",),
    "analysis": ("analysis",),
    "cause_ids": ("analysis",),
    "action_ids": ("pending",),
    "immediate_action_id": ("draft",),
    "action_comments": ("pending",),
    "service_result": ("open",),
    "evaluation_comments": (),
}
"""In which states a field is written by hand where a regulation holds."""

FINDERS = ("quality", "technical_centre", "executive", "service_manager")
"""The roles that find, and say who has to do with it."""

DAYS = {"draft": 5, "analysis": 10, "pending": 10, "submitted": 5, "open": 30}
"""Within so many days each step is taken."""


class MgmtsystemNonconformity(models.Model):
    """A nonconformity (不符合项) goes from gate to gate where a regulation is in force:

    correction, root cause by a named method, corrective actions, approval by a second
    person, done with evidence, and a check of the effect that was fixed beforehand. Not
    effective, it begins again one level higher. Where no regulation is in force it is
    what the management system has made it.
    """

    _name = "mgmtsystem.nonconformity"
    _inherit = [
        "service.quality.next.step.mixin",
        "service.quality.raised.mixin",
        "service.quality.rectify.mixin",
        "service.quality.gated.mixin",
        "service.quality.decision.mixin",
        "service.quality.due.mixin",
        "service.quality.signature.mixin",
        "service.quality.measure.source.mixin",
        "mgmtsystem.nonconformity",
    ]
    _service_settled = frozenset(BY_STEPS | SOURCE)

    _due_subject = "nonconformity"
    _due_sequence = 65
    _due_field = "service_due_on"
    _due_depends = ("state", "service_due_on", "service_submitted_at")
    _not_authored = frozenset(
        {"stage_id", "closing_date", "kanban_state", "evaluation_comments"}
    )
    _rectify_deciders = ("quality", "executive")

    _check_company_auto = True

    action_ids = fields.Many2many(copy=False)
    name = fields.Char(tracking=True)
    description = fields.Text(tracking=True)
    severity_id = fields.Many2one(tracking=True)

    service_is_major = fields.Boolean(related="severity_id.service_is_major")
    service_raised_at = fields.Datetime(
        string="Raised On", readonly=True, copy=False, default=fields.Datetime.now
    )
    service_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    service_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    service_project_id = fields.Many2one(
        "service.quality.project",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    # the way through the gates
    service_round = fields.Integer(string="Round", readonly=True, copy=False, default=1)
    service_level = fields.Integer(
        string="Level",
        readonly=True,
        copy=False,
        help="0 when it was raised. It rises by one each time the actions did not "
        "work.",
    )
    service_correction = fields.Text(
        string="Correction",
        tracking=True,
        help="What was put right at once, or why nothing could be.",
    )
    service_is_corrected = fields.Boolean(
        string="Put Right at Once",
        default=True,
        help="If not ticked: nothing could be put right, and the text says why.",
    )
    service_cause_ids = fields.One2many(
        "service.quality.cause.line", "nonconformity_id", string="Search for the Cause"
    )
    service_check_ids = fields.One2many(
        "service.quality.effect.check",
        "nonconformity_id",
        string="Checks of the Effect",
    )
    service_check_id = fields.Many2one(
        "service.quality.effect.check",
        string="Check of the Effect",
        compute="_compute_service_check_id",
    )
    service_cost = fields.Float(string="Cost", compute="_compute_service_cost")
    service_corrected_at = fields.Datetime(readonly=True, copy=False)
    service_analysed_at = fields.Datetime(readonly=True, copy=False)
    service_submitted_at = fields.Datetime(
        string="Handed In On", readonly=True, copy=False
    )
    service_submitted_by_id = fields.Many2one(
        "res.users", string="Handed In By", readonly=True, copy=False
    )
    service_approved_at = fields.Datetime(
        string="Approved On", readonly=True, copy=False
    )
    service_approved_by_id = fields.Many2one(
        "res.users", string="Approved By", readonly=True, copy=False
    )
    service_result = fields.Text(
        string="What Was Done",
        tracking=True,
        copy=False,
        help="And what shows it: records, photos, files.",
    )
    service_done_at = fields.Datetime(string="Done On", readonly=True, copy=False)
    service_step_since = fields.Datetime(readonly=True, copy=False)
    service_plan_since = fields.Datetime(readonly=True, copy=False)
    service_plan_due_on = fields.Date(
        readonly=True,
        copy=False,
        help="The day by which the actions had to be handed in. It stays the same "
        "after they are taken back.",
    )
    service_due_on = fields.Date(string="Due", readonly=True, copy=False, index=True)
    service_closed_by_id = fields.Many2one(
        "res.users", string="Closed By", readonly=True, copy=False
    )
    service_cancel_reason = fields.Text(
        string="Why It Was Cancelled", readonly=True, copy=False
    )
    service_awaits_approval = fields.Boolean(
        string="Waits for Approval",
        compute="_compute_service_awaits_approval",
        search="_search_service_awaits_approval",
    )

    _service_key_uniq = models.UniqueIndex(
        "(company_id, service_key)"
        " WHERE service_key IS NOT NULL AND state NOT IN ('done', 'cancel')",
        "There is an open nonconformity about this.",
    )

    service_asks_to_judge = fields.Boolean(compute="_compute_service_may_judge")
    service_may_overrule = fields.Boolean(compute="_compute_service_may_judge")
    service_may_cancel = fields.Boolean(
        string="Can Be Cancelled", compute="_compute_service_may_judge"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("service_check_ids", "service_round")
    def _compute_service_check_id(self):
        for record in self:
            record.service_check_id = record.service_check_ids.filtered(
                lambda check, number=record.service_round: check.round == number
            )[:1]

    @api.depends(
        "action_ids.service_cost",
        "service_measure_ids.service_cost",
        "service_check_ids.measure_ids.service_cost",
        "service_submitted_at",
        "service_round",
    )
    def _compute_service_cost(self):
        for record in self:
            # what it costs is told to who reads it
            actions = record.sudo()._service_actions()
            running = actions.filtered(lambda one: one.service_state != "cancelled")
            record.service_cost = sum(running.mapped("service_cost"))

    @api.depends("state", "service_submitted_at")
    def _compute_service_awaits_approval(self):
        waiting = self.filtered_domain(self._awaits_domain())
        waiting.service_awaits_approval = True
        (self - waiting).service_awaits_approval = False

    def _search_service_awaits_approval(self, operator, value):
        return self._awaits_domain() if operator == "in" else NotImplemented

    @api.model
    def _awaits_domain(self):
        return Domain("state", "=", "pending") & Domain(
            "service_submitted_at", "!=", False
        )

    @api.depends("state", "service_check_ids.state", "service_round")
    @api.depends_context("uid")
    def _compute_service_may_judge(self):
        for record in self:
            # whoever reads it is told who judges
            check = record.sudo().service_check_id
            asks = record.state == "check" and check.state == "to_judge"
            record.service_asks_to_judge = asks and self.env.user in check._judges()
            # likewise
            record.service_may_overrule = bool(record.sudo()._overrulable())
            record.service_may_cancel = record._may_cancel()

    @api.depends("service_due_on", "due_move_ids", "service_step_since")
    def _compute_late_after(self):
        """Judge by the moves of this step: each step has a date of its own."""
        for record in self:
            since = record.service_step_since
            # whoever reads the record reads what its date was
            moves = record.sudo().due_move_ids.sorted("id")
            late = moves.filtered(
                lambda move, since=since: (
                    move.is_late and (not since or move.create_date >= since)
                )
            )
            record.late_after = late[:1].date_before or record.service_due_on

    @api.model
    def _elapsed_days(self, dt1, dt2):
        """Return the days between two moments, never less than none."""
        return max(super()._elapsed_days(dt1, dt2), 0)

    def _get_all_actions(self):
        """Add the measures that come from it."""
        return (
            super()._get_all_actions()
            | self.service_measure_ids
            | self._service_actions()
        )

    def _service_actions(self):
        """Return the actions that are to take away causes: all but corrections.

        Once handed in, an action stays one, whoever takes it off the list.
        """
        actions = self.action_ids | self.service_measure_ids
        for record in self.filtered("service_submitted_at"):
            actions |= record.service_check_id.measure_ids
        return actions.filtered(lambda one: one.type_action != "immediate")

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("stage_id")
    def _check_open_with_action_comments(self):
        """Leave to our gates what is under a regulation."""
        free = self.filtered(lambda one: not one.service_is_gated)
        return super(MgmtsystemNonconformity, free)._check_open_with_action_comments()

    @api.constrains("stage_id")
    def _check_close_with_evaluation(self):
        free = self.filtered(lambda one: not one.service_is_gated)
        return super(MgmtsystemNonconformity, free)._check_close_with_evaluation()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Raise nonconformities; where a regulation holds they begin as drafts."""
        completed = [
            self._complete(vals) if self._is_gated(vals) else vals
            for vals in self._with_company(vals_list)
        ]
        for vals in completed:
            if self._is_gated(vals):
                self._check_created(vals)
        records = super().create(completed)
        records.filtered("service_is_gated")._begin()
        return records

    def _create_as_step(self, vals_list):
        taken = self.with_context(**{STEP: TAKEN})
        return super(MgmtsystemNonconformity, taken)._create_as_step(vals_list)

    def write(self, vals):
        """Let steps alone open gates where a regulation holds."""
        if self.env.context.get(STEP) is not TAKEN:
            gated = self.filtered("service_is_gated")
            if gated and self.env.context.get(MODE) not in (APPLIED, ERASED):
                gated._check_written(vals)
            self._check_company_kept(vals)
        return super().write(vals)

    def _write_as_step(self, vals):
        taken = self.with_context(**{STEP: TAKEN})
        return super(MgmtsystemNonconformity, taken)._write_as_step(vals)

    @api.model
    def _check_created(self, vals):
        """Refuse values with which nothing begins: they belong behind a gate."""
        given = vals.keys() & BY_STEPS
        if "stage_id" in given:
            draft = self.env.ref(STAGES["draft"])
            if vals["stage_id"] in (False, draft.id):
                given -= {"stage_id"}
        late = {name for name, states in WHEN.items() if "draft" not in states}
        given |= {name for name in late & vals.keys() if vals[name]}
        given |= {
            name
            for name in (
                "service_cause_ids",
                "service_check_ids",
                "service_measure_ids",
            )
            if vals.get(name)
        }
        if given:
            self._refuse_step(min(given))

    def _check_written(self, vals):
        """Refuse what only steps write, what others do, and what has had its time."""
        given = vals.keys() & (BY_STEPS | SOURCE)
        if "stage_id" in given and all(
            one.stage_id.id == vals["stage_id"] for one in self
        ):
            given -= {"stage_id"}
        if given:
            self._refuse_step(min(given))
        if self.env.su:
            return
        rectified = self._rectify_fields().keys()
        open_ = self.filtered(lambda one: one.state not in ENDED)
        for name in vals.keys() & WHEN.keys():
            kept = self if name not in rectified else open_
            for record in kept:
                record._check_field(name)
                if name in FINDING:
                    record._check_found_by_others(name, vals[name])
                if name == "manager_user_id":
                    record._check_handed_over(vals[name])

    def _check_field(self, name):
        """Refuse to write one field at its wrong time, or by the wrong person."""
        if self.state not in WHEN[name] or (
            self.service_submitted_at and self.state == "pending" and name not in PEOPLE
        ):
            label = self._fields[name]._description_string(self.env)
            states = dict(self._fields["state"]._description_selection(self.env))
            raise AccessError(
                self.env._(
                    "%(record)s: %(field)s is not written while it is “%(state)s”. "
                    "What was signed for stays as it is.",
                    record=self.display_name,
                    field=label,
                    state=states[self.state],
                )
            )
        if name in FINDING | PEOPLE:
            self._check_finder()
        else:
            self._check_worker()

    def _check_finder(self):
        """Refuse who does not find, as those of whom something was found."""
        if self.env.su or self._is_finder():
            return
        raise AccessError(
            self.env._(
                "Only the quality department, auditors, executives and service "
                "managers change what was found and who is responsible for it."
            )
        )

    def _check_found_by_others(self, name, value):
        """Refuse to rewrite what others found, and to who answers for it, also finders.

        Who found it and the quality department correct it. Whoever answers for it or
        leads the department, and any other finder, only makes it graver.
        """
        # whoever writes it need not read who has had it before
        record, user = self.sudo(), self.env.user
        own = record._service_owners() | self.manager_user_id
        is_finder = user == record.create_uid or user.has_group(group_of("quality"))
        is_audits = name in OF_AUDIT and self.res_model == QUESTION
        is_own = user in own | record.service_team_id.user_id
        if is_finder and not is_own and not is_audits:
            return
        if name == "severity_id":
            severity = self.severity_id.browse(value)
            if severity._gravity() > self.severity_id._gravity():
                return
        if is_audits:
            raise AccessError(
                self.env._(
                    "%s was found in an audit, and stays as it is in the report of "
                    "the audit. Rectify a mistake at the question of the audit. Here "
                    "you may only raise the severity.",
                    self.display_name,
                )
            )
        raise AccessError(
            self.env._(
                "What was found is rewritten by who found it and by the quality "
                "department, if they do not answer for it. Others can only make it "
                "graver."
            )
        )

    def _audit_findings(self):
        """Return the questions of audits by which one was found, for everybody."""
        self.ensure_one()
        # whoever handles it need not read the audit
        return self.sudo()._sources(QUESTION)

    def _check_handed_over(self, value):
        """Refuse managers to leave that to somebody else, and rewrite it then."""
        if self.manager_user_id == self.env.user and value != self.env.uid:
            raise AccessError(
                self.env._(
                    "You are the manager of %s. Ask somebody else of the quality "
                    "department, or an executive, to hand it over.",
                    self.display_name,
                )
            )

    def _check_not_audited(self):
        """Refuse those whom an audit was about to cancel what it has found."""
        audited = self._audit_findings().audit_id.auditee_user_ids
        if not self.env.su and self.env.user in audited | self.manager_user_id:
            raise AccessError(
                self.env._(
                    "%s was found in an audit. Who was audited, or manages it, does "
                    "not cancel it.",
                    self.display_name,
                )
            )

    @api.model
    def _is_finder(self):
        return any(self.env.user.has_group(group_of(role)) for role in FINDERS)

    def _check_worker(self):
        """Refuse all but who answers for it, and the quality department."""
        if self.env.su or self.env.user.has_group(group_of("quality")):
            return
        for record in self:
            people = record.responsible_user_id | record.manager_user_id
            if self.env.user not in people:
                raise AccessError(
                    self.env._(
                        "%(record)s is handled by %(name)s and the quality department.",
                        record=record.display_name,
                        name=record.responsible_user_id.name,
                    )
                )

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s of a nonconformity is not written by hand where a regulation is in "
            "force: each gate has its button.",
            label,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_gated(self):
        if any(one.service_is_gated for one in self):
            raise UserError(
                self.env._("A nonconformity stays on record. Cancel it, with a reason.")
            )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "name": False,
            "description": True,
            "severity_id": True,
            "service_correction": False,
            "analysis": False,
            "service_result": False,
            "evaluation_comments": True,
        }

    def _rectify_evidence(self, name):
        return super()._rectify_evidence(name).filtered("service_is_gated")

    def _rectify_ended(self):
        return self.filtered(lambda one: one.service_is_gated and one.state in ENDED)

    def _rectify_ends(self):
        return {
            one: End(
                one.closing_date or one.service_step_since, one.service_closed_by_id
            )
            for one in self
        }

    # ------------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------------

    def _measure_values(self):
        """Return what an action of it begins with."""
        self.ensure_one()
        return {
            "name": "",
            "type_action": "correction",
            "company_id": self.company_id.id,
            "user_id": self.responsible_user_id.id,
            "service_team_id": self.service_team_id.id,
            "service_project_id": self.service_project_id.id,
            "service_ticket_id": self.service_ticket_id.id,
            "service_about_on": self.company_id._service_day(self.service_raised_at),
        }

    def _measure_name(self):
        return f"{self.ref} {self.name or ''}".strip()
