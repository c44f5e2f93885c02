"""A program whose answer was lost calls once more, and nothing is doubled."""

import base64
import inspect
import io
import json
from datetime import timedelta

from freezegun import freeze_time
from PIL import Image

from odoo import fields
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase
from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_report.tests.report_common import ReportCase
from odoo.addons.service_quality_visit.tests.test_visit import (
    ARRIVED,
    LEFT,
    VisitCase,
    drawn_signature,
)

HERE = "odoo.addons.service_quality"

KEYED = {
    "helpdesk.ticket": {
        "service_complaint_accepted",
        "service_complaint_acknowledge",
        "service_complaint_answer",
        "service_complaint_ease",
        "service_complaint_investigate",
        "service_complaint_refused",
        "service_complaint_register",
        "service_open",
        "service_record",
        "service_set_deadline",
    },
    "service.quality.callback": {
        "confirm_complaint",
        "decline_complaint",
        "exempt",
        "give_up",
        "save_call",
        "send_link",
        "set_number",
    },
    "service.quality.measurement": {"correct"},
    "service.quality.patrol": {"drop", "report_result"},
    "service.quality.regulation": {"end_force", "put_in_force"},
    "service.quality.report": {"assess", "make", "review", "revise", "send"},
    "service.quality.report.instruction": {"complete"},
    "service.quality.report.response": {"reply"},
    "service.quality.visit": {
        "add_photo",
        "record_arrival",
        "record_departure",
        "sign",
    },
}
"""Who calls these once more under the same key changes nothing."""

BY_NATURE = {
    "helpdesk.ticket": {
        "service_complaint_close",
        "service_hold",
        "service_import",
    },
    "service.quality.callback": {"next_call", "release", "set_contact", "take"},
    "service.quality.figure": {"take_period"},
    "service.quality.measurement": {"record_values"},
    "service.quality.report": {"acknowledge"},
    "service.quality.visit": {"remove_photo", "save_work"},
}
"""Who calls these once more changes nothing, without a key."""

READING = {
    "helpdesk.ticket": {
        "service_changes",
        "service_clocks",
        "service_count_burning",
        "service_explain",
        "service_timeline",
    },
    "service.quality.callback": {"call_sheet"},
    "service.quality.check": {"check_tickets"},
    "service.quality.desk": {"overview"},
    "service.quality.overview": {"read_tiles"},
    "service.quality.register": {"matrix"},
    "service.quality.report": {"export"},
    "service.quality.visit": {"my_day"},
}


def public_methods(model):
    """Return the names of the methods that our code offers programs on a model.

    Those that answer a button are not for programs.
    """
    ours = [cls for cls in model.mro() if cls.__module__.startswith(HERE)]
    others = {name for cls in model.mro() if cls not in ours for name in vars(cls)}
    return {
        name
        for cls in ours
        for name, value in vars(cls).items()
        if inspect.isfunction(value)
        and not name.startswith(("_", "action_"))
        and name not in others
        and not getattr(value, "_api_private", False)
    }


