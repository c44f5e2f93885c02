from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .complaint_common import ComplaintCase

REASON = "They have withdrawn it in writing"


@tagged("post_install", "-at_install", "security")
@freeze_time("2026-03-02 10:00:00")
class TestComplaintEase(ComplaintCase):
    """Nobody alone lets less be owed to a complainant."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls._complaint("2026-03-02 09:00:00", service_severity="major")
        cls.other = cls._complaint("2026-03-02 09:00:00")

    def _ask(self, user, **values):
        """Ask in the dialog; return the row that waits."""
        action = self.complaint.with_user(user).action_service_complaint_ease()
        Dialog = self.env[action["res_model"]].with_user(user)
        with Form(Dialog.with_context(**action["context"])) as form:
            for name, value in ({"reason": REASON} | values).items():
                form[name] = value
        form.save().action_confirm()
        return self.env["service.quality.rectification"].search(
            [("res_id", "=", self.complaint.id), ("state", "=", "pending")]
        )

    def _cancelled(self):
        return {
            "stage_id": self.stages["cancelled"].id,
            "service_cancel_reason": REASON,
        }

    def test_one_person_eases_nothing(self):
        """Deny: in the form, in a list, in kanban, by RPC, and by a stage's meaning."""
        for user in (self.chief, self.inspector):
            complaint = self.complaint.with_user(user).sudo(False)
            for values in (
                {"service_severity": "important"},
                {"duplicate_id": self.other.id},
                self._cancelled(),
            ):
                for one in (complaint, complaint.with_context(service_rectify="x")):
                    with self.assertRaisesRegex(UserError, "Lower or Cancel"):
                        with self.env.cr.savepoint():
                            one.write(values)
        self.complaint.stage_id = stage = self.stages["active"].copy()
        with self.assertRaisesRegex(UserError, "second person"):
            with self.env.cr.savepoint():
                stage.with_user(self.chief).sudo().service_phase = "cancelled"
        # a higher one at once, by whoever may write it
        self.other.with_user(self.chief).service_severity = "major"

    def test_no_complaint_leaves_its_company(self):
        """Deny: what is owed here is not owed in another company instead."""
        there = self.env["res.company"].create({"name": "Elsewhere"})
        self.chief.company_ids |= there
        with self.assertRaisesRegex(UserError, "stays in its company"):
            self.complaint.with_user(self.chief).sudo(False).company_id = there

    def test_a_severity_is_lowered_by_two(self):
        row = self._ask(self.chief, what="lower", severity="minor")
        self.assertEqual(self.complaint.service_severity, "major")
        self.assertTrue(self.complaint.service_correction_waits)
        with self.assertRaises(AccessError):
            row.with_user(self.chief).sudo(False).action_approve()
        with self.assertRaisesRegex(UserError, "waits for a second person"):
            self._ask(self.inspector, what="lower", severity="minor")
        row.with_user(self.inspector).sudo(False).action_approve()
        self.assertEqual(self.complaint.service_severity, "minor")
        self.assertIn(REASON, self.complaint.service_corrections)
        start, end = "2026-03-01 00:00:00", "2026-04-01 00:00:00"
        self.assertIn(row, row._of_period(self.company, start, end))

    def test_a_complaint_is_cancelled_by_two(self):
        row = self._ask(self.inspector)
        self.assertNotEqual(self.complaint.service_phase, "cancelled")
        row.with_user(self.chief).sudo(False).action_approve()
        self.assertEqual(self.complaint.service_phase, "cancelled")
        self.assertEqual(self.complaint.service_cancel_reason, REASON)

    def test_a_duplicate_is_one_for_two(self):
        row = self._ask(self.chief, what="duplicate", duplicate_id=self.other)
        self.assertFalse(self.complaint.duplicate_id)
        row.with_user(self.inspector).sudo(False).action_approve()
        self.assertEqual(self.complaint.duplicate_id, self.other)

    def test_what_is_refused_stays(self):
        row = self._ask(self.chief)
        row.with_user(self.inspector).sudo(False).action_refuse()
        self.assertNotEqual(self.complaint.service_phase, "cancelled")
        self.assertTrue(self._ask(self.chief))

    def test_it_needs_words(self):
        for reason in (".", "–––––––––––", "no"):
            with self.assertRaises(ValidationError):
                self._ask(self.chief, reason=reason)
        complaint = self.complaint.with_user(self.chief)
        with self.assertRaisesRegex(ValidationError, "lower"):
            complaint.service_complaint_ease(REASON, severity="major")
        with self.assertRaises(AccessError):
            self.complaint.with_user(self.head).service_complaint_ease(REASON)
