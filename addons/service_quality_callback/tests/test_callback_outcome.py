import re

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import file_open

from .callback_common import CallbackCase

PAGE = "service_quality_callback/static/src/next_call"


def keys_of_page():
    """Return the keys of the caller's page, apart from those of the dispositions."""
    with file_open(f"{PAGE}/call_keys.js") as file:
        keys = re.findall(r'^ +"?(.)"?: \(page\)|key === "(.)"', file.read(), re.M)
    with file_open(f"{PAGE}/call_model.js") as file:
        looks = re.findall(r'key: "(.)"', file.read())
    return [*map("".join, keys), *looks, *"0123456789"]


@tagged("post_install", "-at_install")
class TestDispositionKeys(TransactionCase):
    """A key of the caller's page stands for one thing, also with the addons' own."""

    def test_a_key_stands_for_one_thing(self):
        known = self.env["service.quality.callback.attempt"]._dispositions()
        keys = [one.key for one in known.values() if one.key]
        self.assertTrue(all(len(key) == 1 and key == key.lower() for key in keys))
        self.assertEqual(len(keys), len(set(keys)), "two dispositions have one key")
        page = keys_of_page()
        self.assertLess(set("sdekx=mgypn"), set(page), "its keys are found")
        self.assertFalse(set(keys) & set(page), "the page has this key already")


