"""The steps of a measure stand apart from its fields: together they are too long."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.models.arguments import Arguments

from .mgmtsystem_action import APPROVAL_DAYS, OPEN
from .service_quality_raised_mixin import ENDED

LINKS = {"nonconformity_ids", "service_source_model", "service_source_id"}
"""The fields by which a measure belongs to nonconformities."""

PLAN_DAYS = 45
"""Likewise, for what is approved with the plan of a nonconformity."""

SUPERVISOR = "quality"
"""Regulation A3.2.5: the quality department supervises and checks measures."""


class MgmtsystemAction(models.Model):
    """A measure is approved, done, checked and closed, by those who may."""

    _inherit = "mgmtsystem.action"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create measures, never for a nonconformity that has ended."""
        measures = super().create(vals_list)
        measures._check_ended_kept({})
        return measures

    def write(self, vals):
        if not vals.keys() & LINKS:
            return super().write(vals)
        before = {one: one._ended_nonconformities() for one in self}
        result = super().write(vals)
        self._check_ended_kept(before)
        return result

    def _ended_nonconformities(self):
        """Return the nonconformities under a regulation that have ended with it."""
        return self._linked_nonconformities().filtered(
            lambda one: one.service_is_gated and one.state in ENDED
        )

    def _check_ended_kept(self, before):
        """Refuse to add measures to what has ended, or to take any off it.

        :param before: dict of measure to what had ended with it
        """
        for measure in self:
            had = before.get(measure, self.env["mgmtsystem.nonconformity"])
            if measure._ended_nonconformities() != had:
                raise AccessError(
                    self.env._(
                        "A nonconformity that has ended keeps the measures it had."
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approve(self):
        """Approve measures: they are carried out from now on.

        Never by who proposed one, nor by its owner.

        :return: True
        :raise AccessError: for who may not decide
        :raise UserError: for what is not proposed any more
        """
        self._ensure_some()
        self.check_access("read")
        self._check_state("proposed")
        self._check_approved_alone()
        self._check_texts()
        self._decide_as_second_person(self.env._("Approved"), self._decision_refusal())
        measures = self.sudo()  # who decides does not write
        return measures._start(self.env.user, fields.Datetime.now())

    def action_report_done(self):
        """Ask the owner what was done."""
        return self._ask("done", self.env._("Report Done"))

    def action_check(self):
        """Ask the quality department what it found."""
        return self._ask("check", self.env._("Check"))

    def action_supervise(self):
        """Ask the quality department why it is not done yet."""
        return self._ask("supervise", self.env._("Supervise"))

    def action_send_back(self):
        """Ask what is still missing."""
        return self._ask("back", self.env._("Send Back"))

    def action_cancel(self):
        """Ask why it is not done at all."""
        return self._ask("cancel", self.env._("Cancel the Measure"))

    def action_open_source(self):
        """Open what the measure comes from."""
        self.ensure_one()
        source = self._source()
        if not source:
            raise UserError(self.env._("This measure comes from nothing on record."))
        return source.get_formview_action()

    def _ask(self, purpose, name):
        self._ensure_some()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "service.quality.measure.say",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_purpose": purpose,
                "default_measure_ids": self.ids,
            },
        }

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def case_open(self):
        """Leave measures under a regulation where they are: their approval opens them.

        The management system opens all actions of a nonconformity with its plan.
        """
        free = self.filtered(lambda one: not one.service_is_gated)
        return super(MgmtsystemAction, free).case_open() if free else True

    @api.model
    def _propose(self, vals_list, user):
        """Create measures for somebody who need not write them.

        :param user: who proposes them, and may therefore not approve them
        :return: the measures
        """
        measures = self.create(vals_list)
        measures._write_as_step({"service_proposer_id": user.id})
        self.env["service.quality.author"]._enter(measures, user)
        return measures

    def _begin(self):
        """Let new measures begin: corrections at once, the rest with its approval."""
        now = fields.Datetime.now()
        quick = self.filtered(lambda one: one._needs_no_approval())
        alone = (self - quick).filtered(lambda one: not one._approved_with())
        for measures, days in (
            (alone, APPROVAL_DAYS),
            (self - quick - alone, PLAN_DAYS),
        ):
            for company, own in measures.grouped("company_id").items():
                by = fields.Date.add(company._service_day(), days=days)
                own._write_as_step({"service_approve_by": by})  # batched: a company
        self._note_executive()
        alone._ask_to_approve()
        quick.sudo()._start(self.env["res.users"], now)  # nobody has to decide

    def _needs_no_approval(self):
        """Return True for a correction on the spot (纠正) that costs little."""
        return self.type_action == "immediate" and not self._is_costly()

    def _note_executive(self):
        """Note that an executive decides: making it cheaper does not take it away."""
        self.filtered(
            lambda one: (
                one.service_state == "proposed"
                and (one.type_action == "improvement" or one._is_costly())
            )
        )._write_as_step({"service_for_executive": True})

    def _is_costly(self):
        self.ensure_one()
        return self.company_id._service_is_costly(self.service_cost)

    def _start(self, user, moment):
        """Let measures be carried out, as somebody has decided.

        :param user: who approved them; none where nobody had to
        """
        self._write_as_step(
            {
                "stage_id": self._state_stages()["open"].id,
                "date_open": moment,
                "service_approved_by_id": user.id,
                "service_approved_at": user and moment,
            }
        )
        self.activity_ids.filtered("automated").action_feedback()
        self._ask_to_do()
        self._tell_suggesters()
        return True

    def _report_done(self, result):
        """Report measures done, with what was done.

        :raise AccessError: for all but the owner
        """
        self._ensure_some()
        self.check_access("read")
        self._check_state("open")
        result = self._said("service_result", result)
        if not self.env.su and any(one.user_id != self.env.user for one in self):
            raise AccessError(self.env._("Only its owner reports a measure done."))
        self._note_done(result)
        return True

    def _note_done(self, result):
        """Write what was done, as who may say so has said it."""
        done = self.sudo()  # who says it was checked
        done._write_as_step(
            {
                "stage_id": self._state_stages()["done"].id,
                "service_result": result,
                "service_done_at": fields.Datetime.now(),
                "service_done_by_id": self.env.uid,
            }
        )
        done.activity_ids.filtered("automated").action_feedback()
        done._ask_to_check()
        for measure in done:  # a few; each tells what it comes from
            source = measure._source()
            if hasattr(source, "_follow_done"):  # suggestions have a ticket for it
                source._follow_done(result)

    def _check_done(self, is_effective, found):
        """Check measures that were reported done, and close them.

        :param is_effective: ``yes`` or ``no``
        :raise AccessError: for all but the quality department, and for the owner
        """
        self._ensure_some()
        self.check_access("read")
        self._check_state("done")
        given = Arguments(self.env)
        choices = self._fields["service_is_effective"].selection
        is_effective = given.choice("is_effective", is_effective, choices)
        found = self._said("service_check", found)
        self._check_supervisor()
        checked = self.sudo()  # by this step alone
        checked._write_as_step(
            {
                "stage_id": self._state_stages()["closed"].id,
                "date_closed": fields.Datetime.now(),
                "service_check": found,
                "service_is_effective": is_effective,
                "service_checked_at": fields.Datetime.now(),
                "service_checked_by_id": self.env.uid,
            }
        )
        checked._end(self.env._("Closed"))
        return True

    def _send_back(self, reason):
        """Give measures back to their owners that were not done well enough."""
        self._ensure_some()
        self.check_access("read")
        self._check_state("done")
        reason = self._said("service_check", reason)
        self._check_supervisor()
        measures = self.sudo()  # by this step alone
        measures._write_as_step(
            {
                "stage_id": self._state_stages()["open"].id,
                "service_done_at": False,
                "service_done_by_id": False,
            }
        )
        for measure in measures:
            measure.message_post(body=reason)  # each on its own page
        measures.activity_ids.filtered("automated").action_feedback()
        measures._ask_to_do()
        return True

    def _supervise(self, found):
        """Note why measures are not done in their time (regulation A3.2.5)."""
        self._ensure_some()
        self.check_access("read")
        found = self._said("service_supervision", found)
        self._check_supervisor()
        if any(one.service_state not in OPEN for one in self):
            raise UserError(self.env._("What is closed needs no supervision."))
        self.sudo()._write_as_step(  # by this step alone
            {
                "service_supervision": found,
                "service_supervised_at": fields.Datetime.now(),
            }
        )
        for measure in self.sudo():  # likewise
            measure.message_post(body=found)  # each on its own page
        return True

    def _cancel(self, reason):
        """Cancel measures, as a second person decides."""
        self._ensure_some()
        self.check_access("read")
        reason = self._said("service_cancel_reason", reason)
        if any(one.service_state not in OPEN for one in self):
            raise UserError(self.env._("It has ended, and is not cancelled any more."))
        self._decide_as_second_person(self.env._("Cancelled"), self._decision_refusal())
        cancelled = self.sudo()  # by this step alone
        # the management system asks for it of all that is not in its first stage
        fresh = cancelled.filtered(lambda one: not one.date_open)
        fresh._write_as_step({"date_open": fields.Datetime.now()})
        cancelled._write_as_step(
            {
                "stage_id": self._state_stages()["cancelled"].id,
                "date_closed": fields.Datetime.now(),
                "service_cancel_reason": reason,
            }
        )
        cancelled._end(self.env._("Cancelled"))
        return True

    def _end(self, word):
        """End what people were asked to do, and tell who has to hear of it."""
        self.activity_ids.filtered("automated").action_feedback(word)
        self._tell_proposers(word)
        self._tell_suggesters()

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_state(self, state):
        label = dict(self._fields["service_state"]._description_selection(self.env))
        for measure in self:
            if measure.service_state != state:
                raise UserError(
                    self.env._(
                        "%(measure)s is “%(state)s”. This step is for “%(wanted)s”.",
                        measure=measure.display_name,
                        wanted=label[state],
                        state=label[measure.service_state],
                    )
                )

    def _linked_nonconformities(self):
        """Return the nonconformities to which one measure belongs, for everybody."""
        self.ensure_one()
        # whoever proposes a measure need not read what it is for
        measure = self.sudo()
        found = measure.nonconformity_ids
        if measure.service_source_model == found._name:
            found |= found.browse(measure._source().ids)
        return found

    def _approved_with(self):
        """Return the nonconformities with whose plan one measure is approved."""
        return self._linked_nonconformities().filtered(
            lambda one: one.state in ("draft", "analysis", "pending")
        )

    def _check_approved_alone(self):
        """Refuse what is approved with the plan that it is part of."""
        for measure in self:
            plan = measure._approved_with()
            if plan:
                raise UserError(
                    self.env._(
                        "%(measure)s is approved with the nonconformity %(plan)s: hand "
                        "that in.",
                        measure=measure.display_name,
                        plan=plan[0].display_name,
                    )
                )

    def _said(self, name, text):
        """Return what somebody has said, refuse what says nothing."""
        field = self._fields[name]
        text = Arguments(self.env).text(field._description_string(self.env), text)
        if not text:
            raise ValidationError(
                self.env._("%s: write it down.", field._description_string(self.env))
            )
        self._service_check_text(name, text)
        self._service_check_said(name, text)
        return text

    def _check_supervisor(self):
        """Refuse users who do not supervise, and owners.

        Where nobody else of the quality department is left, whoever decides in their
        place does it.
        """
        if self.env.su:
            return
        for measure in self:
            authors = measure.user_id | measure.service_done_by_id
            # whoever has lent it to somebody else has it as well
            authors |= authors.browse(measure.sudo().due_owner_ids or ())
            company = measure.company_id
            second = company._service_second_persons(
                (SUPERVISOR,), authors, company._service_role_users(SUPERVISOR)
            )
            if self.env.user not in second.users:
                raise AccessError(
                    self.env._(
                        "The quality department checks measures. Nobody checks their "
                        "own. This one is checked by: %s.",
                        ", ".join(second.users.mapped("name")) or "–",
                    )
                )

    def _decision_refusal(self):
        return self.env._(
            "An executive approves what is costly or improves the service, and the "
            "service manager the rest."
        )

    # ------------------------------------------------------------------
    # Who decides
    # ------------------------------------------------------------------

    def _get_second_roles(self):
        """Return who approves: executives what is costly, and what improves."""
        return ("executive",) if self.service_for_executive else ("service_manager",)

    def _authors(self):
        """Return who proposed it, and who has to do it, as well."""
        return super()._authors() | self.service_proposer_id | self.user_id

    # ------------------------------------------------------------------
    # What people are asked to do
    # ------------------------------------------------------------------

    def _ask_to_approve(self):
        self.env["mail.activity"]._service_plan(
            [
                (
                    one,
                    one._second_persons().users[:1],
                    one.service_approve_by,
                    lambda own: own.env._("Approve the measure: %s", own.name),
                )
                for one in self.sudo()  # who decides is asked for everybody
            ]
        )

    def _ask_to_do(self):
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.date_deadline, lambda own: own._coming_text())
                for one in self.sudo()  # who decides is asked for everybody
            ]
        )

    def _ask_to_check(self):
        checkers = {
            company: company._service_role_users(SUPERVISOR)
            for company in self.company_id
        }
        self.env["mail.activity"]._service_plan(
            [
                (
                    one,
                    (checkers[one.company_id] - one.user_id)[:1],
                    fields.Date.add(one.company_id._service_day(), days=APPROVAL_DAYS),
                    lambda own: own.env._("Check the measure: %s", own.name),
                )
                for one in self.sudo()  # who decides is asked for everybody
            ]
        )

    def _tell_proposers(self, word):
        """Tell who proposed a measure what became of it, if it was somebody else."""
        for measure in self:
            proposer = measure.service_proposer_id
            if proposer in (self.env.user, measure.user_id) or not proposer.active:
                continue
            lang = measure.company_id._service_lang(proposer)
            own = measure.with_context(lang=lang)
            measure.message_notify(
                partner_ids=proposer.partner_id.ids,
                subject=own.env._("Measure: %s", own.name),
                body=measure.service_check or measure.service_cancel_reason or word,
            )

    # ------------------------------------------------------------------
    # What a customer is told
    # ------------------------------------------------------------------

    def _tell_suggesters(self):
        """Tell customers what became of what they have suggested."""
        told = self.filtered("service_suggester_id.email")
        if told:
            template = self.env.ref("service_quality_audit.mail_template_suggestion")
            template._service_send_batch(told.ids, "mail.mail_notification_light")

    def _told_state(self):
        """Return what a customer is told of a measure, in the context's language."""
        _ = self.env._
        if self.service_state == "closed" and self.service_is_effective == "no":
            return _("we tried it, and it did not help")
        return {
            "proposed": _("we are looking into it"),
            "open": _("we do it"),
            "done": _("we do it"),
            "closed": _("it is done"),
            "cancelled": _("we do not do it"),
        }[self.service_state]

    def _told_answer(self):
        """Return why a customer's suggestion is not carried out, empty otherwise."""
        cancelled = self.service_state == "cancelled"
        return cancelled and self.service_cancel_reason or ""
