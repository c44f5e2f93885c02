from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallback(CallbackCase):
    """Handled tickets are called back, unless that is no longer needed."""

    def test_every_handled_ticket_opens_one(self):
        """Regulation A3.5.2: each handled ticket is called back, due in 24 hours."""
        ticket = self._handled("2026-03-02 10:00")
        call = ticket.service_callback_ids
        self.assertEqual((len(call), call.state, call.cycle), (1, "open", 1))
        self.assertEqual(call.partner_id, self.contact)
        self.assertMoment(call.deadline, "2026-03-03 10:00")
        clock = self.clock(ticket, "callback")
        self.assertEqual((clock.kind, clock.state), ("house", "running"))
        with freeze_time("2026-03-02 11:00"):
            ticket.stage_id = self.stages["closed"]
        self.assertEqual(ticket.service_callback_ids, call, "closed is no second one")
        self.assertConsistent(ticket)

    def test_many_at_once_cost_no_more_queries(self):
        """The number of queries does not grow with the number of tickets."""
        few = self.env["helpdesk.ticket"].union(*(self._ticket() for _n in range(2)))
        many = self.env["helpdesk.ticket"].union(*(self._ticket() for _n in range(12)))
        counts = []
        for tickets in (few, many):
            self.env.invalidate_all()
            tickets.with_context(tracking_disable=True)
            before = self.env.cr.sql_log_count
            tickets.with_context(tracking_disable=True).stage_id = self.stages[
                "resolved"
            ]
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(many.service_callback_ids), 12)
        self.assertLessEqual(counts[1], counts[0])

    def test_entered_as_handled(self):
        """Regulation A3.5.2: what was solved while it was told is called back, too."""
        ticket = self._ticket("2026-03-02 09:00", stage_id=self.stages["resolved"].id)
        self.assertEqual(ticket.service_callback_ids.mapped("state"), ["open"])
        self.assertMoment(ticket.service_callback_ids.deadline, "2026-03-03 09:00")

    def test_stage_that_becomes_a_resolved_one(self):
        """Regulation A3.5.2: no way of handling a ticket goes around the call."""
        stage = self.env["helpdesk.ticket.stage"].create({"name": "Delivered"})
        ticket = self._ticket("2026-03-02 09:00", stage_id=stage.id)
        stage.service_phase = "resolved"
        self.assertEqual(ticket.service_callback_ids.mapped("state"), ["open"])

    def test_cancelled_before_any_work(self):
        ticket = self._ticket("2026-03-02 09:00")
        self._move(ticket, "cancelled", "2026-03-02 10:00")
        self.assertFalse(ticket.service_callback_ids)

    def test_cancelled_after_work(self):
        """Regulation A3.5.2: the customer who was worked for is asked."""
        ticket = self._ticket("2026-03-02 09:00")
        self._move(ticket, "active", "2026-03-02 09:30")
        self._move(ticket, "cancelled", "2026-03-02 10:00")
        self.assertEqual(ticket.service_callback_ids.mapped("state"), ["open"])
        self.assertEqual(self.clock(ticket, "callback").state, "running")

    def test_cancelled_after_it_was_resolved(self):
        """The call that is open stays, and so does its clock."""
        ticket = self._handled("2026-03-02 10:00")
        self._move(ticket, "cancelled", "2026-03-02 11:00")
        self.assertEqual(ticket.service_callback_ids.mapped("state"), ["open"])
        self.assertMoment(self.clock(ticket, "callback").deadline, "2026-03-03 10:00")

    def test_duplicate_is_called_with_the_main_ticket(self):
        self.stranger.parent_id = self.acme
        main, same = self._ticket("2026-03-02 09:00"), self._ticket("2026-03-02 09:05")
        other = self._ticket("2026-03-02 09:10", partner_id=self.stranger.id)
        again = self._ticket("2026-03-02 09:11", partner_id=self.stranger.id)
        with freeze_time("2026-03-02 09:30"):
            (same | other | again).duplicate_id = main
        self.assertFalse((same | other | again).service_callback_ids)
        self.stranger.parent_id = self.globex  # where the contact works now
        self._move(main, "resolved", "2026-03-02 10:00")
        self.assertEqual(len(main.service_callback_ids), 1)
        self.assertFalse(same.service_callback_ids, "the same customer is called once")
        self.assertEqual(
            len((other | again).service_callback_ids), 1, "one call per customer"
        )
        self.assertEqual(other.service_callback_ids.partner_id, self.stranger)

    def test_duplicate_of_what_was_solved_already(self):
        """The customer is called about the main ticket, and once."""
        main = self._handled("2026-03-02 10:00")
        late = self._ticket("2026-03-02 09:30")
        with freeze_time("2026-03-02 11:00"):
            late.duplicate_id = main
        self.assertFalse(late.service_callback_ids)

    def test_reopened_before_the_call(self):
        """SLA case 4: the reopened ticket's call is cancelled, the next has its own."""
        ticket = self._handled("2026-03-02 10:00")
        first = ticket.service_callback_ids
        self._move(ticket, "active", "2026-03-02 12:00")
        self.assertEqual((first.state, first.result), ("ended", "cancelled"))
        self.assertIn("Reopened", first.end_reason)
        self._move(ticket, "resolved", "2026-03-02 15:00")
        second = ticket.service_callback_ids - first
        self.assertEqual((second.state, second.cycle), ("open", 2))
        self.assertMoment(second.deadline, "2026-03-03 15:00")
        self.assertConsistent(ticket)

    def test_taken_up_again_after_it_was_cancelled(self):
        """A5.1.2: nobody is asked about what is in work, and later asked once."""
        for phases in (("resolved", "cancelled"), ("active", "cancelled")):
            with self.subTest(phases=phases):
                ticket = self._ticket("2026-03-02 08:00")
                for hour, phase in enumerate(phases, 9):
                    self._move(ticket, phase, f"2026-03-02 {hour}:00")
                first = ticket.service_callback_ids
                self.assertEqual(first.state, "open")
                self._move(ticket, "active", "2026-03-02 12:00")
                self.assertEqual((first.state, first.result), ("ended", "cancelled"))
                self._move(ticket, "resolved", "2026-03-02 13:00")
                second = ticket.service_callback_ids - first
                self.assertEqual((second.state, second.cycle), ("open", 2))
                self.assertConsistent(ticket)

    def test_duplicate_of_what_nobody_calls_about(self):
        """A5.1.2: what was handled keeps its call where the main ticket has none."""
        called = self._handled("2026-03-02 10:00")
        with freeze_time("2026-03-02 10:30"):
            called.service_callback_ids.with_user(self.caller).exempt("Only tested")
            called.service_callback_ids.with_user(self.manager).action_confirm_no_call()
        dropped = self._ticket("2026-03-02 08:00")
        self._move(dropped, "cancelled", "2026-03-02 09:00")
        for main in (called, dropped):
            ticket = self._handled("2026-03-02 11:00")
            with freeze_time("2026-03-02 12:00"):
                ticket.duplicate_id = main
            self.assertEqual(ticket.service_callback_ids.mapped("state"), ["open"])
            self.assertEqual(self.clock(ticket, "callback").state, "running")

    def test_a_mark_ends_no_call(self):
        """A5.1.2: what was handled is called about in its time, whatever it is like."""
        running = self._ticket("2026-03-02 08:00")
        for main in (running, self._handled("2026-03-02 11:00")):
            ticket = self._handled("2026-03-02 11:00")
            call = ticket.service_callback_ids
            for hour, mark in ((12, main), (13, False), (14, main), (15, False)):
                with freeze_time(f"2026-03-02 {hour}:00"):
                    ticket.duplicate_id = mark
                self.assertEqual(ticket.service_callback_ids, call)
                self.assertEqual(call.state, "open")
                clock = self.clock(ticket, "callback")
                self.assertMoment(clock.deadline, "2026-03-03 11:00")
            self.assertConsistent(ticket)

    def test_duplicates_of_what_is_cancelled(self):
        """A5.1.2: who was worked for is called, though the main ticket falls away."""
        for worked in (False, True):
            with self.subTest(main_worked_on=worked):
                self.stranger.parent_id = self.acme
                main = self._ticket("2026-03-02 08:00")
                same, again = (self._ticket("2026-03-02 09:00") for _ in range(2))
                other = self._ticket("2026-03-02 09:00", partner_id=self.stranger.id)
                for ticket in same | again | other:
                    self._move(ticket, "active", "2026-03-02 09:30")
                idle = self._ticket("2026-03-02 08:00", partner_id=self.stranger.id)
                duplicates = same | again | other | idle
                with freeze_time("2026-03-02 10:00"):
                    duplicates.duplicate_id = main
                self.stranger.parent_id = self.globex  # where the contact works now
                self.assertNotIn(
                    "open", duplicates.service_callback_ids.mapped("state")
                )
                if worked:
                    self._move(main, "active", "2026-03-02 10:30")
                self._move(main, "cancelled", "2026-03-02 11:00")
                calls = (main | duplicates).service_callback_ids.filtered(
                    lambda call: call.state == "open"
                )
                self.assertEqual(
                    calls.ticket_id.sorted("id"), (main if worked else same) | other
                )
                self.assertConsistent(main | duplicates)

    def test_alarm_calls_the_named_contact(self):
        agreement = self._agreement({"metric": "resolution", "duration": 4})
        agreement.callback_partner_id = self.contact
        alarm = self._ticket("2026-03-02 09:00", partner_id=self.acme.id)
        self._move(alarm, "resolved", "2026-03-02 10:00")
        call = alarm.service_callback_ids
        self.assertEqual(
            (call.partner_id, call.agreement_id), (self.contact, agreement)
        )

    def test_alarm_of_nobody_is_exempt_and_counted(self):
        """Regulation A5.1.2: who is not called is counted by the rule that says so."""
        alarm = self._ticket("2026-03-02 09:00", partner_id=False)
        self._move(alarm, "resolved", "2026-03-02 10:00")
        call = alarm.service_callback_ids
        self.assertEqual((call.state, call.result), ("ended", "exempt"))
        rule = self.env.ref("service_quality_callback.callback_exemption_no_contact")
        self.assertEqual(call.exemption_id, rule)
        self.assertEqual(rule.callback_count, 1)
        clocks = alarm.service_clock_ids.filtered(lambda c: c.metric == "callback")
        self.assertEqual(clocks.mapped("state"), ["cancelled"], "it is in no rate")

    def test_clearing_the_requester_is_no_way_out(self):
        """A5.1.2: who takes the requester away leaves a call to be made, no alarm."""
        stage = self.stages["resolved"]
        at_once = self._ticket("2026-03-02 09:00")
        before = self._ticket("2026-03-02 09:00")
        nobody = {"partner_id": False, "partner_name": False, "partner_email": False}
        with freeze_time("2026-03-02 09:30"):
            before.write(nobody)
        with freeze_time("2026-03-02 10:00"):
            at_once.write(nobody | {"stage_id": stage.id})
            before.stage_id = stage
        for ticket in (at_once, before):
            self.assertFalse(ticket.partner_id or ticket.partner_name)
            call = ticket.service_callback_ids
            self.assertEqual((call.state, call.needs_number), ("open", True))
        with freeze_time("2026-03-02 11:00"):
            at_once.service_callback_ids.with_user(self.caller).exempt("An alarm")
            at_once.service_callback_ids.with_user(
                self.manager
            ).action_confirm_no_call()
        self.assertEqual(at_once.service_callback_ids.exempted_by_id, self.caller)

    def test_name_without_contact_waits_for_a_number(self):
        ticket = self._ticket(
            "2026-03-02 09:00", partner_id=False, partner_name="Mr Li"
        )
        self._move(ticket, "resolved", "2026-03-02 10:00")
        call = ticket.service_callback_ids
        self.assertEqual((call.state, call.needs_number), ("open", True))
        self.assertFalse(self._next("2026-03-02 11:00"))
        with freeze_time("2026-03-02 11:00"):
            call.with_user(self.caller).set_contact(self.stranger.id)
        self.assertEqual(self._next("2026-03-02 11:00"), call)

    def test_do_not_call_is_respected_and_counted(self):
        with self.assertRaisesRegex(ValidationError, "who said"):
            self.contact.service_do_not_call = True
        self.contact.write(
            {"service_do_not_call": True, "service_call_source": "Letter of 1 March"}
        )
        self.contact.with_user(self.caller).action_confirm_wish()
        call = self._handled("2026-03-02 10:00").service_callback_ids
        self.assertEqual((call.state, call.result), ("ended", "declined"))
        self.assertIn("Letter of 1 March", call.end_reason)
        clocks = call.ticket_id.service_clock_ids.filtered(
            lambda clock: clock.metric == "callback"
        )
        self.assertEqual(clocks.mapped("state"), ["cancelled"], "it is in no rate")

    def test_do_not_call_stops_what_is_open(self):
        """The wish counts at once, for the requester and for whom to call instead."""
        call = self._handled("2026-03-02 10:00").service_callback_ids
        wish = {"service_do_not_call": True, "service_call_source": "Told us today"}
        other = self.env["res.partner"].create(
            {"name": "Eve", "parent_id": self.acme.id, "phone": "+49 30 2", **wish}
        )
        with self.assertRaisesRegex(ValidationError, "does not want"):
            call.with_user(self.caller).set_contact(other.id)
        with freeze_time("2026-03-02 11:00"):
            self.contact.write(wish)
        self.assertEqual((call.state, call.aside_as), ("open", "declined"))
        self.assertIn("Told us today", call.aside_reason)
        self.assertFalse(self._next("2026-03-02 12:00"))
        with freeze_time("2026-03-02 13:00"):
            self.contact.service_do_not_call = False
        self.assertEqual(self._next("2026-03-02 13:00"), call, "the customer minds not")
        self.assertConsistent(call.ticket_id)

    def test_who_refused_is_not_called_again(self):
        """Not for the same ticket, when it is handled anew; it is counted."""
        ticket = self._handled("2026-03-02 10:00")
        first = self._next("2026-03-02 11:00")
        self._save(first, "2026-03-02 11:00", "refused")
        self._move(ticket, "active", "2026-03-02 12:00")
        self._move(ticket, "resolved", "2026-03-02 13:00")
        second = ticket.service_callback_ids - first
        self.assertEqual((second.state, second.result), ("ended", "exempt"))
        self.assertIn("Refused", second.end_reason)
        self.assertFalse(self._next("2026-03-02 14:00"))
        self.assertConsistent(ticket)

    def test_import_is_not_called_back_unless_asked(self):
        Ticket = self.env["helpdesk.ticket"].with_user(
            self._user("boss", "service_manager")
        )
        for wanted, expected in ((False, 0), (True, 1)):
            record = {
                "external_ref": f"X{wanted}",
                "name": "Printer",
                "opened_at": "2026-03-02 09:00:00",
                "partner": self.contact.id,
                "events": [
                    {"at": "2026-03-02 10:00:00", "kind": "phase", "phase": "resolved"}
                ],
            }
            with freeze_time("2026-03-05 09:00"):
                outcome = Ticket.service_import([record], callbacks=wanted)
            ticket = Ticket.browse(outcome[0]["ticket_id"])
            self.assertEqual(len(ticket.service_callback_ids), expected)
        self.assertMoment(ticket.service_callback_ids.deadline, "2026-03-06 09:00")
        record["events"].append(
            {"at": "2026-03-02 11:00:00", "kind": "phase", "phase": "active"}
        )
        with freeze_time("2026-03-05 10:00"):
            Ticket.service_import([record])
        self.assertEqual(ticket.service_callback_ids.result, "cancelled")

    def test_activity_goes_along(self):
        """The planned call ends as the follow-up call does."""
        activities = self.env["mail.activity"].with_context(active_test=False)
        done, dropped = self._handled("2026-03-02 10:00"), self._handled()
        planned = activities.search([("res_id", "in", (done | dropped).ids)])
        self.assertEqual(planned.mapped("user_id.id"), [])
        self.assertEqual(len(planned), 2)
        call = done.service_callback_ids
        self._complete(call, "2026-03-02 11:00")
        ended = planned.filtered(lambda a: a.service_callback_id == call)
        self.assertFalse(ended.active)
        dropped.stage_id = self.stages["active"]
        self.assertFalse((planned - ended).exists())
        responses = done.service_event_ids.filtered(lambda e: e.kind == "responded")
        self.assertFalse(responses, "the call is no response to the ticket")

    def test_team_closes_after_the_call(self):
        self.team.service_close_after_callback = True
        ticket = self._ticket("2026-03-02 09:00")
        self._assert_stays(ticket, "Resolve it first")
        self._move(ticket, "resolved", "2026-03-02 10:00")
        self._assert_stays(ticket, "not ended")
        self._complete(ticket.service_callback_ids, "2026-03-02 11:00")
        self._move(ticket, "closed", "2026-03-02 12:00")
        with self.assertRaisesRegex(ValidationError, "Resolve it first"):
            self._ticket(stage_id=self.stages["closed"].id)

    def _assert_stays(self, ticket, message):
        with (
            self.assertRaisesRegex(ValidationError, message),
            self.env.cr.savepoint(),
        ):
            ticket.stage_id = self.stages["closed"]
        ticket.invalidate_recordset(flush=False)

    def test_is_not_deleted(self):
        call = self._handled("2026-03-02 10:00").service_callback_ids
        with self.assertRaises(UserError):
            call.unlink()

    def test_every_company_has_the_house_rules(self):
        """Regulation A5.1.2: 24 hours, of each company, those to come as well."""
        company = self.env["res.company"].create({"name": "Founded today"})
        rules = self.env["service.quality.target"].search(
            [("company_id", "=", company.id), ("agreement_id", "=", False)]
        )
        call = rules.filtered(lambda rule: rule.metric == "callback")
        self.assertEqual((call.seconds, call.always), (24 * 3600, True))
        call.active = False
        rules._ship_house_rules()
        self.assertFalse(call.active, "what was taken out of force stays out")


