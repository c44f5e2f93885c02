from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .nonconformity_common import CORRECTION, DAY, RESULT, NonconformityCase

FOUND = "Every cable that was looked at has a label"


@tagged("post_install", "-at_install")
class TestNonconformity(NonconformityCase):
    """Regulation A3.2.1: what is not as it should be is put right for good."""

    # ------------------------------------------------------------------
    # Raising
    # ------------------------------------------------------------------

    def test_raise(self):
        """What is raised has everything that the management system asks for."""
        record = self._raise()
        self.assertEqual(record.state, "draft")
        self.assertEqual(record.responsible_user_id, self.leader)
        self.assertTrue(record.partner_id and record.manager_user_id and record.ref)
        self.assertNotEqual(record.manager_user_id, self.leader)
        self.assertEqual(record.activity_ids.user_id, self.leader)

    def test_each_has_an_origin(self):
        """The form asks for one: without it no button of it does anything."""
        decision = self.env.ref("service_quality_audit.nonconformity_origin_decision")
        self.assertEqual(self._raise().origin_ids, decision)
        client = self.env.ref("mgmtsystem_nonconformity.nc_origin_external_client")
        told = self._raise(source=self.other_team, origin=client)
        self.assertEqual(told.origin_ids, client)

    def test_repeat_is_linked(self):
        """A repeat is linked to the open one, and the same source raises it once."""
        first = self._raise(key="cables")
        again = self._raise(source=self.other_team, key="cables", grade="major")
        self.assertEqual(first, again)
        self.assertEqual(first.service_repeat_count, 1)
        self.assertTrue(first.service_is_major)
        self._raise(source=self.other_team, key="cables")
        self.assertEqual(first.service_repeat_count, 1)

    def test_comes_back_after_the_end(self):
        first = self._until(self._raise(key="cables"), "check")
        self._judge(first, "yes")
        self.assertEqual(self._raise(key="cables"), first, "the same source")
        again = self._raise(source=self.other_team, key="cables")
        self.assertNotEqual(again, first)
        self.assertEqual(again.service_previous_id, first)

    def test_by_decision(self):
        """A person of the quality department raises one with the form alone."""
        with freeze_time(DAY):
            form = Form(
                self.Nonconformity.with_user(self.inspector),
                "service_quality_audit.mgmtsystem_nonconformity_view_form",
            )
            form.name = "No spare parts"
            form.description = "Spare parts were missing twice in one week"
            form.partner_id = self.acme
            form.responsible_user_id = self.leader
            form.manager_user_id = self.head
            record = form.save()
        self.assertEqual(record.state, "draft")
        self.assertTrue(record.service_due_on)

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def test_no_gate_is_written_past(self):
        """The client, a program, a mass edit and an import come through no gate."""
        record = self._raise()
        stages = self.env["mgmtsystem.nonconformity.stage"].search(
            [("state", "!=", "draft")]
        )
        for user in (self.leader, self.inspector, self.boss):
            own = record.with_user(user)
            for stage in stages:
                with self.assertRaises(AccessError, msg=stage.name):
                    own.write({"stage_id": stage.id})
            for name in ("closing_date", "service_approved_at", "service_closed_by_id"):
                with self.assertRaises(AccessError, msg=name):
                    own.write({name: False})
        with self.assertRaises(AccessError):
            record.sudo().with_context(is_writing=True).stage_id = stages[0]
        with self.assertRaises(AccessError):
            self.Nonconformity.with_user(self.inspector).create(
                {"name": "x", "description": "Found today", "stage_id": stages[-1].id}
            )
        found = self.Nonconformity.with_user(self.inspector).load(
            ["name", "description", "stage_id"],
            [["x", "Found today", "Closed"]],
        )
        self.assertFalse(found["ids"])
        self.assertEqual(record.state, "draft")

    def test_stays_in_its_company(self):
        """A company without a regulation is no way round the gates."""
        other = self.env["res.company"].create({"name": "Free"})
        self.inspector.company_ids |= other
        own = self._raise().with_user(self.inspector)
        own = own.with_context(allowed_company_ids=[self.company.id, other.id])
        for company in (other.id, False):
            with self.assertRaises(AccessError):
                own.company_id = company

    def test_nothing_after_its_gate(self):
        """What was signed for is not written any more, by whoever."""
        record = self._until(self._raise(), "submitted")
        refused = {
            "name": "Other", "description": "Other", "service_correction": "Other",
            "analysis": "Other", "action_comments": "Other", "severity_id": False,
        }  # fmt: skip
        for user in (self.leader, self.inspector, self.boss):
            for name, value in refused.items():
                with self.assertRaises(AccessError, msg=name):
                    record.with_user(user).write({name: value})
            with self.assertRaises(AccessError):
                record.service_cause_ids[:1].with_user(user).answer = "Other"
            with self.assertRaises(AccessError):
                record.service_cause_ids[:1].with_user(user).unlink()
            with self.assertRaises(AccessError):
                record.service_check_id.with_user(user).wait_days = 1
            with self.assertRaises(AccessError):
                record.service_check_id.with_user(user).unlink()

    def test_correction_is_asked_for(self):
        record = self._raise()
        own = record.with_user(self.leader)
        with self.assertRaises(ValidationError):
            own.action_correct()
        own.service_correction = "."
        with self.assertRaises(ValidationError):
            own.action_correct()
        self._correct(record)
        self.assertEqual(record.state, "analysis")
        self.assertEqual(record.immediate_action_id.type_action, "immediate")
        self.assertEqual(record.immediate_action_id.service_state, "done")
        self.assertEqual(record.immediate_action_id.service_result, CORRECTION)

    def test_nothing_could_be_corrected(self):
        """Where nothing could be put right at once no measure says that it was."""
        record = self._raise()
        own = record.with_user(self.leader)
        own.service_is_corrected = False
        own.service_correction = "The customer was gone already"
        own.action_correct()
        self.assertFalse(record.immediate_action_id)
        self.assertEqual(record.state, "analysis")

    def test_cause_by_a_method(self):
        """One text is no search for a cause, and neither is a search without a root."""
        record = self._until(self._raise(grade="major"), "analysis")
        own = record.with_user(self.leader)
        with self.assertRaises(ValidationError):
            own.action_analysed()
        own.analysis = "The fitter forgot it, as we all know"
        own.service_cause_ids = [
            Command.create({"question": "Why?", "answer": "It was forgotten"})
        ]
        with self.assertRaises(ValidationError):
            own.action_analysed()
        own.service_cause_ids = [
            Command.create({"question": "Why that?", "answer": "No list says so"}),
            Command.create({"question": "Why no list?", "answer": "Nobody wrote one"}),
        ]
        with self.assertRaises(ValidationError, msg="no root cause"):
            own.action_analysed()
        own.service_cause_ids[-1:].write(
            {"is_root": True, "cause_id": self.cause.id, "evidence": "Talk of March 3"}
        )
        own.action_analysed()
        self.assertEqual(record.state, "pending")

    def test_cause_by_a_fishbone(self):
        record = self._until(self._raise(), "analysis")
        own = record.with_user(self.leader)
        own.service_cause_ids = [
            Command.create(
                {
                    "method": "fishbone",
                    "branch": branch,
                    "answer": f"Looked at: {branch}",
                    "is_root": branch == "tool",
                    "cause_id": self.cause.id,
                    "evidence": "Seen at the customer",
                }
            )
            for branch in ("people", "tool")
        ]
        with self.assertRaises(ValidationError):
            own.action_analysed()
        own.service_cause_ids = [
            Command.create(
                {"method": "fishbone", "branch": "method", "answer": "There is a list"}
            )
        ]
        own.action_analysed()

    def test_minor_needs_no_cause_where_its_severity_says_so(self):
        """By its severity's setting a minor one goes on without; a major one never."""
        severities = self.env["mgmtsystem.nonconformity.severity"]
        slight = severities.create({"name": "Slight", "service_needs_cause": False})
        record = self._raise()
        record.severity_id = slight
        self._correct(record)
        self.assertEqual(record.state, "pending")
        record = self._raise(source=self.other_team, grade="major")
        self._correct(record)
        self.assertEqual(record.state, "analysis")

    def test_plan_is_asked_for(self):
        """No approval without an action, and a check that was fixed beforehand."""
        record = self._until(self._raise(), "pending")
        own = record.with_user(self.leader)
        with self.assertRaises(ValidationError):
            own.action_submit()
        self._plan(record, submit=False, looker_id=self.owner.id)
        with self.assertRaises(ValidationError, msg="the owner looks at own work"):
            own.action_submit()
        own.service_check_id.looker_id = self.inspector
        own.action_submit()
        self.assertTrue(record.service_awaits_approval)
        self.assertEqual(record.service_check_id.measure_ids.user_id, self.owner)

    def test_no_action_is_approved_past_the_plan(self):
        record = self._until(self._raise(), "submitted")
        measure = record._service_actions()[:1]
        self.assertEqual(measure.service_state, "proposed")
        for user in (self.head, self.boss):
            with self.assertRaises(UserError):
                measure.with_user(user).action_approve()
        self.assertEqual(measure.service_state, "proposed")

    def test_approval_of_minor_by_the_head(self):
        record = self._until(self._raise(), "submitted")
        for user in (self.leader, self.owner, self.inspector, self.boss):
            with self.assertRaises(AccessError, msg=user.login):
                record.with_user(user).action_approve()
        self._approve(record)
        self.assertEqual(record.state, "open")
        self.assertEqual(record.service_approved_by_id, self.head)
        [measure] = record._service_actions()
        self.assertEqual(measure.service_state, "open")
        self.assertEqual(measure.service_approved_by_id, self.head)
        with self.assertRaises(UserError):
            self._approve(record)

    def test_approval_of_major_by_an_executive(self):
        record = self._until(self._raise(grade="major"), "submitted")
        with self.assertRaises(AccessError):
            record.with_user(self.head).action_approve()
        self._approve(record, self.boss)
        self.assertEqual(record.state, "open")

    def test_approval_of_costly_by_an_executive(self):
        self.company.service_costly_from = 5000
        record = self._until(self._raise(), "submitted", cost=5000)
        with self.assertRaises(AccessError):
            record.with_user(self.head).action_approve()
        self._approve(record, self.boss)

    def test_no_one_approves_own_proposals(self):
        """Who owns an action does not approve it: then somebody else comes first."""
        record = self._until(self._raise(responsible=self.head), "submitted")
        with self.assertRaises(AccessError):
            record.with_user(self.head).action_approve()
        self._approve(record, self.boss)

    def test_several_at_once(self):
        """The minor ones of a quarter are approved in one list."""
        records = self._raise() | self._raise(source=self.other_team)
        for record in records:
            self._until(record, "submitted")
        self._approve(records)
        self.assertEqual(set(records.mapped("state")), {"open"})

    def test_sent_back(self):
        record = self._until(self._raise(), "submitted")
        with self.assertRaises(AccessError):
            record.with_user(self.caller)._send_back("The owner is on leave")
        record.with_user(self.head)._send_back("The owner is on leave")
        self.assertEqual(record.state, "pending")
        self.assertFalse(record.service_awaits_approval)
        record.with_user(self.leader).service_check_id.wait_days = 40
        record.with_user(self.leader).action_submit()
        self._approve(record)

    def test_done_with_evidence(self):
        record = self._until(self._raise(), "open")
        own = record.with_user(self.leader)
        own.service_result = RESULT
        with self.assertRaises(ValidationError, msg="an action is open"):
            own.action_report_done()
        record._service_actions().with_user(self.owner)._report_done(RESULT)
        own.service_result = False
        with self.assertRaises(ValidationError, msg="nothing shows it"):
            own.action_report_done()
        own.service_result = RESULT
        own.action_report_done()
        self.assertEqual(record.state, "check")

    def test_gates_are_for_who_handles_it(self):
        """Colleagues who neither answer for it nor supervise take no step."""
        record = self._raise()
        for user in (self.caller, self.owner, self.proposer):
            with self.assertRaises(AccessError, msg=user.login):
                record.with_user(user).action_correct()

    def test_finding_is_not_edited_by_whom_it_is_of(self):
        record = self._raise()
        for name in ("description", "severity_id", "origin_ids"):
            with self.assertRaises(AccessError, msg=name):
                record.with_user(self.leader).write({name: False})
        quality = self._user("rewriting_quality", "quality")
        record.with_user(quality).description = "Four racks have no labels"

    def test_what_grades_and_causes_were_called_is_kept(self):
        """Regulation A3.2.1: what is on record is not renamed without a trace."""
        quality = self._user("renaming_quality", "quality")
        record = self._raise()
        own = record.severity_id.copy({"name": "Of ours", "service_is_major": True})
        record.severity_id = own
        for one, values in (
            (own, {"name": "Trifle"}),
            (own, {"service_is_major": False}),
            (record.stage_id, {"name": "Closed"}),
            (self.cause, {"name": "Bad luck"}),
        ):
            one.with_user(quality).write(values)
            row = self.env["service.quality.rectification"].search(
                [("res_model", "=", one._name), ("res_id", "=", one.id)],
                order="id desc",
                limit=1,
            )
            self.assertEqual(row.field_name, next(iter(values)))
            self.assertEqual(row.user_id, quality)
            self.assertNotEqual(row.old_text, row.new_text)
        with self.assertRaises(UserError):
            own.with_user(quality).unlink()

    def test_others_only_make_it_graver(self):
        """Regulation A3.2.1: what another has found is not talked down in draft."""
        major = self.env.ref("mgmtsystem_nonconformity.severity_major", False)
        finders = [self._user(f"other_{role}", role) for role in (
            "technical_centre", "service_manager", "executive",
        )]  # fmt: skip
        minor = self._raise()
        grave = self._raise(source=self.other_team, grade="major")
        for user in (*finders, self.head):
            for record, values in (
                (minor, {"name": "No thing"}),
                (minor, {"description": "Nothing at all was found here"}),
                (minor, {"severity_id": False}),
                (grave, {"severity_id": minor.severity_id.id}),
            ):
                with self.assertRaises(AccessError, msg=(user.login, values)):
                    record.with_user(user).write(values)
        graver = major or grave.severity_id
        minor.with_user(finders[0]).severity_id = graver
        self.assertEqual(minor.severity_id, graver)

    def test_cancelled_by_who_has_no_part_in_it(self):
        """Regulation A3.2.1: nobody lets vanish what they are judged by."""
        record = self._raise()
        grave = self._raise(source=self.other_team, grade="major")
        reason = "It was found twice, see the other one"
        quality = self._user("cancelling_quality", "quality")
        executive = self._user("cancelling_executive", "executive")
        for user in (self.leader, self.head):
            self.assertFalse(record.with_user(user).service_may_cancel)
            with self.assertRaises(AccessError, msg=user.login):
                record.with_user(user)._cancel(reason)
        with self.assertRaises(ValidationError):
            record.with_user(quality)._cancel("")
        with self.assertRaises(AccessError, msg="major"):
            grave.with_user(quality)._cancel(reason)
        record.with_user(quality)._cancel(reason)
        self.assertEqual(record.state, "cancel")
        self.assertEqual(record.decision_ids.user_id, quality)
        grave.with_user(executive)._cancel(reason)
        self.assertEqual(grave.state, "cancel")

    def test_stays_on_record(self):
        with self.assertRaises(UserError):
            self._raise().unlink()

    # ------------------------------------------------------------------
    # Effect
    # ------------------------------------------------------------------

    def _judge(self, record, answer, moment="2026-04-20 09:00", user=None):
        with freeze_time(moment):
            record.with_user(user or self.inspector)._judge_effect(answer, FOUND)

    def test_effect_is_looked_at_in_time(self):
        record = self._until(self._raise(), "check")
        with self.assertRaises(UserError, msg="too early"):
            self._judge(record, "yes", "2026-03-21 09:00")
        for user in (self.leader, self.owner, self.head):
            with self.assertRaises(AccessError, msg=user.login):
                self._judge(record, "yes", user=user)
        self._judge(record, "yes")
        self.assertEqual(record.state, "done")
        self.assertTrue(record.closing_date)
        self.assertEqual(record.evaluation_comments, FOUND)
        actions = record._get_all_actions()
        self.assertEqual(set(actions.mapped("service_state")), {"closed"})

    def test_not_effective_comes_back_higher(self):
        record = self._until(self._raise(), "check")
        self._judge(record, "no")
        self.assertEqual(record.state, "analysis")
        self.assertEqual((record.service_round, record.service_level), (2, 1))
        self.assertTrue(record.service_is_major)
        with self.assertRaises(ValidationError, msg="causes of the first round"):
            record.with_user(self.leader).action_analysed()
        with self.assertRaises(AccessError, msg="an earlier round"):
            record.service_cause_ids[:1].with_user(self.leader).answer = "Other"
        self._analyse(record, "2026-04-21 09:00")
        with self.assertRaises(ValidationError, msg="actions of the first round"):
            record.with_user(self.leader).action_submit()
        self._plan(record, "2026-04-21 09:00")
        with self.assertRaises(AccessError, msg="one level higher"):
            self._approve(record, moment="2026-04-22 09:00")
        self._approve(record, self.boss, "2026-04-22 09:00")
        self._carry_out(record, "2026-04-30 09:00")
        self._judge(record, "yes", "2026-06-30 09:00")
        self.assertEqual(record.state, "done")

    def test_overruled_with_a_reason(self):
        record = self._until(self._raise(grade="major"), "check")
        self._judge(record, "no")
        with self.assertRaises(AccessError):
            record.with_user(self.inspector)._overrule(FOUND)
        with self.assertRaises(ValidationError):
            record.with_user(self.boss)._overrule("")
        record.with_user(self.boss)._overrule("The racks of Globex were counted too")
        self.assertEqual(record.state, "done")
        self.assertEqual((record.service_round, record.service_level), (1, 0))
        self.assertTrue(record.service_check_id.is_overruled)
        with self.assertRaises(UserError, msg="once"):
            record.with_user(self.boss)._overrule("And back again, as it seems")

    def test_overruled_has_what_its_round_had(self):
        """Severity, approval and result are those of the round that has worked."""
        record = self._until(self._raise(), "check")
        before = record.read(["severity_id", "service_approved_at", "service_result"])
        measures = record.service_check_id.measure_ids
        self._judge(record, "no")
        self.assertTrue(record.service_is_major)
        self.assertFalse(record.service_result)
        self.assertEqual(set(measures.mapped("service_is_effective")), {"no"})
        record.with_user(self.boss)._overrule("The racks of Globex were counted too")
        after = record.read(["severity_id", "service_approved_at", "service_result"])
        self.assertEqual(after, before)
        self.assertFalse(record.service_level)
        self.assertEqual(set(measures.mapped("service_is_effective")), {"yes"})
        of_round = record.signature_ids.filtered(lambda one: one.meaning != "effect")
        self.assertEqual(len(of_round), 5)
        self.assertTrue(all(of_round.mapped("is_intact")))

    # ------------------------------------------------------------------
    # Signatures
    # ------------------------------------------------------------------

    def test_signatures(self):
        """A signature is of exactly what was signed; a later edit breaks it visibly."""
        record = self._until(self._raise(), "check")
        self._judge(record, "yes")
        signatures = record.signature_ids
        self.assertEqual(
            signatures.mapped("meaning"),
            ["correction", "cause", "plan", "approved", "done", "effect"],
        )
        self.assertEqual(signatures[3].user_id, self.head)
        self.assertTrue(all(signatures.mapped("is_intact")))
        self.assertFalse(record.is_signature_broken)
        action = record._service_actions()
        self.env.cr.execute(
            "UPDATE mgmtsystem_action SET service_cost = 7 WHERE id = %s", [action.id]
        )
        self.env.invalidate_all()
        self.assertEqual(
            record.signature_ids.mapped("is_intact"),
            [True, True, False, False, False, False],
        )
        self.assertEqual(record.signature_ids[3].changed, "Actions")
        self.assertTrue(record.is_signature_broken)
        with self.assertRaises(AccessError):
            signatures[3].with_user(self.inspector).digest = "0"

    def test_what_is_signed_again_is_unbroken(self):
        """A plan that was sent back and changed is signed for a second time."""
        record = self._until(self._raise(), "submitted")
        with freeze_time(DAY):
            record.with_user(self.head)._send_back("Say what the labels cost")
            action = record._service_actions()
            action.with_user(self.leader).service_cost = 70
            record.with_user(self.leader).action_submit()
        self.env.invalidate_all()
        plans = record.signature_ids.filtered(lambda one: one.meaning == "plan")
        self.assertEqual(plans.mapped("is_intact"), [False, True])
        self.assertEqual(plans.mapped("is_replaced"), [True, False])
        self.assertFalse(record.is_signature_broken)

    def test_closed_is_rectified_alone(self):
        record = self._until(self._raise(), "check")
        self._judge(record, "yes")
        for user in (self.leader, self.inspector, self.boss):
            with self.assertRaises(UserError, msg=user.login):
                record.with_user(user).service_result = "Nothing, to be frank"
        own = record.with_user(self.inspector)
        own._rectify("service_result", "Photos are on paper", "They were not there")
        self.assertEqual(record.service_result, "Photos are on paper")

    # ------------------------------------------------------------------
    # Without a regulation
    # ------------------------------------------------------------------

    def test_free_company_is_as_it_was(self):
        """Where no regulation is in force the management system works as it did."""
        free = self.env["res.company"].create({"name": "Free"})
        self.inspector.company_ids |= free
        record = self.Nonconformity.with_company(free).create(
            {
                "partner_id": self.acme.id,
                "manager_user_id": self.inspector.id,
                "responsible_user_id": self.inspector.id,
                "description": "Found today",
            }
        )
        self.assertEqual(record.company_id, free)
        own = record.with_user(self.inspector).with_company(free)
        own.action_comments = "Do it"
        own.stage_id = self.env.ref("mgmtsystem_nonconformity.stage_open")
        own.evaluation_comments = "It is good"
        own.stage_id = self.env.ref("mgmtsystem_nonconformity.stage_done")
        self.assertTrue(record.closing_date)
        with self.assertRaises(UserError):
            own.action_correct()
