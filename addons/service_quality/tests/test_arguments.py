from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase
from odoo.addons.service_quality_visit.tests.test_visit import ARRIVED, VisitCase

JUNK = (
    None,
    True,
    -1,
    7.5,
    2_000_000_000,
    10**20,
    float("nan"),
    "",
    "x",
    "\0",
    "2026-13-45",
    [],
    ["x"],
    [[]],
    {},
    {"x": {}},
    [{}],
    [2_000_000_000],
)
"""What another program may send in place of what is asked for."""

NOW = "2026-03-02 11:00:00"
LATER = "2026-03-04 11:00:00"


def spoiled(good):
    """Yield a path and the arguments with junk there, for each place and each junk."""
    for key in good if isinstance(good, dict) else range(len(good)):
        for junk in JUNK:
            copy = good.copy()
            copy[key] = junk
            yield f"{key}: {junk}", copy
        if isinstance(good[key], (dict, list)):
            for path, inner in spoiled(good[key]):
                copy = good.copy()
                copy[key] = inner
                yield f"{key}.{path}", copy


class Junk:
    """Calls public methods as other programs do, with one wrong argument at a time."""

    def assertJunkRefused(self, moment, records, method, **good):
        """Wrong arguments are of no harm, or refused in words with nothing written."""
        args = [records.ids] if records else []
        for path, kwargs in spoiled(good):
            with (
                self.subTest(f"{method} {path}"),
                freeze_time(moment),
                mute_logger("odoo.sql_db"),
            ):
                self._call(records, method, args, kwargs)

    def _call(self, records, method, args, kwargs):
        events = self.env["service.quality.event"]
        savepoint = self.env.cr.savepoint(flush=False)
        before = events.search_count([])
        try:
            call_kw(records, method, args, kwargs)
            self.env.flush_all()
        except UserError:
            self.assertEqual(events.search_count([]), before)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)


