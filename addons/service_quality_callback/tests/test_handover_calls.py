from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_desk.tests.test_handover import MORNING, HandoverCase


@tagged("post_install", "-at_install")
class TestHandoverCalls(HandoverCase):
    """Calls are handed over beside what the desk itself lists."""

    def in_hand(self, user, name="Router down"):
        """Return an open follow-up call that somebody has in hand."""
        ticket = self._ticket(MORNING, name=name)
        self._move(ticket, "resolved", "2026-03-02 09:00:00")
        call = ticket.service_callback_ids
        with freeze_time("2026-03-02 11:50:00"):
            call.with_user(user).take()
        return call

    def test_what_is_listed(self):
        """Regulation A3.5.1: what is late, which calls were promised, what is due."""
        late = self._ticket(MORNING, name="Late", user_id=self.ann.id)
        in_time = self._ticket("2026-03-02 11:30:00", name="In time")
        self._ticket(MORNING, name="Another team's", team_id=self.other_team.id)
        call = self.in_hand(self.ann)
        self.in_hand(self.carl, name="In another hand")
        promised = self.in_hand(self.carl, name="Promised")
        promised.write({"is_promised": True, "next_call_at": "2026-03-02 15:00:00"})
        due = self.activity(in_time, self.ann, "2026-03-02")
        self.activity(in_time, self.ann, "2026-03-03")
        self.activity(in_time, self.bob, "2026-03-02")
        lines = self.handover().line_ids
        self.assertEqual(
            [(line.kind, line.ticket_id.name) for line in lines],
            [
                ("late", "Late"),
                ("call", "Promised"),
                ("call", "Router down"),
                ("activity", "In time"),
            ],
        )
        self.assertEqual(lines[0].about, f"{late.number} · Late")
        self.assertEqual(lines[0].metric, "resolution")
        self.assertMoment(lines[0].deadline, "2026-03-02 09:00")
        self.assertEqual(lines[0].user_id, self.ann)
        self.assertMoment(lines[1].deadline, "2026-03-02 15:00")
        self.assertEqual(lines[2].callback_id, call)
        self.assertMoment(lines[2].deadline, "2026-03-03 09:00")
        self.assertEqual(lines[3].activity_id, due)
        self.assertIn("Ask the supplier", lines[3].about)
        # the day ends in the zone of who leaves
        self.assertMoment(lines[3].deadline, "2026-03-02 15:59:59")
        self.assertEqual(lines.mapped("pass_on"), [False, False, True, True])

    def test_taken_over(self):
        """Regulation A3.5.1: the next has in hand what was marked, if it still is."""
        late = self._ticket(MORNING, name="Late", user_id=self.ann.id)
        call, ended = self.in_hand(self.ann), self.in_hand(self.ann, name="Called")
        todo = self.activity(late, self.ann, "2026-03-02")
        kept = self.activity(late, self.ann, "2026-03-02", summary="Mine to do")
        handover = self.handover()
        lines = handover.line_ids.with_user(self.ann)
        lines.filtered(lambda line: line.kind == "late").pass_on = True
        lines.filtered(lambda line: line.activity_id == kept).pass_on = False
        self.step(handover, "hand_over", self.ann)
        self.assertEqual(
            (late | call).mapped("user_id") if False else late.user_id, self.ann
        )
        with freeze_time("2026-03-02 12:05:00"):
            ended.with_user(self.ann).release()
        self.step(handover, "take_over", self.bob, moment="2026-03-02 12:10:00")
        self.assertEqual(handover.state, "taken_over")
        self.assertMoment(handover.taken_at, "2026-03-02 12:10")
        self.assertEqual(call.user_id, self.bob)
        self.assertFalse(ended.user_id)
        self.assertEqual(todo.user_id, self.bob)
        self.assertEqual(kept.user_id, self.ann)
        self.assertEqual(late.user_id, self.bob)
        row = late.service_event_ids.filtered(lambda row: row.kind == "assigned")[:1]
        self.assertEqual(row.value["user"], self.bob.id)
        self.assertEqual(row.user_id, self.bob)
        self.assertConsistent(late)

    def test_calls_go_back_where_the_next_makes_none(self):
        """A call is not left in the hand of who does not call customers."""
        call = self.in_hand(self.ann)
        dora = self._member("shift_dora", "staff", name="Dora")
        handover = self.handover(to_user_id=dora.id)
        self.step(handover, "hand_over", self.ann)
        self.step(handover, "take_over", dora)
        self.assertFalse(call.user_id)

    def test_blanks_are_filled_in(self):
        """What the next shift reads says something, in the note and at each line."""
        self.in_hand(self.ann)
        for place in ("note", "line"):
            handover = self.handover()
            about = handover if place == "note" else handover.line_ids[:1]
            self.assertTrue(about)
            about.with_user(self.ann).note = "Spare keys: ____"
            with (
                self.subTest(place),
                self.assertRaisesRegex(ValidationError, "still has a blank"),
            ):
                self.step(handover, "hand_over", self.ann)
            self.assertEqual(handover.state, "draft")
            handover.sudo().unlink()

    def test_queries(self):
        """SLA case 20: a shift of thirty things costs as much as one of three."""
        counts = []
        for number in (3, 27):
            for index in range(number):
                ticket = self._ticket(MORNING, name=f"Late {index}")
                self.activity(ticket, self.ann, "2026-03-02")
                self.in_hand(self.ann)
            handover = self.handover()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.step(handover, "refresh", self.ann)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            handover.unlink()
        self.assertLessEqual(counts[1], counts[0] + 3)
