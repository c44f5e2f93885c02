import xmlrpc.client

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.roles import INTEGRATION, group_of
from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestLedger(ServiceQualityCase):
    def test_opening_holds_all_that_matching_reads(self):
        """A replay needs nothing but the ledger: the opening row names everything."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Phones"})
        below = category.create({"name": "Desk phones", "parent_id": category.id})
        ticket = self._ticket(
            "2026-03-02 09:00:00", category_id=below.id, priority="2", user_id=False
        )
        row = ticket.service_event_ids
        self.assertEqual(row.kind, "opened")
        self.assertMoment(row.at, "2026-03-02 09:00")
        expected = {
            "phase": "new",
            "party": None,
            "user": None,
            "team": self.team.id,
            "company": self.env.company.id,
            "customer": self.acme.id,
            "contact": self.contact.id,
            "category": below.id,
            "category_path": [category.id, below.id],
            "process": self.incident.id,
            "priority": "2",
            "severity": None,
        }
        self.assertEqual({name: row.value[name] for name in expected}, expected)

    def test_each_change_is_one_row(self):
        """What matching reads makes one row of its kind, and no other."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Phones"})
        ticket = self._ticket("2026-03-02 09:00:00", user_id=False)
        changes = [
            ({"team_id": self.other_team.id}, ["assigned", "reclassified"]),
            ({"partner_id": self.globex.id}, ["reclassified"]),
            ({"category_id": category.id}, ["reclassified"]),
            ({"priority": "3"}, ["reclassified"]),
            ({"type_id": self.change.id}, ["reclassified"]),
            ({"stage_id": self.stages["active"].id}, ["phase"]),
            ({"active": False}, ["archived"]),
            ({"active": True}, ["restored"]),
            ({"name": "Other title", "description": "Longer"}, []),
            ({"priority": "3", "team_id": self.other_team.id}, []),
        ]
        for values, kinds in changes:
            known = ticket.service_event_ids
            with freeze_time("2026-03-02 10:00:00"):
                ticket.write(values)
            added = (ticket.service_event_ids - known).sorted("id")
            self.assertEqual(added.mapped("kind"), kinds, values)
        self.assertConsistent(ticket)

    def test_archiving_stops_and_hides_nothing(self):
        """An archived ticket's clocks run on."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.active = False
        self.assertEqual(self.clock(ticket).state, "running")
        self.assertMoment(ticket.service_deadline, "2026-03-02 17:00")

    def test_many_stages_in_one_second_keep_their_order(self):
        """Several changes of stage in one transaction are as many rows, in order."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        for phase in ("active", "waiting_customer", "resolved", "active", "resolved"):
            self._move(ticket, phase, "2026-03-02 10:00:00")
        rows = ticket.service_event_ids.filtered(lambda row: row.kind == "phase")
        phases = [row.value["phase"] for row in rows.sorted("id")]
        self.assertEqual(
            phases, ["active", "waiting_customer", "resolved", "active", "resolved"]
        )
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertEqual(ticket.service_cycle, 2)
        self.assertConsistent(ticket)

    def test_fresh_ticket_can_be_deleted(self):
        """A ticket that nothing happened to goes, and its opening with it."""
        ticket = self._ticket()
        row = ticket.service_event_ids
        ticket.unlink()
        self.assertFalse(row.exists())
        other = self._ticket()
        with self.assertRaises(psycopg2.Error), self._sql():
            self.env.cr.execute(
                "DELETE FROM service_quality_event WHERE ticket_id = %s", [other.id]
            )

    def test_ticket_with_history_is_not_deleted(self):
        """Reports count on what happened: cancel or archive instead."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "active", "2026-03-02 10:00:00")
        with self.assertRaisesRegex(
            UserError, "Cancel it with a reason, or archive it"
        ):
            (ticket | self._ticket()).unlink()
        self.assertEqual(self.kinds(ticket), ["opened", "phase"])

    def test_who_may_not_delete_leaves_the_ledger_alone(self):
        """Access is checked before a row of the ledger is touched."""
        ticket = self._ticket()
        agent = self._user("agent_delete", "desk")
        with self.assertRaises(AccessError):
            ticket.with_user(agent).unlink()
        self.assertEqual(self.kinds(ticket), ["opened"])

    # ------------------------------------------------------------------
    # Append-only
    # ------------------------------------------------------------------

    def _sql(self):
        """Let a statement of a test fail without ending the test's transaction."""
        return mute_logger("odoo.sql_db")

    def test_database_refuses_to_change_the_past(self):
        """No statement updates, deletes or empties the ledger."""
        ticket = self._ticket("2026-03-02 09:00:00")
        row_id = ticket.service_event_ids.id
        statements = [
            f"UPDATE service_quality_event SET at = now() WHERE id = {row_id}",
            f"UPDATE service_quality_event SET kind = 'noted' WHERE id = {row_id}",
            f"DELETE FROM service_quality_event WHERE id = {row_id}",
            "TRUNCATE service_quality_event CASCADE",
            f"DELETE FROM helpdesk_ticket WHERE id = {ticket.id}",
        ]
        for statement in statements:
            with (
                self.subTest(statement),
                self._sql(),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)
        self.assertEqual(self.kinds(ticket), ["opened"])

    def test_orm_refuses_to_change_the_past(self):
        """Not even the superuser creates, writes or deletes a row."""
        row = self._ticket("2026-03-02 09:00:00").service_event_ids
        with self.assertRaisesRegex(UserError, "call service_record"):
            row.create({"ticket_id": row.ticket_id.id, "kind": "responded"})
        for attempt in (lambda: row.write({"kind": "noted"}), row.unlink):
            with (
                self._sql(),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()
            self.env.invalidate_all(flush=False)

    # ------------------------------------------------------------------
    # Backdating and voiding
    # ------------------------------------------------------------------

    def test_backdated_change(self):
        """What happened earlier is told with its own time, and counts from then."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-03 12:00:00"):
            ticket._service_as_of("2026-03-02 16:59:59").stage_id = self.stages[
                "resolved"
            ]
        clock = self.clock(ticket)
        self.assertEqual(clock.verdict, "met")
        self.assertMoment(clock.stopped_at, "2026-03-02 16:59:59")

    def test_no_caller_says_when_it_happened(self):
        """Deny: a context of the caller tells of a change before a past deadline."""
        self._agreement(TARGET)
        desk = new_test_user(self.env, "ledger_desk", groups=group_of("desk"))
        for phase in ("waiting_customer", "resolved"):
            ticket = self._ticket("2026-03-02 09:00:00")
            own = ticket.with_user(desk).with_context(service_at="2026-03-02 16:59:00")
            self._move(own, phase, "2026-03-03 12:00:00")
            self.env.invalidate_all()
            row = ticket.service_event_ids.filtered(lambda row: row.kind == "phase")
            self.assertMoment(row.at, "2026-03-03 12:00")
        self.assertEqual(self.clock(ticket).verdict, "missed")

    def test_a_miss_is_not_taken_back_afterwards(self):
        """Deny: long after a deadline a person enters what happened before it."""
        self._agreement(TARGET, {"metric": "first_response", "duration": 1})
        desk = new_test_user(self.env, "ledger_desk", groups=group_of("desk"))
        ticket = self._ticket("2026-03-02 09:00:00").with_user(desk)
        finish = ticket._service_as_of("2026-03-02 16:00:00")
        attempts = (
            ("2026-03-02 10:31:00", self._respond_at, ticket, "2026-03-02 09:30:00"),
            ("2026-03-02 17:31:00", self._finish, finish),
        )
        for now, attempt, *given in attempts:
            with (
                self.subTest(now),
                freeze_time(now),
                self.assertRaisesRegex(ValidationError, "does not take back"),
                self.env.cr.savepoint(),
            ):
                attempt(*given)
            self.env.invalidate_all(flush=False)
        # also one that is judged
        with freeze_time("2026-03-02 11:00:00"):
            ticket.service_record("responded")
        with (
            freeze_time("2026-03-02 11:00:01"),
            self.assertRaisesRegex(ValidationError, "does not take back"),
            self.env.cr.savepoint(),
        ):
            self._respond_at(ticket, "2026-03-02 09:30:00")
        self.env.invalidate_all(flush=False)
        self.assertEqual(self.clock(ticket, "first_response").verdict, "missed")

    def test_what_is_entered_a_little_later_counts(self):
        """A person or a program enters it within the limit."""
        self._agreement({"metric": "first_response", "duration": 1})
        desk = new_test_user(self.env, "ledger_desk", groups=group_of("desk"))
        program = new_test_user(self.env, "ledger_program", groups=INTEGRATION)
        for user in (desk, program):
            ticket = self._ticket("2026-03-02 09:00:00").with_user(user)
            with freeze_time("2026-03-02 10:29:00"):
                self._respond_at(ticket, "2026-03-02 09:30:00")
            clock = self.clock(ticket.sudo(), "first_response")
            self.assertEqual(clock.verdict, "met")

    def test_a_program_takes_no_miss_back_either(self):
        """Deny: who has the role Integration says much later that it was in time."""
        self._agreement({"metric": "first_response", "duration": 1})
        program = new_test_user(self.env, "ledger_program", groups=INTEGRATION)
        ticket = self._ticket("2026-03-02 09:00:00").with_user(program)
        with (
            freeze_time("2026-03-02 15:00:00"),
            self.assertRaisesRegex(ValidationError, "does not take back"),
            self.env.cr.savepoint(),
        ):
            self._respond_at(ticket, "2026-03-02 09:30:00")
        with freeze_time("2026-03-02 15:00:00"):
            ticket.service_record("responded")
        clock = self.clock(ticket.sudo(), "first_response")
        self.assertEqual(clock.verdict, "missed")

    def test_a_duplicate_is_of_the_same_customer(self):
        """Deny: the promises to a customer do not leave with another's ticket."""
        self._agreement(TARGET)
        desk = new_test_user(self.env, "ledger_desk", groups=group_of("desk"))
        ours = self._ticket("2026-03-02 09:00:00")
        theirs = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        unknown = self._ticket("2026-03-02 09:00:00", partner_id=False)
        with freeze_time("2026-03-02 16:50:00"):
            for main in (theirs, unknown):
                self._refuse_duplicate("two customers", ours.with_user(desk), main)
            elsewhere = self.env["res.company"].create({"name": "Another one"})
            away = self._ticket(company_id=elsewhere.id, team_id=False)
            self._refuse_duplicate("two companies", ours, away)
            self._refuse_duplicate("one of the two stays", ours, ours)
        self.assertEqual(self.clock(ours).state, "running")

    def test_a_duplicate_stays_of_the_same_customer(self):
        """Deny: the customer of neither side changes while the mark is there."""
        main = self._ticket("2026-03-02 09:00:00")
        double = self._ticket("2026-03-02 09:00:00", partner_id=self.acme.id)
        with freeze_time("2026-03-02 10:00:00"):
            double.duplicate_id = main
            for ticket in (main, double):
                with (
                    self.assertRaisesRegex(ValidationError, "two customers"),
                    self.env.cr.savepoint(),
                ):
                    ticket.partner_id = self.globex
                self.env.invalidate_all(flush=False)
            self._refuse_duplicate("one of the two stays", main, double)
            double.duplicate_id = False
            double.partner_id = self.globex

    def test_a_contact_who_moved_takes_no_promise_along(self):
        """Deny: the contact is given to the other customer, for a while."""
        ours = self._ticket("2026-03-02 09:00:00")
        theirs = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        self.contact.parent_id = self.globex
        with freeze_time("2026-03-02 10:00:00"):
            self._refuse_duplicate("two customers", ours, theirs)

    def test_what_comes_after_the_end_is_no_duplicate(self):
        """Deny: a ticket at risk does not leave with one that was long over."""
        self._agreement(TARGET)
        over = self._ticket("2026-03-02 09:00:00")
        self._move(over, "resolved", "2026-03-02 10:00:00")
        again = self._ticket("2026-03-02 10:01:00")
        with freeze_time("2026-03-02 16:50:00"):
            self._refuse_duplicate("was over before", again, over)
        self.assertEqual(self.clock(again).state, "running")

    def test_what_came_in_later_is_no_main_ticket(self):
        """Deny: a fresh ticket of the same customer takes the promises over."""
        self._agreement(TARGET)
        first = self._ticket("2026-03-02 09:00:00")
        fresh = self._ticket("2026-03-02 16:50:00")
        with freeze_time("2026-03-02 16:51:00"):
            self._refuse_duplicate("came in later", first, fresh)
            fresh.duplicate_id = first
        self.assertEqual(self.clock(first).state, "running")
        # where nothing is promised any more, nothing can leave
        last = self._ticket("2026-03-02 16:55:00")
        self._move(first, "resolved", "2026-03-02 16:56:00")
        with freeze_time("2026-03-02 16:57:00"):
            first.duplicate_id = last
        self.assertEqual(self.clock(first).verdict, "met")

    def test_promises_stay_with_the_first_customer(self):
        """Deny: the customer and the mark in one write, or one after the other."""
        self._agreement(TARGET, partner_ids=self.acme.ids)
        theirs = self._ticket("2026-03-02 08:00:00", partner_id=self.globex.id)
        ours = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 16:50:00"):
            with (
                self.assertRaisesRegex(ValidationError, "promised to another customer"),
                self.env.cr.savepoint(),
            ):
                ours.write({"partner_id": self.globex.id, "duplicate_id": theirs.id})
            self.env.invalidate_all(flush=False)
            self.assertEqual(self.clock(ours).state, "running")
            ours.partner_id = self.globex
            self.assertIn("reclassified", self.kinds(ours))
            self._refuse_duplicate("promised to another customer", ours, theirs)

    def test_a_wrong_customer_without_promises_is_corrected(self):
        """A ticket whose first customer was promised nothing is a duplicate as any."""
        self._agreement(TARGET, partner_ids=self.acme.ids)
        main = self._ticket("2026-03-02 08:00:00")
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.partner_id = self.contact
            ticket.duplicate_id = main
        self.assertEqual(ticket.duplicate_id, main)

    def _refuse_duplicate(self, words, ticket, main):
        with (
            self.assertRaisesRegex(ValidationError, words),
            self.env.cr.savepoint(),
        ):
            ticket.duplicate_id = main
        self.env.invalidate_all(flush=False)

    def test_no_caller_says_that_an_addon_is_removed(self):
        """Deny: a context of the caller has a ticket with a history deleted."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "active", "2026-03-02 10:00:00")
        admin = new_test_user(
            self.env,
            "ledger_admin",
            groups="base.group_system,helpdesk_mgmt.group_helpdesk_manager",
        )
        with self.assertRaises(UserError), self.env.cr.savepoint():
            ticket.with_user(admin).with_context(_force_unlink=True).unlink()

    @staticmethod
    def _respond_at(ticket, at):
        ticket.service_record("responded", at=at)

    def _finish(self, ticket):
        ticket.write({"stage_id": self.stages["resolved"].id})

    def test_impossible_moments_are_refused(self):
        """Neither the future, nor before the opening, nor before what it follows."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "active", "2026-03-02 11:00:00")
        for moment in (
            "yesterday",
            "2026-03-02 12:00:01",
            "2026-03-02 08:59:59",
            "2026-03-02 10:00:00",
        ):
            with (
                self.subTest(moment),
                freeze_time("2026-03-02 12:00:00"),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                late = ticket._service_as_of(moment)
                late.write({"stage_id": self.stages["resolved"].id})
            ticket.invalidate_recordset()
        self.assertEqual(ticket.stage_id, self.stages["active"])
        self.assertEqual(self.kinds(ticket), ["opened", "phase"])

    def test_opening_stays(self):
        """When a ticket was opened is in the ledger, and is not edited afterwards."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with self.assertRaisesRegex(UserError, "is in its ledger and stays"):
            ticket.service_opened_at = "2026-03-01 09:00:00"
        ticket.invalidate_recordset()
        self.assertMoment(ticket.service_opened_at, "2026-03-02 09:00")

    def test_voided_resolution_lets_the_clock_run_again(self):
        """A mistake is taken back by a further row, and that one can be taken back."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        [resolved] = ticket.service_event_ids.filtered(lambda row: row.kind == "phase")
        with freeze_time("2026-03-02 11:00:00"):
            resolved._void("Wrong ticket")
        self.assertEqual(self.clock(ticket).state, "running")
        self.assertTrue(resolved.is_voided)
        [void] = ticket.service_event_ids.filtered("voids_id")
        self.assertEqual((void.reason, void.kind), ("Wrong ticket", "voided"))
        with self.assertRaisesRegex(UserError, "voided already"):
            resolved._void("Again")
        with freeze_time("2026-03-02 12:00:00"):
            void._void("It was the right one")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertConsistent(ticket)

    def test_opening_is_not_voided(self):
        """Without its opening a ticket would have no time at all."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with self.assertRaisesRegex(UserError, "Cancel the ticket with a reason"):
            ticket.service_event_ids._void("Mistake")

    def test_wrong_classification_is_corrected_by_voiding(self):
        """SLA case 6: the miss of a target that never applied goes with its reason."""
        self._agreement(TARGET, {**TARGET, "duration": 2, "priority": "3"})
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 09:30:00"):
            ticket.priority = "3"
        with freeze_time("2026-03-02 12:00:00"):
            ticket.priority = "1"
            rows = ticket.service_event_ids.filtered(lambda r: r.kind == "reclassified")
            rows.sorted("id")[0]._void("Raised by mistake")
        self.assertFalse(
            ticket.service_clock_ids.filtered(lambda clock: clock.verdict == "missed")
        )
        self.assertEqual(self.clock(ticket).target_seconds, 8 * 3600)

    # ------------------------------------------------------------------
    # What happens around a ticket
    # ------------------------------------------------------------------

    def test_stage_that_changes_its_meaning(self):
        """Open tickets in a stage follow it when its phase is changed."""
        self._agreement({**TARGET, "pause_on": "customer"})
        stage = self.stages["active"].copy({"name": "Parts ordered"})
        ticket = self._ticket("2026-03-02 09:00:00", stage_id=stage.id)
        bystander = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            stage.service_phase = "waiting_customer"
        self.assertEqual(self.clock(ticket).state, "paused")
        self.assertEqual(self.kinds(bystander), ["opened"])
        with freeze_time("2026-03-02 10:30:00"):
            stage.name = "Ordered"
        self.assertEqual(self.kinds(ticket), ["opened", "phase"])

    def test_stage_without_a_phase(self):
        """A stage that names no phase is read by its own settings."""
        Stage = self.env["helpdesk.ticket.stage"]
        derived = {
            "new": {"unattended": True},
            "active": {},
            "closed": {"closed": True},
        }
        for phase, values in derived.items():
            stage = Stage.create({"name": phase, **values})
            self.assertEqual(stage._service_phase(), phase)

    def test_duplicate_wizard_silences_and_gives_back(self):
        """Marked as a duplicate a ticket is cancelled; undone, it goes on."""
        self._agreement(TARGET)
        original = self._ticket("2026-03-02 09:00:00")
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            self.env["helpdesk.ticket.duplicate.wizard"].create(
                {"ticket_id": ticket.id, "duplicate_of_id": original.id}
            ).action_confirm()
        self.assertEqual(ticket.service_clock_ids.mapped("state"), ["cancelled"])
        with freeze_time("2026-03-02 11:00:00"):
            ticket.duplicate_id = False
        clock = self.clock(ticket)
        self.assertMoment(clock.deadline, "2026-03-03 10:00")
        self.assertConsistent(ticket)

    def test_external_reference_is_written_once(self):
        """The same fact told twice by another system is one row."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            for _attempt in range(2):
                ticket.service_record("arrived", external_ref="gps-1")
        self.assertEqual(self.kinds(ticket), ["opened", "arrived"])

    def test_copy_starts_with_an_empty_history(self):
        """A copied ticket has its own opening and nothing of the other's past."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(
            ticket, "resolved", "2026-03-02 10:00:00", service_work_done="Fan replaced"
        )
        with freeze_time("2026-03-04 09:00:00"):
            copy = ticket.copy()
        self.assertEqual(self.kinds(copy), ["opened"])
        self.assertFalse(copy.service_work_done)
        self.assertMoment(self.clock(copy).started_at, "2026-03-04 09:00")

    def test_what_follows_by_itself_is_written_too(self):
        """Stage, team and user are computed: the ledger has what comes out of it."""
        agent = self._user("computed_agent", "desk")
        self.other_team.user_ids = agent
        stage = self.stages["new"].copy(
            {
                "name": "Network queue",
                "sequence": 0,
                "team_ids": [Command.set(self.other_team.ids)],
                "service_phase": "waiting_customer",
            }
        )
        self.stages["new"].team_ids = self.team
        ticket = self._ticket("2026-03-02 09:00:00", user_id=False)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.team_id = self.other_team
        self.assertEqual(ticket.stage_id, stage)
        rows = ticket.service_event_ids
        [phase] = rows.filtered(lambda row: row.kind == "phase")
        self.assertEqual(phase.value["phase"], "waiting_customer")
        loose = self._ticket("2026-03-02 09:00:00", team_id=False, user_id=False)
        with freeze_time("2026-03-02 10:00:00"):
            loose.user_id = agent
        self.assertEqual(loose.team_id, self.other_team)
        [assigned] = loose.service_event_ids.filtered(
            lambda row: row.kind == "assigned"
        )
        self.assertEqual(assigned.value, {"user": agent.id, "team": self.other_team.id})
        [reclassified] = loose.service_event_ids.filtered(
            lambda row: row.kind == "reclassified"
        )
        self.assertEqual(reclassified.value["team"], self.other_team.id)
        self.assertConsistent(ticket | loose)

    def test_one_row_per_program_fact(self):
        """Voided by mistake or not, an external reference stays unique per ticket."""
        first, second = (
            self._ticket("2026-03-02 09:00:00"),
            self._ticket("2026-03-02 09:00:00"),
        )
        with freeze_time("2026-03-02 10:00:00"):
            (first | second).service_record("arrived", external_ref="gate-1")
            (first | second).service_record("arrived", external_ref="gate-1")
        for ticket in first | second:
            self.assertEqual(self.kinds(ticket), ["opened", "arrived"])

    def test_rows_are_read_over_xmlrpc(self):
        """XML-RPC has no word for None, so that programs read False."""
        rows = self._ticket(user_id=False).service_event_ids.read()
        self.assertIs(rows[0]["value"]["user"], False)
        self.assertEqual(rows[0]["value"]["phase"], "new")
        marshalled = [row["value"] for row in rows]
        self.assertIn("phase", xmlrpc.client.dumps((marshalled,)))
