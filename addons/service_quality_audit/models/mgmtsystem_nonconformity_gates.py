"""The gates of a nonconformity are apart from its fields, for their length."""

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON

from .mgmtsystem_nonconformity import DAYS, STAGES
from .service_quality_cause_line import LEAST_BRANCHES, LEAST_WHYS
from .service_quality_raised_mixin import ENDED, GRADES

CLEARED = dict.fromkeys(
    (
        "service_analysed_at", "service_submitted_at", "service_submitted_by_id",
        "service_approved_at", "service_approved_by_id", "service_result",
        "service_done_at", "closing_date", "service_closed_by_id",
    ),
    False,
)  # fmt: skip
"""What a new round begins without."""

ACTION_OPEN = ("proposed", "open")

MOST_DAYS = 366
"""The last day of an action is at most so many days ahead when it is handed in."""


class MgmtsystemNonconformity(models.Model):
    """A nonconformity passes each gate by a button, which checks what must be there."""

    _inherit = "mgmtsystem.nonconformity"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_correct(self):
        """Hand in what was put right at once; the search for causes begins.

        :return: True
        :raise AccessError: for all but who answers for it and the quality department
        :raise ValidationError: without a description, a severity or a correction
        """
        self._at_gate("draft")
        self._check_worker()
        for record in self:
            record._check_corrected()
        self._sign_in_round("correction", self.env._("Correction"))
        for record in self.sudo():  # by this step alone
            record._note_correction()
            needs_cause = record._needs_cause()
            record._pass_on(
                "analysis" if needs_cause else "pending",
                {"service_corrected_at": fields.Datetime.now()},
            )
        return True

    def action_analysed(self):
        """Hand in the root cause; actions are planned from now on.

        :raise ValidationError: where no method was followed to a root cause
        """
        self._at_gate("analysis")
        self._check_worker()
        for record in self:
            record._check_causes()
        self._sign_in_round("cause", self.env._("Root cause"))
        for record in self.sudo():  # by this step alone
            record._pass_on("pending", {"service_analysed_at": fields.Datetime.now()})
        return True

    def action_submit(self):
        """Hand in actions and the check of their effect for approval.

        :raise ValidationError: without actions, or by which nobody would see an effect
        """
        self._at_gate("pending", is_submitted=False)
        self._check_worker()
        for record in self:
            record._check_actions_planned()
            if not record.service_check_id:
                raise ValidationError(
                    self.env._("Say how it will be checked whether the actions work.")
                )
            record.service_check_id._check_fixed()
            record.service_check_id._fix()
        self._sign_in_round("plan", self.env._("Actions and check of the effect"))
        for record in self.sudo():  # by this step alone
            record._pass_on(
                "pending",
                {
                    "service_submitted_at": fields.Datetime.now(),
                    "service_submitted_by_id": self.env.uid,
                    "service_plan_since": record.service_step_since,
                    "service_plan_due_on": record.service_due_on,
                },
            )
            if other := record.service_check_id.text_other:
                record.message_post(body=other)  # who approves is to know
        return True

    def action_approve(self):
        """Approve the actions, also of several at once; they are carried out now.

        Never by who proposed them, nor by an owner.

        :return: True
        :raise AccessError: for who may not decide
        :raise UserError: for what was not handed in, or was decided already
        """
        self._at_gate("pending", is_submitted=True)
        self._decide_as_second_person(self.env._("Approved"), self._service_refusal())
        self._sign_in_round("approved", self.env._("Approval"))
        now = fields.Datetime.now()
        for record in self.sudo():  # who decides does not write
            # what came after it was handed in has an approval of its own
            proposed = record.service_check_id.measure_ids.filtered(
                lambda one: one.service_state == "proposed"
            )
            proposed._start(self.env.user, now)
            record._pass_on(
                "open",
                {"service_approved_at": now, "service_approved_by_id": self.env.uid},
            )
        return True

    def action_report_done(self):
        """Hand in that the actions were done, and what shows it.

        :raise ValidationError: while an action is open, or without evidence
        """
        self._at_gate("open")
        self._check_worker()
        for record in self:
            record._check_actions_done()
        self._sign_in_round("done", self.env._("Done, with evidence"))
        for record in self.sudo():  # by this step alone
            due = record.service_check_id._start()
            record._pass_on(
                "check", {"service_done_at": fields.Datetime.now()}, due_on=due
            )
        return True

    def action_send_back(self):
        """Ask what is missing before it can be approved."""
        return self._ask("back", self.env._("Send Back"))

    def action_judge(self):
        """Ask whether the actions have worked."""
        return self._ask("judge", self.env._("Judge the Effect"))

    def action_overrule(self):
        """Ask why the check of the effect is overruled."""
        return self._ask("overrule", self.env._("Overrule the Check"))

    def action_cancel(self):
        """Ask why it is no nonconformity."""
        return self._ask("cancel", self.env._("Cancel"))

    def action_open_source(self):
        """Open what it was found in, by the reader's own rights."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            raise UserError(self.env._("This was raised by decision."))
        return self.env[self.res_model].browse(self.res_id).get_formview_action()

    def _ask(self, purpose, name):
        self._ensure_some()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "service.quality.nonconformity.say",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_purpose": purpose,
                "default_nonconformity_ids": self.ids,
            },
        }

    # ------------------------------------------------------------------
    # Steps that say something
    # ------------------------------------------------------------------

    def _send_back(self, reason):
        """Give back what was handed in, or take it back oneself.

        :raise AccessError: for all but who approves and who handed it in
        """
        self._at_gate("pending", is_submitted=True)
        reason = self._said("action_comments", reason)
        own = self.filtered(lambda one: one.service_submitted_by_id == self.env.user)
        (self - own)._check_second_person(self._service_refusal())
        back = {"service_submitted_at": False, "service_submitted_by_id": False}
        for record in self.sudo():  # by this step alone
            values, due = back, None
            if record in own:  # taken back: nobody gives oneself more time
                values = back | {"service_step_since": record.service_plan_since}
                due = record.service_plan_due_on
            record._pass_on("pending", values, due_on=due)
            record.message_post(body=reason)
        return True

    def _judge_effect(self, is_effective, finding):
        """Judge the effect where no figure tells it.

        :param is_effective: ``yes`` or ``no``
        :raise AccessError: for all but who was to look, or who approves
        """
        self._at_gate("check")
        given = Arguments(self.env)
        choices = [("yes", "yes"), ("no", "no")]
        is_effective = given.choice("is_effective", is_effective, choices)
        finding = self._said("evaluation_comments", finding)
        for record in self:
            record.service_check_id._judge(is_effective == "yes", finding)
        return True

    def _overrule(self, reason):
        """Turn round what the check of the effect has said, as who approves decides.

        :raise AccessError: for who may not decide
        :raise UserError: where no check has ended, or the next round has gone on
        """
        self._ensure_some()
        self.check_access("read")
        reason = self._said("evaluation_comments", reason)
        for record in self:
            check = record._check_to_overrule()
            record._decide_as_second_person(
                self.env._("Overruled"), self._service_refusal()
            )
            check.sudo()._write_as_step(  # by this step alone
                {"is_overruled": True, "overrule_reason": reason}
            )
            check.sudo()._turn_round()  # by this step alone
            check._end(check.state == "failed", reason)
        return True

    def _cancel(self, reason):
        """End what is no nonconformity, as somebody decides who has no part in it.

        :raise AccessError: for who may not decide
        """
        self._ensure_some()
        self.check_access("read")
        self._service_lock()
        reason = self._said("service_cancel_reason", reason)
        for record in self:
            record._check_gated()
            if record.state in (*ENDED, "check"):
                raise UserError(
                    self.env._("It was done already, and is not cancelled any more.")
                )
            if record._audit_findings():
                record._check_not_audited()
        self._decide_to_cancel()
        for record in self.sudo():  # by this step alone
            record._pass_on(
                "cancel",
                {
                    "service_cancel_reason": reason,
                    "service_closed_by_id": self.env.uid,
                },
            )
        return True

    # ------------------------------------------------------------------
    # What a check of the effect leads to
    # ------------------------------------------------------------------

    def _close_effective(self, finding):
        """Close one whose actions have worked."""
        self.ensure_one()
        record = self.sudo()  # who judges was checked
        record._end_actions("yes", finding)
        record._pass_on(
            "done",
            {
                "evaluation_comments": finding,
                "closing_date": fields.Datetime.now(),
                "service_closed_by_id": self.env.uid,
            },
        )
        record._follow_effective()
        record.sudo(False)._sign_in_round("effect", self.env._("Effective"))

    def _reopen_higher(self, finding):
        """Begin again one level higher: the actions have not worked."""
        self.ensure_one()
        record = self.sudo()  # who judges was checked
        record._end_actions("no", finding)
        # where a check that was reached is overruled, it had corrected some
        record.env["service.quality.compliance"]._take_back_corrections(record)
        record.sudo(False)._sign_in_round("effect", self.env._("Not effective"))
        record.service_check_id._keep_round()
        record._pass_on(
            "analysis",
            CLEARED
            | {
                "evaluation_comments": finding,
                "service_round": record.service_round + 1,
                "service_level": record.service_level + 1,
                "severity_id": self.env.ref(GRADES["major"]).id,
                "service_corrected_at": record.service_corrected_at,
            },
        )
        record._ask_leaders()

    def _follow_effective(self):
        """Have the register say that what was not fulfilled is corrected."""
        cells = self._sources("service.quality.compliance")
        # what was missed after the actions were done shows that they had not worked
        done = self.company_id._service_day(self.service_done_at)
        cells = cells.filtered(lambda cell: cell.date_from <= done)
        if cells:
            cells._mark_corrected(self)

    def _end_actions(self, is_effective, finding):
        """Close what was done, as the check of the effect has found it.

        No checker is named: the quality department did not check them by themselves.
        """
        done = self._get_all_actions().filtered(lambda one: one.service_state == "done")
        if done:
            done._check_done(is_effective, finding)
            done._write_as_step({"service_checked_by_id": False})

    def _wait_until(self, day):
        """Wait once more for cases of the indicator."""
        # by the check of the effect alone
        self.sudo()._write_as_step({"service_due_on": day})

    def _ask_to_judge(self, days):
        """Ask whoever approves to judge what too few cases tell."""
        record = self.sudo()  # by the check of the effect alone
        due = fields.Date.add(record.company_id._service_day(), days=days)
        record._write_as_step({"service_due_on": due})
        record._plan_todo()

    def _ask_leaders(self):
        """Tell the executives that actions have not worked."""
        leaders = self.company_id._service_role_users("executive")
        self.env["mail.activity"]._service_plan(
            [
                (
                    self,
                    user,
                    self.service_due_on,
                    lambda own: own.env._("Not effective, again: %s", own.display_name),
                )
                for user in leaders[:1]
            ]
        )

    # ------------------------------------------------------------------
    # What a gate asks for
    # ------------------------------------------------------------------

    def _at_gate(self, state, is_submitted=None):
        """Refuse records that do not stand before a gate; no two pass it at once."""
        self._ensure_some()
        self.check_access("read")
        self._service_lock()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            record._check_gated()
            stands = record.state == state and (
                is_submitted is None
                or bool(record.service_submitted_at) == is_submitted
            )
            if not stands:
                wanted = labels[state]
                if is_submitted:
                    wanted = self.env._("%s, handed in", wanted)
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”. This step is for “%(wanted)s”.",
                        record=record.display_name,
                        wanted=wanted,
                        state=labels[record.state],
                    )
                )

    def _check_gated(self):
        if not self.service_is_gated:
            raise UserError(
                self.env._(
                    "No regulation is in force in %s: drag it to its next stage.",
                    self.company_id.name or self.env.company.name,
                )
            )

    def _check_corrected(self):
        """Refuse what does not say what was found, how grave it is, what was done."""
        if not self.severity_id:
            raise ValidationError(self.env._("Enter the severity."))
        if not (self.service_correction or "").strip():
            raise ValidationError(
                self.env._("Enter what was put right at once, or why nothing could be.")
            )
        self._service_check_filled_in("description", "service_correction")
        self._service_check_says(["description", "service_correction"])

    def _note_correction(self):
        """Enter what was put right on the spot in the one list of measures."""
        if self.immediate_action_id or not self.service_is_corrected:
            return
        text = self.service_correction.strip()
        values = self._measure_values() | {
            "type_action": "immediate",
            "name": text.splitlines()[0][:200],
            "description": text,
            "date_deadline": self.company_id._service_day(),
        }
        values |= self._measure_source()
        measure = self.env["mgmtsystem.action"]._propose([values], self.env.user)
        measure._report_done(text)
        self._write_as_step({"immediate_action_id": measure.id})

    def _needs_cause(self):
        """Return True if causes are to be found before actions are planned."""
        severity = self.severity_id
        return bool(
            severity.service_is_major
            or severity.service_needs_cause
            or self.service_level
        )

    def _round_causes(self):
        number = self.service_round
        return self.service_cause_ids.filtered(lambda line: line.round == number)

    def _check_causes(self):
        """Refuse an analysis that followed no method, or reached no root cause."""
        lines = self._round_causes()
        whys = lines.filtered(lambda line: line.method == "five_whys")
        fish = lines - whys
        is_followed = (
            len(whys.filtered("question")) >= LEAST_WHYS
            or len(set(fish.mapped("branch")) - {False}) >= LEAST_BRANCHES
        )
        if not is_followed:
            raise ValidationError(
                self.env._(
                    "Look for the cause by a method: ask why at least %(whys)s times "
                    "in a row, or look along at least %(branches)s branches of a "
                    "fishbone. One line each.",
                    whys=LEAST_WHYS,
                    branches=LEAST_BRANCHES,
                )
            )
        lines._service_check_says(["answer"], LEAST_REASON)
        roots = lines.filtered("is_root")
        if not roots or not all(root.cause_id and root.evidence for root in roots):
            raise ValidationError(
                self.env._(
                    "Mark at least one line as the root cause. Enter its kind, and "
                    "how it is known."
                )
            )
        roots._service_check_says(["evidence"], LEAST_REASON)

    def _check_actions_planned(self):
        """Refuse a plan without a new action that has an owner and a day to come."""
        actions = self._service_actions()
        fresh = actions.filtered(lambda one: one.service_state in ACTION_OPEN)
        if not fresh:
            raise ValidationError(
                self.env._("Add at least one action that takes away the cause.")
            )
        today = self.company_id._service_day()
        if any(not one.date_deadline or one.date_deadline < today for one in fresh):
            raise ValidationError(
                self.env._("Each action has a day, from today on, until it is done.")
            )
        last = fields.Date.add(today, days=MOST_DAYS)
        if any(one.date_deadline > last for one in fresh):
            raise ValidationError(
                self.env._(
                    "Each action is done within a year: its day is at most %s days "
                    "ahead.",
                    MOST_DAYS,
                )
            )

    def _check_actions_done(self):
        """Refuse what is not done, and what shows nothing."""
        actions = self._service_actions()
        waiting = actions.filtered(lambda one: one.service_state in ACTION_OPEN)
        if waiting:
            raise ValidationError(
                self.env._(
                    "Not done yet: %s. Its owner reports it done.",
                    ", ".join(waiting.mapped("name")),
                )
            )
        fixed = self.service_check_id.measure_ids
        if not fixed.filtered(lambda one: one.service_state != "cancelled"):
            raise ValidationError(
                self.env._("All actions were cancelled. Cancel this, or plan others.")
            )
        if not (self.service_result or "").strip():
            raise ValidationError(self.env._("Enter what was done, and what shows it."))
        self._service_check_says(["service_result"])

    def _overrulable(self):
        """Return the last check that has ended while it can be overruled, or none."""
        self.ensure_one()
        ended = self.service_check_ids.filtered("ended_at").sorted("round")[-1:]
        is_fresh = (
            self.state == "done"
            if ended.state == "reached"
            else self.state == "analysis" and ended.round == self.service_round - 1
        )
        return ended if is_fresh and not ended.is_overruled else ended.browse()

    def _check_to_overrule(self):
        """Return the check that is overruled.

        :raise UserError: where there is none, or the next round has gone on
        """
        self._check_gated()
        self._service_lock()
        check = self._overrulable()
        if not check:
            raise UserError(
                self.env._(
                    "Only the last check can be overruled, only once, and only before"
                    " the next round has gone on."
                )
            )
        return check

    def _check_analysed(self):
        """Refuse to write causes at another time than that of the search."""
        for record in self.filtered("service_is_gated"):
            if not self.env.su:
                record._check_field("analysis")

    def _check_planned(self):
        """Refuse to write the check of the effect at another time than in the plan."""
        for record in self.filtered("service_is_gated"):
            if not self.env.su:
                record._check_field("action_comments")

    def _said(self, name, text):
        """Return what somebody has said; refuse what says nothing."""
        label = self._fields[name]._description_string(self.env)
        text = Arguments(self.env).text(label, text)
        if not text:
            raise ValidationError(self.env._("Enter why, in words."))
        self._service_check_text(name, text)
        self._service_check_said(name, text)
        return text

    # ------------------------------------------------------------------
    # From step to step
    # ------------------------------------------------------------------

    def _begin(self):
        """Let new ones begin: who answers for each is asked for a correction."""
        fresh = {"closing_date": False, "number_of_nonconformities": 1}
        # what a caller has sent in the context decides nothing
        for record in self.sudo().with_context(is_writing=False):  # a few; by this step
            record._pass_on("draft", fresh)

    def _pass_on(self, state, values, due_on=None):
        """Write what a gate leads to, and ask who is next.

        :param due_on: a date; by default some days from now
        """
        self.ensure_one()
        since = {"service_step_since": fields.Datetime.now()}
        step = since | values
        step |= {
            "stage_id": self.env.ref(STAGES[state]).id,
            "service_due_on": due_on,
        }
        if state not in ENDED and not due_on:
            is_submitted = state == "pending" and step.get("service_submitted_at")
            days = DAYS["submitted" if is_submitted else state]
            day = fields.Date.add(self.company_id._service_day(), days=days)
            planned = self._service_actions().filtered(
                lambda one: one.service_state in ACTION_OPEN
            )
            if state == "open":
                day = max([day, *planned.mapped("date_deadline")])
            step["service_due_on"] = day
        self._write_as_step(step)
        self.activity_ids.filtered("automated").action_feedback()
        self._plan_todo()
