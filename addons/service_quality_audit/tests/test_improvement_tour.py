from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .audit_common import SAID, AuditCase


@tagged("post_install", "-at_install", "browser")
class TestImprovementTour(AuditCase, HttpCase):
    """What is to become better, in the browser: customers, reviews and plans."""

    @classmethod
    def _log_in(cls, user):
        user.write({"password": user.login, "lang": "en_US"})
        return user.login

    def test_a_customer_suggests(self):
        """Regulation A4.3.5: a suggestion becomes a measure; its outcome is told."""
        customer = new_test_user(
            self.env, "customer", "base.group_portal", email="c@customer.example"
        )
        ticket = self._handled(partner_id=customer.partner_id.id)
        page, login = f"/my/ticket/{ticket.id}", self._log_in(customer)
        self.start_tour(page, "service_quality_suggestion_tour", login=login)
        measure = ticket.service_measure_ids
        self.assertEqual(measure.name, "Send me a text message before you come")
        self.assertEqual(measure.service_suggester_id, customer.partner_id)
        measure.user_id = self.owner
        measure.with_user(self.boss).action_approve()
        measure.with_user(self.owner)._report_done(SAID)
        measure.with_user(self.inspector)._check_done("yes", SAID)
        self.start_tour(page, "service_quality_suggestion_outcome_tour", login=login)

    def test_a_management_review(self):
        """Regulation A4.1.2: inputs are gathered, people judge, an executive signs."""
        review = (
            self.env["mgmtsystem.review"]
            .with_user(self.inspector)
            .create(
                {
                    "name": "Review of the year",
                    "date": fields.Datetime.now(),
                    "user_ids": [Command.set((self.inspector | self.boss).ids)],
                    "line_ids": [
                        Command.create(
                            {
                                "name": "Hire somebody for the night",
                                "decision": "Hire somebody for the night shift",
                                "service_owner_id": self.owner.id,
                                "service_deadline": "2099-03-31",
                            }
                        )
                    ],
                }
            )
        )
        review.service_input_ids.write({"note": "Nothing of it happened this year"})
        action = self.env.ref("service_quality_audit.mgmtsystem_review_action")
        page = f"/odoo/action-{action.id}/{review.id}"
        self.start_tour(
            page, "service_quality_review_tour", login=self._log_in(self.inspector)
        )
        self.assertTrue(review.service_frozen_at)
        self.assertEqual(review.service_adequate, "partly")
        self.start_tour(
            page, "service_quality_review_sign_tour", login=self._log_in(self.boss)
        )
        self.assertEqual(review.service_signed_by_id, self.boss)
        self.assertTrue(review.signature_ids.is_intact)
        self.assertEqual(review.line_ids.action_id.user_id, self.owner)

    def test_an_improvement_plan(self):
        """Regulation A4.1.3: an executive approves the plan of the quarter."""
        plan = (
            self.env["service.quality.improvement.plan"]
            .with_user(self.inspector)
            .create({"line_ids": [Command.create({"name": "Parts come late"})]})
        )
        plan.line_ids.write({"decision": "wait", "remedy": SAID})
        action = self.env.ref(
            "service_quality_audit.service_quality_improvement_plan_action"
        )
        self.start_tour(
            f"/odoo/action-{action.id}/{plan.id}",
            "service_quality_improvement_plan_tour",
            login=self._log_in(self.boss),
        )
        self.assertEqual((plan.state, plan.decided_by_id), ("approved", self.boss))
        self.assertFalse(plan.is_signature_broken)
