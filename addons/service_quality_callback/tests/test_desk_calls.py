from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_desk.tests.test_desk import DeskCase


@tagged("post_install", "-at_install")
class TestDeskCalls(DeskCase):
    def test_follow_up_calls(self):
        """Regulation A3.5.2: the calls that are owed, those due first in front."""
        for minute in (30, 10, 20):
            ticket = self._ticket("2026-03-02 08:00:00", name=f"Done at {minute}")
            self._move(ticket, "resolved", f"2026-03-02 08:{minute}:00")
        self.assertEqual(
            self.shown("calls"), ["Done at 10", "Done at 20", "Done at 30"]
        )
        [first, *_rest] = self.block("calls")["lines"]
        self.assertEqual(first["what"], "Follow-up call")
        self.assertEqual(first["deadline"], "2026-03-03 08:10:00")
        tomorrow = "2026-03-03 12:00:00"
        self.assertEqual(
            {line["burning"] for line in self.block("calls", moment=tomorrow)["lines"]},
            {"late"},
        )
        # they have a block of their own
        self.assertEqual(self.shown("late", moment=tomorrow), [])

    def test_calls_without_a_promise(self):
        """A call that no rule gives a deadline is owed nevertheless, and comes last."""
        rules = self.env["service.quality.target"].search(
            [("metric", "=", "callback"), ("company_id", "=", self.company.id)]
        )
        promised = self._ticket("2026-03-02 08:00:00", name="Promised")
        with freeze_time("2026-03-02 08:10:00"):
            rules.action_archive()
        bare = self._ticket("2026-03-02 08:20:00", name="Bare")
        self._move(bare, "resolved", "2026-03-02 08:30:00")
        self._move(promised, "resolved", "2026-03-02 09:00:00")
        self.assertEqual(self.shown("calls"), ["Promised", "Bare"])
        self.assertEqual(self.block("calls")["lines"][1]["burning"], "none")

    def test_the_list_has_what_the_block_counts(self):
        """Regulation A3.5.2: a count opens a list of as many calls."""
        ticket = self._ticket("2026-03-02 11:15:00")
        self._move(ticket, "resolved", "2026-03-02 11:30:00")
        self.assertListed("calls", 1)

    def test_counting_stops(self):
        """A million calls are not counted to the last one."""
        for minute in range(4):
            ticket = self._ticket(f"2026-03-02 09:0{minute}:00")
            self._move(ticket, "resolved", "2026-03-02 11:00:00")
        self.assertEqual(self.counted_to_three()["calls"], (3, True))

    def test_a_call_nudges(self):
        """Taking a call and leaving it tell the desks of its company."""
        key = "service_quality_desk.desk.nudge"
        waiting = self.env.cr.postcommit.data
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        waiting.pop(key)
        call = ticket.service_callback_ids.with_user(self.watcher)
        for step in (call.take, call.release):
            step()
            self.assertEqual(waiting.pop(key), {self.company.id})
        self.env.cr.postcommit.clear()
