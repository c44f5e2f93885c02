from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_decision_mixin import (
    SecondPersons,
)

from .service_quality_raised_mixin import ENDED

STORY = "service_quality_audit.report_nonconformity"
"""The template of the whole story."""

CANCELLING = ("executive", "quality")
"""The roles that say of a finding of others that it is none."""


class ServiceQualityNextStepMixin(models.AbstractModel):
    """Knows who takes the next step of a nonconformity, by when, and who has signed.

    It is apart from the gates, which say what must be there before a step.
    """

    _name = "service.quality.next.step.mixin"
    _description = "Next Step of a Nonconformity"

    # ------------------------------------------------------------------
    # What people are asked to do
    # ------------------------------------------------------------------

    def _plan_todo(self):
        """Plan what is to be done next as an activity of the first who may do it."""
        text = self._todo_text()
        user = self._answerable(None)[:1]
        if self.state in ENDED or not text or not user:
            return
        self.env["mail.activity"]._service_plan(
            [(self, user, self.service_due_on, lambda own: own._todo_text())]
        )

    def _todo_text(self):
        """Return what is to be done next, in the language of the context."""
        _ = self.env._
        name = self.display_name
        if self.service_awaits_approval:
            return _("Approve the actions: %s", name)
        if self.state == "check":
            is_asked = self.service_check_id.state == "to_judge"
            return is_asked and _("Judge the effect: %s", name)
        return {
            "draft": _("Put right what can be put right at once: %s", name),
            "analysis": _("Look for the root cause: %s", name),
            "pending": _("Plan actions, and how their effect is seen: %s", name),
            "open": _("Carry out the actions: %s", name),
        }.get(self.state)

    # ------------------------------------------------------------------
    # Who decides
    # ------------------------------------------------------------------

    def _is_for_executives(self):
        """Return True if it is major or costly, or came back one level higher."""
        self.ensure_one()
        is_costly = self.company_id._service_is_costly(self.service_cost)
        return bool(self.service_is_major or self.service_level or is_costly)

    def _get_second_roles(self):
        return ("executive",) if self._is_for_executives() else ("service_manager",)

    def _second_holders(self):
        """Return who approves: of what is minor, the head of the department."""
        if not self._is_for_executives():
            # whoever reads it is told who decides
            head = self.sudo().service_team_id.user_id
            head = self._decision_company()._service_people(head)
            if head:
                return head.sudo(self.env.su)
        return super()._second_holders()

    def _authors(self):
        """Return who proposed the actions, and whose they are, as well."""
        record = self.sudo()  # whoever reads it is told who decides
        actions = record._service_actions()
        people = (
            record.service_submitted_by_id
            | record._service_owners()
            | actions.service_proposer_id
            | actions.author_ids
        )
        return super()._authors() | people.sudo(self.env.su)

    def _service_owners(self):
        """Return who answers for it, owns an action or did one, now or before."""
        self.ensure_one()
        actions = self._service_actions()
        ids = {uid for one in (self, *actions) for uid in one.due_owner_ids or ()}
        before = self.env["res.users"].browse(sorted(ids)).exists()
        now = self.responsible_user_id | actions.user_id
        return now | actions.service_done_by_id | before

    def _may_cancel(self):
        """Return True if the user says for others that one is no nonconformity.

        That is the quality department, or an executive, and of what is major an
        executive alone. It is never who found it, leads the department it was found
        in, answers for it or has acted on it.
        """
        self.ensure_one()
        record = self.sudo()  # whoever reads it is told if they may
        user = self.env.user
        roles = ("executive",) if self._is_for_executives() else CANCELLING
        return any(user.has_group(group_of(role)) for role in roles) and user not in (
            self._authors() | record.service_team_id.user_id | record.create_uid
        )

    def _decide_to_cancel(self):
        """Write down who decided that these are no nonconformities.

        :raise AccessError: for who may not, see :meth:`_may_cancel`
        """
        if not all(record._may_cancel() for record in self):
            raise AccessError(
                self.env._(
                    "The quality department or an executive cancels a nonconformity, a "
                    "major one an executive alone; never who found it, leads the "
                    "department it was found in, answers for it or has acted on it."
                )
            )
        user = self.env.user
        role = next(one for one in CANCELLING if user.has_group(group_of(one)))
        second = SecondPersons("role", user)
        own = {"name": self.env._("Cancelled"), "role": role}
        # no user writes a decision by hand
        self.env["service.quality.decision"].sudo()._create_as_step(
            [record._prepare_decision(second) | own for record in self]
        )
        self.invalidate_recordset(["decision_ids", "decided_as"])

    def _service_refusal(self):
        return self.env._(
            "An executive approves actions that are major or costly. The head of the "
            "department approves minor ones. Nobody approves actions that they "
            "proposed or own."
        )

    # ------------------------------------------------------------------
    # When it is due
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        return self.env._("Nonconformities")

    @api.model
    def _open_domain(self):
        return Domain("state", "not in", ENDED) & Domain("service_due_on", "!=", False)

    def _answerable(self, members):
        """Return who has to do the next step: also those who approve or judge."""
        self.ensure_one()
        record = self.sudo()  # whoever asks, it is the same people
        if record.service_awaits_approval:
            return record._second_persons().users
        if record.state == "check" and record.service_check_id.state == "to_judge":
            return record.service_check_id._judges()
        people = record.company_id._service_people(record.responsible_user_id)
        return people or record.company_id._service_role_users("quality")[:1]

    def _due_owner_names(self):
        """Remember who has answered for it, not who has filled it in."""
        return ["responsible_user_id"]

    def _due_owners(self):
        return self.responsible_user_id | self._service_actions().user_id

    def _check_may_move_due(self):
        """Let those who find move a date: the quality department and who leads."""
        self._check_finder()
        return super()._check_may_move_due()

    def _due_project(self):
        return self.service_project_id or super()._due_project()

    def _overdue_text(self):
        return self.env._("Nonconformity waits: %s", self.display_name)

    def _coming_text(self):
        return self._todo_text() or self.display_name

    # ------------------------------------------------------------------
    # What is signed
    # ------------------------------------------------------------------

    def _sign_in_round(self, meaning, name):
        """Sign for what the records say in their present rounds."""
        for number, records in self.grouped("service_round").items():
            records._sign(meaning, name, number)

    def _signed_content(self, meaning, part):
        """Return what a signature is for, of one round."""
        self.ensure_one()
        content = {
            "finding": [self.name, self.description, self.service_correction],
        }
        if meaning == "correction":
            return content
        lines = self.service_cause_ids.filtered(lambda line: line.round == part)
        content["causes"] = [line._signed() for line in lines.sorted("id")]
        if meaning == "cause":
            return content
        check = self.service_check_ids.filtered(lambda one: one.round == part)
        content["actions"] = [
            {
                "id": one.id,
                "name": one.name,
                "kind": one.type_action,
                "owner": one.user_id.id,
                "until": fields.Date.to_string(one.first_due_on or one.date_deadline),
                "cost": one.service_cost,
            }
            for one in check.measure_ids.sorted("id")
        ]
        content["check"] = check._signed()
        if meaning in ("done", "effect"):
            content["results"] = [
                {"id": one.id, "result": one.service_result or False}
                for one in check.measure_ids.sorted("id")
            ]
        if meaning == "effect":
            content["effect"] = check._signed_effect()
        return content

    def _signed_labels(self):
        _ = self.env._
        return {
            "finding": _("Finding and correction"),
            "causes": _("Causes"),
            "actions": _("Actions"),
            "check": _("Check of the effect"),
            "results": _("What was done"),
            "effect": _("What the check has found"),
        }

    # ------------------------------------------------------------------
    # The whole story
    # ------------------------------------------------------------------

    def _story(self):
        """Return one record as it is printed: who reads it reads all of its story.

        :raise AccessError: for who does not read it
        """
        self.ensure_one()
        self.check_access("read")
        return self.sudo()  # its signatures and decisions are read by the roles alone

    def _story_document(self):
        """Return the story as a file: its name, and its content.

        Where nothing prints on the server it is the page itself.
        """
        self.ensure_one()
        company = self.company_id
        own = self.with_context(lang=company._service_lang(), tz=company._service_tz())
        report = own.env["ir.actions.report"]
        if report.get_wkhtmltopdf_state() == "install":
            content, kind = report._render_qweb_html(STORY, own.ids)
        else:
            content, kind = report._render_qweb_pdf(STORY, own.ids)
        return f"{self.ref}.{kind}", content
