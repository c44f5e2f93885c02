from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_EVIDENCE, LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.tools.form_text import weigh

from .audit_data import (
    FINDINGS,
    SKIPPED,
    TOPICS,
    VERDICTS,
)

SHORT = 60

ANSWER = {
    "service_verdict",
    "service_evidence",
    "service_reason",
    "service_finding",
    "service_attachment_ids",
    "service_sample_ids",
    "service_ticket_ids",
    "service_outsider_id",
}
"""What an auditor says to a question."""

SHOWN = (
    *(ANSWER - {"service_outsider_id"}),
    "service_owner_id",
    "service_process_id",
    "service_sample_ids.drawn_count",
)
"""What says whether an answer is complete."""

QUESTION = {
    "name",
    "audit_id",
    "procedure_id",
    "service_topic",
    "service_clause_id",
    "service_process_id",
    "service_team_id",
    "service_indicator_id",
    "service_previous_id",
}
"""What is asked: it is settled when the audit begins."""


class MgmtsystemVerificationLine(models.Model):
    """A question of an audit, its verdict, and what was looked at for it.

    The evidence of *conform* counts as much as that of a finding. What is half done is
    kept; whether it is complete is asked when the audit is signed and closed.
    """

    _name = "mgmtsystem.verification.line"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.foreign.steps.mixin",
        "service.quality.measure.source.mixin",
        "mgmtsystem.verification.line",
    ]
    _order = "seq, id"
    _check_company_auto = True
    _rectify_deciders = ("quality", "executive")
    _service_settled = frozenset(ANSWER | {"is_conformed"})

    # what is asked
    service_topic = fields.Selection(TOPICS, string="Drawn From", default="own")
    service_guidance = fields.Text(
        string="What to Look At",
        help="What the question asks for, and the present state.",
    )
    service_clause_id = fields.Many2one(
        "service.quality.clause",
        string="Clause",
        index="btree_not_null",
        ondelete="restrict",
    )
    service_process_id = fields.Many2one(
        "helpdesk.ticket.type",
        string="Link of Delivery",
        index="btree_not_null",
        ondelete="restrict",
    )
    service_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    service_indicator_id = fields.Many2one(
        "service.quality.indicator",
        string="Indicator",
        index="btree_not_null",
        ondelete="restrict",
    )
    service_previous_id = fields.Many2one(
        "mgmtsystem.verification.line",
        string="Finding Checked Again",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # what was found
    service_verdict = fields.Selection(VERDICTS, string="Verdict", copy=False)
    service_evidence = fields.Text(
        string="Evidence",
        copy=False,
        help="What was looked at, and where it is found: also where it conforms.",
    )
    service_attachment_ids = fields.Many2many(
        "ir.attachment",
        "service_quality_audit_line_attachment_rel",
        string="Files and Photos",
        copy=False,
    )
    service_sample_ids = fields.Many2many(
        "service.quality.audit.sample",
        "service_quality_audit_line_sample_rel",
        string="Samples Looked At",
        copy=False,
        ondelete="restrict",
    )
    service_ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        "service_quality_audit_line_ticket_rel",
        string="Tickets Looked At",
        copy=False,
        ondelete="restrict",
    )
    service_finding = fields.Text(
        string="Finding", copy=False, help="What is not as it should be, and why."
    )
    service_owner_id = fields.Many2one(
        "res.users",
        string="Owner of the Finding",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    service_reason = fields.Text(
        string="Why Not",
        copy=False,
        help="Why it does not apply, or was not looked at.",
    )
    service_outsider_id = fields.Many2one(
        "service.quality.audit.member",
        string="Looked At by (From Outside)",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('audit_id', '=', audit_id), ('partner_id', '!=', False)]",
    )
    service_auditor_id = fields.Many2one(
        "res.users",
        string="Auditor",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    service_answered_at = fields.Datetime(
        string="Answered On", readonly=True, copy=False
    )
    service_nonconformity_id = fields.Many2one(
        "mgmtsystem.nonconformity",
        string="Nonconformity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    service_missing = fields.Char(
        string="What Is Missing", compute="_compute_service_missing"
    )
    service_is_complete = fields.Boolean(
        string="Complete", compute="_compute_service_is_complete", store=True
    )
    service_is_finding = fields.Boolean(
        string="Is a Finding", compute="_compute_service_is_complete", store=True
    )
    service_phase = fields.Selection(related="audit_id.service_phase")
    service_progress = fields.Char(related="audit_id.service_progress")
    service_may_answer = fields.Boolean(compute="_compute_service_may_answer")
    service_refusal = fields.Char(
        string="Why You Do Not Answer", compute="_compute_service_may_answer"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "seq")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line._short()

    @api.depends(*SHOWN)
    @api.depends_context("lang")
    def _compute_service_missing(self):
        words = self._missing_words()
        for line in self:
            missing = line._missing()
            line.service_missing = " ".join(words[one] for one in missing)

    @api.depends(*SHOWN)
    def _compute_service_is_complete(self):
        for line in self:
            line.service_is_complete = not line._missing()
            line.service_is_finding = line.service_verdict in FINDINGS

    @api.depends("audit_id", "service_clause_id", "service_outsider_id")
    @api.depends_context("uid", "lang")
    def _compute_service_may_answer(self):
        for line in self:
            line.service_refusal = line._refusal() if line.audit_id else ""
            line.service_may_answer = not line.service_refusal

    @api.model
    def _missing_words(self):
        _ = self.env._
        return {
            "verdict": _("There is no verdict."),
            "evidence": _(
                "Say what was looked at, or attach it. A sample shows something for "
                "its own link of delivery, and if there is a case in it."
            ),
            "finding": _("Say what was found."),
            "owner": _("The finding has no owner."),
            "reason": _("Say why it was not looked at, or does not apply."),
        }

    def _missing(self, **given):
        """Return what one answer lacks: a list of keys of :meth:`_missing_words`.

        :param given: values of fields that it would have
        """

        def said(name):
            return given[name] if name in given else self[name]

        verdict = said("service_verdict")
        if not verdict:
            return ["verdict"]
        if verdict in SKIPPED:
            return [] if weigh(said("service_reason")) >= LEAST_REASON else ["reason"]
        missing = []
        shown = (
            weigh(said("service_evidence")) >= LEAST_EVIDENCE
            or self.service_attachment_ids
            or self._samples_that_show()
            or self.service_ticket_ids
        )
        if not shown:
            missing.append("evidence")
        if verdict in FINDINGS:
            if weigh(said("service_finding")) < LEAST_EVIDENCE:
                missing.append("finding")
            if not said("service_owner_id"):
                missing.append("owner")
        return missing

    def _samples_that_show(self):
        """Return the samples that are evidence here: of its link, and not empty."""
        return self.service_sample_ids.filtered(
            lambda sample: (
                sample.drawn_count and sample.process_id == self.service_process_id
            )
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("service_attachment_ids")
    def _check_service_files(self):
        """Refuse files that prove nothing."""
        for line in self:
            # they are looked into, whoever has attached them
            # files that a colleague has attached, too
            line.service_attachment_ids.sudo()._service_check_evidence()

    @api.constrains("service_sample_ids", "service_outsider_id", "audit_id")
    def _check_service_same_audit(self):
        for line in self:
            others = (
                line.service_sample_ids.audit_id | line.service_outsider_id.audit_id
            )
            if others - line.audit_id:
                raise ValidationError(
                    self.env._("Choose samples and auditors of this audit.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Ask something; a question belongs to the company of its audit."""
        Audit = self.env["mgmtsystem.audit"]
        audits = Audit.browse(
            {vals.get("audit_id") or 0 for vals in vals_list}
        ).exists()
        companies = {audit.id: audit.company_id.id for audit in audits}
        vals_list = [
            dict(vals, company_id=companies[vals["audit_id"]])
            if vals.get("audit_id") in companies
            else vals
            for vals in vals_list
        ]
        lines = super().create(vals_list)
        lines._check_has_audit()
        gated = lines._gated()
        gated.audit_id._check_not_closed()
        gated.audit_id._check_auditor()
        answered = gated.filtered(lambda line: line._is_answered())
        answered._check_may_answer()
        answered._note_answer()
        return lines

    def write(self, vals):
        """Let auditors answer, in an audit that is carried out."""
        gated = self._gated()
        if gated and not self.env.su:
            gated._check_written(vals)
        if "service_verdict" in vals:
            vals = dict(vals, is_conformed=vals["service_verdict"] == "conform")
        moved = self.browse()
        if "audit_id" in vals:
            moved = self.filtered(lambda line: line.audit_id.id != vals["audit_id"])
        answered = gated.filtered(lambda line: line._is_answered())
        before = answered._told_answers(vals)
        result = super().write(vals)
        answered._tell_changed(before)
        moved._check_moved(gated)
        if vals.keys() & ANSWER:
            gated.filtered(lambda line: line.service_phase == "field")._note_answer()
        return result

    def _check_has_audit(self):
        """Refuse questions of no audit, which no gate would look at."""
        for company, lines in self.grouped("company_id").items():
            stray = lines.filtered(lambda line: not line.audit_id)
            if stray and company._service_is_regulated():
                raise UserError(self.env._("A question is asked in an audit. Name it."))

    def _check_moved(self, left):
        """Refuse to bring questions that were moved where they do not belong.

        :param left: those that came from an audit under a regulation
        """
        self._check_has_audit()
        came = self._gated()
        came.audit_id._check_not_closed()
        came.audit_id._check_auditor()
        if any(line._is_answered() for line in came | (self & left)):
            raise UserError(
                self.env._(
                    "A question that was answered stays in its audit. Add a "
                    "new question instead."
                )
            )

    def _gated(self):
        """Return the questions of audits under a regulation."""
        return self.filtered(lambda line: line.audit_id.service_is_gated)

    def _is_answered(self):
        return any(self[name] for name in ANSWER)

    def _check_written(self, vals):
        """Refuse what the phase of the audit, or the user, does not allow."""
        names = vals.keys() - {"seq", *self._rectify_fields()}
        open_lines = self.filtered(lambda line: line.audit_id.state != "done")
        if names and self - open_lines:
            self.audit_id._check_not_closed()
        if "is_conformed" in vals and "service_verdict" not in vals:
            raise AccessError(
                self.env._("Whether it conforms follows from the verdict.")
            )
        if not open_lines:
            return  # it is rectified, or refused
        open_lines.audit_id._check_auditor()
        if vals.keys() & QUESTION and any(
            line.service_phase != "plan" for line in open_lines
        ):
            raise UserError(
                self.env._(
                    "What is asked is settled when the audit begins. Add a question."
                )
            )
        if vals.keys() & (QUESTION | {"service_guidance"}):
            open_lines._check_not_awkward()
        if vals.keys() & (ANSWER | {"service_owner_id"}):
            if "service_outsider_id" in vals:
                member = self.env["service.quality.audit.member"].browse(
                    vals["service_outsider_id"] or ()
                )
                open_lines._check_may_answer(member)
            else:
                open_lines._check_may_answer()

    def _check_may_answer(self, outsider=None):
        """Refuse answers before the audit has begun, and of who is not independent.

        :param outsider: the auditor from outside who is named just now
        :raise AccessError: it says why
        """
        if self.env.su:
            return
        for line in self:
            refusal = line._refusal(outsider)
            if refusal:
                raise AccessError(
                    self.env._(
                        "%(question)s: you do not answer this. %(why)s",
                        question=line._short(),
                        why=refusal,
                    )
                )

    def _refusal(self, outsider=None):
        """Return why the user does not answer one question; empty if they do."""
        self.ensure_one()
        _ = self.env._
        audit = self.audit_id.sudo()  # the team is asked for everybody
        # likewise
        line, user = self.sudo(), self.env.user  # as above
        if audit.service_phase == "plan":
            return _("The audit has not begun.")
        if user in audit.auditee_user_ids:
            return _("You are audited here.")
        by = line.service_auditor_id
        if line._is_answered() and by.active and by != user:
            return _("It was answered by %s, who alone changes it.", by.name)
        # whose name they may not read
        outsider = (line.service_outsider_id if outsider is None else outsider).sudo()
        member = audit.service_member_ids.filtered(lambda one: one.user_id == user)
        if outsider:
            # who writes it down is of the team, and not whom the clause asks
            return outsider._may_look_at(line) or outsider._asks_writer(line, user)
        if not member:
            return _("You are not in the team of the audit.")
        return member._may_look_at(line)

    def _note_answer(self):
        """Note who has answered, and when."""
        self.sudo()._write_as_step(  # by this step alone
            {
                "service_auditor_id": self.env.uid,
                "service_answered_at": fields.Datetime.now(),
            }
        )

    @api.model
    def _step_refusal(self, label):
        return self.env._("%s follows from the answer and from closing.", label)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        gated = self._gated()
        gated.audit_id._check_not_closed()
        gated.audit_id._check_auditor()
        if not self.env.su:
            gated._check_not_awkward()
        if any(line.service_phase != "plan" for line in gated):
            raise UserError(
                self.env._(
                    "A question of an audit that has begun stays. Where it does not "
                    "apply, say so with a reason."
                )
            )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "service_verdict": True,
            "service_evidence": False,
            "service_finding": False,
            "service_reason": False,
            "service_owner_id": False,
        }

    def _rectify_ended(self):
        return self.filtered(lambda line: line.audit_id.service_phase == "done")

    def _rectify_left(self, ends):
        """Return those whose report was sent: that is so as soon as they have ended."""
        return self.filtered(lambda line: line.audit_id.service_delivery_ids)

    def _rectify_is_open_to_user(self):
        """Keep who was audited from correcting what was found."""
        audited = self.sudo().audit_id.auditee_user_ids  # asked for everybody
        return self.env.user not in audited and super()._rectify_is_open_to_user()

    def _rectify_check_value(self, name, value):
        """Refuse a verdict without what it asks for, and to take that away."""
        result = super()._rectify_check_value(name, value)
        words = self._missing_words()
        missing = self._missing(**{name: value})
        if missing:
            raise ValidationError(
                self.env._(
                    "The answer would not be complete. Rectify what it asks for "
                    "first:\n%s",
                    "\n".join(f"• {words[one]}" for one in missing),
                )
            )
        return result

    def _rectify_apply(self, name, value):
        """Correct an answer: a finding that it becomes is raised as at closing."""
        self._rectify_check_value(name, value)  # the rest may have changed meanwhile
        result = super()._rectify_apply(name, value)
        if name == "service_verdict":
            self.sudo().audit_id._raise_findings()  # whoever corrects
        return result

    def _rectify_ends(self):
        return {
            line: End(line.audit_id.closing_date, line.audit_id.service_closed_by_id)
            for line in self
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_next(self):
        """Open the next open question; after the last one the first."""
        return self._step(1)

    def action_back(self):
        """Open the question before."""
        return self._step(-1)

    def _step(self, way):
        self.ensure_one()
        lines = self.audit_id.line_ids
        ids = lines.ids
        place = ids.index(self.id)
        if way < 0:
            return lines.browse(ids[place - 1])._action_open()
        turned = lines.browse(ids[place + 1 :] + ids[:place])
        waiting = turned.filtered(lambda line: not line.service_is_complete)
        return (waiting or turned or self)[:1]._action_open()

    def _action_open(self):
        if not self:
            raise UserError(self.env._("The checklist is empty."))
        return {
            "type": "ir.actions.act_window",
            "name": self.audit_id._words(),
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (
                    self.env.ref(
                        "service_quality_audit.mgmtsystem_verification_line_view_form"
                    ).id,
                    "form",
                )
            ],
            "target": "current",
        }

    def action_open(self):
        """Open one question on a screen of its own."""
        self.ensure_one()
        return self._action_open()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _short(self):
        """Return the beginning of one question, for messages and lists."""
        name = self.name or ""
        return name if len(name) <= SHORT else f"{name[: SHORT - 1]}…"
