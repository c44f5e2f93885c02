"""The steps of an audit stand apart from its fields: together they are too long."""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_decision_mixin import (
    CHATTER,
)

from ..tools.digest import digest
from .audit_data import PHASES, SCOPE

QUALITY = group_of("quality")

STEPS = {"state", "closing_date", "reference", "auditor_user_ids"}
"""Fields of the management system that only steps write where a regulation holds."""

BEGIN = {"state": "open", "closing_date": False, "auditor_user_ids": False}
"""How an audit begins where a regulation holds, whatever the context says."""

PLANNED = {*SCOPE, "service_date_from", "service_date_to", "auditee_user_ids"}
"""What is settled when the audit begins."""

DRAWN = {"service_seed", "service_date_from", "service_date_to"}
"""What a draw goes by: it stays from the first one on."""

YEAR = timedelta(days=365)


class MgmtsystemAudit(models.Model):
    """An internal audit (内审): planned, carried out, closed with a signed report.

    Regulations A3.2.1 and A4.2.3. Where a regulation is in force it goes from step to
    step: planned, begun with the opening meeting, and closed by the quality department
    once each question has a verdict with evidence, and each finding an owner. Where
    none is, it is an audit as the management system has it.
    """

    _name = "mgmtsystem.audit"
    _inherit = [
        "service.quality.gated.mixin",
        "service.quality.audit.checklist",
        "service.quality.signature.mixin",
        "mgmtsystem.audit",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    _service_settled = frozenset(STEPS)

    user_id = fields.Many2one(default=lambda self: self.env.user)
    auditor_user_ids = fields.Many2many(copy=False)
    closing_date = fields.Datetime(copy=False)
    state = fields.Selection(copy=False)
    service_phase = fields.Selection(
        PHASES, string="Phase", readonly=True, copy=False, default="plan"
    )
    service_programme_id = fields.Many2one(
        "service.quality.audit.programme",
        string="Programme",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # scope
    service_process_ids = fields.Many2many(
        "helpdesk.ticket.type",
        "service_quality_audit_process_rel",
        string="Links of Delivery",
        default=lambda self: self.env["helpdesk.ticket.type"].search([]),
        ondelete="restrict",
    )
    service_team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        "service_quality_audit_team_rel",
        string="Departments",
        check_company=True,
        ondelete="restrict",
    )
    service_clause_ids = fields.Many2many(
        "service.quality.clause",
        "service_quality_audit_clause_rel",
        string="Clauses",
        default=lambda self: self.env.company._service_regulations().clause_ids,
        ondelete="restrict",
    )
    service_date_from = fields.Date(
        string="Looks Back From",
        default=lambda self: self.env.company._service_day() - YEAR,
    )
    service_date_to = fields.Date(
        string="Looks Back Until",
        default=lambda self: self.env.company._service_day(),
    )

    # plan
    service_agenda = fields.Text(
        string="Agenda", help="Which part is audited when, where, and with whom."
    )
    service_date_end = fields.Datetime(string="Ends On")
    service_opening_event_id = fields.Many2one(
        "calendar.event",
        string="Opening Meeting",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    service_closing_event_id = fields.Many2one(
        "calendar.event",
        string="Closing Meeting",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    service_member_ids = fields.One2many(
        "service.quality.audit.member", "audit_id", string="Team"
    )
    service_sample_ids = fields.One2many(
        "service.quality.audit.sample", "audit_id", string="Samples"
    )
    service_seed = fields.Char(
        string="Seed of the Draws",
        copy=False,
        help="Any word or number, for example one that the auditees name at the "
        "opening meeting. Each draw adds a word that nobody chooses, and keeps both: "
        "anybody can repeat it, and nobody knows it before. Empty: one is made up.",
    )

    # course
    service_planned_at = fields.Datetime(
        string="Planned On", readonly=True, copy=False, default=fields.Datetime.now
    )
    service_started_at = fields.Datetime(string="Begun On", readonly=True, copy=False)
    service_started_by_id = fields.Many2one(
        "res.users", string="Begun By", readonly=True, copy=False, ondelete="restrict"
    )
    service_closed_by_id = fields.Many2one(
        "res.users", string="Closed By", readonly=True, copy=False, ondelete="restrict"
    )
    service_report_ids = fields.One2many(
        "service.quality.audit.report", "audit_id", string="Report", readonly=True
    )
    service_delivery_ids = fields.One2many(
        "service.quality.audit.delivery", "audit_id", string="Sent To", readonly=True
    )
    service_open_count = fields.Integer(
        string="Open Questions", compute="_compute_service_counts"
    )
    service_finding_count = fields.Integer(
        string="Findings", compute="_compute_service_counts"
    )
    service_progress = fields.Char(string="Answered", compute="_compute_service_counts")

    _service_date_check = models.Constraint(
        "CHECK (service_date_from <= service_date_to)",
        "The last day that an audit looks back on does not lie before the first.",
    )
    _service_end_check = models.Constraint(
        "CHECK (service_date_end >= date)", "An audit does not end before it begins."
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("line_ids.service_is_complete", "line_ids.service_is_finding")
    def _compute_service_counts(self):
        for audit in self:
            done = audit.line_ids.filtered("service_is_complete")
            audit.service_open_count = len(audit.line_ids - done)
            audit.service_finding_count = len(
                audit.line_ids.filtered("service_is_finding")
            )
            audit.service_progress = f"{len(done)} / {len(audit.line_ids)}"

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "service_opening_event_id",
        "service_closing_event_id",
        "date",
        "service_date_end",
    )
    def _check_service_meetings(self):
        for audit in self:
            wrong = audit._wrong_meetings()
            if wrong:
                raise ValidationError("\n".join(wrong))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Plan audits; where a regulation holds they begin as planned ones."""
        planned = []
        for vals in self._with_company(vals_list):
            if self._is_gated(vals):
                self._check_planned(vals)
                vals = vals | BEGIN
            planned.append(vals)
        audits = super().create(planned)
        audits._take_scope()
        audits.filtered("service_is_gated")._follow_team()
        return audits

    @api.model
    def _check_planned(self, vals):
        """Refuse values with which no audit is planned.

        Auditors come with the team, which is asked whether they are independent.
        """
        if vals.get("state", "open") != "open":
            self._refuse_step("state")
        for name in ("auditor_user_ids", "closing_date"):
            if vals.get(name):
                self._refuse_step(name)

    def _take_scope(self):
        """Look at what the programme says where an audit says nothing of its own."""
        for audit in self.filtered("service_programme_id"):
            programme = audit.service_programme_id
            if not audit.service_team_ids:
                audit._write_as_step(
                    {"service_team_ids": [Command.set(programme.team_ids.ids)]}
                )

    def write(self, vals):
        """Let steps alone move audits on where a regulation holds."""
        self._check_company_kept(vals)
        gated = self.filtered("service_is_gated")
        if gated:
            gated._check_written(vals)
        return super().write(vals)

    def _check_written(self, vals):
        """Refuse what only steps write, and to change what is settled or closed."""
        names = {name for name in vals if not name.startswith(CHATTER)}
        if not names:
            return
        forged = {
            name
            for name in names & STEPS
            if name == "auditor_user_ids"
            or any(one[name] != vals[name] for one in self)
        }
        if forged:
            self._refuse_step(min(forged))
        self._check_not_closed()
        if names & PLANNED and any(one.service_phase != "plan" for one in self):
            raise UserError(
                self.env._(
                    "What an audit is about is settled when it begins. Plan another "
                    "one for what is missing."
                )
            )
        if names & DRAWN and self.service_sample_ids:
            raise UserError(
                self.env._(
                    "Samples were drawn with this seed, and from this time. They stay "
                    "as they were drawn."
                )
            )
        self._check_auditor()

    def _check_not_closed(self):
        """Refuse to change closed audits, or what belongs to them."""
        closed = self.filtered(lambda one: one.service_is_gated and one.state == "done")
        if closed:
            raise UserError(
                self.env._(
                    "%s is closed, and stays as it is. What was wrong in an answer is "
                    "rectified at its question.",
                    closed[0].display_name,
                )
            )

    def _check_auditor(self):
        """Refuse all but the team and the quality department; once begun, auditees.

        :raise AccessError: it says who may
        """
        user = self.env.user
        if self.env.su:
            return
        for audit in self.sudo():  # who is in the team is asked for everybody
            is_auditee = user in audit.auditee_user_ids
            if audit.service_phase != "plan" and is_auditee:
                raise AccessError(
                    self.env._(
                        "You are audited here. The auditors alone write what they "
                        "found."
                    )
                )
            team = audit.service_member_ids.user_id
            if user not in team and not user.has_group(QUALITY):
                raise AccessError(
                    self.env._(
                        "The team of the audit and the quality department alone write "
                        "in it."
                    )
                )

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s of an audit is not written by hand where a regulation is in force. It "
            "follows from its team and from the buttons: Begin, Sign, Close.",
            label,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(one.service_is_gated and one.service_phase != "plan" for one in self):
            raise UserError(self.env._("An audit that has begun stays on record."))
        drawn = self.filtered("service_sample_ids")
        if drawn:
            raise UserError(
                self.env._(
                    "Samples were drawn for %s. It stays on record with them: a second "
                    "draw would be a choice. Carry it out, or change its day.",
                    drawn[0].display_name,
                )
            )

    def get_formview_id(self, access_uid=None):
        """Open an audit under a regulation with the form of its steps."""
        if len(self) == 1 and self.service_is_gated:
            return self.env.ref("service_quality_audit.mgmtsystem_audit_view_form").id
        return super().get_formview_id(access_uid)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _answerable(self, members):
        """Return who looks after the audit where its responsible has left."""
        return members("quality")

    def _words(self):
        """Return the audit as it is named among others."""
        return " ".join(filter(None, (self.reference, self.name)))

    def _signed_content(self, meaning, part):
        """Return what each of the team signs: ``part`` is the id of the auditor."""
        return self._content()

    def _signed_labels(self):
        _ = self.env._
        return {
            "reference": _("Reference"),
            "name": _("Name"),
            "company": _("Company"),
            "looks_back": _("Days looked back on"),
            "processes": _("Links of delivery"),
            "departments": _("Departments"),
            "clauses": _("Clauses"),
            "auditees": _("Auditees"),
            "agenda": _("Agenda"),
            "strong_points": _("Strong points"),
            "to_improve": _("Points to improve"),
            "team": _("Team"),
            "draws": _("Samples"),
            "questions": _("Questions and answers"),
        }

    def _content(self):
        """Return what the team signs, as JSON can hold it: records by their ids."""
        self.ensure_one()
        return {
            "reference": self.reference,
            "name": self.name or "",
            "company": self.company_id.id,
            "looks_back": [str(self.service_date_from), str(self.service_date_to)],
            "processes": sorted(self.service_process_ids.ids),
            "departments": sorted(self.service_team_ids.ids),
            "clauses": sorted(self.service_clause_ids.mapped("code")),
            "auditees": sorted(self.auditee_user_ids.ids),
            "agenda": self.service_agenda or "",
            "strong_points": str(self.strong_points or ""),
            "to_improve": str(self.to_improve_points or ""),
            "team": [one._content() for one in self.service_member_ids.sorted("id")],
            "draws": [one._content() for one in self.service_sample_ids.sorted("id")],
            "questions": [one._content() for one in self.line_ids.sorted("id")],
        }

    def _digest(self):
        """Return the SHA-256 of what the team signs."""
        self.ensure_one()
        return digest(self.sudo()._content())[0]  # whoever asks: it is one

    def _period(self):
        """Return the time that is looked back on, naive UTC: (start, end)."""
        self.ensure_one()
        midnight = self.company_id._service_midnight
        return (
            midnight(self.service_date_from),
            midnight(self.service_date_to + timedelta(days=1)),
        )

    def _last_audit(self):
        """Return the audit of the company that was closed last before this one."""
        self.ensure_one()
        closed = Domain("company_id", "=", self.company_id.id) & self._closed_domain()
        return self.sudo().search(  # whoever carried it out
            closed & Domain("id", "!=", self.id), order="closing_date desc", limit=1
        )

    @api.model
    def _closed_domain(self):
        """Return the domain of audits that were closed through all gates."""
        return Domain("service_phase", "=", "done") & Domain("state", "=", "done")
