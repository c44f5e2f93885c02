from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ..models import service_quality_handover_line
from .test_desk import WATCHING, DeskCase

MORNING = "2026-03-02 08:00:00"
NOON = "2026-03-02 12:00:00"


class HandoverCase(DeskCase):
    """Ann hands the shift of the first line over to Bob."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls._member("shift_ann", "desk", name="Ann", tz="Asia/Shanghai")
        cls.bob = cls._member("shift_bob", "desk", name="Bob")
        cls.carl = cls._member("shift_carl", "desk", name="Carl")
        cls.team.user_ids = cls.ann | cls.bob

    def handover(self, user=None, **values):
        """Make a handover as the page does: only what is public, as that user."""
        values = {"team_id": self.team.id, "to_user_id": self.bob.id, **values}
        [handover] = self.call(user or self.ann, "create", [values])
        return self.env["service.quality.handover"].browse(handover)

    def call(self, user, method, *args, moment=NOON):
        model = self.env(user=user)["service.quality.handover"]
        with freeze_time(moment):
            found = call_kw(model, method, list(args), {})
        self.env.invalidate_all()
        return found

    def step(self, handover, name, user, **kwargs):
        return self.call(user, f"action_{name}", handover.ids, **kwargs)

    def say(self, handover, user, text):
        env = self.env(user=user)
        say = env["service.quality.handover.say"].create(
            {"handover_id": handover.id, "text": text}
        )
        with freeze_time(NOON):
            say.action_confirm()
        self.env.invalidate_all()

    def activity(self, ticket, user, day, **values):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(ticket._name),
                "res_id": ticket.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "summary": "Ask the supplier",
                "user_id": user.id,
                "date_deadline": day,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestHandover(HandoverCase):
    def test_asked_on_the_day_of_the_next(self):
        """Who takes over far in the east is not asked to have done so yesterday."""
        self.ann.tz, self.bob.tz = "Pacific/Pago_Pago", "Pacific/Kiritimati"
        env = self.env(user=self.ann, context={"tz": self.ann.tz})
        handover = self.handover().with_env(env)
        with freeze_time(NOON):  # 01:00 of the 2nd there, 02:00 of the 3rd here
            handover.action_hand_over()
        asked = handover.sudo().activity_ids
        self.assertEqual(asked.user_id, self.bob)
        self.assertEqual(str(asked.date_deadline), "2026-03-03")

    def test_listed_at_the_moment_of_handing_over(self):
        """Regulation A3.5.1: the list is what was open then; notes on it stay."""
        done = self._ticket(MORNING, name="Soon done")
        kept = self._ticket("2026-03-02 08:30:00", name="Stays late")
        handover = self.handover(note="Watch the router")
        line = handover.line_ids.filtered(lambda line: line.ticket_id == kept)
        line.with_user(self.ann).write({"note": "Waits for a part", "pass_on": True})
        self._move(done, "resolved", "2026-03-02 12:10:00")
        self._ticket("2026-03-02 09:00:00", name="Late as well")
        self.step(handover, "hand_over", self.ann, moment="2026-03-02 12:30:00")
        self.assertEqual(
            handover.line_ids.ticket_id.mapped("name"), ["Stays late", "Late as well"]
        )
        self.assertEqual(handover.line_ids[0].note, "Waits for a part")
        self.assertTrue(handover.line_ids[0].pass_on)
        self.assertMoment(handover.at, "2026-03-02 12:30")
        self._move(kept, "resolved", "2026-03-02 12:40:00")
        self.assertEqual(len(handover.line_ids), 2)

    def test_question(self):
        """Regulation A3.5.1: the next may ask back before taking over."""
        handover = self.handover()
        self.step(handover, "hand_over", self.ann)
        self.assertEqual(handover.activity_ids.user_id, self.bob)
        self.say(handover, self.bob, "Which router?")
        self.assertEqual(handover.state, "questioned")
        self.assertEqual(handover.activity_ids.user_id, self.ann)
        with self.assertRaises(AccessError):
            self.say(handover, self.bob, "I answer myself")
        self.say(handover, self.ann, "The one in Bonn")
        self.assertEqual(handover.state, "handed_over")
        self.assertEqual(handover.question, "Which router?")
        self.assertEqual(handover.answer, "The one in Bonn")
        self.assertEqual(handover.activity_ids.user_id, self.bob)
        said = " ".join(handover.message_ids.mapped("body"))
        self.assertIn("Which router?", said)
        self.assertIn("The one in Bonn", said)
        self.step(handover, "take_over", self.bob)
        self.assertFalse(handover.activity_ids)

    def test_steps(self):
        """Each step is taken once, in its turn, and nothing is written by hand."""
        handover = self.handover(to_user_id=False)
        with self.assertRaises(UserError):
            self.step(handover, "hand_over", self.ann)
        handover.with_user(self.ann).to_user_id = self.bob
        with self.assertRaises(UserError):
            self.step(handover, "take_over", self.bob)
        self.step(handover, "hand_over", self.ann)
        for name in ("hand_over", "refresh"):
            with self.subTest(name=name), self.assertRaises(UserError):
                self.step(handover, name, self.ann)
        self.step(handover, "take_back", self.ann)
        self.assertEqual(handover.state, "draft")
        self.assertFalse(handover.at)
        self.assertFalse(handover.activity_ids)
        self.step(handover, "hand_over", self.ann)
        self.step(handover, "take_over", self.bob)
        for name, user in (("take_over", self.bob), ("take_back", self.ann)):
            with self.subTest(name=name), self.assertRaises(UserError):
                self.step(handover, name, user)
        for vals in ({"state": "taken_over"}, {"at": NOON}, {"taken_at": NOON}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.handover(**vals)
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.handover().with_user(self.ann).write(vals)

    def test_who_pressed_does_not_take_over(self):
        """Regulation A3.5.1: it takes two; a manager does not play both of them."""
        boss = self._member("shift_boss", "service_manager", "desk", name="Boss")
        own = self.handover(boss, from_user_id=self.ann.id, to_user_id=boss.id)
        with self.assertRaises(UserError):
            self.step(own, "hand_over", boss)
        self.step(own, "hand_over", self.ann)
        self.assertEqual(own.handed_by_id, self.ann)
        self.step(own, "take_back", boss)
        self.assertFalse(own.handed_by_id)
        own.unlink()
        handover = self.handover(boss, from_user_id=self.ann.id)
        self.step(handover, "hand_over", boss)
        self.assertEqual(handover.handed_by_id, boss)
        handover.sudo()._write_as_step({"to_user_id": boss.id})
        self.assertFalse(handover.with_user(boss).is_mine_to_take)
        with self.assertRaises(AccessError):
            self.step(handover, "take_over", boss)
        with self.assertRaises(UserError):
            handover.with_user(self.ann).handed_by_id = self.ann

    def test_to_whom(self):
        """A shift goes to somebody else, who has a part in the handling."""
        for user in (self.ann, self._member("shift_sales", "sales")):
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                self.handover(to_user_id=user.id)

    def test_next_on_duty(self):
        """Regulation A3.5.1: whose shift begins next is proposed, if it is planned."""
        handover = self.handover(to_user_id=False)
        self.assertFalse(handover.to_user_id)
        handover.unlink()
        shifts = {
            self.ann: ("2026-03-02 04:00:00", "2026-03-02 12:00:00"),
            self.bob: ("2026-03-02 11:30:00", "2026-03-02 20:00:00"),
            self.carl: ("2026-03-02 20:00:00", "2026-03-03 04:00:00"),
        }
        self.env["service.quality.duty"].create(
            [
                {
                    "team_id": self.team.id,
                    "user_id": user.id,
                    "date_from": start,
                    "date_to": end,
                }
                for user, (start, end) in shifts.items()
            ]
        )
        Handover = self.env(user=self.ann)["service.quality.handover"]
        for moment in ("2026-03-02 11:50:00", "2026-03-02 12:10:00"):
            with freeze_time(moment):
                values = {"team_id": self.team.id}
                made = self.env(user=self.ann)["service.quality.handover"].create(
                    values
                )
            self.assertEqual(made.to_user_id, self.bob, moment)
            made.unlink()
        values["to_user_id"] = self.carl.id
        with freeze_time(NOON):
            made = Handover.create(values)
        self.assertEqual(made.to_user_id, self.carl)

    def test_many_late(self):
        """More than one can look through is not listed, and it says so."""
        for minute in range(3):
            self._ticket(f"2026-03-02 08:0{minute}:00")
        handover = self.handover()
        self.assertFalse(handover.is_cut)
        handover.unlink()
        self.patch(service_quality_handover_line, "LISTED", 2)
        handover = self.handover()
        self.assertEqual(handover.late_count, 2)
        self.assertTrue(handover.is_cut)

    def test_on_the_desk(self):
        """Screens: the desk shows the team's shifts that nobody has taken over."""
        handover = self.handover()
        self.assertEqual(self.overview(self.bob)["handovers"], [])
        self.env.cr.postcommit.clear()
        self.step(handover, "hand_over", self.ann)
        self.assertIn("service_quality_desk.desk.nudge", self.env.cr.postcommit.data)
        self.env.cr.postcommit.clear()
        [seen] = self.overview(self.bob, "mine")["handovers"]
        self.assertEqual(seen["id"], handover.id)
        self.assertEqual(seen["name"], "First line · Ann → Bob")
        self.assertTrue(seen["turn"])
        [seen] = self.overview(self.ann, "team")["handovers"]
        self.assertFalse(seen["turn"])
        self.assertEqual(self.overview(self.carl, "team")["handovers"], [])
        self.assertEqual(len(self.overview(self.carl, "all")["handovers"]), 1)
        self.say(handover, self.bob, "Which router?")
        [seen] = self.overview(self.ann, "mine")["handovers"]
        self.assertEqual((seen["turn"], seen["question"]), (True, True))
        self.say(handover, self.ann, "That one")
        self.step(handover, "take_over", self.bob)
        self.assertEqual(self.overview(self.bob)["handovers"], [])

    def test_print(self):
        """Regulation A3.5.1: on paper stands what was open and who has it."""
        self._ticket(MORNING, name="Router down")
        handover = self.handover(note="Watch the router")
        self.step(handover, "hand_over", self.ann)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "service_quality_desk.report_handover", handover.ids
        )
        text = html.decode()
        for part in ("First line", "Ann", "Bob", "Watch the router", "Router down"):
            self.assertIn(part, text)
        self.assertIn("Not taken over yet", text)


