from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallbackQueue(CallbackCase):
    """Whom to call now."""

    def test_most_urgent_first(self):
        later = self._handled("2026-03-02 11:00", partner_id=self.stranger.id)
        first = self._handled("2026-03-02 10:00")
        self.assertEqual(self._next("2026-03-02 12:00"), first.service_callback_ids)
        self.assertEqual(
            self._next("2026-03-02 12:00", self.second), later.service_callback_ids
        )

    def test_nobody_gets_what_another_has_in_hand(self):
        call = self._handled().service_callback_ids
        self.assertEqual(self._next("2026-03-02 12:00"), call)
        self.assertEqual(self._next("2026-03-02 12:10"), call, "mine is given again")
        self.assertFalse(self._next("2026-03-02 12:10", self.second))
        with (
            freeze_time("2026-03-02 12:10"),
            self.assertRaisesRegex(UserError, "caller"),
        ):
            call.with_user(self.second).take()
        self.assertEqual(self._next("2026-03-02 13:30", self.second), call, "forgotten")

    def test_given_back(self):
        call = self._handled().service_callback_ids
        self._next("2026-03-02 12:00")
        call.with_user(self.caller).release()
        self.assertEqual(self._next("2026-03-02 12:01", self.second), call)

    def test_never_outside_calling_hours(self):
        """09:00 to 20:00 on the customer's clock, wherever the caller sits."""
        self.contact.tz = "Asia/Shanghai"
        call = self._handled("2026-03-02 10:00").service_callback_ids  # 18:00 there
        self.assertEqual(self._next("2026-03-02 11:59"), call)
        call.with_user(self.caller).release()
        self.assertFalse(self._next("2026-03-02 12:00"), "20:00 there")
        self.assertFalse(self._next("2026-03-03 00:59"))
        self.assertEqual(self._next("2026-03-03 01:00"), call)

    def test_own_hours_of_a_contact(self):
        self.contact.write(
            {
                "service_call_from": 14,
                "service_call_to": 15.5,
                "service_call_source": "On the phone, 1 March",
            }
        )
        call = self._handled().service_callback_ids
        self.assertFalse(self._next("2026-03-02 13:59"))
        self.assertEqual(self._next("2026-03-02 15:29"), call)

    def test_hours_of_a_contact_are_checked(self):
        with self.assertRaisesRegex(ValidationError, "begin before"):
            self.contact.write(
                {
                    "service_call_from": 15,
                    "service_call_to": 14,
                    "service_call_source": "Said so",
                }
            )

    def test_deadline_at_night_is_brought_forward(self):
        """Due 03:00 there means 20:00 of the evening before: it overtakes 00:00 UTC."""
        self.contact.tz = "Asia/Shanghai"
        night = self._handled("2026-03-02 19:00")  # due 19:00 UTC, that is 03:00 there
        day = self._handled("2026-03-02 14:00", partner_id=self.stranger.id)
        self.assertEqual(
            self._next("2026-03-03 11:00"), night.service_callback_ids, "till 12:00 UTC"
        )
        self.assertEqual(
            self._next("2026-03-03 11:00", self.second), day.service_callback_ids
        )

    def test_promised_call_goes_first(self):
        urgent = self._handled("2026-03-02 09:00").service_callback_ids
        promised = self._handled(
            "2026-03-02 11:00", partner_id=self.stranger.id
        ).service_callback_ids
        self._save(
            promised,
            "2026-03-02 12:00",
            "appointment",
            next_call_at="2026-03-02 14:00:00",
        )
        self.assertEqual(self._next("2026-03-02 13:59"), urgent)
        urgent.with_user(self.caller).release()
        self.assertEqual(self._next("2026-03-02 14:00"), promised)

    def test_one_call_for_all_of_a_contact(self):
        first, other = (
            self._handled("2026-03-02 10:00"),
            self._handled("2026-03-02 11:00"),
        )
        calls = (first | other).service_callback_ids
        with freeze_time("2026-03-02 12:00"):
            sheet = (
                self.env["service.quality.callback"].with_user(self.caller).next_call()
            )
        self.assertEqual(sheet["call"]["id"], first.service_callback_ids.id)
        self.assertEqual(
            [item["id"] for item in sheet["call"]["others"]],
            other.service_callback_ids.ids,
        )
        self.assertEqual(sheet["left"], 2)
        outcomes = [
            {"callback_id": call.id, "solved": "yes", "satisfaction": "4"}
            for call in calls
        ]
        self._save(
            first.service_callback_ids,
            "2026-03-02 12:05",
            "completed",
            outcomes=outcomes,
        )
        self.assertEqual(calls.mapped("result"), ["completed", "completed"])
        self.assertEqual(len(calls.attempt_ids), 2)

    def test_skipped_for_now(self):
        call = self._handled().service_callback_ids
        self.assertFalse(self._next("2026-03-02 12:00", skip_ids=call.ids))

    def test_language_of_the_script(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        script = self.env.ref("service_quality.callback_script_usual")
        script.with_context(lang="fr_FR").opening = "Bonjour {customer}, ici {caller}."
        self.contact.lang = "fr_FR"
        call = self._handled().service_callback_ids
        sheet = call.with_user(self.caller).call_sheet()
        self.assertEqual(
            sheet["script"]["opening"], f"Bonjour Ann, ici {self.caller.name}."
        )

    def test_major_complaint_is_not_the_desks(self):
        """Regulation A3.3.3: the technical service centre calls, and calls once."""
        ticket = self._ticket(
            "2026-03-02 09:00:00",
            service_is_complaint=True,
            service_severity="major",
            service_root_cause="One till",
            service_handling="A second one",
        )
        with freeze_time("2026-03-02 09:30:00"):
            ticket.service_complaint_answer("Sorry", "phone")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        call = ticket.service_callback_ids
        self.assertTrue(call.is_complaint_call)
        self.assertFalse(self._next("2026-03-02 12:00"))
        with self.assertRaises(AccessError):
            call.with_user(self.caller).take()
        centre = self._user("centre", "technical_centre", tz="UTC")
        self.assertEqual(self._next("2026-03-02 12:00", centre), call)
        with self.assertRaisesRegex(ValidationError, "not ended"):
            ticket.stage_id = self.stages["closed"]

    def test_who_makes_no_calls(self):
        """Calls are denied by default, and nobody writes them by hand."""
        call = self._handled().service_callback_ids
        for role in ("staff", "project_manager", "executive", "sales"):
            user = self._user(f"no_{role}", role)
            for method, args in (
                ("next_call", ()),
                ("call_sheet", ()),
                ("take", ()),
                ("save_call", ("no_answer",)),
                ("exempt", ("I say so",)),
                ("give_up", ("I say so",)),
                ("set_contact", (self.stranger.id,)),
            ):
                with self.subTest(role=role, method=method):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        getattr(call.with_user(user), method)(*args)
        for user in (
            self.caller,
            new_test_user(self.env, "portal_guest", "base.group_portal"),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                call.with_user(user).write({"solved": "yes"})
        with self.assertRaises(AccessError):
            self.env["service.quality.callback"].with_user(self.caller).create({})
