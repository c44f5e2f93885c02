from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..models.service_quality_complaint_entry import COMPLAINT_FORM
from .complaint_common import ComplaintCase

ROWS = "service.quality.rectification"

CLOSED = {
    "name": "Kept waiting for an hour",
    "description": "<p>Nobody came</p>",
    "service_severity": "important",
    "service_admitted": "no",
    "service_root_cause": "Bad luck",
    "service_handling": "Nothing was done",
    "service_redress": "Nothing",
    "service_closing_reason": "It ended",
}


@tagged("post_install", "-at_install")
class TestComplaintRectify(ComplaintCase):
    """A closed complaint is rectified with a reason, and its old texts are kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._user("deputy", "service_manager")
        cls.complaint = cls._complaint(
            "2026-03-02 09:00:00",
            service_severity="minor",
            service_root_cause="No plan for holidays",
            service_handling="A plan was made",
        )
        cls._answer(cls.complaint, "2026-03-02 10:00:00", admitted="yes")
        with freeze_time("2026-03-02 11:00:00"):
            cls.complaint.with_user(cls.chief).service_complaint_close()

    def _rows(self):
        return self.env[ROWS].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", self.complaint.id)]
        )

    def test_nothing_of_a_closed_complaint_is_rewritten(self):
        """Deny: no field by which it is judged is changed, by form, import or RPC."""
        self.assertEqual(self.complaint.service_complaint_state, "closed")
        for name, value in CLOSED.items():
            for user in (self.chief, self.inspector, self.env.user):
                with (
                    self.subTest(name=name, user=user.login),
                    self.assertRaisesRegex(UserError, "Rectify"),
                ):
                    self.complaint.with_user(user).write({name: value})
        with self.assertRaisesRegex(UserError, "Rectify"):
            self.complaint.sudo().write({"service_answer": "<p>Never</p>"})
        form = Form(self.complaint.with_user(self.chief), COMPLAINT_FORM)
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.name = "Other"

    def test_texts_are_rectified(self):
        """A reason is enough for a text; what is only written by steps as well."""
        complaint = self.complaint.with_user(self.deputy)
        complaint._rectify("service_handling", "The plan was hung up", "Not precise")
        complaint._rectify("service_answer", "<p>We are <b>sorry</b></p>", "Mistyped")
        self.assertEqual(self.complaint.service_handling, "The plan was hung up")
        self.assertIn("<b>sorry</b>", self.complaint.service_answer)
        self.assertEqual(
            set(self._rows().mapped("old_text")), {"A plan was made", "Sorry"}
        )
        self.assertEqual(self.complaint.service_complaint_state, "closed")

    def test_what_is_judged_needs_a_second_person(self):
        """Severity, cause and whether it is upheld wait; the old value holds."""
        for name, value, old in (
            ("service_severity", "major", "minor"),
            ("service_admitted", "no", "yes"),
            ("service_root_cause", "Somebody was ill", "No plan for holidays"),
        ):
            with self.subTest(name=name):
                row = self.complaint.with_user(self.chief)._rectify(
                    name, value, "It was wrong"
                )
                self.assertEqual((row.state, self.complaint[name]), ("pending", old))
                with self.assertRaises(AccessError):
                    row.with_user(self.chief).action_approve()
                row.with_user(self.inspector).action_approve()
                self.assertEqual(self.complaint[name], value)
        self.assertIn("reclassified", self.kinds(self.complaint))
        self.assertConsistent(self.complaint)

    def test_a_slip_lowers_no_severity(self):
        """Deny: a complaint that was just closed is made no small one by one person."""
        major = self._complaint(
            "2026-03-02 09:00:00",
            partner_id=False,
            service_severity="major",
            service_root_cause="No plan for holidays",
            service_handling="A plan was made",
        )
        self._answer(major, "2026-03-02 10:00:00", way="in_person")
        with freeze_time("2026-03-02 11:00:00"):
            major.with_user(self.chief).service_complaint_close()
        with freeze_time("2026-03-02 11:01:00"):
            self.assertTrue(major.with_user(self.chief)._rectify_slips())
            with (
                self.assertRaisesRegex(UserError, "second person"),
                self.env.cr.savepoint(),
            ):
                major.with_user(self.chief).service_severity = "minor"
            row = major.with_user(self.chief)._rectify(
                "service_severity", "minor", "Mistyped"
            )
        self.assertEqual((row.state, major.service_severity), ("pending", "major"))

    def test_reopening_keeps_the_old_texts(self):
        """The step of a refusal goes on working; what it and people change is kept."""
        with freeze_time("2026-03-03 09:00:00"):
            self.complaint.with_user(self.chief).service_complaint_refused("No")
        self.assertEqual(self.complaint.service_severity, "important")
        self.assertEqual(self.complaint.service_phase, "active")
        [row] = self._rows()
        self.assertEqual((row.kind, row.old_value), ("step", "minor"))
        self.complaint.with_user(self.chief).service_handling = "A new plan"
        with freeze_time("2026-03-03 10:00:00"):
            self.complaint.with_user(self.chief).service_complaint_answer(
                "<p>Better</p>", "phone"
            )
        edited = self._rows().filtered(lambda row: row.kind == "edited")
        self.assertEqual(
            set(edited.mapped("field_name")), {"service_handling", "service_answer"}
        )
        self.assertIn("Sorry", edited.mapped("old_text"))

    def test_no_slip_of_what_the_complainant_reads(self):
        """Deny: who has an address was told at the end: no slip without a reason."""
        complaint = self._complaint("2026-03-02 09:00:00", service_root_cause="x y z")
        self._answer(complaint, "2026-03-02 10:00:00", admitted="yes")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.with_user(self.chief).service_complaint_close()
        with freeze_time("2026-03-02 11:01:00"), self.assertRaises(UserError):
            complaint.with_user(self.chief).service_redress = "A cup of tea"

    def test_corrections_are_hidden_with_the_complaint(self):
        """Deny: whom the complaint is about reads nothing of its corrections."""
        self.complaint.with_user(self.chief)._rectify(
            "name", "Kept standing", "Mistyped"
        )
        self.complaint.sudo().service_about_user_id = self.deputy
        rows = self._rows()
        self.assertTrue(rows.with_user(self.inspector).search([("id", "in", rows.ids)]))
        found = self.env[ROWS].with_user(self.deputy).search([("id", "in", rows.ids)])
        self.assertFalse(found)

    def test_month_and_hotline(self):
        """What a department answered, and what a test call found, is not rewritten."""
        Feedback = self.env["service.quality.complaint.feedback"]
        feedback = Feedback._create_as_step(
            [
                {
                    "company_id": self.company.id,
                    "team_id": self.outlet.id,
                    "month": "2026-03-01",
                    "user_id": self.head.id,
                }
            ]
        )
        test = self.env["service.quality.hotline.test"]._create_as_step(
            [
                {
                    "company_id": self.company.id,
                    "number": "12315",
                    "quarter_start": "2026-01-01",
                    "date_due": "2026-03-31",
                }
            ]
        )
        with freeze_time("2026-04-02 08:00:00"):
            feedback.response = "One more at the counter"
            test.action_record("answered", "After two rings")
        for record, name in ((feedback, "response"), (test, "note")):
            with self.assertRaisesRegex(UserError, "Rectify"):
                record.write({name: "Something else"})
            old = record[name]
            row = record._rectify(name, "Something else", "Mistyped")
            self.assertEqual((row.old_text, record[name]), (old, "Something else"))
