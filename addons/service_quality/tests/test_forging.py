import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from .report_common import ReportCase

FORGED = base64.b64encode(b"<script>forged</script>")


@tagged("post_install", "-at_install", "security")
class TestForging(ReportCase):
    """What only a step writes is not written past it, by whichever way."""

    def _of(self, user, model, **defaults):
        context = {f"default_{name}": value for name, value in defaults.items()}
        return self.env[model].with_user(user).with_context(**context)

    def test_defaults_of_the_context(self):
        """Deny: a caller sends defaults for what a step writes."""
        approved = {"state": "approved", "approved_by_id": self.executive.id}
        policy = self._of(self.quality, "service.quality.policy", **approved).create(
            {"name": "Ours", "text": "So it is"}
        )
        self.assertEqual(policy.state, "draft")
        self.assertFalse(policy.approved_by_id)
        target = self._of(
            self.quality, "service.quality.indicator.target", state="approved"
        ).create(
            {
                "indicator_id": self.env["service.quality.indicator"]
                .search([("unit", "=", "percent")], limit=1)
                .id,
                "goal": 50,
                "date_from": "2030-01-01",
            }
        )
        self.assertEqual(target.state, "draft")
        review = self._of(
            self.quality, "service.quality.policy.review", state="done"
        ).create({"name": "Review"})
        self.assertEqual(review.state, "draft")

    def test_report_is_not_sent_by_a_default(self):
        """Deny: a project manager makes a report that nobody reviewed or sent."""
        report = self._of(
            self.manager,
            "service.quality.report",
            state="sent",
            reviewed_by_id=self.quality.id,
            page_file=FORGED,
        ).create(
            {
                "kind": "project",
                "date_from": "2026-03-01",
                "project_id": self.project.id,
            }
        )
        self.assertEqual(report.state, "draft")
        self.assertFalse(report.reviewed_by_id)
        self.assertNotIn(b"script>forged", report._content("html"))

    def test_defaults_of_the_user(self):
        """Deny: an own default would hold for what the system creates, too."""
        Default = self.env["ir.default"].with_user(self.manager)
        Default.set("service.quality.patrol", "done_on", "2026-01-01", user_id=True)
        Default.set("service.quality.patrol", "report", "<p>Looked</p>", user_id=True)
        plan = (
            self.env["service.quality.patrol.plan"]
            .with_user(self.manager)
            .create({"name": "Server room", "project_id": self.project.id})
        )
        self.assertFalse(any(plan.patrol_ids.mapped("done_on")))
        self.assertTrue(plan.patrol_ids)
        self.assertIn("Looked", plan.patrol_ids[0].report, "what people do enter")

    def test_defaults_that_forms_send(self):
        """What a dialog is opened with is still taken."""
        wizard = self._of(
            self.quality, "service.quality.report.say", purpose="review"
        ).create({"text": "Well done"})
        self.assertEqual(wizard.purpose, "review")

    def test_closing_and_deciding_in_anothers_name(self):
        """Deny: values of steps among those that are entered."""
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._of(self.quality, "service.quality.policy.review").create(
                {"name": "Review", "closed_by_id": self.executive.id}
            )
        regulation = self._of(self.quality, "service.quality.regulation").create(
            {"name": "Ours", "code": "OURS"}
        )
        term = self._of(self.quality, "service.quality.regulation.term").create(
            {"regulation_id": regulation.id, "decided_by_id": self.executive.id}
        )
        self.assertEqual(term.decided_by_id, self.quality)
