from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models import service_quality_callback_queue
from .callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallbackQueue(CallbackCase):
    """The queue says whom to call now."""

    def test_most_urgent_first(self):
        later = self._handled("2026-03-02 11:00", partner_id=self.stranger.id)
        first = self._handled("2026-03-02 10:00")
        self.assertEqual(self._next("2026-03-02 12:00"), first.service_callback_ids)
        self.assertEqual(
            self._next("2026-03-02 12:00", self.second), later.service_callback_ids
        )

    def test_list_shows_the_most_overdue_first(self):
        """What fell due first is on top, and what has ended comes last."""
        late = self._handled("2026-03-02 10:00").service_callback_ids
        later = self._handled("2026-03-03 10:00").service_callback_ids
        ended = self._handled("2026-03-02 09:00").service_callback_ids
        self._exempt(ended, "2026-03-02 11:00", "No number")
        view = self.env["service.quality.callback"].get_view(view_type="list")
        order = etree.fromstring(view["arch"]).get("default_order")
        calls = (ended | later | late).search(
            [("id", "in", (ended | later | late).ids)], order=order
        )
        self.assertEqual(calls, late + later + ended)
        reverse = calls.search([("id", "in", calls.ids)], order="deadline desc")
        self.assertEqual(reverse, later + late + ended)

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

    def test_call_in_hand_waits_for_the_hours_as_well(self):
        """A call that was begun late in the evening is not given again at night."""
        call = self._handled().service_callback_ids
        self.assertEqual(self._next("2026-03-02 19:58"), call)
        self.assertFalse(self._next("2026-03-02 20:01"))
        with freeze_time("2026-03-02 20:02"):  # it may be opened all the same
            self.assertTrue(call.with_user(self.caller).take()["call"])

    def test_nobody_ends_what_another_has_in_hand(self):
        call = self._handled().service_callback_ids
        self._save(call, "2026-03-02 10:30", "no_answer")
        with freeze_time("2026-03-02 14:00"):
            call.with_user(self.caller).take()
            mine = call.with_user(self.second)
            for end in (
                lambda: mine.save_call("refused"),
                lambda: mine.exempt("Deaf"),
                lambda: mine.give_up("Gone"),
            ):
                with self.assertRaisesRegex(UserError, "has this call in hand"):
                    end()
        self._save(call, "2026-03-02 15:01", "refused", self.second)  # forgotten
        self.assertEqual(call.result, "refused")

    def test_those_asleep_do_not_hide_those_awake(self):
        """However many are outside their hours, the next who can be called is found."""
        self.patch(service_quality_callback_queue, "CANDIDATES", 2)
        for index in range(3):
            far = self.contact.copy(
                {"tz": "America/Los_Angeles", "phone": f"+1 {index}"}
            )
            self._handled("2026-03-02 09:00", partner_id=far.id)
        near = self._handled("2026-03-02 10:00")
        self.assertEqual(self._next("2026-03-02 11:00").ticket_id, near)

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
        script = self.env.ref("service_quality_callback.callback_script_usual")
        script.with_context(lang="fr_FR").opening = "Bonjour {customer}, ici {caller}."
        self.contact.lang = "fr_FR"
        call = self._handled().service_callback_ids
        sheet = call.with_user(self.caller).call_sheet()
        self.assertEqual(
            sheet["script"]["opening"], f"Bonjour Ann, ici {self.caller.name}."
        )

    def test_the_sheet_lists_the_answers(self):
        """What may be answered is said once, by the model, with its labels."""
        sheet = self._handled().service_callback_ids.with_user(self.caller).call_sheet()
        choices = sheet["choices"]
        self.assertEqual(choices["solved"][1], {"value": "partly", "label": "Partly"})
        self.assertEqual(
            [one["value"] for one in choices["satisfaction"]], list("54321")
        )

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
                ("set_number", ("+1",)),
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

    # ------------------------------------------------------------------
    # The sheet
    # ------------------------------------------------------------------

    def _answer_of_queue(self, moment, **kwargs):
        with freeze_time(moment):
            return (
                self.env["service.quality.callback"]
                .with_user(self.caller)
                .next_call(**kwargs)
            )

    def test_says_when_the_next_can_be_made(self):
        """Screens: nobody to call now, the next at nine in the morning there."""
        self.contact.tz = "Asia/Shanghai"
        call = self._handled("2026-03-02 12:30").service_callback_ids
        found = self._answer_of_queue("2026-03-02 13:00")
        self.assertFalse(found["call"])
        self.assertEqual(found["next_at"], "2026-03-03 01:00:00")
        passed = self._answer_of_queue("2026-03-02 13:00", skip_ids=call.ids)
        self.assertFalse(passed["next_at"], "who was passed over is not announced")
        self.assertFalse(self._answer_of_queue("2026-03-03 01:00")["next_at"])

    def test_promised_call_is_announced_for_its_moment(self):
        call = self._handled().service_callback_ids
        self._save(
            call, "2026-03-02 12:00", "appointment", next_call_at="2026-03-02 21:15:00"
        )
        found = self._answer_of_queue("2026-03-02 13:00")
        self.assertEqual(found["next_at"], "2026-03-02 21:15:00")

    def test_next_moment_among_many(self):
        """Whoever can be called first is found, however many are called later."""
        self.contact.tz = "Asia/Shanghai"  # closed until 01:00 UTC
        for ticket in (self._handled("2026-03-02 10:00") for _number in range(3)):
            call = ticket.service_callback_ids
            call.next_call_at = "2026-03-02 20:00:00"
        self._handled("2026-03-02 10:00", partner_id=self.stranger.id)
        self.stranger.tz = "America/New_York"
        for size in (1, 2, 200):
            with patch.object(service_quality_callback_queue, "CANDIDATES", size):
                found = self._answer_of_queue("2026-03-02 13:00")
            # 09:00 in New York
            self.assertEqual(found["next_at"], "2026-03-02 14:00:00")

    def test_counts_who_waits_for_a_number(self):
        before = self._answer_of_queue("2026-03-02 09:00")["without_number"]
        self.contact.phone = False
        self._handled()
        found = self._answer_of_queue("2026-03-02 12:00")
        self.assertEqual(found["without_number"], before + 1)

    def test_sheet_shows_what_was_written(self):
        call = self._handled().service_callback_ids
        other = self._handled(name="Printer").service_callback_ids
        with freeze_time("2026-03-02 11:00"):
            other._answer_in_writing(
                {
                    "solved": "no",
                    "satisfaction": "2",
                    "reason_ids": self.reason.ids,
                    "comment": "Still jams",
                },
                "portal",
            )
            sheet = call.with_user(self.caller).call_sheet()
        self.assertFalse(sheet["answer"])
        self.assertEqual(
            sheet["others"][0]["answer"],
            {
                "at": "2026-03-02 11:00:00",
                "channel": "Portal",
                "solved": "No",
                "satisfaction": "Dissatisfied",
                "reasons": self.reason.name,
                "comment": "Still jams",
            },
        )

    def test_sheet_offers_other_people_of_the_customer(self):
        colleague = self.env["res.partner"].create(
            {"name": "Amy", "parent_id": self.acme.id, "phone": "+49 30 7"}
        )
        sheet = self._handled().service_callback_ids.with_user(self.caller).call_sheet()
        self.assertEqual(
            [person["id"] for person in sheet["contacts"]],
            [colleague.id, self.acme.id],
        )

    def test_sheet_says_whether_it_is_the_time(self):
        call = self._handled().service_callback_ids.with_user(self.caller)
        for moment, expected in (("08:59", False), ("09:00", True), ("20:00", False)):
            with self.subTest(moment), freeze_time(f"2026-03-02 {moment}"):
                contact = call.call_sheet()["contact"]
                self.assertEqual(contact["is_callable"], expected)

    # ------------------------------------------------------------------
    # The number
    # ------------------------------------------------------------------

    def test_corrected_number_brings_the_call_back(self):
        """Regulation A3.5.2: correcting the number returns the call to the queue."""
        call = self._handled().service_callback_ids
        self._save(call, "2026-03-02 12:00", "wrong_number")
        self.assertFalse(self._next("2026-03-02 12:01"))
        with freeze_time("2026-03-02 12:02"):
            call.with_user(self.caller).set_number(" +49 30 999 ")
        self.assertEqual(self.contact.phone, "+49 30 999")
        self.assertFalse(call.needs_number)
        self.assertEqual(self._next("2026-03-02 12:02"), call)

    def test_wrong_number_is_not_entered_again(self):
        call = self._handled().service_callback_ids
        self._save(call, "2026-03-02 12:00", "wrong_number")
        for wrong in (self.contact.phone, "", None, "unknown", "12"):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                call.with_user(self.caller).set_number(wrong)

    def test_number_of_somebody_known_by_name_only(self):
        ticket = self._handled(
            partner_id=False, partner_name="Cy", partner_email="cy@x.example"
        )
        call = ticket.service_callback_ids
        self.assertTrue(call.needs_number)
        call.with_user(self.caller).set_number("+1 555")
        self.assertEqual(call.partner_id.name, "Cy")
        self.assertEqual(call.partner_id.email, "cy@x.example")
        self.assertFalse(call.needs_number)
        self.assertFalse(ticket.partner_id, "the ticket stays as it was reported")

    def test_sheet_says_whether_a_number_has_to_be_entered(self):
        """The page asks for a number exactly where a call is refused without one."""
        call = self._handled().service_callback_ids.with_user(self.caller)
        self.assertTrue(call.call_sheet()["contact"]["has_number"])
        for phone in (False, "–", "12"):
            self.contact.phone = phone
            with self.subTest(phone):
                contact = call.call_sheet()["contact"]
                self.assertFalse(contact["has_number"])
                self.assertTrue(contact["is_correctable"])
                with self.assertRaisesRegex(ValidationError, "no number"):
                    self._save(call, "2026-03-02 11:00", "busy")
        self._save(call, "2026-03-02 11:00", "busy", number="+49 30 5", note="Her own")
        unknown = self._handled(partner_id=False, partner_name="Cy")
        contact = unknown.service_callback_ids.with_user(self.caller).call_sheet()[
            "contact"
        ]
        self.assertEqual(
            (contact["has_number"], contact["is_correctable"]), (False, True)
        )

    def test_contacts_of_another_company(self):
        """The sheet shows, and a number changes, only contacts that one may read."""
        other = self.env["res.company"].create({"name": "Other"})
        call = self._handled("2026-03-02 10:00").service_callback_ids
        colleague = self.contact.copy({"name": "Zed", "phone": "+49 30 777"})
        sheet = call.with_user(self.caller).call_sheet()
        self.assertIn("Zed", [person["name"] for person in sheet["contacts"]])
        (self.contact | colleague).company_id = other
        call.invalidate_recordset()
        sheet = call.with_user(self.caller).call_sheet()
        self.assertNotIn("Zed", [person["name"] for person in sheet["contacts"]])
        self.assertFalse(sheet["contact"]["phone"])
        self.assertFalse(sheet["contact"]["has_number"])
        self.assertFalse(sheet["contact"]["is_correctable"])
        with self.assertRaises(AccessError):
            call.with_user(self.caller).set_number("+49 30 888")
        with self.assertRaises(AccessError):
            call.with_user(self.caller).set_contact(colleague.id)
        self.assertEqual(self.contact.phone, "+49 30 123456")