@tagged("post_install", "-at_install")
class TestPurgeOfCalls(CallbackCase):
    """Who called whom about what ages out with the ticket; what was said stays."""

    def test_calls_forget_who(self):
        agent = self._user("agent", "desk")
        self.team.user_ids = agent
        called = self._handled("2026-03-02 10:00", user_id=agent.id)
        exempt = self._handled("2026-03-02 10:00", user_id=agent.id)
        calls = (called | exempt).service_callback_ids
        call = called.service_callback_ids
        self._save(call, "2026-03-02 11:00", "busy")
        self._complete(call, "2026-03-02 15:00", comment="Fine")
        with freeze_time("2026-03-02 16:00"):
            exempt.service_callback_ids.with_user(self.caller).exempt("Only tested")
            exempt.service_callback_ids.with_user(self.manager).action_confirm_no_call()
        self.assertTrue(call.resolver_id and call.ended_by_id)
        self.env.company.service_staff_retention_months = 6
        with freeze_time("2026-09-15 12:00"):
            self.env["service.quality.purge"]._gc_staff()
        for name in ("resolver_id", "user_id", "ended_by_id", "exempted_by_id"):
            self.assertFalse(calls[name], name)
        self.assertFalse(calls.attempt_ids.user_id)
        self.assertEqual(call.attempt_ids.mapped("disposition"), ["completed", "busy"])
        self.assertEqual((call.result, call.comment), ("completed", "Fine"))
        self.assertConsistent(called | exempt)