@tagged("post_install", "-at_install", "security")
class TestHandoverAccess(HandoverCase):
    def test_only_the_next_takes_over(self):
        """Regulation A3.5.1: nobody but the next takes over or asks back."""
        handover = self.handover()
        self.step(handover, "hand_over", self.ann)
        manager = self._member("shift_manager", "service_manager")
        for user in (self.ann, self.carl, manager):
            for name in ("take_over", "ask"):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self.step(handover, name, user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.say(handover, user, "No")
        self.step(handover, "take_over", self.bob)

    def test_only_who_leaves_hands_over(self):
        """Nobody hands over another's shift, but a service manager who has to."""
        handover = self.handover()
        for user in (self.bob, self.carl):
            for name in ("hand_over", "refresh"):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self.step(handover, name, user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "write", handover.ids, {"note": "Mine"})
        handover.unlink()
        for user in (self.bob, self.carl):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.handover(user, from_user_id=self.ann.id, to_user_id=self.bob.id)
        manager = self._member("shift_manager", "service_manager")
        ill = self.handover(manager, from_user_id=self.ann.id)
        self.step(ill, "hand_over", manager)
        with self.assertRaises(AccessError):
            self.step(ill, "take_back", self.carl)
        self.step(ill, "take_back", manager)

    def test_handed_over_is_handed_over(self):
        """What was handed over is neither changed nor deleted, nor its lines."""
        self._ticket(MORNING)
        handover = self.handover()
        line = handover.line_ids
        for user in (self.bob, self.carl):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                line.with_user(user).write({"note": "No"})
        with self.assertRaises(UserError):
            line.with_user(self.ann).write({"about": "Something else"})
        for attempt in (line.copy, line.unlink):
            with self.assertRaises(AccessError):
                attempt.__func__(line.with_user(self.ann))
        self.step(handover, "hand_over", self.ann)
        with self.assertRaises(AccessError):
            handover.with_user(self.ann).write({"note": "No"})
        with self.assertRaises(AccessError):
            line = handover.line_ids.with_user(self.ann)
            line.write({"note": "No"})
        with self.assertRaises(AccessError):
            handover.with_user(self.ann).unlink()
        with self.assertRaises(UserError):
            handover.unlink()
        self.handover().with_user(self.ann).unlink()

    def test_who_reads(self):
        """A handover is read by the two, their team, and whoever reads all tickets."""
        self._ticket(MORNING)
        handover = self.handover()
        member = self._member("shift_member", "staff")
        self.team.user_ids += member
        readers = [member, self.ann, self.bob, self.carl]
        readers += [
            self._member(f"shift_{role}_reader", role)
            for role in (*WATCHING[1:], "executive")
        ]
        refused = [
            self._member("shift_stranger", "staff"),
            self._member("shift_sales", "sales"),
            self._member("shift_employee"),
            new_test_user(self.env, login="shift_portal", groups="base.group_portal"),
            self.env.ref("base.public_user"),
        ]
        for records in (handover, handover.line_ids):
            for user in readers:
                with self.subTest(user=user.login):
                    records.with_user(user).read(["display_name"])
            for user in refused:
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    records.with_user(user).read(["display_name"])

    def test_who_makes_one(self):
        """Those who read only make no handover."""
        for role in ("quality", "executive", "sales"):
            user = self._member(f"shift_maker_{role}", role)
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.handover(user)
            with self.subTest(role=role):
                found = role == "quality" and self.overview(user)["can_hand_over"]
                self.assertFalse(found)

    def test_another_company(self):
        """A shift of one company is no business of another's."""
        handover = self.handover()
        there = self.env["res.company"].create({"name": "There"})
        stranger = self._user(
            "shift_there",
            "service_manager",
            company_id=there.id,
            company_ids=[Command.set(there.ids)],
        )
        env = self.env(user=stranger, context={"allowed_company_ids": there.ids})
        self.assertFalse(env["service.quality.handover"].search([]))
        with self.assertRaises(AccessError):
            handover.with_env(env).read(["note"])


@tagged("post_install", "-at_install")
class TestHandoverRectify(HandoverCase):
    def test_what_was_taken_over_is_rectified(self):
        """Deny: neither note nor lines change; who handed over rectifies a note."""
        handover = self.handover(note="Watch the second line")
        self.step(handover, "hand_over", self.ann)
        self.step(handover, "take_over", self.bob)
        for user in (self.ann, self.bob, self.env.user):
            with self.assertRaisesRegex(UserError, "Rectify"):
                handover.with_user(user).note = "Nothing"
        with self.assertRaisesRegex(UserError, "Rectify"):
            handover.from_user_id = self.carl
        row = handover.with_user(self.ann)._rectify(
            "note", "Watch the third line", "Mistyped"
        )
        self.assertEqual(
            (row.old_text, handover.note),
            ("Watch the second line", "Watch the third line"),
        )
        ticket = self._ticket()
        line = self.env["service.quality.handover.line"]._create_as_step(
            [
                {
                    "handover_id": handover.id,
                    "kind": "late",
                    "ticket_id": ticket.id,
                    "about": "Late",
                    "note": "Call again",
                }
            ]
        )
        with self.assertRaisesRegex(UserError, "Rectify"):
            line.note = "Nothing"
