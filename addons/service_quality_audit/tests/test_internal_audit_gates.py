from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .internal_audit_common import BEGUN, EVIDENCE, NOW, InternalAuditCase


@tagged("post_install", "-at_install")
class TestInternalAuditGates(InternalAuditCase):
    """What would make an audit look done that was not."""

    def test_no_answer_is_moved_into_an_audit(self):
        """A question that was answered elsewhere proves nothing here."""
        closed = self._close(self._begun())
        begun, planned = self._begun(), self._audit()
        Line = self.env["mgmtsystem.verification.line"].with_user(self.inspector)
        values = {"name": "Is it kept?", "service_clause_id": self.clauses[0].id}
        with self.assertRaises(UserError):
            Line.create(values | {"service_verdict": "conform"})
        for target in (closed, begun, self.env["mgmtsystem.audit"]):
            line = Line.create(values | {"audit_id": planned.id})
            line.sudo().service_verdict = "conform"
            for own in (line, line.sudo()):
                with self.subTest(target=target), self.assertRaises(UserError):
                    own.audit_id = target
                    self.env.flush_all()
        open_line = Line.create(values | {"audit_id": planned.id})
        with self.assertRaises(UserError):
            open_line.audit_id = closed
        open_line.audit_id = begun
        self.assertIn(open_line, begun.line_ids)

    def test_a_corrected_verdict_asks_for_what_it_says(self):
        """Nothing is covered without evidence, and a finding is raised."""
        audit = self._begun()
        self._answer(audit.line_ids[-1], "not_looked_at")
        self._close(audit)
        line = audit.line_ids[-1].with_user(self.inspector)

        def rectify(name, value):
            with freeze_time(NOW + timedelta(days=1)):
                row = line._rectify(name, value, "It was looked at after all")
                if row.state == "pending":
                    row.with_user(self.boss).action_approve()

        with self.assertRaisesRegex(ValidationError, "what was looked at"):
            rectify("service_verdict", "conform")
        rectify("service_evidence", EVIDENCE)
        rectify("service_verdict", "conform")
        with self.assertRaises(ValidationError):
            rectify("service_evidence", "ok")
        with self.assertRaisesRegex(ValidationError, "no owner"):
            rectify("service_verdict", "major")
        rectify("service_finding", "No incident of May was recorded at all")
        rectify("service_owner_id", self.owner.id)
        rectify("service_verdict", "major")
        self.assertEqual(line.service_verdict, "major")
        self.assertTrue(line.sudo().service_nonconformity_id.service_is_major)
        self.assertEqual(
            audit.sudo().nonconformity_ids, line.sudo().service_nonconformity_id
        )

    def test_no_meeting_is_entered_afterwards(self):
        """A meeting that was moved or entered into the past was not held."""
        audit = self._begun()
        self._answer(audit.line_ids)
        self._sign(audit)
        closing = audit.service_closing_event_id
        moment = "2026-06-15 08:40:00"
        with freeze_time(NOW):
            late = self.env["calendar.event"].create(
                {
                    "name": "Closing",
                    "start": moment,
                    "stop": "2026-06-15 08:50:00",
                    "service_planned_at": "2026-06-01",
                }
            )
            audit.service_closing_event_id = late
            with self.assertRaisesRegex(ValidationError, "closing meeting"):
                audit.with_user(self.inspector).button_close()
            closing.write({"start": closing.start, "name": "Closing meeting"})
            self.assertLess(closing.service_planned_at, closing.start)
            closing.write({"start": moment, "service_planned_at": "2026-06-01"})
            audit.service_closing_event_id = closing
            with self.assertRaisesRegex(ValidationError, "closing meeting"):
                audit.with_user(self.inspector).button_close()
        self.assertEqual(audit.state, "open")

    def test_no_older_event_is_a_meeting(self):
        """Deny: events from before it was planned, begun, or after it has ended."""
        Event = self.env["calendar.event"]
        old = ("2025-06-15", "2026-06-07", "2026-06-14", "2026-06-16")
        for day in old:
            with freeze_time("2025-01-01"):
                event = Event.create(
                    {
                        "name": "Team lunch",
                        "start": f"{day} 10:00:00",
                        "stop": f"{day} 11:00:00",
                    }
                )
            for values in (
                {"service_opening_event_id": event.id},
                {"service_closing_event_id": event.id},
            ):
                with self.subTest(day=day, values=values):
                    with self.assertRaisesRegex(ValidationError, "Team lunch|closing"):
                        self._audit(**values)
        # planned later than it is said to begin
        with self.assertRaisesRegex(ValidationError, "Team lunch"):
            self._audit(
                date="2025-06-15 08:00:00",
                service_opening_event_id=Event.search(
                    [("name", "=", "Team lunch"), ("start", "<", "2025-12-31")]
                ).id,
            )
        # moved in the calendar, where no audit is asked
        audit = self._audit()
        audit.service_opening_event_id.write(
            {"start": "2026-06-14 08:00:00", "stop": "2026-06-14 08:45:00"}
        )
        with freeze_time(BEGUN), self.assertRaisesRegex(ValidationError, "Opening is"):
            audit.action_start()

    def test_the_closing_meeting_comes_after_the_beginning(self):
        """Deny: a meeting that was over before anybody had looked at anything."""
        audit = self._audit()
        with freeze_time(NOW):
            audit.action_start()
        self._answer(audit.line_ids)
        self._sign(audit)
        with freeze_time(NOW), self.assertRaisesRegex(ValidationError, "nothing had"):
            audit.with_user(self.inspector).button_close()

    def test_questions_are_copied_into_an_audit(self):
        """Bad input: the dialog of no audit, and of something else."""
        audit, source = self._audit(line_ids=False), self._audit()
        wizard = self.env["copy.verification.lines"].create({"audit_src": source.id})
        for context in (
            {},
            {"active_model": "res.users", "active_id": self.boss.id},
            {"active_model": "mgmtsystem.audit", "active_id": 10**9},
            {"active_model": "mgmtsystem.audit", "active_id": "1"},
        ):
            with self.subTest(context), self.assertRaises(UserError):
                wizard.with_context(**context).copyVerificationLines()
        known = {"active_model": audit._name, "active_id": audit.id}
        with self.assertRaises(UserError):
            wizard.create({}).with_context(**known).copyVerificationLines()
        wizard.with_context(**known).copyVerificationLines()
        self.assertEqual(len(audit.line_ids), len(source.line_ids))

    def test_files_of_what_has_ended_stay(self):
        """What was attached before the end is kept, what comes later is not."""
        measure = self._measure()
        File = self.env["ir.attachment"].with_user(self.inspector)
        values = {"name": "Proof", "res_model": measure._name, "res_id": measure.id}
        proof = File.create(values)
        proof.name = "Proof of May"
        measure.sudo()._write_as_step(
            {
                "stage_id": self.env.ref("mgmtsystem_action.stage_close").id,
                "date_open": proof.create_date,
                "date_closed": proof.create_date + timedelta(seconds=1),
            }
        )
        with self.assertRaises(AccessError):
            proof.name = "Other"
        with self.assertRaises(AccessError):
            proof.unlink()
        with freeze_time(proof.create_date + timedelta(days=1)):
            measure.sudo()._write_as_step(
                {"date_closed": proof.create_date - timedelta(seconds=1)}
            )
            File.create(values | {"name": "Later"}).name = "Latest"