@tagged("post_install", "-at_install")
class TestExemptionKept(CallbackCase):
    """What a rule about calls or a ticket names is not deleted under it."""

    def test_what_a_rule_is_about(self):
        """A rule about a team and a category does not become one about the team."""
        category, process, channel, tag = (
            self.env[f"helpdesk.ticket.{name}"].create({"name": f"Named {name}"})
            for name in ("category", "type", "channel", "tag")
        )
        exemption = self.env["service.quality.callback.exemption"].create(
            {
                "name": "None",
                "company_id": self.env.company.id,
                "team_id": self.team.id,
                "category_id": category.id,
                "process_id": process.id,
                "channel_id": channel.id,
            }
        )
        for record in (category, process, channel):
            self._check_named(record, "names it as .* Archive it instead")
        exemption.unlink()
        ticket = self._ticket(
            "2026-03-02 09:00:00",
            category_id=category.id,
            tag_ids=tag.ids,
        )
        ticket.active = False
        for record in (category, tag, ticket.partner_id, ticket.team_id):
            self._check_named(record, f"{ticket.display_name} names it as")

    def _check_named(self, record, words):
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            record.unlink()
        # nor past the sentence
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE id = %s",
                    SQL.identifier(record._table),
                    record.id,
                )
            )
        record.active = False


@tagged("post_install", "-at_install")
class TestCallOfThePast(CallbackCase):
    """What is over for long is not called back; what was done just now is."""

    OPENED, CLOSED = "2026-03-02 09:00:00", "2026-06-02 15:00:00"

    @freeze_time("2026-06-15 12:00:00")
    def test_tickets_of_the_past(self):
        """A ticket brought in with its past is not called, nor is a copy of it."""
        ticket = self._ticket(
            stage_id=self.stages["closed"].id,
            service_opened_at=self.OPENED,
            closed_date=self.CLOSED,
        )
        self.assertEqual(ticket.service_event_ids.mapped("origin")[-1], "import")
        self.assertFalse(ticket.service_callback_ids)
        self.assertFalse(ticket.copy().service_callback_ids)
        today = self._ticket(
            stage_id=self.stages["resolved"].id, service_opened_at="2026-06-15 10:00:00"
        )
        self.assertTrue(today.service_callback_ids)