@tagged("post_install", "-at_install", "security")
class TestArgumentsOfCall(Junk, CallbackCase):
    """Follow-up calls, told by another program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls._handled("2026-03-02 10:00").service_callback_ids
        cls.mine = cls.call.with_user(cls.caller)
        cls.outcome = {
            "callback_id": cls.call.id,
            "solved": "partly",
            "satisfaction": "1",
            "reason_ids": cls.reason.ids,
            "comment": "Slow",
            "wants_manager": True,
            "manager_date": "2026-03-05",
            "follow_up_user_id": cls.second.id,
            "follow_up_date": "2026-03-05",
        }

    def test_outcomes_of_a_call(self):
        self.assertJunkRefused(
            NOW,
            self.mine,
            "save_call",
            disposition="completed",
            outcomes=[self.outcome],
            note="Note",
            recording_ref="1",
        )

    def test_other_arguments_of_calls(self):
        self.assertJunkRefused(
            NOW,
            self.mine,
            "save_call",
            disposition="appointment",
            outcomes=[],
            next_call_at=LATER,
        )
        for method, good in (
            ("exempt", {"reason": "Deaf"}),
            ("give_up", {"reason": "Gone"}),
            ("set_contact", {"partner_id": self.contact.id}),
            ("set_number", {"phone": "+49 30 1"}),
        ):
            self.assertJunkRefused(NOW, self.mine, method, **good)
        self.assertJunkRefused(NOW, self.mine.browse(), "next_call", skip_ids=[1])

    def test_decision_about_a_complaint(self):
        self._complete(
            self.call, NOW, satisfaction="1", reason_ids=self.reason.ids, comment="No"
        )
        self.assertJunkRefused(LATER, self.mine, "confirm_complaint", severity="minor")
        self.assertJunkRefused(LATER, self.mine, "decline_complaint", reason="Joke")

    def test_error_names_the_entry(self):
        """One entry of several is wrong: which one, and what it takes, is said."""
        for wrong, words in (
            ({"callback_id": None}, r"outcomes\[1\].callback_id takes the id"),
            ({"reason_ids": [2_000_000_000]}, r"outcomes\[1\].reason_ids takes ids"),
            ({"follow_up_date": "soon"}, r"follow_up_date takes a date as YYYY-MM-DD"),
            ({"follow_up_user_id": "x"}, r"follow_up_user_id takes the id of a record"),
            ({"happy": "yes"}, r"outcomes\[1\] takes a dictionary with the keys call"),
            ({}, "is entered twice"),
        ):
            with self.subTest(wrong), self.assertRaisesRegex(ValidationError, words):
                outcomes = [self.outcome, self.outcome | wrong]
                self._save(self.call, NOW, "completed", outcomes=outcomes)
        self.assertFalse(self.call.attempt_ids)

    def test_customers_do_not_follow_up(self):
        """Only who works here is given something to do."""
        portal = self.env.ref("base.public_user")
        with self.assertRaisesRegex(ValidationError, "does not work here"):
            self._complete(
                self.call,
                NOW,
                solved="partly",
                follow_up_user_id=portal.id,
                follow_up_date="2026-03-05",
            )


@tagged("post_install", "-at_install", "security")
class TestArgumentsOfComplaint(Junk, ComplaintCase):
    """Complaints, told by another program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls._complaint("2026-03-02 10:00").with_user(cls.chief)

    def test_steps(self):
        for method, good in (
            ("service_complaint_acknowledge", {}),
            ("service_complaint_investigate", {}),
            (
                "service_complaint_answer",
                {
                    "answer": "<p>Sorry</p>",
                    "way": "phone",
                    "admitted": "yes",
                    "redress": "Flowers",
                },
            ),
        ):
            self.assertJunkRefused(NOW, self.complaint, method, at=NOW, **good)

    def test_reply(self):
        self._answer(self.complaint, NOW)
        for method, good in (
            ("service_complaint_accepted", {}),
            ("service_complaint_refused", {"words": "No"}),
        ):
            self.assertJunkRefused(LATER, self.complaint, method, at=LATER, **good)

    def test_registration(self):
        values = {
            "subject": "Late",
            "description": "<p>Very</p>",
            "severity": "minor",
            "anonymous": False,
            "partner_id": self.contact.id,
            "partner_name": "Ann",
            "email": "ann@acme.example",
            "phone": "+49 30 1",
            "about_ticket_id": False,
            "about_user_id": False,
            "about_team_id": self.outlet.id,
            "about_product": "Pump",
            "report": False,
            "category_id": False,
            "team_id": self.outlet.id,
            "channel_id": False,
            "company_id": self.company.id,
        }
        self.assertJunkRefused(
            NOW, self.complaint.browse(), "service_complaint_register", values=values
        )


@tagged("post_install", "-at_install", "security")
class TestArgumentsOfVisit(Junk, VisitCase):
    """Visits, told by a phone."""

    def test_visit(self):
        visits = self.visits.with_user(self.engineer)
        self.assertJunkRefused(
            ARRIVED,
            visits,
            "record_arrival",
            ticket_id=self.ticket.id,
            at=None,
            seconds_ago=0,
            external_ref="r",
            visit_id=None,
        )
        with freeze_time(ARRIVED):
            visit = visits.browse(visits.record_arrival(self.ticket.id))
        work = {
            "work_done": "Fan changed",
            "parts": [
                {
                    "name": "Fan",
                    "serial": "1",
                    "quantity": 1,
                    "direction": "taken",
                    "place": "Van",
                }
            ],
            "unsigned_reason": "Nobody there",
        }
        for method, good in (
            ("record_departure", {"at": None, "seconds_ago": 0, "external_ref": "r"}),
            ("save_work", work),
            ("add_photo", {"name": "a.png", "data": "x"}),
            ("remove_photo", {"photo_id": 1}),
            ("sign", {"signed_name": "Ann", "signature": "x", "external_ref": "r"}),
        ):
            self.assertJunkRefused(ARRIVED, visit, method, **good)
        self.assertJunkRefused(
            ARRIVED, visit, "sign", signed_name="", signature="x", work=work
        )
