from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .import_common import NOW, ImportCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestImport(ImportCase):
    """What becomes of a history, and of one that comes again."""

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def test_imported_history_is_judged_like_a_lived_one(self):
        lived = self._ticket("2026-03-02 09:00:00", priority="1", user_id=False)
        with freeze_time("2026-03-02 09:30:00"):
            lived.write(
                {"stage_id": self.stages["active"].id, "user_id": self.agent.id}
            )
        lived.service_record("responded", "2026-03-02 09:45:00")
        self._move(lived, "waiting_customer", "2026-03-02 12:00:00")
        self._move(lived, "active", "2026-03-03 11:00:00", team_id=self.other_team.id)
        self._move(lived, "resolved", "2026-03-03 13:00:00")
        self._move(lived, "closed", "2026-03-05 09:00:00")
        history = self._history()
        # a user who is not of the team leaves the ticket when that changes
        history[4]["user"] = False
        imported = self._one(self._record(events=history))

        def clocks(ticket):
            return sorted(
                (
                    clock.target_id.id,
                    clock.state,
                    clock.verdict,
                    clock.elapsed_seconds,
                    clock.deadline,
                    clock.stopped_at,
                    clock.counted,
                )
                for clock in ticket.service_clock_ids
            )

        def spans(ticket):
            return [
                (
                    span.phase,
                    span.team_id,
                    span.user_id,
                    span.date_from,
                    span.wall_seconds,
                )
                for span in ticket.service_span_ids.sorted("seq")
            ]

        self.assertEqual(clocks(imported), clocks(lived))
        self.assertEqual(spans(imported), spans(lived))
        self.assertEqual(len(clocks(imported)), 3)

    def test_ticket_stands_where_its_history_ends(self):
        ticket = self._one(self._record(events=self._history()))
        self.assertEqual(ticket.stage_id, self.stages["closed"])
        self.assertEqual(ticket.team_id, self.other_team)
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(str(ticket.service_opened_at), "2026-03-02 09:00:00")
        self.assertEqual(str(ticket.assigned_date), "2026-03-02 09:30:00")
        self.assertEqual(str(ticket.closed_date), "2026-03-05 09:00:00")
        self.assertEqual(str(ticket.last_stage_update), "2026-03-05 09:00:00")
        self.assertEqual(set(ticket.service_event_ids.mapped("origin")), {"import"})
        self.assertTrue(ticket.number.startswith("HT"))

    def test_reason_of_cancelling_is_kept(self):
        ticket = self._one(
            self._record(
                events=[
                    {
                        "at": "2026-03-02 10:00:00",
                        "kind": "phase",
                        "phase": "cancelled",
                        "reason": "Reported twice",
                    }
                ]
            )
        )
        self.assertEqual(ticket.stage_id._service_phase(), "cancelled")
        self.assertEqual(ticket.service_cancel_reason, "Reported twice")

    def test_third_party_is_held_to_account(self):
        events = [
            {
                "at": "2026-03-02 10:00:00",
                "kind": "phase",
                "phase": "waiting_third_party",
                "party": "Carrier",
            }
        ]
        ticket = self._one(self._record(events=events))
        self.assertEqual(ticket.service_party_id, self.supplier)
        self.assertEqual(
            ticket.service_span_ids.sorted("seq")[-1].party_id, self.supplier
        )

    def test_nothing_is_handled_at_its_opening(self):
        """Never a verdict of 0 s that nobody measured."""
        self.assertRefused(self._record(phase="resolved"), "over_at_opening")
        early = {"at": "2026-03-01 09:00:00", "kind": "phase", "phase": "closed"}
        self.assertRefused(self._record(events=[early]), "over_before_opening", 1)

    def test_a_correction_of_the_opening(self):
        """A row in the second of the opening gives the clocks of one import."""
        correction = {
            "at": "2026-03-02 09:00:00",
            "kind": "reclassified",
            "priority": "3",
            "external_ref": "last",
        }
        self._agreement(
            {"metric": "resolution", "duration": 2, "priority": "3"},
            date_start="2026-02-01",
        )
        whole = self._one(self._record("B-1", self._history(), priority="3"))
        self._one(self._record(events=self._history()[:4]))
        record = self._record(events=[*self._history(), correction], priority="3")
        [result] = self._import(record)
        self.assertEqual(result["outcome"], "updated")
        self.assertNotIn("kept", [remark["what"] for remark in result["adjusted"]])
        ticket = self.Ticket.browse(result["ticket_id"])
        names = ["target_id", "state", "verdict", "deadline", "elapsed_seconds"]
        self.assertEqual(
            [clock[name] for clock in ticket.service_clock_ids for name in names],
            [clock[name] for clock in whole.service_clock_ids for name in names],
        )
        self.assertEqual(self._import(record)[0]["outcome"], "unchanged")

    def test_attributes_hold_for_the_whole_history_until_reclassified(self):
        self._agreement(
            {"metric": "resolution", "duration": 2, "priority": "3"},
            partner_ids=[Command.set(self.globex.ids)],
        )
        change = {"at": "2026-03-02 10:00:00", "kind": "reclassified", "priority": "3"}
        ticket = self._one(
            self._record(partner=self.globex.id, priority="0", events=[change])
        )
        opened, reclassified = self._rows(ticket)
        self.assertEqual(opened.value["priority"], "0")
        self.assertEqual(reclassified.value["priority"], "3")
        self.assertEqual(reclassified.value["customer"], self.globex.id)
        self.assertEqual(ticket.priority, "3")
        self.assertEqual(len(ticket.service_clock_ids), 1)

    # ------------------------------------------------------------------
    # Repeating
    # ------------------------------------------------------------------

    def test_repeat_changes_nothing(self):
        record = self._record(events=self._history())
        ticket = self._one(record)
        before = (ticket.service_event_ids, ticket.write_date, ticket.service_revision)
        self.assertEqual(self._one(record, "unchanged"), ticket)
        ticket.invalidate_recordset()
        after = (ticket.service_event_ids, ticket.write_date, ticket.service_revision)
        self.assertEqual(after, before)

    def test_new_rows_are_appended_and_the_ticket_follows(self):
        history = self._history()
        ticket = self._one(self._record(events=history[:3]))
        self.assertEqual(ticket.stage_id, self.stages["active"])
        self.assertEqual(self._one(self._record(events=history), "updated"), ticket)
        at_once = self._one(self._record("A-2", events=history))
        self.assertEqual(ticket.stage_id, self.stages["closed"])
        self.assertEqual(ticket.team_id, self.other_team)
        self.assertEqual(ticket.closed_date, at_once.closed_date)
        self.assertEqual(
            [(row.at, row.kind, row.value) for row in self._rows(ticket)],
            [(row.at, row.kind, row.value) for row in self._rows(at_once)],
        )
        self.assertConsistent(ticket)

    def test_row_found_later_goes_where_it_belongs(self):
        history = self._history()
        ticket = self._one(self._record(events=history[:3] + history[4:]))
        first = ticket.service_clock_ids.filtered(
            lambda clock: clock.target_seconds == 8 * 3600
        )
        self.assertEqual(first.verdict, "missed")
        # the customer had it all night, and the other team's target took over in time
        self._one(self._record(events=history), "updated")
        self.assertEqual((first.verdict, first.state), (False, "cancelled"))
        self.assertEqual(ticket.stage_id, self.stages["closed"])
        self.assertConsistent(ticket)

    def test_rows_of_one_second_keep_their_order_over_imports(self):
        at = "2026-03-02 10:00:00"
        phases = ["active", "waiting_customer", "active", "resolved"]
        events = [{"at": at, "kind": "phase", "phase": phase} for phase in phases]
        ticket = self._one(self._record(events=events[:2]))
        self._one(self._record(events=events), "updated")
        found = [row.value["phase"] for row in self._rows(ticket)[1:]]
        self.assertEqual(found, phases)
        # a program that sends only what is new goes on at the end of that second
        more = {"at": at, "kind": "phase", "phase": "closed"}
        self._one(self._record(events=[more]), "updated")
        self.assertEqual(self._rows(ticket)[-1].value["phase"], "closed")
        self.assertEqual(ticket.stage_id, self.stages["closed"])

    def test_what_the_desk_did_since_stays(self):
        ticket = self._one(self._record(events=self._history()[:3]))
        self._move(ticket, "resolved", "2026-03-06 09:00:00")
        noted = {"at": "2026-03-04 09:00:00", "kind": "noted"}
        self._one(self._record(events=[*self._history()[:3], noted]), "updated")
        self.assertEqual(ticket.stage_id, self.stages["resolved"])

    def test_changed_attribute_of_the_record_is_remarked_not_taken(self):
        ticket = self._one(self._record(priority="1"))
        [result] = self._import(self._record(priority="3"))
        self.assertEqual(result["outcome"], "unchanged")
        self.assertEqual([note["what"] for note in result["adjusted"]], ["kept"])
        self.assertEqual(ticket.priority, "1")

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    def test_options_reach_addons(self):
        """What an addon asks for at an import comes with what was written."""
        told = []

        def done(_tickets, imported, **options):
            told.append(([one.external_ref for one in imported], options))

        self.patch(self.registry["helpdesk.ticket"], "_service_import_done", done)
        records = [self._record("A-1"), self._record("A-2", opened_at="never")]
        self.Ticket._service_import(records, False, (), urgent=True)
        self.assertEqual(told, [(["A-1"], {"urgent": True})])
        self.Ticket._service_import([self._record("A-3")], True, (), urgent=True)
        self.assertEqual(len(told), 1)  # a rehearsal writes nothing
