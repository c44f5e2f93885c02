import base64

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import PAPER

from .internal_audit_common import BEGUN, COMPETENCE, InternalAuditCase


@tagged("post_install", "-at_install", "security")
class TestInternalAuditSecurity(InternalAuditCase):
    """Who reads an audit, who answers in it, and who closes it."""

    def test_an_auditee_edits_no_finding(self):
        """Who is audited answers nothing, whatever role they hold."""
        audit = self._begun()
        line = audit.line_ids[0]
        for record, values in (
            (line, {"service_verdict": "conform"}),
            (line, {"service_finding": "It was all well"}),
            (line, {"service_owner_id": self.boss.id}),
            (line, {"seq": 99}),
            (audit, {"strong_points": "<p>Me</p>"}),
            (audit.service_member_ids, {"competence": "None at all"}),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                record.with_user(self.auditee).write(values)
        with self.assertRaises(AccessError):
            self.env["mgmtsystem.verification.line"].with_user(self.auditee).create(
                {"name": "Easy?", "audit_id": audit.id}
            )
        self._answer(audit.line_ids)
        self._sign(audit)
        with self.assertRaises(AccessError):
            audit.with_user(self.auditee).button_close()
        self._close(audit)
        self.assertFalse(line.with_user(self.auditee).service_may_rectify)
        with self.assertRaises(AccessError):
            line.with_user(self.auditee)._rectify(
                "service_verdict", "not_applicable", "It was not fair"
            )

    def test_no_reason_comes_with_the_context(self):
        """Only an executive writes why a conflict is overridden."""
        audit = self._audit()
        members = self.env["service.quality.audit.member"].with_user(self.inspector)
        values = {
            "audit_id": audit.id,
            "user_id": self.colleague.id,
            "competence": COMPETENCE,
        }
        with self.assertRaises(AccessError):
            members.with_context(
                default_override_reason="Nobody else can do it"
            ).create(values)

    def test_a_signed_paper_stays(self):
        """The file behind a field is as closed as the field."""
        audit = self._audit()
        guest = self.env["res.partner"].create({"name": "Ms Gu"})
        audit.service_member_ids = [
            Command.create({"partner_id": guest.id, "competence": COMPETENCE})
        ]
        with freeze_time(BEGUN):
            audit.action_start()
        outsider = audit.service_member_ids.filtered("partner_id")
        outsider.paper = base64.b64encode(PAPER)
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", outsider._name),
                ("res_id", "=", outsider.id),
                ("res_field", "=", "paper"),
            ]
        )
        self.assertTrue(file)
        for user in (self.auditee, self.inspector, self.expert):
            with self.subTest(user.login), self.assertRaises(AccessError):
                file.with_user(user).write({"datas": base64.b64encode(PAPER + b" ")})
        self._close(audit)
        with self.assertRaises(AccessError):
            file.with_user(self.inspector).unlink()

    def test_only_the_team_answers(self):
        audit = self._begun()
        for user in (
            self.boss,
            self.inspector,
            self.colleague,
            self.chief,
            self.caller,
            self.owner,
        ):
            with self.subTest(user.login), self.assertRaises(AccessError):
                audit.line_ids[0].with_user(user).service_verdict = "conform"
        self._answer(audit.line_ids[0])

    def test_nobody_answers_before_it_begins(self):
        audit = self._audit()
        with self.assertRaises(AccessError):
            self._answer(audit.line_ids[0])

    def test_the_quality_department_closes(self):
        """Regulation A3.2.1: the quality department audits, so that it closes."""
        audit = self._begun()
        self._answer(audit.line_ids)
        self._sign(audit)
        for user in (self.expert, self.boss, self.chief, self.owner):
            with self.subTest(user.login), self.assertRaises(AccessError):
                audit.with_user(user).button_close()
        audit.with_user(self.inspector).button_close()
        self.assertEqual(audit.state, "done")

    def test_findings_are_their_auditors(self):
        """Deny: another of the team, or a manager, rewrites or takes back an answer."""
        audit = self._audit()
        audit.service_member_ids = [
            Command.create({"user_id": self.colleague.id, "competence": COMPETENCE})
        ]
        with freeze_time(BEGUN):
            audit.action_start()
        line = audit.line_ids[-1]
        self._answer(line, "minor")
        self.assertFalse(line.with_user(self.colleague).service_may_answer)
        for user in (self.colleague, self.inspector, self.boss):
            for values in (
                {"service_finding": "It was all well"},
                {"service_verdict": "conform"},
                {"service_verdict": False, "service_finding": False},
                {"service_owner_id": self.boss.id},
            ):
                with self.subTest(user.login, values=values):
                    with self.assertRaises(AccessError):
                        line.with_user(user).write(values)
        # what its auditor changes is kept with what it was before
        line.with_user(self.expert).write(
            {"service_finding": "Three records have no category"}
        )
        told = str(audit.sudo().message_ids[:1].body)
        self.assertIn("Two records have no category", told)
        self.assertIn("Three records have no category", told)
        # who has left changes nothing any more
        self.expert.active = False
        line.with_user(self.colleague).service_verdict = "observation"
        self.assertEqual(line.service_auditor_id, self.colleague)

    def test_a_finding_is_not_rewritten_in_its_nonconformity(self):
        """Deny: a manager rewrites, hands over and then rewrites, or cancels it."""
        audit = self._begun(
            auditee_user_ids=[Command.set((self.auditee | self.chief).ids)]
        )
        self._answer(audit.line_ids[-1], "minor", service_owner_id=self.owner.id)
        self._close(audit)
        found = audit.line_ids[-1].service_nonconformity_id
        found.sudo()._write_as_step({"manager_user_id": self.inspector.id})
        minor, major = (
            self.env.ref(f"mgmtsystem_nonconformity.nonconformity_severity_{one}")
            for one in ("min", "maj")
        )
        own = found.with_user(self.inspector)
        with self.assertRaises(AccessError):
            own.manager_user_id = self.boss
        found.with_user(self.boss).manager_user_id = self.boss
        for user in (self.inspector, self.boss, self.expert):
            for values in (
                {"name": "Nothing"},
                {"description": "It was all well"},
                {"severity_id": False},
            ):
                with self.subTest(user.login, values=values):
                    with self.assertRaises(AccessError):
                        found.with_user(user).write(values)
        own.severity_id = major
        with self.assertRaises(AccessError):
            own.severity_id = minor
        with self.assertRaises(AccessError):
            own._cancel("It was not fair at all")
        found.sudo()._write_as_step({"severity_id": minor.id, "service_team_id": False})
        with self.assertRaisesRegex(AccessError, "Who was audited"):
            found.with_user(self.chief)._cancel("It was not fair at all")

    def test_nobody_signs_for_another(self):
        audit = self._begun()
        self._answer(audit.line_ids)
        member = audit.service_member_ids
        for user in (self.inspector, self.boss, self.auditee):
            with self.subTest(user.login), self.assertRaises(AccessError):
                member.with_user(user).action_sign()
        forged = {
            "res_model": audit._name,
            "res_id": audit.id,
            "meaning": "found",
            "part": member.id,
            "name": "Audit",
            "user_id": self.expert.id,
            "digest": audit._digest(),
        }
        Signature = self.env["service.quality.signature"]
        for user in (self.inspector, self.boss, self.expert):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Signature.with_user(user).create(forged)
            with self.assertRaises(AccessError):
                Signature.with_user(user).sudo().create(forged)
        self.assertEqual(member.signature, "none")

    def test_staff_of_the_team_answer(self):
        """A company of eight: an auditor need not have a role of auditors."""
        audit = self._audit()
        audit.service_member_ids = [
            Command.create({"user_id": self.owner.id, "competence": COMPETENCE})
        ]
        audit.action_start()
        line = audit.line_ids[-1]
        self._answer(line, user=self.owner)
        self.assertEqual(line.service_auditor_id, self.owner)
        member = audit.service_member_ids.filtered(
            lambda one: one.user_id == self.owner
        )
        self._answer(audit.line_ids[:-1])
        member.with_user(self.owner).action_sign()
        self.assertEqual(member.signature, "valid")

    def test_others_read_nothing(self):
        audit = self._begun()
        stranger = self._user("stranger", "staff")
        Audit = self.env["mgmtsystem.audit"]
        for user, seen in (
            (stranger, False),
            (self.caller, False),
            (self.auditee, True),
            (self.chief, True),
            (self.expert, True),
        ):
            with self.subTest(user.login):
                found = Audit.with_user(user).search([("id", "=", audit.id)])
                self.assertEqual(bool(found), seen)
        for record in (audit.line_ids, audit.service_member_ids):
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])

    def test_the_owner_reads_the_finding_once_it_is_closed(self):
        audit = self._begun()
        line = audit.line_ids[-1]
        self._answer(line, "observation")
        Line = self.env["mgmtsystem.verification.line"].with_user(self.owner)
        own = [("id", "=", line.id)]
        self.assertFalse(Line.search(own))
        self._close(audit)
        self.assertEqual(Line.search(own).service_finding, line.service_finding)
        with self.assertRaises(UserError):
            line.with_user(self.owner).service_owner_id = self.boss

    def test_companies_are_apart(self):
        """Two companies: an auditor in one sees and counts their own alone."""
        other = self.env["res.company"].create({"name": "Second"})
        theirs = self.env["mgmtsystem.audit"].create(
            {
                "name": "Theirs",
                "company_id": other.id,
                "line_ids": [Command.create({"name": "Anything?"})],
            }
        )
        self.assertEqual(theirs.line_ids.company_id, other)
        own = self._begun()
        Audit = self.env["mgmtsystem.audit"].with_user(self.expert)
        found = Audit.search([("id", "in", (own | theirs).ids)])
        self.assertEqual(found, own)
        self.assertEqual(Audit.search_count([("id", "in", (own | theirs).ids)]), 1)
        Line = self.env["mgmtsystem.verification.line"].with_user(self.expert)
        self.assertFalse(Line.search([("id", "in", theirs.line_ids.ids)]))
        with self.assertRaises(AccessError):
            own.with_user(self.inspector).company_id = other
