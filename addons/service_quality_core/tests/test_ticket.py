from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..models.service_quality_ticket_work_mixin import RecordMissing
from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestTicket(ServiceQualityCase):
    # ------------------------------------------------------------------
    # The record of the work
    # ------------------------------------------------------------------

    def _ask_for_everything(self):
        self.team.write(
            {
                "service_require_work_done": True,
                "service_require_cause": True,
                "service_require_solution": True,
            }
        )

    def test_no_ticket_is_resolved_without_its_record(self):
        """Regulation A3.6.1: a plain write is refused, and says what is missing."""
        self._ask_for_everything()
        ticket = self._ticket("2026-03-02 09:00:00", service_work_done="Looked at it")
        for phase in ("resolved", "closed"):
            with self.assertRaises(RecordMissing) as refusal:
                self._move(ticket, phase, "2026-03-02 10:00:00")
            text, action = str(refusal.exception), refusal.exception.context["action"]
            self.assertIn(ticket.number, text)
            self.assertIn("Cause, Solution", text)
            self.assertNotIn("Work Done", text)
            self.assertEqual(action["res_model"], "helpdesk.ticket.finish")
            self.assertEqual(
                refusal.exception.context["fields"],
                ["service_cause_id", "service_solution_id"],
            )
            ticket.invalidate_recordset(flush=False)

    def test_no_ticket_is_entered_as_resolved_without_its_record(self):
        """Regulation A3.6.1: entering it in its last stage is no way around."""
        self._ask_for_everything()
        with self.assertRaisesRegex(ValidationError, "Cause, Solution"):
            self._ticket(
                stage_id=self.stages["resolved"].id, service_work_done="Told them how"
            )
        with self.assertRaisesRegex(ValidationError, "Reason"):
            self._ticket(stage_id=self.stages["cancelled"].id)
        done = self._ticket(
            stage_id=self.stages["resolved"].id,
            service_work_done="Told them how",
            service_cause_id=self.env.ref(
                "service_quality_core.service_quality_cause_operation"
            ).id,
            service_solution_id=self.env.ref(
                "service_quality_core.service_quality_solution_explained"
            ).id,
        )
        opened = done.service_event_ids.filtered(lambda event: event.kind == "opened")
        self.assertEqual(opened.value["phase"], "resolved")

    def test_mass_write_needs_the_record_of_each(self):
        """Regulation A3.6.1: one ticket without a record keeps all from moving."""
        self.team.service_require_work_done = True
        tickets = self._ticket(service_work_done="Reset the exchange") | self._ticket()
        with self.assertRaises(RecordMissing), self.env.cr.savepoint():
            tickets.stage_id = self.stages["resolved"]
        tickets.invalidate_recordset(flush=False)
        self.assertEqual(tickets.stage_id, self.stages["new"])
        self.assertEqual(tickets.service_event_ids.mapped("kind"), ["opened"] * 2)

    def test_record_given_with_the_move(self):
        """Regulation A3.6.1: record and stage in one write pass, and both are kept."""
        self._ask_for_everything()
        cause = self.env.ref("service_quality_core.service_quality_cause_network")
        solution = self.env.ref(
            "service_quality_core.service_quality_solution_repaired"
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        record = {
            "service_work_done": "Patched the cable",
            "service_cause_id": cause.id,
            "service_solution_id": solution.id,
        }
        self._move(ticket, "resolved", "2026-03-02 10:00:00", **record)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(ticket.service_work_done, "Patched the cable")
        self.assertEqual(ticket.service_cause_id, cause)
        self.assertEqual(ticket.service_solution_id, solution)

    def test_resolved_is_closed_without_asking_again(self):
        """Regulation A3.6.1: the record is asked for once, when the work is done."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        self.team.service_require_work_done = True
        self._move(ticket, "closed", "2026-03-02 11:00:00")
        self.assertEqual(ticket.stage_id, self.stages["closed"])

    def test_cancelling_needs_a_reason(self):
        """Regulation A3.6.1: a ticket is not dropped without saying why."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with self.assertRaises(RecordMissing):
            self._move(
                ticket, "cancelled", "2026-03-02 10:00:00", service_cancel_reason=False
            )
        ticket.invalidate_recordset(flush=False)
        self._move(
            ticket, "cancelled", "2026-03-02 10:00:00", service_cancel_reason="Spam"
        )
        [row] = ticket.service_event_ids.filtered(lambda row: row.kind == "phase")
        self.assertEqual(row.reason, "Spam")
        self.env.invalidate_all()
        self.assertEqual(ticket.service_cancel_reason, "Spam")

    def test_cancelling_what_is_promised_needs_words(self):
        """Regulation A3.6.1: promises to a customer do not end for a full stop."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with self.assertRaisesRegex(RecordMissing, "promises that are running"):
            self._move(
                ticket, "cancelled", "2026-03-02 10:00:00", service_cancel_reason="."
            )
        ticket.invalidate_recordset(flush=False)
        self._move(
            ticket,
            "cancelled",
            "2026-03-02 10:00:00",
            service_cancel_reason="Entered for another customer",
        )
        self.assertEqual(ticket.stage_id, self.stages["cancelled"])

    def test_dialog_asks_for_what_is_missing(self):
        """Regulation A3.6.1: the dialog resolves, at the time when it was done."""
        self._agreement(TARGET)
        self.team.service_require_work_done = True
        ticket = self._ticket("2026-03-02 09:00:00")
        context = ticket.action_service_resolve()["context"]
        with freeze_time("2026-03-02 12:00:00"):
            wizard = Form(self.env["helpdesk.ticket.finish"].with_context(**context))
            wizard.service_work_done = "Restarted the exchange"
            wizard.finished_at = "2026-03-02 11:00:00"
            wizard.save().action_confirm()
        self.assertEqual(ticket.service_work_done, "Restarted the exchange")
        self.assertEqual(ticket.stage_id, self.stages["resolved"])
        self.assertMoment(self.clock(ticket).stopped_at, "2026-03-02 11:00")

    def test_dialog_cancels(self):
        """Regulation A3.6.1: the same dialog takes the reason for cancelling."""
        ticket = self._ticket("2026-03-02 09:00:00")
        context = ticket.action_service_cancel()["context"]
        wizard = Form(self.env["helpdesk.ticket.finish"].with_context(**context))
        wizard.service_cancel_reason = "Entered twice"
        wizard.save().action_confirm()
        self.assertEqual(ticket.stage_id._service_phase(), "cancelled")
        self.assertEqual(ticket.service_cancel_reason, "Entered twice")

    # ------------------------------------------------------------------
    # Processes
    # ------------------------------------------------------------------

    def test_every_ticket_has_a_process(self):
        """Regulation A4.3.3: nobody has to choose one for a ticket to have one."""
        self.assertEqual(self._ticket().type_id, self.incident)
        request = self.env.ref("service_quality_core.helpdesk_ticket_type_request")
        self.env.company.service_process_id = request
        self.assertEqual(self._ticket().type_id, request)
        ticket = self._ticket(type_id=self.change.id)
        self.assertEqual(ticket.type_id, self.change)
        with self.assertRaisesRegex(ValidationError, "process"):
            ticket.type_id = False

    def test_process_is_a_condition(self):
        """Regulation A4.3.3: changes and incidents may be promised different times."""
        self._agreement(
            TARGET, {**TARGET, "duration": 40, "process_id": self.change.id}
        )
        incident = self._ticket("2026-03-02 09:00:00")
        change = self._ticket("2026-03-02 09:00:00", type_id=self.change.id)
        self.assertEqual(self.clock(incident).target_seconds, 8 * 3600)
        self.assertEqual(self.clock(change).target_seconds, 40 * 3600)

    def test_choosing_a_process_keeps_the_team(self):
        """A team that names no types of its own takes any process."""
        with Form(self._ticket()) as form:
            form.type_id = self.change
            self.assertEqual(form.team_id, self.team)

    # ------------------------------------------------------------------
    # What a ticket says of itself
    # ------------------------------------------------------------------

    def test_no_team_no_calendar_no_agreement(self):
        """SLA case 15: each has a declared fallback; nothing fails."""
        bare = self._ticket("2026-03-02 09:00:00", team_id=False, partner_id=False)
        self.assertFalse(bare.service_has_agreement)
        self.assertFalse(bare.service_clock_ids.filtered("agreement_id"))
        self._move(bare, "active", "2026-03-02 10:00:00")
        self._move(bare, "resolved", "2026-03-02 11:00:00")
        self.assertEqual(bare.service_span_ids.mapped("wall_seconds"), [3600, 3600, 0])
        self._agreement(TARGET, calendar_id=False)
        always = self._ticket("2026-03-07 20:00:00", team_id=False)
        self.assertMoment(self.clock(always).deadline, "2026-03-08 04:00")
        self.assertTrue(always.service_has_agreement)
        found = self.env["helpdesk.ticket"].search(
            [("service_has_agreement", "=", False), ("id", "in", (bare | always).ids)]
        )
        self.assertEqual(found, bare)

    def test_time_per_holder_adds_up(self):
        """SLA case 18: each holder's time stands alone, and the sum is wall time."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-03 13:00:00"):
            ticket.team_id = self.other_team
        self._move(ticket, "resolved", "2026-03-04 09:00:00")
        spans = ticket.service_span_ids.filtered("date_to")
        held = {
            team: sum(spans.filtered(lambda s, t=team: s.team_id == t).mapped(name))
            for team in self.team | self.other_team
            for name in ("wall_seconds",)
        }
        self.assertEqual(held, {self.team: 28 * 3600, self.other_team: 20 * 3600})
        self.assertEqual(sum(spans.mapped("open_seconds")), 16 * 3600)
        for before, after in zip(spans, spans[1:], strict=False):
            self.assertEqual(before.date_to, after.date_from)

    def test_explanation_names_winner_and_losers(self):
        """SLA case 17: what applies can be explained, and why the others do not."""
        agreement = self._agreement(
            TARGET,
            {**TARGET, "duration": 4, "priority": "3"},
            {**TARGET, "duration": 6, "process_id": self.incident.id},
        )
        self._agreement(TARGET, partner_ids=self.globex.ids, name="Other customer")
        ticket = self._ticket("2026-03-02 09:00:00")
        [steps] = ticket.service_explain().values()
        chosen = [step for step in steps if step["chosen"]]
        self.assertEqual(len(chosen), 1)
        self.assertEqual(chosen, steps[:1])
        self.assertIn(agreement.display_name, chosen[0]["agreement"])
        reasons = [step["reason"] for step in steps]
        self.assertIn("fits, but less specific or later in order", reasons)
        self.assertIn("for another priority", reasons)

    def test_answer_and_close_in_one_save(self):
        """SLA case 7: resolving is a response as well; nothing is left running."""
        self._agreement({**TARGET, "metric": "first_response"}, TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        self.assertEqual(self.clock(ticket, "first_response").verdict, "met")

    def test_activity_alone_makes_no_follower(self):
        """A user who is given an activity on a ticket does not follow it by that."""
        ticket, user = self._ticket(), self._user("helper", "staff")
        for is_quiet in (True, False):
            ticket.with_context(service_no_follow=is_quiet).activity_schedule(
                "mail.mail_activity_data_todo", user_id=user.id
            )
            follows = user.partner_id in ticket.message_partner_ids
            self.assertEqual(follows, not is_quiet)

    def test_a_full_stop_is_no_record(self):
        """Regulation A3.6.1: a record says something; a Chinese character says more."""
        nothing = (".", "Done", " - ok - ", "……………………", "好的", "x" * 12, ".x" * 12)
        for text in nothing:
            with self.subTest(text=text):
                ticket = self._ticket("2026-03-02 09:00:00")
                refused = self.assertRaisesRegex(RecordMissing, "at least 10")
                with refused, self.cr.savepoint():  # which forgets what was written
                    self._move(
                        ticket,
                        "resolved",
                        "2026-03-02 10:00:00",
                        service_work_done=text,
                    )
                with self.assertRaisesRegex(ValidationError, "at least 10"):
                    self._ticket(
                        stage_id=self.stages["resolved"].id, service_work_done=text
                    )
        for text in ("Fan replaced", "已更换风扇"):
            ticket = self._ticket("2026-03-02 09:00:00")
            self._move(
                ticket, "resolved", "2026-03-02 10:00:00", service_work_done=text
            )
        with self.assertRaisesRegex(ValidationError, "at least 10"):
            ticket._rectify("service_work_done", ".", "Shorter")
        self.team.service_require_work_length = 0
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00", service_work_done=".")

    def test_copied_records_are_listed(self):
        """The same text of the same person within a day, whatever the blanks."""
        ann, bob = self._user("ann", "desk"), self._user("bob", "desk")
        tickets = self._ticket() | self._ticket() | self._ticket() | self._ticket()
        for ticket, user, moment, text in zip(
            tickets,
            (ann, ann, ann, bob),
            ("2026-03-02 10:00", "2026-03-03 09:00", "2026-03-05 09:00") * 2,
            ("Fan replaced", "fan  Replaced", "Fan replaced", "Fan replaced"),
            strict=False,
        ):
            with freeze_time(moment):
                ticket.with_user(user).service_work_done = text
        copied = self.env["helpdesk.ticket"].search(
            [("service_is_copied_work", "=", True), ("id", "in", tickets.ids)]
        )
        self.assertEqual(copied, tickets[:2] & copied)
        self.assertEqual(len(copied), 2)
        self.assertEqual(
            tickets.mapped("service_is_copied_work"), [True, True, False, False]
        )
