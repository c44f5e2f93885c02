import base64
import json
import random
from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.common import PAPER

from ..models.audit_data import VERDICTS
from ..tools.digest import digest
from .internal_audit_common import (
    BEGUN,
    COMPETENCE,
    EVIDENCE,
    NOW,
    REASON,
    InternalAuditCase,
)


@tagged("post_install", "-at_install")
class TestInternalAudit(InternalAuditCase):
    """An audit is begun, answered, signed and closed through its gates."""

    # ------------------------------------------------------------------
    # The whole way
    # ------------------------------------------------------------------

    def test_it_is_carried_out_and_closed(self):
        """Regulations A3.2.1, A4.2.3: answered with evidence, signed, closed, sent."""
        audit = self._begun()
        self.assertEqual(audit.service_phase, "field")
        self.assertEqual(audit.auditor_user_ids, self.expert)
        self._close(audit)
        self.assertEqual((audit.state, audit.service_phase), ("done", "done"))
        self.assertEqual(audit.service_closed_by_id, self.inspector)
        report = audit.service_report_ids
        pdf = base64.b64decode(report.with_context(bin_size=False).pdf_file)
        self.assertTrue(pdf.startswith(b"%PDF"))
        signed = base64.b64decode(report.with_context(bin_size=False).signed_file)
        found = digest(json.loads(signed))[0]
        self.assertEqual(found, audit.service_member_ids.signed_digest)
        sent = audit.service_delivery_ids
        self.assertLessEqual(
            self.auditee.partner_id | self.boss.partner_id, sent.partner_id
        )
        self.assertEqual(set(sent.mapped("pdf_digest")), {report.pdf_digest})
        mailed = sent.filtered(lambda one: one.channel == "mail")
        attached = mailed.mail_id.attachment_ids
        self.assertEqual(attached.mapped("mimetype"), ["application/pdf"], "one file")
        waiting = "You are the owner of findings"
        owners = audit.line_ids.service_owner_id.partner_id
        for one in mailed:
            told = waiting in str(one.mail_id.body_html)
            self.assertEqual(told, one.partner_id in owners, one.partner_id.name)

    def test_without_a_regulation_it_is_as_oca_made_it(self):
        company = self.env["res.company"].create({"name": "Free"})
        audit = self.env["mgmtsystem.audit"].create(
            {
                "name": "Free audit",
                "company_id": company.id,
                "line_ids": [Command.create({"name": "Anything?"})],
            }
        )
        self.assertFalse(audit.service_is_gated)
        audit.line_ids.is_conformed = True
        audit.state = "open"
        audit.button_close()
        self.assertEqual(audit.state, "done")
        self.assertFalse(audit.service_report_ids)

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def test_it_does_not_begin_unprepared(self):
        for values, word in (
            ({"service_member_ids": False}, "no auditor"),
            ({"service_agenda": False}, "agenda"),
            ({"service_closing_event_id": False}, "closing meeting"),
            ({"line_ids": False}, "checklist is empty"),
            ({"date": False, "service_date_end": False}, "begins"),
            (
                {"service_process_ids": False, "service_team_ids": False},
                "no department",
            ),
        ):
            with self.subTest(word):
                audit = self._audit(**values)
                with self.assertRaisesRegex(ValidationError, word):
                    audit.action_start()
                self.assertEqual(audit.service_phase, "plan")

    def test_each_question_has_a_verdict_and_evidence(self):
        """Regulation A4.2.3: conform needs evidence, too; a finding needs an owner."""
        for values, word in (
            ({}, "no verdict"),
            ({"service_verdict": "conform"}, "what was looked at"),
            ({"service_verdict": "conform", "service_evidence": "ok"}, "looked at"),
            ({"service_verdict": "not_looked_at"}, "why it was not looked at"),
            ({"service_verdict": "not_applicable", "service_reason": "."}, "why"),
            (
                {
                    "service_verdict": "observation",
                    "service_evidence": EVIDENCE,
                    "service_finding": "Two records have no category",
                },
                "no owner",
            ),
            (
                {
                    "service_verdict": "opportunity",
                    "service_evidence": EVIDENCE,
                    "service_owner_id": self.owner.id,
                },
                "what was found",
            ),
        ):
            with self.subTest(values=values):
                audit = self._begun()
                self._answer(audit.line_ids[:-1])
                audit.line_ids[-1].with_user(self.expert).write(values)
                with self.assertRaisesRegex(ValidationError, word):
                    self._sign(audit)
                with self.assertRaisesRegex(ValidationError, word):
                    audit.button_close()
                self.assertEqual(audit.state, "open")

    def test_half_done_is_kept(self):
        audit = self._begun()
        line = audit.line_ids[0].with_user(self.expert)
        line.service_verdict = "conform"
        self.assertEqual(line.service_verdict, "conform")
        self.assertTrue(line.is_conformed)
        self.assertFalse(line.service_is_complete)
        self.assertEqual(audit.service_progress, "0 / 3")
        line.service_evidence = EVIDENCE
        self.assertTrue(line.service_is_complete)
        self.assertEqual(line.service_auditor_id, self.expert)
        self.assertEqual(audit.service_progress, "1 / 3")
        action = line.action_next()
        self.assertEqual(action["res_id"], audit.line_ids[1].id)
        self.assertEqual(line.browse(action["res_id"]).action_back()["res_id"], line.id)

    def test_nothing_goes_past_the_gates(self):
        """Steps are not written by hand: form, import, RPC and mass edit alike."""
        audit = self._begun()
        Audit = self.env["mgmtsystem.audit"].with_user(self.inspector)
        for values in (
            {"state": "done"},
            {"closing_date": NOW},
            {"service_phase": "done"},
            {"service_closed_by_id": self.inspector.id},
            {"auditor_user_ids": [Command.link(self.auditee.id)]},
            {"reference": "MSA999"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                audit.with_user(self.inspector).write(values)
        with self.assertRaises(AccessError):
            Audit.create({"name": "Closed at once", "state": "done"})
        line = audit.line_ids[0].with_user(self.expert)
        for values in (
            {"is_conformed": True},
            {"service_auditor_id": self.boss.id},
            {"service_answered_at": "2026-01-01 00:00:00"},
            {"service_is_complete": True},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                line.write(values)
        for values in (
            {"service_process_ids": [Command.clear()]},
            {"auditee_user_ids": [Command.clear()]},
            {"service_date_from": "2026-05-01"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                audit.write(values)
        with self.assertRaises(UserError):
            line.name = "Something easier"
        with self.assertRaises(UserError):
            audit.line_ids[0].unlink()
        with self.assertRaises(UserError):
            audit.unlink()

    def test_dates_are_in_order(self):
        """Bad input: an end before the beginning."""
        audit = self._audit()
        for values in (
            {"service_date_from": "2026-07-01"},
            {"service_date_end": "2026-06-14 08:00:00"},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
            ):
                audit.write(values)
                self.env.flush_all()

    def test_the_meetings_are_held(self):
        audit = self._begun()
        with self.assertRaises(ValidationError):
            audit.service_closing_event_id = audit.service_opening_event_id
        audit.service_closing_event_id.write(
            {"start": "2026-06-15 16:00:00", "stop": "2026-06-15 17:00:00"}
        )
        self._answer(audit.line_ids)
        self._sign(audit)
        with freeze_time(NOW), self.assertRaisesRegex(ValidationError, "closing"):
            audit.button_close()

    def test_meetings_are_planned(self):
        audit = self._audit(
            service_opening_event_id=False, service_closing_event_id=False
        )
        audit.action_plan_meetings()
        opening = audit.service_opening_event_id
        self.assertEqual(opening.start, audit.date)
        self.assertEqual(audit.service_closing_event_id.start, audit.service_date_end)
        self.assertLessEqual(
            (self.expert | self.auditee).partner_id, opening.partner_ids
        )

    def test_closed_it_asks_nobody_for_its_meetings(self):
        audit = self._begun()
        audit.activity_schedule("mail.mail_activity_data_meeting", summary="Opening")
        self._close(audit)
        self.assertFalse(audit.activity_ids)

    def test_what_is_closed_stays(self):
        """Regulation A4.2.3: what was closed changes by rectification alone."""
        audit = self._close(self._begun())
        line = audit.line_ids[0]
        for user in (self.expert, self.inspector):
            for record, values in (
                (audit, {"name": "Other"}),
                (audit, {"strong_points": "<p>All</p>"}),
                (line, {"service_verdict": "major"}),
                (line, {"service_evidence": "Something else was looked at"}),
                (line, {"service_owner_id": self.owner.id}),
                (line, {"service_ticket_ids": [Command.clear()]}),
                (audit.service_member_ids, {"competence": "Other"}),
            ):
                with self.subTest(user=user.login, values=values):
                    # also by who has closed it just now: its report was sent
                    with freeze_time(NOW), self.assertRaises(UserError):
                        record.with_user(user).write(values)
        with self.assertRaises(UserError):
            audit.with_user(self.inspector).button_close()
        for record in (
            audit,
            line,
            audit.service_member_ids,
            audit.service_report_ids,
            audit.service_delivery_ids[0],
        ):
            with self.assertRaises(UserError):
                record.unlink()
        with freeze_time(NOW + timedelta(days=1)):
            line.with_user(self.inspector)._rectify(
                "service_evidence", "Nine records of May", "One was counted twice"
            )
        self.assertEqual(line.service_evidence, "Nine records of May")
        self.assertEqual(line.service_auditor_id, self.expert)
        self.assertIn("Ten records", line.service_corrections)
        self.assertEqual(audit.service_member_ids.signature, "broken")

    def test_a_later_edit_breaks_a_signature(self):
        audit = self._begun()
        self._answer(audit.line_ids)
        self._sign(audit)
        member = audit.service_member_ids
        self.assertEqual(member.signature, "valid")
        self._answer(audit.line_ids[0], service_evidence="Something else was seen")
        audit.signature_ids.invalidate_recordset()
        member.invalidate_recordset()
        self.assertEqual(member.signature, "broken")
        self.assertTrue(audit.is_signature_broken)
        self.assertEqual(audit.signature_ids.changed, "Questions and answers")
        with freeze_time(NOW), self.assertRaisesRegex(ValidationError, "signs again"):
            audit.with_user(self.inspector).button_close()
        self._close(audit)
        # signed again, the second one counts, and the first one is kept
        first, second = audit.signature_ids
        self.assertEqual((first.is_replaced, second.is_replaced), (True, False))
        self.assertFalse(audit.is_signature_broken)
        self.assertEqual(second.content["questions"][0]["verdict"], "conform")
        self.assertEqual(member.signed_by_id, self.expert)

    # ------------------------------------------------------------------
    # The team
    # ------------------------------------------------------------------

    def test_a_conflict_is_refused(self):
        """Nobody audits their own work, department or cases."""
        Ticket = self.env["helpdesk.ticket"]
        self._ticket("2026-03-02 08:00", user_id=self.colleague.id)
        self.assertTrue(Ticket.search_count([("user_id", "=", self.colleague.id)]))
        for user, word in (
            (self.auditee, "audited themselves"),
            (self.colleague, "handled cases"),
        ):
            with self.subTest(user.login):
                audit = self._audit()
                member = audit.service_member_ids
                member.user_id = user
                self.assertTrue(member.has_conflict)
                self.assertIn(word, member.conflict)
                with self.assertRaisesRegex(ValidationError, "not independent"):
                    audit.with_user(self.inspector).action_start()
        self.team.user_ids |= self.expert
        audit = self._audit()
        self.assertIn("department", audit.service_member_ids.conflict)
        # who comes into conflict once it has begun answers no more
        self.team.user_ids -= self.expert
        audit = self._begun()
        self.team.user_ids |= self.expert
        audit.service_member_ids.invalidate_recordset()
        with self.assertRaisesRegex(AccessError, "department"):
            self._answer(audit.line_ids[0])

    def test_only_an_executive_overrides(self):
        """A conflict is overridden by an executive alone, with a printed reason."""
        audit = self._audit()
        member = audit.service_member_ids
        self.team.user_ids |= self.expert
        for user in (self.inspector, self.expert, self.chief, self.auditee):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    member.with_user(user).override_reason = "Nobody else can do it"
                with self.assertRaises(AccessError):
                    member.with_user(user).action_override()
        with self.assertRaises(ValidationError):
            member.with_user(self.boss).action_override()
        member.with_user(self.boss).override_reason = "Nobody else knows the network"
        member.with_user(self.boss).action_override()
        self.assertFalse(member.has_conflict)
        self.assertEqual(member.overridden_by_id, self.boss)
        with self.assertRaises(UserError):
            member.with_user(self.boss).override_reason = "Something else"
        with freeze_time(BEGUN):
            audit.action_start()
        Report = self.env["service.quality.audit.report"]
        self.assertIn("Nobody else knows the network", Report._render_document(audit))
        # another conflict than the one that was decided on
        self._ticket("2026-03-02 08:00", user_id=self.expert.id)
        member.invalidate_recordset()
        self.assertTrue(member.has_conflict)

    def test_an_executive_does_not_override_their_own(self):
        audit = self._audit()
        member = audit.service_member_ids
        member.user_id = self.boss
        self.team.user_ids |= self.boss
        member.sudo().override_reason = "I know best what is going on"
        with self.assertRaises(AccessError):
            member.with_user(self.boss).action_override()

    def test_nobody_judges_what_their_own_role_does(self):
        """The clause is what the quality department has to do."""
        audit = self._audit()
        audit.service_member_ids = [
            Command.create({"user_id": self.inspector.id, "competence": COMPETENCE})
        ]
        with freeze_time(BEGUN):
            audit.action_start()
        line = audit.line_ids.filtered(lambda one: one.service_clause_id)[0]
        with self.assertRaisesRegex(AccessError, "their own role"):
            self._answer(line, user=self.inspector)
        self._answer(audit.line_ids[-1], user=self.inspector)
        self.assertEqual(audit.line_ids[-1].service_auditor_id, self.inspector)

    def test_an_auditor_from_outside(self):
        """An auditor may be a contact; who works here is none from outside."""
        audit = self._audit()
        with self.assertRaises(ValidationError):
            self.env["service.quality.audit.member"].create(
                {
                    "audit_id": audit.id,
                    "partner_id": self.owner.partner_id.id,
                    "competence": COMPETENCE,
                }
            )
        guest = self.env["res.partner"].create({"name": "Ms Gu"})
        audit.service_member_ids = [
            Command.create({"partner_id": guest.id, "competence": COMPETENCE})
        ]
        with freeze_time(BEGUN):
            audit.action_start()
        outsider = audit.service_member_ids.filtered("partner_id")
        line = audit.line_ids[-1]
        self._answer(line, user=self.inspector, service_outsider_id=outsider.id)
        self._answer(audit.line_ids[:-1])
        with self.assertRaisesRegex(ValidationError, "Attach the paper"):
            self._sign(audit)
        outsider.paper = base64.b64encode(PAPER)
        self._close(audit)
        self.assertIn(guest, audit.service_delivery_ids.partner_id)

    def test_who_has_left_keeps_nothing_open(self):
        """Bad input: an auditor is archived before they have signed."""
        audit = self._audit()
        audit.service_member_ids = [
            Command.create({"user_id": self.colleague.id, "competence": COMPETENCE})
        ]
        with freeze_time(BEGUN):
            audit.action_start()
        self._answer(audit.line_ids)
        audit.service_member_ids[0].with_user(self.expert).action_sign()
        self.colleague.active = False
        with freeze_time(NOW):
            audit.with_user(self.inspector).button_close()
        self.assertEqual(audit.state, "done")

    # ------------------------------------------------------------------
    # Draws
    # ------------------------------------------------------------------

    def test_a_draw_is_repeated_from_its_file(self):
        """M11: seed and population are kept, so that anybody can repeat the draw."""
        for day in range(2, 22):
            self._ticket(f"2026-03-{day:02} 08:00")
        self._ticket("2025-12-31 08:00")
        self._ticket("2026-03-02 08:00", type_id=self.change.id)
        audit = self._begun(service_seed="Seven lucky goats")
        sample = (
            self.env["service.quality.audit.sample"]
            .with_user(self.expert)
            .create(
                {
                    "audit_id": audit.id,
                    "kind": "ticket",
                    "process_id": self.incident.id,
                    "size": 4,
                }
            )
        )
        own = self.env["helpdesk.ticket"].search(
            [
                ("type_id", "=", self.incident.id),
                ("company_id", "=", self.company.id),
                ("service_opened_at", ">=", "2026-01-01"),
                ("service_opened_at", "<", "2026-06-15"),
            ]
        )
        self.assertEqual(sample.population, sorted(own.ids))
        self.assertEqual(sorted(sample.ticket_ids.sudo().ids), sorted(sample.drawn))
        kept = json.loads(sample._as_file())
        again = random.Random(kept["seed"]).sample(sorted(kept["population"]), 4)
        self.assertEqual(sorted(again), sorted(kept["drawn"]))
        self.assertIn("Seven lucky goats", kept["seed"])
        with self.assertRaises(UserError):
            sample.size = 10
        with self.assertRaises(UserError):
            sample.unlink()
        with self.assertRaises(UserError):
            audit.service_seed = "Another word"
        with self.assertRaises(AccessError):
            sample.with_user(self.auditee).copy({"kind": "complaint"})

    def test_a_seed_is_made_up_where_nobody_names_one(self):
        audit = self._begun()
        audit.service_sample_ids = [
            Command.create({"kind": kind, "process_id": self.incident.id})
            for kind in ("ticket", "call", "complaint")
        ]
        self.assertTrue(audit.service_seed)
        with self.assertRaises(ValidationError):
            audit.service_sample_ids = [
                Command.create({"process_id": self.change.id, "size": 0})
            ]

    # ------------------------------------------------------------------
    # Checklist
    # ------------------------------------------------------------------

    def test_the_checklist_is_drawn(self):
        """Clauses, links, departments, last findings, weak indicators, standards."""
        last = self._begun()
        self._answer(last.line_ids[-1], "observation")
        self._close(last)
        audit = self._audit(line_ids=False)
        audit.action_make_checklist()
        topics = audit.line_ids.grouped("service_topic")
        self.assertEqual(topics["clause"].service_clause_id, self.clauses)
        self.assertEqual(topics["process"].service_process_id, self.incident)
        self.assertEqual(topics["team"].service_team_id, self.team)
        self.assertEqual(topics["finding"].service_previous_id, last.line_ids[-1])
        self.assertGreaterEqual(len(topics["standard"]), 8)
        for element in ("People", "Resource", "Technology", "Process"):
            self.assertTrue(
                topics["itss"].filtered(lambda one, e=element: one.name.startswith(e))
            )
        count = len(audit.line_ids)
        audit.action_make_checklist()
        self.assertEqual(len(audit.line_ids), count)

    def test_weak_indicators_are_asked_about(self):
        indicator = self.env["service.quality.indicator"].search([], limit=1)
        self.env["service.quality.figure"].sudo().create(
            [
                {
                    "indicator_id": indicator.id,
                    "company_id": self.company.id,
                    "period_kind": "month",
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "scope": "company",
                    "scope_id": self.company.id,
                    "value": 80,
                    "has_value": True,
                    "goal": 95,
                    "goal_state": "beyond",
                    "taken_at": "2026-04-01 00:00:00",
                    "tz": "UTC",
                }
            ]
        )
        audit = self._audit(line_ids=False)
        audit.action_make_checklist()
        found = audit.line_ids.filtered(lambda one: one.service_topic == "indicator")
        self.assertIn(indicator, found.service_indicator_id)

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def test_an_opportunity_becomes_an_improvement(self):
        audit = self._begun()
        self._answer(audit.line_ids[-1], "opportunity")
        self._close(audit)
        measure = audit.line_ids[-1].service_measure_ids
        self.assertEqual(measure.type_action, "improvement")
        self.assertEqual(measure.user_id, self.owner)
        self.assertEqual(audit.imp_opp_ids, measure)
        self.assertFalse(audit.nonconformity_ids)

    def test_a_finding_becomes_a_nonconformity(self):
        """Regulation A3.2.1: minor and major ones are raised with all filled in."""
        audit = self._begun()
        self._answer(audit.line_ids[1], "minor")
        self._answer(
            audit.line_ids[2],
            "major",
            service_finding="No incident of May was recorded at all",
            service_owner_id=self.chief.id,
        )
        self.chief.email = "chief@us.example"
        self._close(audit)
        sent = audit.service_delivery_ids.filtered(
            lambda one: one.partner_id == self.chief.partner_id
        )
        waiting = "You are the owner of findings"
        self.assertIn(waiting, str(sent.mail_id.body_html))
        minor, major = audit.line_ids[1:]
        found = minor.service_nonconformity_id | major.service_nonconformity_id
        self.assertEqual(audit.nonconformity_ids, found)
        self.assertEqual(len(found), 2)
        self.assertEqual(found.mapped("service_is_major"), [False, True])
        raised = major.service_nonconformity_id
        self.assertEqual(raised.responsible_user_id, self.chief)
        self.assertIn("No incident of May", raised.description)
        self.assertIn(EVIDENCE, raised.description)
        self.assertIn(audit.reference, raised.name)
        # found once more while it is open, it is linked
        again = self._begun()
        self._answer(again.line_ids[1], "minor")
        self._close(again)
        self.assertEqual(
            again.line_ids[1].service_nonconformity_id, minor.service_nonconformity_id
        )

    def test_verdicts_are_all_labelled(self):
        """A report counts each verdict by its name."""
        audit = self._begun()
        self._answer(audit.line_ids[0], "not_applicable")
        self._answer(audit.line_ids[1], "not_looked_at")
        self._answer(audit.line_ids[2], "observation")
        page = self.env["service.quality.audit.report"]._render_document(audit)
        labels = dict(VERDICTS)
        for verdict in ("not_applicable", "not_looked_at", "observation"):
            self.assertIn(labels[verdict], page)
        self.assertIn(REASON, page)
