import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.roles import ROLES, group_of
from odoo.addons.service_quality_core.tools.form_text import weigh

from ..tools.digest import digest
from .audit_data import MEMBER_ROLES

OVERRIDE = "override_reason"


class ServiceQualityAuditMember(models.Model):
    """An auditor: what makes them competent, and that they are independent.

    Nobody audits their own work: who is audited, belongs to the department, or has
    handled its cases. A conflict is refused. Only an executive overrides it, with a
    reason that the report prints. An auditor may come from outside the company.
    """

    _name = "service.quality.audit.member"
    _description = "Auditor"
    _inherit = ["service.quality.steps.mixin", "service.quality.decision.mixin"]
    _order = "audit_id desc, id"
    _check_company_auto = True
    _second_roles = ("executive",)
    _not_authored = frozenset({OVERRIDE})

    audit_id = fields.Many2one(
        "mgmtsystem.audit", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="audit_id.company_id", store=True)
    role = fields.Selection(MEMBER_ROLES, required=True, default="auditor")
    user_id = fields.Many2one(
        "res.users",
        string="Auditor",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Auditor From Outside",
        index="btree_not_null",
        ondelete="restrict",
        help="A contact who does not work here.",
    )
    competence = fields.Text(
        help="Training, experience, certificates: what makes them able to audit this.",
    )
    process_ids = fields.Many2many(
        "helpdesk.ticket.type",
        string="Audits the Links",
        help="None: all of the audit.",
        ondelete="restrict",
    )
    team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        string="Audits the Departments",
        help="None: all of the audit.",
        check_company=True,
        ondelete="restrict",
    )
    conflict = fields.Char(string="Not Independent", compute="_compute_conflict")
    has_conflict = fields.Boolean(
        string="Refused", compute="_compute_conflict", help="Until it is overridden."
    )
    override_reason = fields.Text(
        string="Why It Is Overridden", help="An executive writes it. It is printed."
    )
    overridden = fields.Json(readonly=True, copy=False)
    overridden_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    overridden_at = fields.Datetime(string="Overridden On", readonly=True, copy=False)
    paper = fields.Binary(
        string="Signed Paper",
        attachment=True,
        copy=False,
        help="What an auditor from outside has signed, as it was scanned.",
    )
    signature = fields.Selection(
        [
            ("none", "Not signed"),
            ("valid", "Signed"),
            ("broken", "Changed since signed"),
        ],
        compute="_compute_signature",
        compute_sudo=True,  # whoever reads the team reads who has signed
    )
    signed_at = fields.Datetime(
        string="Signed On", compute="_compute_signature", compute_sudo=True
    )
    signed_by_id = fields.Many2one(
        "res.users", compute="_compute_signature", compute_sudo=True
    )
    signed_digest = fields.Char(
        string="SHA-256", compute="_compute_signature", compute_sudo=True
    )

    _one_check = models.Constraint(
        "CHECK ((user_id IS NULL) != (partner_id IS NULL))",
        "Choose an auditor of the company, or one from outside.",
    )
    _user_uniq = models.UniqueIndex(
        "(audit_id, user_id) WHERE user_id IS NOT NULL", "The auditor is in the team."
    )
    _partner_uniq = models.UniqueIndex(
        "(audit_id, partner_id) WHERE partner_id IS NOT NULL",
        "The auditor is in the team.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("user_id", "partner_id")
    def _compute_display_name(self):
        for member in self:
            # who reads the audit reads who audits
            named = member.sudo()
            member.display_name = (named.user_id or named.partner_id).display_name

    @api.depends(
        "user_id",
        "process_ids",
        "team_ids",
        "overridden",
        "audit_id.auditee_user_ids",
        "audit_id.service_process_ids",
        "audit_id.service_team_ids",
        "audit_id.service_date_from",
        "audit_id.service_date_to",
    )
    @api.depends_context("lang")
    def _compute_conflict(self):
        handled = self._handled()
        for member in self:
            # whatever the reader may see of departments and tickets
            found = member.sudo()._conflicts(handled.get(member, ()))
            member.conflict = " ".join(found.values())
            member.has_conflict = bool(found.keys() - set(member.overridden or ()))

    @api.depends("audit_id.signature_ids")
    def _compute_signature(self):
        """Find the signature of each member among those of the audit."""
        for member in self:
            own = member.audit_id._standing_signatures().filtered(
                lambda one, part=member._origin.id: one.part == part
            )
            member.signed_at = own.at
            member.signed_by_id = own.user_id
            member.signed_digest = own.digest
            member.signature = "none"
            if own:
                member.signature = "valid" if own.is_intact else "broken"

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id", "partner_id", "audit_id")
    def _check_person(self):
        """Refuse people of the house as auditors from outside, and people of others."""
        for member in self:
            own = member.partner_id.sudo().user_ids  # also of other companies
            if any(not user.share for user in own):
                raise ValidationError(
                    self.env._(
                        "%s works here. Choose them as an auditor of the company, so "
                        "that it is seen whether they are independent.",
                        member.partner_id.display_name,
                    )
                )
            company = member.company_id
            if (
                member.user_id
                and company
                # also of companies that one does not see
                and company not in (member.user_id.sudo().company_ids)
            ):
                raise ValidationError(
                    self.env._(
                        "%s does not work in the company of the audit.",
                        member.user_id.name,
                    )
                )

    @api.constrains("paper")
    def _check_paper(self):
        for member in self.filtered("paper"):
            content = base64.b64decode(member.with_context(bin_size=False).paper)
            self.env["ir.attachment"]._service_check_scan(
                self.env._("The signed paper"), content
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        if any(members.mapped(OVERRIDE)):  # a default of the context counts, too
            self._check_executive()
        members.audit_id._check_not_closed()
        members.audit_id._check_auditor()
        members._follow()
        return members

    def write(self, vals):
        """Change the team of an audit that is open, and no other's reasons."""
        self.audit_id._check_not_closed()
        if vals.keys() - {OVERRIDE}:
            self.audit_id._check_auditor()
        if OVERRIDE in vals:
            self._check_executive()
            if any(one.overridden_at for one in self):
                raise UserError(self.env._("What was overridden stays as it was."))
        if vals.keys() & {"user_id", "partner_id", "audit_id"}:
            self._check_without_work()
        result = super().write(vals)
        self._follow()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_at_work(self):
        self.audit_id._check_not_closed()
        self.audit_id._check_auditor()
        self._check_without_work()

    def unlink(self):
        audits = self.audit_id
        result = super().unlink()
        audits.exists()._follow_team()
        return result

    def _check_without_work(self):
        """Refuse to take out who has answered, signed or was decided about."""
        lines = self.audit_id.sudo().line_ids  # whatever the reader sees of them
        for member in self:
            answered = lines.filtered(
                lambda line, own=member: (
                    line.service_outsider_id == own
                    or (own.user_id and line.service_auditor_id == own.user_id)
                )
            )
            if answered or member.signed_at or member.overridden_at:
                raise UserError(
                    self.env._(
                        "%s has taken part in the audit, and stays in its team.",
                        member.display_name,
                    )
                )

    def _follow(self):
        self.audit_id._follow_team()

    def _check_executive(self):
        if not self.env.su and not self.env.user.has_group(group_of("executive")):
            # who decides is asked for everybody
            # who decides is asked for everybody
            second = self.sudo()._second_persons().users if len(self) == 1 else ()
            if self.env.user not in second:
                raise AccessError(self._refusal())

    @api.model
    def _refusal(self):
        return self.env._(
            "Only an executive who is not the auditor overrides a conflict."
        )

    @api.model
    def _step_refusal(self, label):
        return self.env._("Use Sign and Override. %s is not written by hand.", label)

    def _service_keeping(self):
        """Return all: a paper is attached through its member, who checks by whom."""
        return self

    # ------------------------------------------------------------------
    # Independence
    # ------------------------------------------------------------------

    def _authors(self):
        """Nobody overrides a conflict of their own."""
        return super()._authors() | self.user_id

    def _scope(self):
        """Return the links of delivery and the departments that one member audits."""
        self.ensure_one()
        audit = self.audit_id
        return (
            self.process_ids or audit.service_process_ids,
            self.team_ids or audit.service_team_ids,
        )

    def _handled(self):
        """Return which links each member has handled cases of in the time audited.

        :return: dict of member to ids of processes
        """
        found = {}
        for audit, members in self.grouped("audit_id").items():
            users = members.user_id
            if not (users and audit.service_date_from and audit.service_date_to):
                continue
            start, end = audit._period()
            # who had them, by the ledger: whom they are assigned to may change since
            spans = self.env["service.quality.span"].sudo()  # who, and no more
            groups = spans._read_group(
                Domain("company_id", "=", audit.company_id.id)
                & Domain("user_id", "in", users.ids)
                & Domain("ticket_id.active", "in", [True, False])
                & Domain("ticket_id.service_opened_at", ">=", start)
                & Domain("ticket_id.service_opened_at", "<", end),
                ["user_id", "ticket_id.type_id"],
            )  # batched: one audit is open
            known = {}
            for user, process in groups:
                known.setdefault(user.id, set()).add(process.id)
            for member in members:
                found[member] = known.get(member.user_id.id, set())
        return found

    def _conflicts(self, handled):
        """Return why one member is not independent: dict of key to words.

        :param handled: ids of the processes of which they have handled cases
        """
        self.ensure_one()
        _ = self.env._
        user, found = self.user_id, {}
        if not user:
            return found
        processes, teams = self._scope()
        if user in self.audit_id.auditee_user_ids:
            found["auditee"] = _("They are audited themselves.")
        for team in teams:
            if user in team.user_ids | team.user_id:
                found[f"team:{team.id}"] = _(
                    "They belong to the department %s.", team.display_name
                )
        for process in processes.filtered(lambda one: one.id in handled):
            found[f"process:{process.id}"] = _(
                "They have handled cases of %s in this time.", process.name
            )
        return found

    def _own_roles(self):
        """Return the roles of one member that obligations name, none of all staff."""
        self.ensure_one()
        user = self.sudo().user_id  # of a colleague
        return {
            role
            for role, _label in ROLES
            if role != "staff" and user and user.has_group(group_of(role))
        }

    def _asks_writer(self, line, user):
        """Return why a user does not write down what an outsider has answered.

        Whom the clause asks would answer about their own work in another's name.
        """
        asked = set(line.service_clause_id.obligation_ids.mapped("role"))
        member = self.audit_id.service_member_ids.filtered(
            lambda one: one.user_id == user
        )
        if member:
            return member._own_work(line)
        if asked and all(user.has_group(group_of(role)) for role in asked):
            return self._own_work_text(line)
        return ""

    def _own_work(self, line):
        """Return why a question is about the work of one member; empty if it is not."""
        self.ensure_one()
        over = set(self.overridden or ())
        asked = set(line.service_clause_id.obligation_ids.mapped("role"))
        own = self._own_roles()
        if asked and asked <= own and not {f"role:{one}" for one in asked} <= over:
            return self._own_work_text(line)
        return ""

    def _own_work_text(self, line):
        return self.env._(
            "The clause %s is what their own role has to do.",
            line.service_clause_id.code,
        )

    def _may_look_at(self, line):
        """Return why one member may not answer a question, in words; empty if they may.

        What the clause asks of their own role alone is their own work.
        """
        self.ensure_one()
        if self.has_conflict:
            return self.conflict
        own_work = self._own_work(line)
        if own_work:
            return own_work
        mine = self.process_ids
        if mine and line.service_process_id and line.service_process_id not in mine:
            return self.env._("They audit other links of delivery.")
        mine = self.team_ids
        if mine and line.service_team_id and line.service_team_id not in mine:
            return self.env._("They audit other departments.")
        return ""

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_override(self):
        """Let somebody audit who is not independent, with the reason that was written.

        :return: True
        :raise AccessError: for all but the second person: an executive
        :raise ValidationError: without a reason
        """
        self.ensure_one()
        self.check_access("read")
        self.audit_id._check_not_closed()
        self._check_second_person(self._refusal())
        if weigh(self.override_reason) < LEAST_REASON:
            raise ValidationError(
                self.env._("Write why the conflict is overridden: it is printed.")
            )
        member = self.sudo()  # executives do not write
        conflicts = member._conflicts(member._handled().get(member, ()))
        self._decide_as_second_person(self.env._("Overridden"), self._refusal())
        member._write_as_step(
            {
                "overridden": sorted(
                    {*conflicts, *(f"role:{one}" for one in member._own_roles())}
                ),
                "overridden_by_id": self.env.uid,
                "overridden_at": fields.Datetime.now(),
            }
        )
        return True

    def action_sign(self):
        """Sign what the audit says now: user, time and digest are kept.

        What an auditor from outside has signed on paper is attached by the team.

        :return: True
        :raise ValidationError: while a question is open, or without the paper
        """
        self.ensure_one()
        self.check_access("read")
        audit = self.audit_id
        audit._check_not_closed()
        audit._check_auditor()
        if self.user_id and self.user_id != self.env.user and not self.env.su:
            raise AccessError(self.env._("Everybody signs for themselves."))
        if self.partner_id and not self.paper:
            raise ValidationError(
                self.env._("Attach the paper that %s has signed.", self.display_name)
            )
        if audit.service_phase != "field":
            raise UserError(self.env._("The audit has not begun."))
        audit._refuse_missing(
            self.env._("There is nothing to sign yet:"), audit._missing_answers()
        )
        name = self.env._("Audit, for %s", self.display_name)
        audit._sign("found", name, part=self.id)
        return True

    def action_open(self):
        """Open one member of a team."""
        return self._action_open()

    def _action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _partners(self):
        """Return the contacts of members, of whichever side."""
        return self.user_id.partner_id | self.partner_id

    def _signers(self):
        """Return the members whose signatures are needed: those who are still here."""
        return self.filtered(lambda one: one.partner_id or one.user_id.active)

    def _content(self):
        """Return what of one member the team signs."""
        self.ensure_one()
        paper = self.with_context(bin_size=False).paper
        return {
            "user": self.user_id.id or None,
            "contact": self.partner_id.id or None,
            "role": self.role,
            "competence": self.competence or "",
            "processes": sorted(self.process_ids.ids),
            "departments": sorted(self.team_ids.ids),
            "overridden": self.overridden or [],
            "override_reason": self.override_reason or "",
            "overridden_by": self.overridden_by_id.id or None,
            "paper": digest(paper.decode())[0] if paper else None,
        }
