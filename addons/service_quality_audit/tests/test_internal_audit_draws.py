import base64
import json

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import PAPER

from .internal_audit_common import BEGUN, COMPETENCE, NOW, InternalAuditCase


@tagged("post_install", "-at_install")
class TestInternalAuditDraws(InternalAuditCase):
    """Nobody chooses what is drawn, nor closes an audit that has looked at nothing."""

    def _draw(self, audit, **values):
        return (
            self.env["service.quality.audit.sample"]
            .with_user(self.inspector)
            .create(
                {"audit_id": audit.id, "process_id": self.incident.id, "size": 3}
                | values
            )
        )

    # ------------------------------------------------------------------
    # The draw
    # ------------------------------------------------------------------

    def test_a_draw_is_not_thrown_away(self):
        """M11: an audit with a draw is not deleted, to draw again."""
        audit = self._audit()
        self._draw(audit)
        with self.assertRaisesRegex(UserError, "would be a choice"):
            audit.with_user(self.inspector).unlink()
        undrawn = self._audit()
        undrawn.with_user(self.inspector).unlink()
        self.assertFalse(undrawn.exists())

    def test_a_seed_is_not_ground_out(self):
        """M11: who types the seed cannot know what it draws."""
        drawn = set()
        for _number in range(3):
            audit = self._audit(service_seed="Operations 7")
            sample = self._draw(audit)
            drawn.add(sample.seed)
            self.assertIn("Operations 7", sample.seed)
            self.assertEqual(json.loads(sample._as_file())["seed"], sample.seed)
        self.assertEqual(len(drawn), 3)

    def test_the_time_stays_after_a_draw(self):
        """M11: what was drawn from, and who had cases then, is one time."""
        audit = self._audit()
        self._draw(audit)
        own = audit.with_user(self.inspector)
        for name in ("service_date_from", "service_date_to"):
            with self.assertRaisesRegex(UserError, "stay as they were drawn"):
                own.write({name: "2026-06-10"})

    def test_who_had_a_case_is_not_laundered(self):
        """M11: giving cases to a colleague afterwards makes nobody independent."""
        ticket = self._ticket("2026-03-02 08:00", user_id=self.colleague.id)
        with freeze_time("2026-03-03 08:00"):
            ticket.user_id = self.auditee
        audit = self._audit()
        audit.service_member_ids.user_id = self.colleague
        self.assertIn("handled cases", audit.service_member_ids.conflict)

    # ------------------------------------------------------------------
    # What was looked at
    # ------------------------------------------------------------------

    def test_an_empty_sample_shows_nothing(self):
        """Regulation A4.2.3: a sample shows something of its link, if it has a case."""
        audit = self._begun()
        empty = self._draw(audit, kind="complaint")
        empty.sudo()._write_as_step({"drawn": [], "drawn_count": 0})
        self._ticket("2026-03-02 08:00", type_id=self.change.id)
        other = self._draw(audit, process_id=self.change.id)
        self.assertTrue(other.drawn_count)
        self._ticket("2026-03-03 08:00")
        full = self._draw(audit, kind="ticket")
        line = audit.line_ids[-1]
        for sample in (empty, other):
            self._answer(
                line, service_evidence=False, service_sample_ids=[(6, 0, sample.ids)]
            )
            self.assertIn("what was looked at", line.service_missing)
        self._answer(
            line, service_evidence=False, service_sample_ids=[(6, 0, full.ids)]
        )
        self.assertFalse(line.service_missing)
        clause = audit.line_ids[0]
        self._answer(
            clause, service_evidence=False, service_sample_ids=[(6, 0, full.ids)]
        )
        self.assertTrue(clause.service_missing)

    def test_nobody_answers_as_an_outsider_about_their_own_work(self):
        """Regulation A4.2.3: whom the clause asks does not write it down either."""
        audit = self._audit()
        guest = self.env["res.partner"].create({"name": "Ms Gu"})
        audit.service_member_ids = [
            Command.create(
                {
                    "partner_id": guest.id,
                    "competence": COMPETENCE,
                    "paper": base64.b64encode(PAPER),
                }
            ),
            Command.create({"user_id": self.inspector.id, "competence": COMPETENCE}),
        ]
        with freeze_time(BEGUN):
            audit.action_start()
        outsider = audit.service_member_ids.filtered("partner_id")
        asked = audit.line_ids.filtered(
            lambda line: (
                set(line.service_clause_id.obligation_ids.mapped("role")) == {"quality"}
            )
        )
        self.assertTrue(asked)
        with self.assertRaisesRegex(AccessError, "their own role"):
            self._answer(asked[0], user=self.inspector, service_outsider_id=outsider.id)
        self._answer(asked[0], user=self.expert, service_outsider_id=outsider.id)

    def test_each_answer_has_its_auditor(self):
        """Regulation A4.2.3: an answer of nobody closes no audit."""
        audit = self._begun()
        self._answer(audit.line_ids)
        audit.line_ids[0]._write_as_step({"service_auditor_id": False})
        with self.assertRaisesRegex(ValidationError, "nobody is named"):
            self._sign(audit)

    def test_nothing_enters_half_done(self):
        """Regulation A4.2.3: without a company it is planned in the user's."""
        Audit = self.env["mgmtsystem.audit"].with_user(self.inspector)
        audit = Audit.create({"name": "Nowhere", "company_id": False})
        self.assertTrue(audit.service_is_gated)
        with self.assertRaises(AccessError):
            self.env["mgmtsystem.verification.line"].with_user(self.inspector).create(
                {
                    "audit_id": audit.id,
                    "name": "Is it kept?",
                    "service_clause_id": self.clauses[0].id,
                    "service_verdict": "conform",
                }
            )
        with self.assertRaises(ValidationError):
            audit.button_close()
        done = Audit.with_context(default_state="done").create({"name": "Done"})
        self.assertEqual(done.state, "open")
        Review = self.env["mgmtsystem.review"].with_user(self.inspector)
        review = Review.create(
            {"name": "Nowhere", "date": "2026-12-10", "company_id": False}
        )
        self.assertTrue(review.service_is_gated)
        with self.assertRaises(AccessError):
            review.button_close()

    # ------------------------------------------------------------------
    # Meetings
    # ------------------------------------------------------------------

    def test_those_audited_are_asked_to_the_closing_meeting(self):
        """Regulation A4.2.3: a meeting with oneself closes nothing."""
        audit = self._begun()
        self._answer(audit.line_ids)
        self._sign(audit)
        closing = audit.service_closing_event_id
        closing.sudo().partner_ids = self.expert.partner_id
        with freeze_time(NOW), self.assertRaisesRegex(ValidationError, "was asked to"):
            audit.with_user(self.inspector).button_close()
        with freeze_time(NOW), self.assertRaisesRegex(UserError, "as it was held"):
            closing.with_user(self.inspector).partner_ids |= self.auditee.partner_id

    def test_a_meeting_stays_as_it_was_held(self):
        """What a closed audit points at is not moved in the calendar."""
        audit = self._close(self._begun())
        own = audit.service_closing_event_id.with_user(self.inspector)
        for values in (
            {"start": "2026-05-25 08:00:00", "stop": "2026-05-25 09:00:00"},
            {"name": "Lunch"},
            {"active": False},
        ):
            with self.assertRaisesRegex(UserError, "as it was held"):
                own.write(values)
        own.description = "The minutes are with the quality department"
