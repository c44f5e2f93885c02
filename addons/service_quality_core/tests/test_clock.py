from datetime import datetime, timedelta
from itertools import product

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from ..models.service_quality_clock import BURNING
from .common import ServiceQualityCase, printed

EIGHT_HOURS = {"metric": "resolution", "duration": 8, "pause_on": "both"}


@tagged("post_install", "-at_install")
class TestClock(ServiceQualityCase):
    def test_paused_then_solved_in_one_step(self):
        """SLA case 1: 8 h target, 1 h worked, 2 days on hold, solved: met, 1 h used."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self._move(ticket, "resolved", "2026-03-04 10:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.verdict), ("done", "met"))
        self.assertEqual(clock.elapsed_seconds, 3600)
        self.assertFalse(clock.running_since)
        self.assertGreaterEqual(clock.deadline, clock.stopped_at)
        self.assertFalse(ticket.service_deadline)
        self.assertEqual(ticket.service_state, "none")

    def test_pause_over_a_weekend_adds_nothing(self):
        """SLA case 2: Friday 16:00 to Monday 10:00 on hold moves it by two hours."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-06 15:00:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-09 15:00")
        self._move(ticket, "waiting_customer", "2026-03-06 16:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.deadline), ("paused", False))
        self._move(ticket, "active", "2026-03-09 10:00:00")
        clock = self.clock(ticket)
        self.assertEqual(clock.elapsed_seconds, 3600)
        self.assertMoment(clock.deadline, "2026-03-09 17:00")
        self._move(ticket, "waiting_customer", "2026-03-09 11:00:00")
        self._move(ticket, "active", "2026-03-09 11:30:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-10 09:30")

    def test_earlier_pauses_survive_a_change_of_priority(self):
        """SLA case 3: the new priority's clock knows the pause before the change."""
        self._agreement(EIGHT_HOURS, {**EIGHT_HOURS, "duration": 4, "priority": "3"})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self._move(ticket, "active", "2026-03-02 12:00:00")
        with freeze_time("2026-03-02 13:00:00"):
            ticket.priority = "3"
        clock = self.clock(ticket)
        self.assertEqual(clock.target_seconds, 4 * 3600)
        self.assertMoment(clock.started_at, "2026-03-02 09:00")
        self.assertMoment(clock.deadline, "2026-03-02 15:00")
        self.assertConsistent(ticket)

    def test_reopened_clock_continues(self):
        """SLA case 4: *continue* clears the verdict, resolved time is not counted."""
        self._agreement({**EIGHT_HOURS, "on_reopen": "continue"})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 11:00:00")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self._move(ticket, "active", "2026-03-03 09:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.verdict, clock.cycle), (False, 1))
        self.assertMoment(clock.deadline, "2026-03-03 15:00")
        self.assertEqual(ticket.service_cycle, 2)

    def test_reopened_clock_restarts(self):
        """SLA case 4: *restart* keeps the verdict and starts the next cycle."""
        self._agreement({**EIGHT_HOURS, "on_reopen": "restart"})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 11:00:00")
        self._move(ticket, "active", "2026-03-03 09:00:00")
        first, second = ticket.service_clock_ids.sorted("cycle")
        self.assertEqual((first.verdict, first.counted), ("met", True))
        self.assertEqual((second.state, second.counted), ("running", True))
        self.assertMoment(second.deadline, "2026-03-03 17:00")

    def test_reopened_clock_stays_judged(self):
        """SLA case 4: *never* lets the first verdict stand."""
        self._agreement({**EIGHT_HOURS, "on_reopen": "never"})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 11:00:00")
        self._move(ticket, "active", "2026-03-03 09:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.verdict), ("done", "met"))
        self._move(ticket, "resolved", "2026-03-20 11:00:00")
        self.assertEqual(self.clock(ticket), clock)
        self.assertMoment(clock.stopped_at, "2026-03-02 11:00")

    def test_miss_survives_a_reopening(self):
        """SLA case 4: reopening clears a kept promise, never a broken one."""
        self._agreement({**EIGHT_HOURS, "on_reopen": "continue"})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-03 11:00:00")
        self._move(ticket, "active", "2026-03-03 12:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.verdict), ("running", "missed"))
        self.assertMoment(clock.judged_at, "2026-03-02 17:00")

    def test_final_phases_silence_every_clock(self):
        """SLA case 5: resolved, closed, cancelled and duplicate tickets run nothing."""
        metrics = ("first_response", "resolution", "update", "arrival")
        self._agreement(*({**EIGHT_HOURS, "metric": metric} for metric in metrics))
        tickets = [self._ticket("2026-03-02 09:00:00") for _number in range(4)]
        for phase, ticket in zip(
            ("resolved", "closed", "cancelled"), tickets, strict=False
        ):
            self._move(ticket, phase, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            tickets[3].duplicate_id = tickets[0]
        for ticket in tickets:
            states = set(ticket.service_clock_ids.mapped("state"))
            self.assertLessEqual(states, {"done", "cancelled"})
            self.assertFalse(ticket.service_clock_ids.mapped("warning_at")[0])
            self.assertFalse(ticket.service_deadline)
        self.assertEqual(set(tickets[3].service_clock_ids.mapped("verdict")), {False})

    def test_clocks_follow_every_change(self):
        """SLA case 6: team, customer, category and process choose a new target."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Phones"})
        self._agreement(
            EIGHT_HOURS,
            {**EIGHT_HOURS, "duration": 7, "team_id": self.other_team.id},
            {**EIGHT_HOURS, "duration": 6, "process_id": self.change.id},
            {**EIGHT_HOURS, "duration": 5, "category_id": category.id},
        )
        self._agreement(
            {**EIGHT_HOURS, "duration": 2}, partner_ids=self.globex.ids, name="Globex"
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        changes = [
            ({}, 8),
            ({"type_id": self.change.id}, 6),
            ({"team_id": self.other_team.id}, 7),
            ({"category_id": category.id}, 5),
            ({"partner_id": self.globex.id}, 2),
        ]
        for values, hours in changes:
            with freeze_time("2026-03-02 10:00:00"):
                ticket.write(values)
            clock = self.clock(ticket)
            self.assertEqual(clock.target_seconds, hours * 3600)
            self.assertMoment(clock.started_at, "2026-03-02 09:00")
        self.assertConsistent(ticket)

    def test_miss_is_never_erased_by_reclassifying(self):
        """SLA case 6: a late ticket moved to a slower target stays missed."""
        agreement = self._agreement(
            EIGHT_HOURS, {**EIGHT_HOURS, "duration": 2, "priority": "3"}
        )
        ticket = self._ticket("2026-03-02 09:00:00", priority="3")
        with freeze_time("2026-03-02 12:00:00"):
            ticket.priority = "1"
        urgent, usual = agreement.target_ids.sorted("duration")
        self._move(ticket, "resolved", "2026-03-02 13:00:00")
        clocks = {clock.target_id: clock for clock in ticket.service_clock_ids}
        self.assertEqual(clocks[urgent].verdict, "missed")
        self.assertMoment(clocks[urgent].judged_at, "2026-03-02 11:00")
        self.assertTrue(clocks[urgent].counted)
        self.assertFalse(clocks.get(usual, clocks[urgent].browse()).counted)
        self.assertConsistent(ticket)

    def test_waiting_for_the_customer_pauses_where_agreed(self):
        """SLA case 8: each target says which waiting pauses it."""
        self._agreement(
            {**EIGHT_HOURS, "pause_on": "customer"},
            {**EIGHT_HOURS, "pause_on": "nothing", "metric": "first_response"},
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self.assertEqual(self.clock(ticket).state, "paused")
        self.assertEqual(self.clock(ticket, "first_response").state, "running")
        self._move(ticket, "waiting_third_party", "2026-03-02 11:00:00")
        self.assertEqual(self.clock(ticket).state, "running")

    def test_a_promise_to_answer_runs_on_hold(self):
        """Holding a ticket answers nobody: only the work itself waits by default."""
        hours = {"duration": 8, "unit": "hour"}
        metrics = ("first_response", "arrival", "resolution", "update")
        agreement = self._agreement(*({"metric": name, **hours} for name in metrics))
        paused = {one.metric: one.pause_on for one in agreement.target_ids}
        self.assertEqual(
            paused,
            dict.fromkeys(metrics[:2], "nothing")
            | dict.fromkeys(metrics[2:], "customer"),
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        states = {name: self.clock(ticket, name).state for name in metrics}
        self.assertEqual(
            {name for name, state in states.items() if state == "paused"},
            {"resolution", "update"},
        )
        with freeze_time("2026-03-03 09:00"):
            self.assertEqual(self.clock(ticket, "first_response").burning, "late")
        self.assertConsistent(ticket)

    def test_the_metric_proposes_the_pause(self):
        """Another metric proposes its own pause; what was chosen is kept."""
        with Form(self.env["service.quality.target"]) as form:
            form.metric = "resolution"
            self.assertEqual(form.pause_on, "customer")
            form.metric = "complaint_answer"
            self.assertEqual(form.pause_on, "nothing")
            form.pause_on = "both"
        self.assertEqual(form.record.pause_on, "both")

    def test_warning_is_business_time(self):
        """SLA case 12: 80 % of 8 h from Friday 12:00 is Monday 10:24, not midnight."""
        self._agreement({**EIGHT_HOURS, "warning_percent": 80})
        ticket = self._ticket("2026-03-06 12:00:00")
        clock = self.clock(ticket)
        self.assertMoment(clock.warning_at, "2026-03-09 10:24")
        self.assertMoment(clock.deadline, "2026-03-09 12:00")

    def test_late_without_any_edit(self):
        """SLA case 14: time alone makes a clock late; nothing has to be written."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        expected = {
            "2026-03-02 15:23:59": "running",
            "2026-03-02 15:24:00": "at_risk",
            "2026-03-02 17:00:00": "at_risk",
            "2026-03-02 17:00:01": "late",
        }
        Ticket = self.env["helpdesk.ticket"]
        for moment, state in expected.items():
            with freeze_time(moment):
                ticket.invalidate_recordset()
                self.clock(ticket).invalidate_recordset()
                self.assertEqual(ticket.service_state, state, moment)
                found = Ticket.search([("service_state", "=", state)])
                self.assertIn(ticket, found)
                others = [name for name in set(expected.values()) if name != state]
                self.assertNotIn(
                    ticket, Ticket.search([("service_state", "in", others)])
                )
                self.assertNotIn(
                    ticket, Ticket.search([("service_state", "!=", state)])
                )
        self.assertEqual(self.kinds(ticket), ["opened"])

    def test_each_update_ends_a_round(self):
        """Regulation A4.3.3: the customer hears from us again within the time."""
        self._agreement({**EIGHT_HOURS, "metric": "update", "duration": 2})
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_record("updated")
        with freeze_time("2026-03-02 13:00:00"):
            ticket.service_record("updated")
        self._move(ticket, "resolved", "2026-03-02 14:00:00")
        rounds = ticket.service_clock_ids.sorted("round")
        self.assertEqual(rounds.mapped("verdict"), ["met", "missed", "met"])
        self.assertEqual(rounds.mapped("state"), ["done"] * 3)

    def test_teams_time_is_summed(self):
        """An agreement between teams counts the time that each holds it."""
        self._agreement(
            {**EIGHT_HOURS, "duration": 3},
            kind="ola",
            team_ids=(self.team | self.other_team).ids,
            partner_ids=[],
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            ticket.team_id = self.other_team
        with freeze_time("2026-03-02 12:00:00"):
            ticket.team_id = self.team
        with freeze_time("2026-03-02 12:30:00"):
            ticket.team_id = self.other_team
        self._move(ticket, "resolved", "2026-03-02 16:00:00")
        clocks = ticket.service_clock_ids.sorted("elapsed_seconds")
        self.assertEqual(clocks.mapped("elapsed_seconds"), [9000, 16200])
        self.assertEqual(clocks.mapped("verdict"), ["met", "missed"])
        self.assertEqual(clocks.mapped("team_id"), self.team | self.other_team)
        self.assertConsistent(ticket)

    def test_suppliers_time_is_what_was_waited_for_him(self):
        """An underpinning contract counts only while this supplier is waited for."""
        self._agreement(
            {**EIGHT_HOURS, "duration": 3, "pause_on": "nothing"},
            kind="uc",
            partner_ids=self.supplier.ids,
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertFalse(ticket.service_clock_ids)
        self._move(
            ticket,
            "waiting_third_party",
            "2026-03-02 10:00:00",
            service_party_id=self.supplier.id,
        )
        self.assertMoment(self.clock(ticket).deadline, "2026-03-02 13:00")
        with freeze_time("2026-03-02 11:00:00"):
            ticket.service_party_id = self.globex
        self.assertEqual(self.clock(ticket).state, "paused")
        with freeze_time("2026-03-02 12:00:00"):
            ticket.service_party_id = self.supplier
        self.assertMoment(self.clock(ticket).deadline, "2026-03-02 14:00")
        self._move(ticket, "active", "2026-03-02 15:00:00")
        self._move(ticket, "resolved", "2026-03-02 16:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.verdict, clock.elapsed_seconds), ("missed", 4 * 3600))

    def test_missed_counts_from_the_moment_it_is_missed(self):
        """SLA case 27: an unresolved late ticket is found as missed in its period."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-05 09:00:00"):
            late = self.env["service.quality.clock"].search([("burning", "=", "late")])
            self.assertIn(self.clock(ticket), late)
            self.assertMoment(self.clock(ticket).deadline, "2026-03-02 17:00")
        self._move(ticket, "resolved", "2026-03-20 09:00:00")
        clock = self.clock(ticket)
        self.assertEqual(clock.verdict, "missed")
        self.assertMoment(clock.judged_at, "2026-03-02 17:00")

    def test_pause_after_the_deadline_undoes_no_miss(self):
        """SLA case 27: what was missed while it ran stays late through a pause."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-03 10:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.verdict), ("paused", "missed"))
        self.assertMoment(clock.deadline, "2026-03-02 17:00")
        with freeze_time("2026-03-03 10:00:00"):
            self.assertEqual(clock.burning, "late")
            self.assertEqual(ticket.service_state, "late")

    def test_hand_set_deadline_is_not_moved_by_pauses(self):
        """SLA case 26: an override stays, until it is given back."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_set_deadline(
                "resolution",
                "2026-03-04 12:00:00",
                "Agreed",
                attachment_ids=self._consent(ticket),
            )
        clock = self.clock(ticket)
        self.assertTrue(clock.deadline_set)
        self.assertMoment(clock.deadline_computed, "2026-03-02 17:00")
        self._move(ticket, "waiting_customer", "2026-03-02 11:00:00")
        self._move(ticket, "active", "2026-03-03 11:00:00")
        self.assertMoment(clock.deadline, "2026-03-04 12:00")
        with freeze_time("2026-03-03 12:00:00"):
            ticket.service_set_deadline("resolution", False, "As agreed before")
        self.assertFalse(clock.deadline_set)
        self.assertFalse(clock.deadline_computed)
        self.assertMoment(clock.deadline, "2026-03-03 17:00")
        self.assertConsistent(ticket)

    def test_what_a_deadline_was_set_by_stays(self):
        """Deny: the file in which the customer agreed is deleted or written anew."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        desk = self._user("deadline_desk", "desk")
        consent = self._consent(ticket)
        File = self.env["ir.attachment"].with_user(desk)
        other = File.browse(self._consent(ticket))
        with freeze_time("2026-03-02 10:00:00"):
            ticket.service_set_deadline(
                "resolution", "2026-03-09 12:00:00", "As agreed", attachment_ids=consent
            )
        for attempt in (
            lambda file: file.unlink(),
            lambda file: file.write({"raw": b"Yes"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt(File.browse(consent))
        other.unlink()

    def test_a_paper_sets_the_deadline_of_one_ticket(self):
        """Deny: one file for two tickets, at once or later, also attached once more."""
        self._agreement(EIGHT_HOURS, {"metric": "first_response", "duration": 4})
        first, second = (self._ticket("2026-03-02 09:00:00") for _ in range(2))
        paper = self.env["ir.attachment"].browse(self._consent(first))
        copy = paper.copy({"res_id": second.id})
        later = "2026-03-04 12:00:00"

        def agree(tickets, files, metric="resolution"):
            tickets.service_set_deadline(
                metric, later, "Agreed", attachment_ids=files.ids
            )

        with freeze_time("2026-03-02 10:00:00"):
            for files, text in (
                (paper, "Attach the agreement to ticket"),
                (paper | copy, "the deadline of another ticket"),
            ):
                with self.assertRaisesRegex(ValidationError, text):
                    agree(first | second, files)
            agree(first, paper)
            agree(first, paper, "first_response")
            with self.assertRaisesRegex(ValidationError, "deadline of another ticket"):
                agree(second, copy)
            with self.assertRaisesRegex(ValidationError, "deadline of another ticket"):
                agree(second.with_user(self._user("consent_desk", "desk")), copy)
        self.assertFalse(self.clock(second).deadline_set)

    def test_hand_set_deadline_judges(self):
        """SLA case 26: the verdict is by the deadline that was set."""
        self._agreement(EIGHT_HOURS)
        early = self._ticket("2026-03-02 09:00:00")
        late = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            (early | late).service_set_deadline(
                "resolution",
                "2026-03-04 12:00:00",
                "Agreed",
                attachment_ids=self._consent(early) + self._consent(late),
            )
        self._move(early, "resolved", "2026-03-04 12:00:00")
        self._move(late, "resolved", "2026-03-04 12:00:01")
        self.assertEqual(self.clock(early).verdict, "met")
        self.assertEqual(self.clock(late).verdict, "missed")
        self.assertMoment(self.clock(late).judged_at, "2026-03-04 12:00")

    def test_a_deadline_needs_the_agreement_of_the_customer(self):
        """Deny: without it, with a colleague's message, or with another's file."""
        self._agreement(EIGHT_HOURS)
        ticket, other = (self._ticket("2026-03-02 09:00:00") for _ in range(2))
        blank = self._consent(ticket)
        self.env["ir.attachment"].browse(blank).raw = printed()
        posted = {
            author: ticket.message_post(
                body="Wednesday is fine",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=author.id,
            ).id
            for author in (self.contact, self.env.user.partner_id)
        }
        # a step that posts with all rights is no mail of theirs either
        desk = self._user("consent_clerk", "desk")
        claimed = ticket.with_user(desk).sudo().message_post(
            body="Wednesday is fine",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.contact.id,
        )  # fmt: skip
        with freeze_time("2026-03-02 10:00:00"):
            for values, text in (
                ({}, "where the customer agrees"),
                ({"attachment_ids": []}, "where the customer agrees"),
                ({"message_id": posted[self.env.user.partner_id]}, "customer wrote"),
                ({"message_id": claimed.id}, "customer wrote"),
                ({"attachment_ids": self._consent(other)}, "attached to the ticket"),
                ({"attachment_ids": blank}, "shows nothing"),
            ):
                with self.assertRaisesRegex(ValidationError, text):
                    ticket.service_set_deadline(
                        "resolution", "2026-03-04 12:00:00", "Agreed", **values
                    )
            ticket.service_set_deadline(
                "resolution",
                "2026-03-04 12:00:00",
                "Agreed",
                message_id=posted[self.contact],
            )
        row = ticket.service_event_ids.filtered(lambda one: one.kind == "deadline_set")
        self.assertEqual(row.value["message"], posted[self.contact])

    def test_two_see_that_the_customer_agrees(self):
        """SLA case 21: nobody sets a deadline by a paper, or a word, of their own."""
        self._agreement(EIGHT_HOURS)
        ticket = self._ticket("2026-03-02 09:00:00")
        first, second = (self._user(f"setting_{n}", "service_manager") for n in "ab")
        file = (
            self.env["ir.attachment"]
            .with_user(first)
            .create(
                {
                    "name": "agreed.txt",
                    "raw": b"Yes, until Wednesday",
                    "res_model": ticket._name,
                    "res_id": ticket.id,
                }
            )
        )
        forged = ticket.with_user(first).message_post(
            body="We wait", message_type="comment"
        )
        self.env.cr.execute(
            SQL(
                "UPDATE mail_message SET author_id = %s WHERE id = %s",
                self.contact.id,
                forged.id,
            )
        )
        self.env.invalidate_all()
        given = ("resolution", "2026-03-04 12:00:00", "They agree to Wednesday")
        with freeze_time("2026-03-02 10:00:00"):
            for user, values, text in (
                (first, {"attachment_ids": file.ids}, "attached agreed.txt yourself"),
                (second, {"message_id": forged.id}, "customer wrote"),
            ):
                with self.assertRaisesRegex(ValidationError, text):
                    ticket.with_user(user).service_set_deadline(*given, **values)
            ticket.with_user(second).service_set_deadline(
                *given, attachment_ids=file.ids
            )
        self.assertTrue(self.clock(ticket).deadline_set)

    def test_one_function_says_when(self):
        """SLA case 25: ticket, clock and search agree about the deadline."""
        self._agreement(EIGHT_HOURS, {**EIGHT_HOURS, "metric": "first_response"})
        tickets = self.env["helpdesk.ticket"]
        for phase in ("active", "waiting_customer", "resolved", "cancelled"):
            ticket = self._ticket("2026-03-02 09:00:00")
            self._move(ticket, phase, "2026-03-02 10:00:00")
            tickets |= ticket
        for moment in ("2026-03-02 11:00:00", "2026-03-05 11:00:00"):
            with freeze_time(moment):
                tickets.invalidate_recordset()
                tickets.service_clock_ids.invalidate_recordset()
                for ticket in tickets:
                    live = ticket.service_clock_ids.filtered(
                        lambda clock: clock.state in ("running", "paused")
                    )
                    deadlines = [d for d in live.mapped("deadline") if d]
                    due = min(deadlines, default=False)
                    self.assertEqual(ticket.service_deadline, due)
                    state = ticket.service_state
                    domain = [("service_state", "=", state), ("id", "=", ticket.id)]
                    self.assertEqual(ticket.search(domain), ticket)

    def test_each_clock_stands_in_one_way(self):
        """Whatever a clock holds, it is in the domain of one status at most."""
        Clock = self.env["service.quality.clock"]
        now = datetime(2026, 3, 2, 12)
        moments = (False, now - timedelta(hours=1), now, now + timedelta(hours=1))
        clocks = Clock.browse()
        for state, verdict, deadline, warning, since in product(
            dict(Clock._fields["state"].selection),
            (False, *dict(Clock._fields["verdict"].selection)),
            *[moments] * 3,
        ):
            clocks += Clock.new(
                {
                    "state": state,
                    "verdict": verdict,
                    "deadline": deadline,
                    "warning_at": warning,
                    "running_since": since,
                }
            )
        domains = Clock._burning_domains(now)
        self.assertEqual(list(domains), [burning for burning, _label in BURNING])
        found = [clocks.filtered_domain(domain) for domain in domains.values()]
        self.assertTrue(all(found))
        self.assertEqual(sum(map(len, found)), len(Clock.union(*found)))
