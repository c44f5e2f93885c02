from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .internal_audit_common import COMPETENCE, NOW, InternalAuditCase

YEAR_END = "2026-12-30 20:00"
NEW_YEAR = "2027-01-10 20:00"


@tagged("post_install", "-at_install")
class TestAuditProgramme(InternalAuditCase):
    """What the audits of a year cover, in the programme and in the register."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["service.quality.audit.programme"].search(
            [("year", "=", 2026), ("company_id", "=", cls.company.id)]
        )._write({"company_id": cls.env["res.company"].create({"name": "X"}).id})
        cls.env.invalidate_all()
        with freeze_time(NOW):
            cls.programme = (
                cls.env["service.quality.audit.programme"]
                .with_user(cls.inspector)
                .create(
                    {
                        "year": 2026,
                        "process_ids": [Command.set((cls.incident | cls.change).ids)],
                        "team_ids": [Command.set(cls.team.ids)],
                    }
                )
            )

    def _whole(self, **values):
        """Return an audit with a question of each clause in force."""
        clauses = self.regulation.clause_ids
        team = [
            {"user_id": self.expert.id, "role": "lead", "competence": COMPETENCE},
            {"user_id": self.inspector.id, "competence": COMPETENCE},
        ]
        return self._begun(
            service_member_ids=[Command.create(one) for one in team],
            service_programme_id=self.programme.id,
            service_clause_ids=[Command.set(clauses.ids)],
            line_ids=[
                Command.create(
                    {
                        "name": clause.code,
                        "service_topic": "clause",
                        "service_clause_id": clause.id,
                    }
                )
                for clause in clauses
            ],
            **values,
        )

    def test_what_is_uncovered_is_shown(self):
        """Regulation A4.2.3: clauses, links of delivery and departments."""
        programme = self.programme
        self.assertEqual(programme.clause_ids, self.regulation.clause_ids)
        self.assertEqual(programme.uncovered_clause_ids, programme.clause_ids)
        self.assertIn("No audit is planned", programme.missing)
        audit = self._begun(service_programme_id=programme.id)
        programme.invalidate_recordset()
        self.assertEqual(programme.uncovered_process_ids, programme.process_ids)
        self.assertEqual(programme.unplanned_process_ids, self.change)
        self.assertNotIn(self.clauses[0], programme.unplanned_clause_ids)
        self.assertIn("Change", programme.missing)
        self._answer(audit.line_ids[0], "not_looked_at")
        self._close(audit)
        programme.invalidate_recordset()
        self.assertEqual(programme.uncovered_process_ids, self.change)
        self.assertIn(self.clauses[0], programme.uncovered_clause_ids)
        self.assertNotIn(self.clauses[1], programme.uncovered_clause_ids)
        self.assertEqual(programme.uncovered_team_ids, self.team)
        self.assertTrue(0 < programme.covered_percent < 100)

    def test_one_programme_a_year(self):
        Programme = self.env["service.quality.audit.programme"]
        for year in (26, 1999, 20260):
            with self.subTest(year), self.assertRaises(ValidationError):
                Programme.create({"year": year})
        with self.assertRaises(ValidationError):
            self.programme.review_date = "2027-01-02"
        self._audit(service_programme_id=self.programme.id)
        with self.assertRaises(UserError):
            self.programme.year = 2030
        with self.assertRaises(UserError):
            self.programme.unlink()

    def test_who_leaves_hands_on(self):
        """Bad input: the responsible and the owner of a finding are archived."""
        audit = self._begun(service_programme_id=self.programme.id)
        line = audit.line_ids[-1]
        self._answer(line, "observation")
        self.assertEqual(audit.user_id, self.inspector)
        (self.inspector | self.owner).active = False
        for heir in (audit.user_id, self.programme.user_id, line.service_owner_id):
            self.assertTrue(heir.active)
        self.assertEqual(line.service_auditor_id, self.expert)

    def test_every_clause_is_looked_at(self):
        """Regulation A4.2.3: each clause is looked at in a closed audit of the year."""
        obligation = self._obligation("a4_2_3_1")
        count = len(self.regulation.clause_ids)
        self.judge("2026-06-20 20:00", obligation)
        self.assertStands(obligation, "2026", "due", 0, count)
        audit = self._whole()
        self._answer(audit.line_ids)
        self.judge("2026-06-20 20:00", obligation)  # it is not closed
        self.assertStands(obligation, "2026", "due", 0, count)
        self._close(audit)
        self.judge(YEAR_END, obligation)
        self.assertStands(obligation, "2026", "fulfilled", count, count)

    def test_what_was_not_looked_at_stays_uncovered(self):
        """Regulation A4.2.3: *not looked at* and *not applicable* cover nothing."""
        obligation = self._obligation("a4_2_3_1")
        count = len(self.regulation.clause_ids)
        audit = self._whole()
        self._answer(audit.line_ids[0], "not_looked_at")
        self._answer(audit.line_ids[1], "not_applicable")
        self._close(audit)
        self.judge(YEAR_END, obligation)
        self.assertStands(obligation, "2026", "due", count - 2, count)
        self.judge(NEW_YEAR, obligation)
        self.assertStands(obligation, "2026", "overdue", count - 2, count)
        # a further audit of the programme makes it good, and it stays late
        clauses = audit.line_ids[:2].service_clause_id
        later = self._begun(
            service_programme_id=self.programme.id,
            line_ids=[
                Command.create({"name": one.code, "service_clause_id": one.id})
                for one in clauses
            ],
        )
        self._close(later, datetime(2027, 1, 12, 9))
        self.judge("2027-01-20 20:00", obligation)
        self.assertStands(obligation, "2026", "fulfilled_late", count, count)

    def test_an_audit_without_gates_proves_nothing(self):
        """What was closed while no regulation was in force went through no gate."""
        obligation = self._obligation("a4_2_3_1")
        audit = self._whole()
        self._answer(audit.line_ids)
        audit.sudo()._write_as_step({"state": "done", "closing_date": NOW})
        self.judge(YEAR_END, obligation)
        count = len(self.regulation.clause_ids)
        self.assertStands(obligation, "2026", "due", 0, count)

    def test_the_pack_has_the_report_and_the_draw(self):
        """Regulation A4.2.3: who has but the pack repeats the draws of an audit."""
        self._ticket("2026-03-02 08:00")
        audit = self._begun()
        audit.service_sample_ids = [
            Command.create({"kind": "ticket", "process_id": self.incident.id})
        ]
        self._close(audit)
        Evidence = self.env["service.quality.evidence"].with_user(self.inspector)
        files = {
            one.name: one.content
            for one in Evidence._documents(audit.with_user(self.inspector))
        }
        report = audit.service_report_ids
        self.assertTrue(files[report.pdf_name].startswith(b"%PDF"))
        draws = [name for name in files if name.startswith("draw")]
        self.assertEqual(len(draws), 1)
        self.assertTrue([name for name in files if name.endswith("signed.json")])

    def test_programmes_are_for_the_quality_department(self):
        Programme = self.env["service.quality.audit.programme"]
        for user in (self.boss, self.chief, self.expert, self.caller, self.owner):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Programme.with_user(user).create({"year": 2031})
            with self.assertRaises(AccessError):
                self.programme.with_user(user).objective = "Nothing"

    def test_lists_take_a_constant_number_of_queries(self):
        """A list of many audits asks no more than one of a single one."""
        audits = self.env["mgmtsystem.audit"]
        for _number in range(6):
            audits |= self._audit()
        names = ["name", "service_progress", "service_finding_count", "service_phase"]
        self.assertReadAlike(audits.with_user(self.inspector), names)