@tagged("post_install", "-at_install")
class TestCallbackOutcome(CallbackCase):
    """The outcome of a call is checked and kept, and what it asks for is done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._handled("2026-03-02 10:00")
        cls.call = cls.ticket.service_callback_ids

    def test_two_questions_are_asked(self):
        """Regulation A5.1.1, A5.1.2: the desk asks: is it solved, are you satisfied."""
        with self.assertRaisesRegex(ValidationError, "solved.*satisfied"):
            self._complete(
                self.call, "2026-03-02 11:00", solved=None, satisfaction=None
            )
        self._complete(self.call, "2026-03-02 11:00", satisfaction="4")
        self.assertEqual((self.call.solved, self.call.satisfaction), ("yes", "4"))
        self.assertEqual(self.call.ended_by_id, self.caller)
        clock = self.clock(self.ticket, "callback")
        self.assertEqual((clock.state, clock.verdict), ("done", "met"))
        self.assertEqual(
            self.kinds(self.ticket)[-3:],
            ["callback_opened", "callback_attempted", "callback_ended"],
        )
        self.assertConsistent(self.ticket)

    def test_dissatisfied_with_what(self):
        """Regulation A4.3.3: a low grade says what it is about."""
        with self.assertRaisesRegex(ValidationError, "dissatisfied with"):
            self._complete(self.call, "2026-03-02 11:00", satisfaction="2")
        self.assertEqual(self.call.state, "open", "nothing was saved")
        self.assertFalse(self.call.attempt_ids)

    def test_not_solved_reopens_with_the_customers_words(self):
        """Regulation A5.1.2: what was not solved is taken up again."""
        self._complete(
            self.call, "2026-03-02 11:00", solved="no", comment="It broke again"
        )
        self.assertEqual(self.ticket.service_phase, "active")
        self.assertEqual(self.ticket.service_cycle, 2)
        self.assertIn("It broke again", self.ticket.message_ids[:1].body)
        self.assertEqual(self.call.result, "completed", "the call was made")
        self.assertEqual(self.clock(self.ticket, "callback").verdict, "met")
        self._move(self.ticket, "resolved", "2026-03-02 15:00")
        self.assertEqual(
            self.ticket.service_callback_ids.sorted("cycle").mapped("state"),
            ["ended", "open"],
        )

    def test_partly_solved_has_an_owner_or_is_reopened(self):
        with self.assertRaisesRegex(ValidationError, "follows up"):
            self._complete(self.call, "2026-03-02 11:00", solved="partly")
        self._complete(
            self.call,
            "2026-03-02 11:00",
            solved="partly",
            follow_up_user_id=self.second.id,
            follow_up_date="2026-03-04",
        )
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.second)
        self.assertEqual(str(activity.date_deadline), "2026-03-04")
        again = self._handled("2026-03-02 12:00")
        self._complete(
            again.service_callback_ids, "2026-03-02 13:00", solved="partly", reopen=True
        )
        self.assertEqual(again.service_phase, "active")

    def test_wish_for_a_manager_is_a_dated_call(self):
        """Regulation A4.3.3: the service manager calls, on a day."""
        manager = self._user("manager", "service_manager")
        self._agreement({"metric": "resolution", "duration": 4}, manager_id=manager.id)
        ticket = self._handled("2026-03-06 10:00")
        self._complete(
            ticket.service_callback_ids, "2026-03-06 11:00", wants_manager=True
        )
        activity = ticket.activity_ids
        self.assertEqual(activity.user_id, manager)
        self.assertEqual(str(activity.date_deadline), "2026-03-09", "after a Friday")

    def test_own_work_is_counted(self):
        """Regulation A5.1.2: who calls about own work is warned, and counted."""
        self.team.user_ids = self.caller
        ticket = self._handled(user_id=self.caller.id, partner_id=self.stranger.id)
        call = ticket.service_callback_ids
        self.assertTrue(call.with_user(self.caller).call_sheet()["is_own_work"])
        self._complete(call, "2026-03-02 11:00")
        self._complete(self.call, "2026-03-02 11:00")
        self.assertEqual((call.is_own_work, self.call.is_own_work), (True, False))

    def test_refused_is_never_called_again(self):
        """Who refuses was reached: in time, without an answer."""
        self._save(self.call, "2026-03-02 11:00", "refused")
        self.assertEqual((self.call.state, self.call.result), ("ended", "refused"))
        self.assertEqual(self.clock(self.ticket, "callback").verdict, "met")
        self.assertFalse(self._next("2026-03-02 18:00"))
        with self.assertRaisesRegex(UserError, "ended already"):
            self._save(self.call, "2026-03-02 12:00", "no_answer")

    def test_no_answer_tries_again_in_another_part_of_the_day(self):
        self._save(self.call, "2026-03-02 11:00", "no_answer")
        self.assertMoment(self.call.next_call_at, "2026-03-02 14:00")
        self._save(self.call, "2026-03-02 14:30", "busy")
        self.assertMoment(self.call.next_call_at, "2026-03-02 18:00")
        self.assertMoment(self.call.first_attempt_at, "2026-03-02 11:00")
        self.assertFalse(self.call.reached_at)

    def test_attempts_within_the_gap_are_not_so_many_attempts(self):
        """Three within a minute are no evidence that nobody can be reached."""
        call = self._handled("2026-03-02 10:00").service_callback_ids
        self._save(call, "2026-03-02 10:30", "no_answer")
        for moment, disposition in (
            ("2026-03-02 10:30", "no_answer"),
            ("2026-03-02 10:31", "busy"),
        ):
            with self.assertRaisesRegex(UserError, "less than .* hours ago"):
                self._save(call, moment, disposition)
        self.assertEqual(len(call.attempt_ids), 1)
        self._save(
            call, "2026-03-02 10:32", "appointment", next_call_at="2026-03-02 10:50:00"
        )
        self._save(call, "2026-03-02 10:51", "no_answer")  # as was promised
        self.assertEqual(len(call.attempt_ids), 3)
        self.assertEqual(call.state, "open")

    def test_attempt_for_one_call_is_not_one_more_for_another(self):
        """Of a contact's calls only those are tried whose gap is over."""
        first = self._handled("2026-03-02 10:00").service_callback_ids
        self._save(first, "2026-03-02 10:30", "no_answer")
        second = self._handled("2026-03-02 10:40").service_callback_ids
        self._save(second, "2026-03-02 10:41", "no_answer")
        self.assertEqual(len(first.attempt_ids), 1)
        self.assertEqual(len(second.attempt_ids), 1)

    def test_unreachable_after_the_last_attempt(self):
        """Regulation A5.1.2: unreachable is a miss with its evidence."""
        for moment in ("2026-03-02 11:00", "2026-03-02 14:00", "2026-03-02 18:00"):
            self._save(self.call, moment, "no_answer")
        self.assertEqual((self.call.state, self.call.result), ("ended", "unreachable"))
        self.assertEqual(len(self.call.attempt_ids), 3)
        clock = self.clock(self.ticket, "callback")
        self.assertEqual((clock.state, clock.verdict), ("done", "missed"))
        self.assertMoment(clock.judged_at, "2026-03-03 10:00")
        self.assertConsistent(self.ticket)

    def test_nobody_is_called_without_a_number(self):
        """Regulation A5.1.2: by telephone, which is under some number."""
        self.contact.phone = "–"
        said = {"callback_id": self.call.id, "solved": "yes", "satisfaction": "5"}
        tries = (("completed", {"outcomes": [said]}), ("refused", {}), ("busy", {}))
        for disposition, values in tries:
            for number in (None, ".", "12"):
                with self.assertRaisesRegex(ValidationError, "no number"):
                    self._save(
                        self.call,
                        "2026-03-02 11:00",
                        disposition,
                        number=number,
                        **values,
                    )
        self.assertFalse(self.call.attempt_ids)
        self._save(
            self.call,
            "2026-03-02 11:00",
            "completed",
            outcomes=[said],
            number="+49 30 777",
            note="Hers, at home",
        )
        self.assertEqual(self.call.attempt_ids.number, "+49 30 777")
        self.assertEqual(self.call.result, "completed")

    def test_whose_number_it_is(self):
        """A number that is none of the contact's asks for a word, and is marked."""
        said = {"callback_id": self.call.id, "solved": "yes", "satisfaction": "5"}
        for disposition, values in (("completed", {"outcomes": [said]}), ("busy", {})):
            for note in (None, "-", "xxxxxxxx"):
                with (
                    self.subTest(disposition, note=note),
                    self.assertRaisesRegex(ValidationError, "whose it is"),
                ):
                    self._save(
                        self.call,
                        "2026-03-02 11:00",
                        disposition,
                        number="000",
                        note=note,
                        **values,
                    )
        self.assertFalse(self.call.attempt_ids)
        # the same, as it is dialled in the town
        self._save(self.call, "2026-03-02 11:00", "busy", number="030 / 123 456")
        self.contact.parent_id.phone = "+49 30 900900"
        self._save(self.call, "2026-03-02 14:30", "busy", number="+49 30 900900")
        self._save(
            self.call,
            "2026-03-02 18:30",
            "completed",
            outcomes=[said],
            number="+49 30 777",
            note="Her colleague's",
        )
        marks = self.call.attempt_ids.sorted("at").mapped("is_other_number")
        self.assertEqual(marks, [False, False, True])

    def test_a_number_that_was_not_wrong_is_changed(self):
        """Who changes the number of an open call is seen; who enters one is not."""
        portal = new_test_user(self.env, "outcome_portal", "base.group_portal")
        with freeze_time("2026-03-02 10:30"):
            self.contact.with_user(portal).sudo().phone = "+49 30 888888"
        self.assertFalse(self.call.is_number_changed, "by the customer")
        self._save(self.call, "2026-03-02 11:00", "wrong_number")
        self._set_number("+49 30 654321")
        self.assertFalse(self.call.is_number_changed, "it was wrong")
        self._set_number("+49 30 000000")
        self.assertTrue(self.call.is_number_changed)

    def _set_number(self, phone):
        with freeze_time("2026-03-02 12:30"):
            self.call.with_user(self.caller).set_number(phone)

    def test_wrong_number_comes_back_when_corrected(self):
        self._save(self.call, "2026-03-02 11:00", "suspended")
        self.assertTrue(self.call.needs_number)
        self.assertFalse(self._next("2026-03-02 12:00"))
        with freeze_time("2026-03-02 12:30"):
            self.contact.phone = "+49 30 654321"
        self.assertEqual(self._next("2026-03-02 12:30"), self.call)

    def test_promise_lies_ahead(self):
        for moment in (None, "2026-03-02 10:59:00", "tomorrow"):
            with self.assertRaises(ValidationError):
                self._save(
                    self.call, "2026-03-02 11:00", "appointment", next_call_at=moment
                )

    def test_unknown_results_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "no_answer"):
            self._save(self.call, "2026-03-02 11:00", "gone fishing")
        with self.assertRaisesRegex(ValidationError, "completed call"):
            self._save(self.call, "2026-03-02 11:00", "completed")
        with self.assertRaisesRegex(ValidationError, "not this customer"):
            other = self._handled(partner_id=self.stranger.id).service_callback_ids
            self._complete(self.call, "2026-03-02 11:00", callback_id=other.id)

    def test_exemption_needs_a_reason_and_is_counted(self):
        """Regulation A5.1.2: an exemption stands with who gave it."""
        with self.assertRaisesRegex(ValidationError, "reason"):
            self.call.with_user(self.caller).exempt("  ")
        with self.assertRaisesRegex(ValidationError, "too little"):
            self.call.with_user(self.caller).exempt("...")
        self._exempt(self.call, "2026-03-02 11:00", "Spoke to him in person")
        self.assertEqual(
            (self.call.result, self.call.exempted_by_id), ("exempt", self.caller)
        )
        row = self.ticket.service_event_ids.filtered(
            lambda event: event.kind == "callback_ended"
        )
        self.assertEqual(row.reason, "Spoke to him in person")

    def test_given_up_only_with_evidence(self):
        with self.assertRaisesRegex(UserError, "Nobody has tried"):
            self.call.with_user(self.caller).give_up("Moved away")
        self._save(self.call, "2026-03-02 11:00", "wrong_number")
        self.call.with_user(self.caller).give_up("Moved away")
        self.assertEqual(self.call.result, "unreachable")

    def test_attempts_stay_as_they_are(self):
        self._save(self.call, "2026-03-02 11:00", "no_answer", note="Rang long")
        attempt = self.call.attempt_ids
        self.assertEqual(
            (attempt.aapor_code, attempt.number), ("3.13", "+49 30 123456")
        )
        with self.assertRaises(UserError):
            attempt.note = "Never called"
        with self.assertRaises(UserError):
            attempt.unlink()

    def test_end_is_voided_after_a_slip(self):
        """The wrong button was pressed: the call is open again, the attempt stays."""
        self._save(self.call, "2026-03-02 11:00", "refused")
        manager = self._user("manager", "service_manager")
        rows = self.ticket.service_event_ids.with_user(manager)
        ended = rows.filtered(lambda row: row.kind == "callback_ended")
        with self.assertRaisesRegex(UserError, "not voided"):
            rows.filtered(lambda row: row.kind == "callback_opened")._void("Wrong")
        ended._void("Pressed the wrong key")
        self.assertEqual((self.call.state, self.call.result), ("open", False))
        self.assertEqual(self.clock(self.ticket, "callback").state, "running")
        self.assertEqual(self._next("2026-03-02 11:05"), self.call)
        self._complete(self.call, "2026-03-02 11:06", solved="no")
        ended = self.ticket.service_event_ids.filtered(
            lambda row: row.kind == "callback_ended" and not row.is_voided
        )
        with self.assertRaisesRegex(UserError, "taken up again"):
            ended._void("It was solved after all")