class Repeats:
    """Calls public methods twice, as a program does whose first answer was lost."""

    def rows(self):
        """Return how many rows each table has that a call may add to."""
        self.env.flush_all()
        tables = sorted(
            model._table
            for name, model in self.env.registry.items()
            if name.startswith(("service.quality.", "helpdesk.ticket", "mail."))
            or name in ("ir.attachment", "res.partner")
            if model._auto and not model._abstract and not model._transient
        )
        counts = SQL(" UNION ALL ").join(
            SQL("SELECT %s, count(*) FROM %s", table, SQL.identifier(table))
            for table in tables
        )
        return dict(self.env.execute_query(counts))

    def assertRepeatable(self, records, method, good, other=None, key="key-1"):
        """The second call writes nothing and answers as the first; other content under
        the same key is refused.

        :param key: None for a method that needs none
        :param other: what is different in the other content
        """
        args = [records.ids] if records else []
        if key:
            self.assertIn(method, KEYED[records._name])
            good = good | {"external_ref": key}
        else:
            self.assertIn(method, BY_NATURE[records._name])
        with self.subTest(method), self.env.cr.savepoint() as savepoint:
            first = call_kw(records, method, args, good)
            before = self.rows()
            again = call_kw(records, method, args, good)
            self.assertEqual(json.dumps(again), json.dumps(first))
            self.assertIsNotNone(first)  # which XML-RPC has no word for
            self.assertEqual(self.rows(), before)
            if other:
                with self.assertRaisesRegex(UserError, "was used for another call"):
                    call_kw(records, method, args, good | other)
            savepoint.rollback()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestRequest(Repeats, ServiceQualityCase):
    """What holds for every public method."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement({"metric": "resolution", "duration": 100})

    def test_every_public_method_is_safe_to_repeat(self):
        """A method that writes has a key or needs none, and has its test here."""
        found = {}
        for name, model in self.env.registry.items():
            # a model that others take up is called through them
            taken_up = model._abstract and model._inherit_children
            if names := not taken_up and public_methods(model):
                found[name] = names
        known = {}
        for group in (KEYED, BY_NATURE, READING):
            for name, methods in group.items():
                known.setdefault(name, set()).update(methods)
        self.assertEqual(found, known)
        for name, methods in found.items():
            for method in methods:
                taken = inspect.signature(getattr(self.env[name], method)).parameters
                self.assertEqual(
                    "external_ref" in taken, method in KEYED.get(name, ()), method
                )

    def test_keys_are_their_users_and_forgotten_after_a_year(self):
        ticket = self._ticket("2026-03-02 08:00")
        Request = self.env["service.quality.request"]
        arguments = {"metric": "resolution"}
        for user in (self.env.user, self._user("another", "desk")):
            records = ticket.with_user(user)
            fresh, _answer = (
                Request.with_user(user)
                .sudo()
                ._claim(records, "service_set_deadline", "key", arguments)
            )
            self.assertEqual(fresh, records)
        requests = Request.search([("external_ref", "=", "key")])
        self.assertEqual(len(requests), 2)
        requests[0].at = fields.Datetime.now() - timedelta(days=400)
        Request._gc_requests()
        self.assertEqual(requests.exists(), requests[1])

    def test_key_of_a_megabyte_is_refused(self):
        with self.assertRaisesRegex(UserError, "at most 255 characters"):
            self.env["helpdesk.ticket"].service_open({"name": "x"}, "x" * 1_000_000)

    def test_records_of_a_call_that_are_new(self):
        """Of several records only those are written that a key was not used for."""
        tickets = self._ticket("2026-03-02 08:00") | self._ticket("2026-03-02 08:00")
        with freeze_time("2026-03-02 09:00"):
            files = [one for ticket in tickets for one in self._consent(ticket)]
            for some in (tickets[0], tickets):
                some.service_set_deadline(
                    "resolution",
                    "2026-03-02 12:00:00",
                    "Agreed",
                    attachment_ids=files,
                    external_ref="k",
                )
        rows = tickets.service_event_ids.filtered(lambda e: e.kind == "deadline_set")
        self.assertEqual(rows.ticket_id, tickets)
        self.assertEqual(len(rows), 2)

    @freeze_time("2026-03-02 09:00:00")
    def test_tickets(self):
        ticket = self._ticket("2026-03-02 08:00").with_user(
            self._user("program", "service_manager")
        )
        self.assertRepeatable(
            ticket.browse(),
            "service_open",
            {"values": {"name": "No tone", "partner_id": self.contact.id}},
            {"values": {"name": "No dial tone"}},
        )
        self.assertRepeatable(
            ticket,
            "service_record",
            {"kind": "noted", "at": "2026-03-02 08:30:00", "reason": "Seen"},
            {"kind": "updated"},
        )
        self.assertRepeatable(
            ticket, "service_record", {"kind": "noted"}, {"reason": "Other"}
        )
        self.assertRepeatable(
            ticket,
            "service_set_deadline",
            {
                "metric": "resolution",
                "deadline": "2026-03-02 12:00:00",
                "reason": "Agreed",
                "attachment_ids": self._consent(ticket),
            },
            {"deadline": "2026-03-02 13:00:00"},
        )
        self.assertRepeatable(
            ticket, "service_hold", {"until": "2026-03-03 09:00:00"}, key=None
        )
        record = {
            "external_ref": "X-1",
            "name": "Old",
            "opened_at": "2026-01-05 08:00:00",
            "events": [{"at": "2026-01-05 09:00:00", "kind": "responded"}],
        }
        ticket.service_import([record])
        before = self.rows()
        [again] = ticket.service_import([record])
        self.assertEqual((again["outcome"], self.rows()), ("unchanged", before))


@tagged("post_install", "-at_install")
class TestRequestCall(Repeats, CallbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls._handled("2026-03-02 10:00").service_callback_ids
        cls.mine = cls.call.with_user(cls.caller)

    @freeze_time("2026-03-02 11:00:00")
    def test_calls(self):
        outcome = {"callback_id": self.call.id, "solved": "yes", "satisfaction": "5"}
        self.contact.email = "ann@acme.example"
        for method, good, other in (
            ("save_call", {"disposition": "no_answer"}, {"disposition": "busy"}),
            (
                "save_call",
                {"disposition": "completed", "outcomes": [outcome]},
                {"outcomes": [outcome | {"satisfaction": "4"}]},
            ),
            ("exempt", {"reason": "Deaf"}, {"reason": "Mute"}),
            ("set_number", {"phone": "+49 30 2"}, {"phone": "+49 30 3"}),
            ("send_link", {}, None),
        ):
            self.assertRepeatable(self.mine, method, good, other)
        Callback = self.mine.browse()
        self.assertRepeatable(Callback, "next_call", {}, key=None)
        for method, good in (
            ("take", {}),
            ("release", {}),
            ("set_contact", {"partner_id": self.contact.id}),
        ):
            self.assertRepeatable(self.mine, method, good, key=None)

    @freeze_time("2026-03-03 11:00:00")
    def test_giving_up_and_complaints(self):
        self._save(self.call, "2026-03-02 11:00", "no_answer")
        self.assertRepeatable(
            self.mine, "give_up", {"reason": "Gone"}, {"reason": "Moved"}
        )
        self._complete(
            self.call,
            "2026-03-02 16:00",
            satisfaction="1",
            reason_ids=self.reason.ids,
            comment="No",
        )
        self.assertRepeatable(
            self.mine, "confirm_complaint", {}, {"severity": "important"}
        )
        self.assertRepeatable(
            self.mine, "decline_complaint", {"reason": "Joke"}, {"reason": "Error"}
        )


@tagged("post_install", "-at_install")
class TestRequestComplaint(Repeats, ComplaintCase):
    @freeze_time("2026-03-02 11:00:00")
    def test_complaints(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.clerk)
        values = {
            "subject": "Late again",
            "description": "<p>Two hours</p>",
            "about_team_id": self.outlet.id,
        }
        for one in (values, values | {"anonymous": True}):
            self.assertRepeatable(
                tickets,
                "service_complaint_register",
                {"values": one},
                {"values": one | {"subject": "Early"}},
            )
        complaint = self._complaint("2026-03-02 09:00").with_user(self.chief)
        answer = {"answer": "<p>Sorry</p>", "way": "mail"}
        for method, good, other in (
            ("service_complaint_acknowledge", {}, {"at": "2026-03-02 10:30:00"}),
            ("service_complaint_investigate", {}, {"at": "2026-03-02 10:30:00"}),
            (
                "service_complaint_ease",
                {"reason": "They have withdrawn it"},
                {"reason": "It was entered twice"},
            ),
            ("service_complaint_answer", answer, {"way": "phone"}),
        ):
            self.assertRepeatable(complaint, method, good, other)
        complaint.service_complaint_answer(**answer)
        self.assertRepeatable(
            complaint, "service_complaint_accepted", {}, {"at": "2026-03-02 11:00:00"}
        )
        self.assertRepeatable(
            complaint, "service_complaint_refused", {"words": "No"}, {"words": "Never"}
        )

    @freeze_time("2026-03-02 11:00:00")
    def test_closing(self):
        complaint = self._complaint("2026-03-02 09:00").with_user(self.chief)
        complaint.service_complaint_answer("<p>Sorry</p>", "phone", admitted="yes")
        complaint.service_complaint_accepted()
        self.assertRepeatable(complaint, "service_complaint_close", {}, key=None)

    def test_receipt_is_the_first_ones(self):
        """The secret of a lost answer is not lost; no other key gives it."""
        tickets = self.env["helpdesk.ticket"].with_user(self.clerk)
        values = {"subject": "Late", "description": "<p>x</p>", "anonymous": True}
        first, again, other = (
            tickets.service_complaint_register(values, external_ref=ref)
            for ref in ("a", "a", "b")
        )
        self.assertEqual(first, again)
        self.assertNotEqual(first["secret"], other["secret"])
        found = tickets._service_complaint_by_receipt(first["receipt"], first["secret"])
        self.assertEqual(found.id, first["id"])
        stored = self.env["service.quality.request"].search([]).mapped("answer")
        self.assertNotIn(first["secret"], str(stored))


@tagged("post_install", "-at_install")
class TestRequestVisit(Repeats, VisitCase):
    def photo(self, colour):
        buffer = io.BytesIO()
        Image.new("RGB", (4, 4), colour).save(buffer, "PNG")
        return base64.b64encode(buffer.getvalue()).decode()

    @freeze_time("2026-03-02 12:00:00")
    def test_visits(self):
        visits = self.visits.with_user(self.engineer)
        self.assertRepeatable(
            visits,
            "record_arrival",
            {"ticket_id": self.ticket.id, "at": ARRIVED},
            {"at": LEFT},
        )
        visit = visits.browse(visits.record_arrival(self.ticket.id, ARRIVED))
        self.assertRepeatable(visit, "record_departure", {"at": LEFT}, {"at": ARRIVED})
        self.assertRepeatable(
            visit,
            "add_photo",
            {"name": "a.png", "data": self.photo("red")},
            {"data": self.photo("blue")},
        )
        photo_id = visit.add_photo("a.png", self.photo("red"))
        for method, good in (
            ("save_work", {"work_done": "Changed", "parts": [{"name": "Fan"}]}),
            ("remove_photo", {"photo_id": photo_id}),
        ):
            self.assertRepeatable(visit, method, good, key=None)
        visit.save_work("Changed")
        self.assertRepeatable(
            visit,
            "sign",
            {"signed_name": "Ann", "signature": drawn_signature(), "at": LEFT},
            {"signed_name": "Bo"},
        )


@tagged("post_install", "-at_install")
class TestRequestReport(Repeats, ReportCase):
    @freeze_time("2026-04-02 08:00:00")
    def test_reports(self):
        reports = self.env["service.quality.report"].with_user(self.quality)
        self.assertRepeatable(
            reports,
            "make",
            {
                "kind": "organisation",
                "period_kind": "month",
                "date_from": "2026-03-01",
            },
            {"date_from": "2026-02-01"},
        )
        report = self._make().with_user(self.quality)
        self.assertRepeatable(report, "review", {"note": "Read"}, {"note": "Seen"})
        report.review()
        self.assertRepeatable(report, "send", {})
        report.send()
        self.assertRepeatable(report, "revise", {"reason": "Late"}, {"reason": "More"})
        own = report.with_user(self.executive)
        self.assertRepeatable(own, "acknowledge", {}, key=None)
        expert = self._user("request_expert", "technical_centre")
        self.assertRepeatable(
            report.with_user(expert),
            "assess",
            {"text": "All is well there"},
            {"text": "Bad"},
        )
        instruction = self.env["service.quality.report.instruction"].with_user(
            self.executive
        )
        instruction = instruction.create(
            {
                "report_id": report.id,
                "text": "Hire two",
                "user_id": self.manager.id,
                "deadline": "2026-05-01",
            }
        )
        self.assertRepeatable(
            instruction.with_user(self.manager),
            "complete",
            {"result": "Hired"},
            {"result": "One hired"},
        )
        self.assertRepeatable(
            self.env["service.quality.figure"].with_user(self.quality),
            "take_period",
            {"kind": "month", "date_from": "2026-03-01", "reason": "History"},
            key=None,
        )

    @freeze_time("2026-04-02 08:00:00")
    def test_objection(self):
        report = self._make("customer", self.agreement)
        self._send(report)
        response = self.env["service.quality.report.response"]._create_as_step(
            [
                {
                    "report_id": report.id,
                    "kind": "objection",
                    "text": "Two were ours",
                    "given_by": "Ann",
                    "partner_id": self.contact.id,
                    "channel": "portal",
                }
            ]
        )
        self.assertRepeatable(
            response.with_user(self.quality),
            "reply",
            {"answer": "Taken out"},
            {"answer": "No"},
        )

    @freeze_time("2026-03-02 08:00:00")
    def test_patrols_and_values(self):
        self.project.code = "ACME"
        plan = self.env["service.quality.patrol.plan"].create(
            {
                "name": "Power",
                "project_id": self.project.id,
                "user_id": self.staff.id,
                "date_start": "2026-03-02",
            }
        )
        patrol = plan.patrol_ids[0]
        self.assertRepeatable(
            patrol.with_user(self.staff),
            "report_result",
            {"result": "in_order", "report": "<p>All green</p>"},
            {"result": "found"},
        )
        self.assertRepeatable(
            patrol.with_user(self.manager),
            "drop",
            {"reason": "Moved"},
            {"reason": "Closed"},
        )
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "test_repeated",
                "name": "Availability",
                "sentence": "How much of the time the service could be used.",
                "source": "measured",
                "summary": "mean",
                "unit": "percent",
            }
        )
        values = self.env["service.quality.measurement"].with_user(self.manager)
        record = {
            "indicator": indicator.code,
            "project": self.project.code,
            "date_from": "2026-02-01",
            "date_to": "2026-02-28",
            "value": 99.5,
            "evidence": "Monitoring",
        }
        [taken] = values.record_values([record])
        before = self.rows()
        [again] = values.record_values([record])
        self.assertEqual((again["outcome"], self.rows()), ("unchanged", before))
        self.assertRepeatable(
            values.browse(taken["id"]),
            "correct",
            {"value": 98.5, "reason": "Misread the display"},
            {"value": 97.5},
        )

    @freeze_time("2026-03-02 08:00:00")
    def test_regulation(self):
        regulation = self.env["service.quality.regulation"].create(
            {"name": "Our own", "code": "OWN"}
        )
        self.assertRepeatable(
            regulation,
            "put_in_force",
            {"date_start": "2026-03-01"},
            {"date_start": "2026-03-02"},
        )
        regulation.put_in_force("2026-01-01")
        self.assertRepeatable(
            regulation,
            "end_force",
            {"date_end": "2026-05-01"},
            {"date_end": "2026-06-01"},
        )
