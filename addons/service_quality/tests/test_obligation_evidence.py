import re
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL, html2plaintext

from odoo.addons.service_quality_core.models.roles import TECHNICAL_CENTRE
from odoo.addons.service_quality_core.models.service_quality_ticket_work_mixin import (
    RecordMissing,
)
from odoo.addons.service_quality_core.tools.period import Period

from .proof_common import ProofCase

MARCH = "2026-03"


@tagged("post_install", "-at_install")
class TestObligationEvidence(ProofCase):
    """What the clauses are proved by: the records of the work itself."""

    # ------------------------------------------------------------------
    # Follow-up calls
    # ------------------------------------------------------------------

    def test_calls(self):
        """Regulation A3.5.2: a late call is a call, and none exempt is asked for."""
        first = self._handled().service_callback_ids
        second = self._handled(partner_id=self.stranger.id).service_callback_ids
        self._complete(first, "2026-03-02 12:00")
        self._complete(second, "2026-03-10 12:00")
        self.assertProved("a3_5_2_1", "fulfilled_late", 2, 2)
        self._handled("2026-03-30 10:00")
        self.assertProved("a3_5_2_1", "overdue", 2, 3)

    def test_calls_in_time(self):
        """Regulation A5.1.2: within 24 hours, by telephone, and reached."""
        in_time = self._handled().service_callback_ids
        late = self._handled(partner_id=self.stranger.id).service_callback_ids
        self._complete(in_time, "2026-03-03 09:00")
        self._complete(late, "2026-03-03 11:00")
        self.assertProved("a5_1_2_1", "not_fulfilled", 1, 2)

    def test_calls_that_ask_satisfaction(self):
        """Regulations A4.3.3 and A5.1.1: of each call that was answered."""
        call = self._handled().service_callback_ids
        self._complete(call, "2026-03-03 09:00", satisfaction="4")
        self.assertProved("a4_3_3_2", "fulfilled", 1, 1)
        self.assertProved("a5_1_1_1", "fulfilled", 1, 1)

    def test_weekly_results(self):
        """Regulation A3.4.2: bad results are answered within the week."""
        call = self._handled().service_callback_ids
        self._complete(
            call, "2026-03-02 12:00", satisfaction="2", reason_ids=self.reason.ids
        )
        digests = self.env["service.quality.callback.digest"]
        with freeze_time("2026-03-09 08:00:00"):
            digests._cron_make_digests()
        digest = digests.search([("team_id", "=", self.team.id)])
        self.assertEqual(str(digest.due_date), "2026-03-16")
        self.assertProved("a3_4_2_1", "due", 0, 1, "2026-03-16 20:00")
        self.assertProved("a3_4_2_1", "overdue", 0, 1, "2026-03-17 20:00")
        digest.line_ids.write({"analysis": "Parts are missing", "action": "More parts"})
        self.assertProved("a3_4_2_1", "fulfilled_late", 1, 1, "2026-03-18 20:00")

    # ------------------------------------------------------------------
    # Complaints
    # ------------------------------------------------------------------

    def test_complaints_acknowledged_and_answered(self):
        """Regulations A3.5.3 and B6: in time, by the verdicts of their targets."""
        complaint = self._complaint("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 09:10:00"):
            complaint.service_complaint_acknowledge()
        self.assertProved("a3_5_3_1", "fulfilled", 1, 1)
        self._complaint("2026-03-02 09:00:00")
        self._in_force(self.env.ref("service_quality_regulation.regulation_b"))
        self.assertProved("b6_1", "due", 0, 2, "2026-03-02 10:00")
        self.assertProved("b6_1", "not_fulfilled", 0, 2)
        self._answer(complaint, "2026-03-31 12:00:00")
        self.assertProved("b6_1", "not_fulfilled", 0, 2)
        self.assertProved("a3_5_3_1", "not_fulfilled", 1, 2)

    def test_complaints_settled(self):
        """Regulation C2.3: each one answered; not yet late is not yet due."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_c"))
        complaint = self._complaint("2026-03-02 09:00:00")
        self.assertProved("c2_3_1", "due", 0, 1, "2026-03-02 10:00")
        self.assertProved("c2_3_1", "overdue", 0, 1, "2026-03-30 10:00")
        self._answer(complaint, "2026-03-30 12:00:00")
        self.assertProved("c2_3_1", "fulfilled_late", 1, 1)

    def test_complaints_passed_on(self):
        """Regulations A3.5.3 and C2.3: somebody was told."""
        self._in_force(
            self.env.ref("service_quality_regulation.regulation_c"), "2026-03-01"
        )
        self._complaint("2026-03-02 09:00:00", service_severity="important")
        self._complaint("2026-03-02 09:00:00")
        self.assertProved("a3_5_3_2", "fulfilled", 1, 1)
        self.assertProved("c2_3_2", "fulfilled", 2, 2)

    def test_a_complaint_is_its_own_record(self):
        """Regulation A3.6.1: answer, cause and redress say what was done."""
        complaint, bare, refused = (
            self._complaint("2026-03-02 09:00:00") for _ in range(3)
        )
        every = complaint | bare | refused
        self._answer(every, "2026-03-02 10:00:00")
        complaint.write(
            {"service_root_cause": "No plan", "service_redress": "A free visit"}
        )
        refused.write(
            {"service_root_cause": "It was another's", "service_admitted": "no"}
        )
        bare.service_root_cause = "No plan"
        with freeze_time("2026-03-02 11:00:00"):
            with self.assertRaisesRegex(RecordMissing, "Work Done"):
                with self.env.cr.savepoint():
                    bare.service_complaint_close()
            self.assertTrue((complaint | refused).service_complaint_close())
        every._write_as_step({"closed_date": "2026-03-02 11:00:00"})
        self.assertFalse(complaint.service_work_done)
        self.assertProved("a3_6_1_1", "fulfilled", 2, 2)
        # a customer who closes it knows nothing of the work
        portal = new_test_user(
            self.env, "portal_closes", "base.group_portal", partner_id=self.contact.id
        )
        with freeze_time("2026-03-03 11:00:00"):
            bare.with_user(portal).sudo().stage_id = self.stages["resolved"]
        self.assertEqual(bare.service_phase, "resolved")

    def test_major_complaints(self):
        """Regulation A3.3.3: cause, handling and the centre's own call."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        found = {
            "service_root_cause": "No plan",
            "service_handling": "A plan was made",
            "service_work_done": "Work as planned",
        }
        with freeze_time("2026-03-02 10:00:00"):
            complaint.with_user(self.inspector).write(found)
        self.assertProved("a3_3_3_1", "due", 0, 1, "2026-03-02 11:00")
        self._answer(complaint, "2026-03-02 12:00:00")
        self.assertProved("a3_3_3_1", "overdue", 0, 1)
        centre = self.env.ref(TECHNICAL_CENTRE)
        self.inspector.group_ids += centre  # what was done before stays whose it was
        self.assertProved("a3_3_3_1", "overdue", 0, 1)
        self.inspector.group_ids -= centre
        with freeze_time("2026-03-02 12:30:00"):
            for cause in ("No plan.", "No plan, ok", "No  plan: x1"):
                complaint.with_user(self.expert).service_root_cause = cause
        self.assertProved("a3_3_3_1", "overdue", 0, 1, "2026-03-02 12:45")
        with freeze_time("2026-03-02 12:50:00"):  # cleared, and pasted back
            for cause in (False, "No plan", False, "No plan."):
                complaint.with_user(self.expert).service_root_cause = cause
            words = html2plaintext(complaint.description)
            complaint.with_user(self.expert).service_root_cause = words
        self.assertProved("a3_3_3_1", "overdue", 0, 1, "2026-03-02 12:55")
        with freeze_time("2026-03-02 13:00:00"):
            complaint.with_user(self.expert).service_root_cause = "No spare parts"
        self.assertProved("a3_3_3_1", "fulfilled_late", 1, 1)
        self.expert.group_ids -= centre
        self.assertProved("a3_3_3_1", "fulfilled_late", 1, 1)
        complaint.service_root_cause = False
        self.assertProved("a3_3_3_1", "overdue", 0, 1)

    def test_a_major_complaint_that_is_none_any_more(self):
        """Regulation A3.3.3: a lower severity takes back nothing that was missed."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        numbers = ("a3_3_3_1", "a3_3_3_2", "a4_2_1_2")
        for number in numbers:
            self.assertProved(number, "due", 0, 1, "2026-03-02 11:00")
        with freeze_time("2026-03-20 10:00:00"):  # late, and not judged yet
            complaint.with_user(self.chief).service_complaint_ease(
                "It was a question and no complaint", severity="minor"
            )
            row = self.env["service.quality.rectification"].search(
                [("res_id", "=", complaint.id), ("state", "=", "pending")]
            )
            row.with_user(self.inspector).sudo(False).action_approve()
        self.assertEqual(complaint.service_severity, "minor")
        for number in numbers:
            cell = self.assertProved(number, "overdue", 0, 1)
            self.assertEqual(cell.why, "withdrawn")

    def test_call_of_the_centre_as_it_was_made(self):
        """Regulation A3.3.3: the role that counts is that of the moment of the call."""
        centre = self.env.ref(TECHNICAL_CENTRE)
        for user, stands in ((self.inspector, "overdue"), (self.expert, "fulfilled")):
            with self.subTest(user.login), self.env.cr.savepoint() as point:
                complaint = self._complaint(
                    "2026-03-02 09:00:00",
                    service_severity="major",
                    service_root_cause="One till",
                    service_handling="A second one",
                )
                self._answer(complaint, "2026-03-02 10:00:00")
                with freeze_time("2026-03-02 12:00:00"):
                    complaint.service_complaint_close()
                with freeze_time("2026-03-02 14:00:00"):
                    call = complaint.service_callback_ids.with_user(user).sudo()
                    rows = call._end("completed", call._fields["ended_at"].now())
                    self.env["service.quality.ledger"]._append(rows)
                done = 1 if user == self.expert else 0
                self.assertProved("a3_3_3_2", stands, done, 1)
                if user == self.expert:
                    user.group_ids -= centre
                else:
                    user.group_ids += centre
                self.assertProved("a3_3_3_2", stands, done, 1)
                point.rollback()
                self.env.invalidate_all()

    def test_major_complaints_that_nobody_handled(self):
        """Regulation A3.3.3: one that is not answered is not done, nor called about."""
        self._complaint("2026-03-02 09:00:00", service_severity="major")
        for number in ("a3_3_3_1", "a3_3_3_2"):
            with self.subTest(number):
                self.assertProved(number, "due", 0, 1, "2026-03-02 10:00")
                self.assertProved(number, "overdue", 0, 1)

    def test_monthly_complaint_figures(self):
        """Regulations A3.4.4 and B6: fed back, and answered by the department."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_b"))
        self._complaint("2026-03-02 09:00:00")
        Feedback = self.env["service.quality.complaint.feedback"]
        with freeze_time("2026-04-01 08:00:00"):
            made = Feedback._feed_back(self.company, date(2026, 3, 1))
        made = made.filtered(lambda one: one.team_id == self.outlet)
        self.assertProved("b6_2", "fulfilled", 1, 1, "2026-04-02")
        self.assertProved("a3_4_4_1", "due", 0, 1, "2026-04-02")
        self.assertProved("a3_4_4_1", "overdue", 0, 1, "2026-04-09")
        made.response = "One more at the counter"
        self.assertProved("a3_4_4_1", "fulfilled_late", 1, 1, "2026-04-10")

    def test_hotlines(self):
        """Regulation C2.3: called in the quarter, and somebody answered."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_c"))
        self.env["helpdesk.ticket.team"].search([]).service_hotline = False
        self.company.service_hotline = "12315"
        Test = self.env["service.quality.hotline.test"]
        before = Test.search([])
        with freeze_time("2026-01-02 08:00:00"):
            Test._cron_plan_tests()
        test = Test.search([]) - before
        self.assertEqual(len(test), 1)
        quarter = {"label": "2026-Q1"}
        self.assertProved("c2_3_3", "due", 0, 1, "2026-03-30", **quarter)
        self.assertProved("c2_3_3", "overdue", 0, 1, "2026-04-01 10:00", **quarter)
        with freeze_time("2026-04-01 12:00:00"):
            test.note = "The head of the outlet, after two rings"
            test.action_answered()
        self.assertProved("c2_3_3", "fulfilled_late", 1, 1, "2026-04-02", **quarter)

    def test_a_hotline_that_was_never_set_up(self):
        """Regulation C2.3: no hotline is not done, and not nothing to do."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_c"))
        quarter = {"label": "2026-Q1"}
        self.assertProved("c2_3_3", "due", 0, 1, "2026-03-30", **quarter)
        self.assertProved("c2_3_3", "overdue", 0, 1, "2026-04-01 10:00", **quarter)
        self.assertProved("c2_3_3", "not_fulfilled", 0, 1, "2026-05-02", **quarter)

    def test_a_department_that_was_told_nothing(self):
        """Regulation B6: complaints that nobody fed back are not fed back."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_b"))
        self._complaint("2026-03-02 09:00:00")
        self.assertProved("b6_2", "due", 0, 1, "2026-03-20")
        self.assertProved("b6_2", "overdue", 0, 1, "2026-04-02")
        cell = self.cell(self._obligation("b6_2"), MARCH)
        with freeze_time("2026-04-02"):
            action = cell.action_open_missing()
        self.assertEqual(action["res_model"], "service.quality.complaint.report")

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    def test_visits(self):
        """Regulation A3.6.1: a sheet for each visit, or why nobody signed."""
        ticket = self._ticket("2026-03-02 08:00", user_id=self.caller.id)
        Visit = self.env["service.quality.visit"].with_user(self.caller)
        with freeze_time("2026-03-02 09:00:00"):
            visit = Visit.browse(Visit.record_arrival(ticket.id))
        with freeze_time("2026-03-02 10:00:00"):
            visit.record_departure()
        self.assertProved("a3_6_1_2", "overdue", 0, 1)
        visit.unsigned_reason = "Nobody was there"
        self.assertProved("a3_6_1_2", "fulfilled_late", 1, 1)

    # ------------------------------------------------------------------
    # Indicators and reports
    # ------------------------------------------------------------------

    def test_figures(self):
        """Regulation A3.2.3: a person judges the figures; a job proves nothing."""
        february = Period("month", date(2026, 2, 1))
        obligation = self._obligation("a3_2_3_1")
        Review = self.env["service.quality.figure.review"].with_user(self.inspector)
        values = {"date_from": "2026-02-01", "text": "Two calls too late, no pattern"}
        with freeze_time("2026-03-02"), self.assertRaises(ValidationError):
            Review.create(values)
        with freeze_time("2026-03-02"):
            self.env["service.quality.figure"]._take(self.company, february)
        self.assertProved("a3_2_3_1", "due", 0, 1, "2026-03-05", "2026-02")
        for user in (self.expert, self.chief, self.boss, self.caller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Review.with_user(user).create(values)
        with freeze_time("2026-03-05"):
            review = Review.create(values)
        self.assertProved("a3_2_3_1", "fulfilled", 1, 1, "2026-03-05", "2026-02")
        self.assertStands(obligation, MARCH, "due", 0, 1)
        with self.assertRaises(UserError):
            review.text = "All is well"

    def test_figures_judged_late(self):
        """Regulation A3.2.3: what was judged late is late, whenever it is looked up."""
        february = Period("month", date(2026, 2, 1))
        Review = self.env["service.quality.figure.review"].with_user(self.inspector)
        with freeze_time("2026-03-20 10:00:00"):
            self.env["service.quality.figure"]._take(self.company, february)
            Review.create({"date_from": "2026-02-01", "text": "There is no pattern"})
        self.assertProved("a3_2_3_1", "fulfilled_late", 1, 1, "2026-03-21", "2026-02")
        cell = self.cell(self._obligation("a3_2_3_1"), "2026-02")
        self.assertEqual(cell.late_on, date(2026, 3, 20))

    def report(self, **values):
        return self.env["service.quality.report"].create(
            {
                "kind": "organisation",
                "period_kind": "month",
                "date_from": "2026-02-01",
                "company_id": self.company.id,
                **values,
            }
        )

    def sent(self, reports, sent_at="2026-03-04", by_other=True, is_reached=True):
        """Write that reports were sent; how they are is another test's concern."""
        reports.write({"summary": "As before", "analysis": "<p>As before</p>"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_report SET state = 'sent', sent_at = %s, "
            "is_reviewed_by_other = %s, is_complete = TRUE WHERE id IN %s",
            [sent_at, by_other, tuple(reports.ids)],
        )
        self.env.invalidate_all()
        if is_reached:
            for report in reports:
                self.delivery(
                    report,
                    user_id=self.chief.id,
                    partner_id=self.chief.partner_id.id,
                    is_executive=False,
                    acknowledge_by=False,
                    seen_at=sent_at,
                )

    def changed(self, report, **values):
        """Write what no step changes in a report that was sent."""
        for name, value in values.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE service_quality_report SET %s = %s WHERE id = %s",
                    SQL.identifier(name),
                    value,
                    report.id,
                )
            )
        self.env.invalidate_all()

    def delivery(self, report, **values):
        return (
            self.env["service.quality.report.delivery"]
            .sudo()
            .create(
                {
                    "report_id": report.id,
                    "user_id": self.boss.id,
                    "partner_id": self.boss.partner_id.id,
                    "name": self.boss.name,
                    "channel": "client",
                    "sent_at": "2026-03-04 08:00:00",
                    "is_executive": True,
                    "acknowledge_by": "2026-03-11",
                    **values,
                }
            )
        )

    def test_monthly_report(self):
        """Regulation A4.2.1: sent, and an executive is among those it was sent to."""
        february = {"label": "2026-02"}
        report = self.report()
        self.assertProved("a4_2_1_1", "due", 0, 1, "2026-03-10", **february)
        self.sent(report)
        self.assertProved("a4_2_1_1", "due", 0, 1, "2026-03-10 01:00", **february)
        delivery = self.delivery(report)
        # that it was sent to somebody does not say that they have it
        self.assertProved("a4_2_1_1", "due", 0, 1, "2026-03-10 01:30", **february)
        delivery.seen_at = "2026-03-10 01:45:00"
        self.assertProved("a4_2_1_1", "fulfilled", 1, 1, "2026-03-10 02:00", **february)
        delivery.write({"failure": "No such mailbox", "seen_at": False})
        self.assertProved("a4_2_1_1", "overdue", 0, 1, "2026-03-12", **february)

    def test_a_report_that_is_not_what_was_asked_for(self):
        """Regulation A4.2.1: two persons made it, it says something, and in time."""
        obligation = self._obligation("a4_2_1_1")
        report = self.report()
        self.delivery(report, seen_at="2026-03-04 09:00:00")
        self.sent(report, by_other=False)
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-02", "due", 0, 1)
        self.changed(report, is_reviewed_by_other=True, summary=None)
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-02", "due", 0, 1)
        self.changed(report, summary="As before", is_complete=False)
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-02", "due", 0, 1)
        self.changed(report, is_complete=True, sent_at="2026-03-11 09:00:00")
        self.judge("2026-03-20", obligation)
        cell = self.assertStands(obligation, "2026-02", "fulfilled_late", 1, 1)
        self.assertEqual(cell.late_on, date(2026, 3, 11))

    def test_the_register_and_a_report_have_one_day(self):
        """A report is due when the register says so, and not on a day of its own."""
        with freeze_time("2026-03-02"):
            self.assertEqual(self.report().due_date, date(2026, 3, 10))
            creation = self.env["service.quality.report.creation"]
            period = Period("month", date(2026, 2, 1))
            values = creation._prepare_report(self.company, "organisation", period)
            self.assertEqual(values["due_date"], date(2026, 3, 10))
            own = creation._due_day(self.company, "organisation", period._replace())
            self.assertEqual(own, date(2026, 3, 10))
            self.regulation.term_ids.date_end = "2026-03-01"
            other = creation._due_day(self.company, "organisation", period)
            self.assertEqual(other, date(2026, 3, 6))

    def test_the_centre_assesses(self):
        """Regulation A3.3.2: the centre reads it itself; sending proves nothing."""
        february = {"label": "2026-02"}
        report = self.report()
        self.delivery(report)
        self.sent(report)
        self.assertProved("a3_3_2_1", "due", 0, 1, "2026-03-15", **february)
        for user in (self.inspector, self.chief, self.boss, self.caller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                report.with_user(user).assess("All is well there")
        self.assertFalse(report.with_user(self.inspector).may_assess)
        self.assertTrue(report.with_user(self.expert).may_assess)
        with self.assertRaises(UserError):
            report.with_user(self.expert).assess("  ")
        with self.assertRaisesRegex(UserError, "says too little"):
            report.with_user(self.expert).assess(".")
        with self.assertRaisesRegex(UserError, "stands in the record already"):
            report.with_user(self.expert).assess(f"{report._words()}, ok")
        with freeze_time("2026-03-15 10:00:00"):
            report.with_user(self.expert).assess("Two teams are late with parts")
        self.assertProved("a3_3_2_1", "fulfilled", 1, 1, "2026-03-16", **february)
        with self.assertRaises(UserError):
            report.assessment_ids.unlink()

    def test_who_has_written_it_does_not_assess(self):
        """Regulation A3.3.2: two sides of an act are two persons."""
        report = self.report()
        report.with_user(self.expert).summary = "As before"
        self.sent(report)
        with self.assertRaises(AccessError):
            report.with_user(self.expert).assess("All is well there")

    def test_who_had_a_part_in_it_does_not_assess(self):
        """Regulation A3.3.2: one person does not review, send and assess."""
        group = self.env.ref(
            "service_quality_core.service_quality_group_technical_centre"
        )
        report = self.report()
        self.sent(report)
        parts = dict.fromkeys(("reviewed_by_id", "sent_by_id"))
        said = ("Two teams are late", "Nobody keeps the stock of fans")
        for name, text in zip(parts, said, strict=True):
            with self.subTest(name):
                group.user_ids = self.expert
                self.changed(report, **parts | {name: self.expert.id})
                with self.assertRaisesRegex(AccessError, re.escape(self.boss.name)):
                    report.with_user(self.expert).assess("All is well")
                self.assertFalse(report.with_user(self.expert).may_assess)
                self.assertTrue(self.offers_to_assess(report, self.boss))
                own = report.with_user(self.boss)
                own.assess("Nobody else is of the centre")
                other = self._user(f"centre_{name}", "technical_centre")
                own.invalidate_recordset(["may_assess"])
                self.assertFalse(own.may_assess)
                with self.assertRaises(AccessError):
                    report.with_user(self.boss).assess("All is well")
                report.with_user(other).assess(text)
                self.assertIn(other, report.assessment_ids.user_id)

    def offers_to_assess(self, report, user):
        """Return True if the form of a report has the button Assess for a user."""
        with Form(report.with_user(user)) as form:
            names = form._view["tree"].xpath("//button/@name")
            return "action_assess" in names and form.may_assess

    def test_a_deputy_of_the_centre_assesses(self):
        """Regulation A3.3.2: the button is there for who stands in."""
        group = self.env.ref(
            "service_quality_core.service_quality_group_technical_centre"
        )
        report = self.report()
        self.sent(report)
        group.user_ids = self.expert
        executives = self.env.ref(
            "service_quality_core.service_quality_group_executive"
        )
        executives.user_ids = self.boss
        self.changed(report, reviewed_by_id=self.boss.id, sent_by_id=self.expert.id)
        deputy = self._user("stands_in", "service_manager")
        self.assertFalse(self.offers_to_assess(report, deputy))
        with freeze_time("2026-03-05 10:00:00"):
            self.env["service.quality.deputy"].with_user(self.boss).create(
                {
                    "role": "technical_centre",
                    "user_id": deputy.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-05",
                    "date_to": "2026-03-31",
                    "reason": "The expert has sent it",
                }
            )
            self.assertTrue(self.offers_to_assess(report, deputy))
            report.with_user(deputy).assess("Two teams are late with parts")
        self.assertEqual(report.assessment_ids.user_id, deputy)

    def send_as_reviewed(self, reviewer, **values):
        """Return the report of February, as the quality department sends it."""
        report = self.report(**values)
        report.write(
            {
                "summary": "Two teams are late with parts",
                "analysis": "<p>The parts come from one supplier</p>",
                "user_id": self.inspector.id,
            }
        )
        self.changed(
            report,
            state="reviewed",
            reviewed_by_id=reviewer.id,
            taken_at="2026-03-02 08:00:00",
        )
        with freeze_time("2026-03-05 10:00:00"):
            report.with_user(self.inspector).send()
        return report

    def test_who_may_assess_is_asked(self):
        """Regulation A3.3.2: an executive hears of it before it is overdue."""
        groups = ("technical_centre", "executive")
        for name, user in zip(groups, (self.expert, self.boss), strict=True):
            group = self.env.ref(f"service_quality_core.service_quality_group_{name}")
            group.user_ids = user
        report = self.send_as_reviewed(self.expert)
        [todo] = report._assess_todos()
        self.assertEqual(todo.user_id, self.boss)
        self.assertEqual(todo.date_deadline, date(2026, 3, 15))
        with freeze_time("2026-03-06 10:00:00"):
            report.with_user(self.boss).acknowledge()
            self.assertEqual(report._assess_todos(), todo)
            dialog = report.with_user(self.boss).action_assess()
            say = self.env["service.quality.report.say"].with_user(self.boss)
            say = say.with_context(**dialog["context"]).create(
                {"text": "Nobody keeps the stock of fans"}
            )
            say.action_say()
        self.assertFalse(report._assess_todos())
        self.assertEqual(report.assessment_ids.user_id, self.boss)

    def test_the_centre_is_asked_by_the_register(self):
        """Regulation A3.3.2: no executive is asked where one of the centre may."""
        self.assertFalse(self.send_as_reviewed(self.chief)._assess_todos())
        centre = self.env.ref(TECHNICAL_CENTRE)
        centre.user_ids = self.expert
        quarter = {"period_kind": "quarter", "date_from": "2025-10-01"}
        self.assertFalse(self.send_as_reviewed(self.expert, **quarter)._assess_todos())

    def test_acknowledged(self):
        """Regulation A3.1.2: an executive has read the report they were sent."""
        delivery = self.delivery(self.report())
        self.assertProved("a3_1_2_1", "due", 0, 1, "2026-03-11 20:00")
        self.assertProved("a3_1_2_1", "overdue", 0, 1, "2026-03-12 01:00")
        delivery.acknowledged_at = "2026-03-26 08:00:00"
        self.assertProved("a3_1_2_1", "fulfilled_late", 1, 1, "2026-03-27")

    def test_acknowledged_late(self):
        """Regulation A3.1.2: late is what was acknowledged after its day."""
        delivery = self.delivery(self.report())
        delivery.acknowledged_at = "2026-03-12 08:00:00"
        self.assertProved("a3_1_2_1", "fulfilled_late", 1, 1, "2026-04-27")
        cell = self.cell(self._obligation("a3_1_2_1"), MARCH)
        self.assertEqual(cell.late_on, date(2026, 3, 12))

    def test_sent_while_nobody_was_executive(self):
        """Regulation A3.1.2: taking the role away takes no duty from the company."""
        report = self.report()
        self.sent(report)
        cell = self.assertProved("a3_1_2_1", "overdue", 0, 1, "2026-03-20")
        self.assertIn("Executive", cell.note)
        with freeze_time("2026-03-20 10:00:00"):
            action = cell.action_open_missing()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, report)
        self.assertFalse(report.with_user(self.inspector).is_mine_to_acknowledge)
        with self.assertRaises(AccessError):
            report.with_user(self.inspector).acknowledge()
        # who is executive later reads it all the same
        self.assertTrue(report.with_user(self.boss).is_mine_to_acknowledge)
        with freeze_time("2026-03-21 10:00:00"):
            report.with_user(self.boss).acknowledge()
        cell = self.assertProved("a3_1_2_1", "fulfilled_late", 1, 1, "2026-03-22")
        self.assertFalse(cell.note)

    def test_the_role_taken_away_after_it_was_sent(self):
        """Regulation A3.1.2: who acknowledges was settled when it was sent."""
        delivery = self.delivery(self.report())
        self.boss.group_ids -= self.env.ref(
            "service_quality_core.service_quality_group_executive"
        )
        self.assertProved("a3_1_2_1", "overdue", 0, 1, "2026-03-12 01:00")
        self.assertTrue(delivery.is_executive)

    def _scope(self):
        """Let one department and one project be at work in the quarter, and no other.

        :return: an agreement that asks for a monthly report, and the project
        """
        projects = self.env["service.quality.project"].with_context(active_test=False)
        projects.search([]).write({"date_start": False, "date_end": "2020-01-01"})
        self._ticket("2026-02-03 09:00:00")
        agreements = self.env["service.quality.agreement"].search([])
        agreements.flush_recordset()
        self.env.cr.execute(
            "UPDATE service_quality_agreement SET report_cadence = 'none'"
        )
        agreements.invalidate_recordset()
        project = projects.create({"name": "Acme", "partner_id": self.acme.id})
        agreement = self._agreement(
            {"metric": "resolution", "duration": 8},
            report_cadence="month",
            project_id=project.id,
        )
        return agreement, project

    def test_other_reports(self):
        """Regulations A3.4.5, A3.5.5, A4.2.2, A4.3.3, A4.3.4: those sent."""
        agreement, project = self._scope()
        department = {"kind": "department", "team_id": self.team.id}
        quarter = {"period_kind": "quarter", "date_from": "2026-01-01"}
        cases = (
            ("a3_5_5_1", "2026-02", department),
            ("a3_4_5_1", "2026-Q1", department | quarter),
            ("a4_2_2_2", "2026-Q1", quarter),
            ("a4_3_3_1", "2026-02", {"kind": "customer", "agreement_id": agreement.id}),
            (
                "a4_3_4_2",
                "2026-Q1",
                {"kind": "project", "project_id": project.id} | quarter,
            ),
        )
        for number, label, values in cases:
            with self.subTest(number):
                moment = "2026-04-20"
                obligation = self._obligation(number)
                report = self.report(**values)
                self.judge(moment, obligation)
                self.assertStands(obligation, label, "overdue", 0, 1)
                self.sent(report, is_reached=False)
                receiver = {"is_executive": False}
                if report.kind == "customer":
                    # that our own people have it is no proof
                    self.delivery(report, seen_at="2026-04-19", **receiver)
                    receiver |= {"user_id": False, "partner_id": self.acme.id}
                self.delivery(report, failure="No such mailbox", **receiver)
                self.judge(moment, obligation)
                # nobody has it, and the register says why it is overdue
                cell = self.assertStands(obligation, label, "overdue", 0, 1)
                self.assertIn(report.number, cell.note)
                self.assertIn("not known whether it arrived", cell.note)
                # who has sent it has it, of course
                self.changed(report, sent_by_id=self.boss.id)
                sender = {
                    "user_id": self.boss.id,
                    "partner_id": self.caller.partner_id.id,
                }
                self.delivery(report, seen_at="2026-04-19", **receiver | sender)
                self.judge(moment, obligation)
                self.assertStands(obligation, label, "overdue", 0, 1)
                self.changed(report, sent_by_id=None)
                report.delivery_ids.write({"seen_at": "2026-04-19", "failure": False})
                self.judge(moment, obligation)
                cell = self.assertStands(obligation, label, "fulfilled_late", 1, 1)
                self.assertFalse(cell.note)

    def test_each_department_and_each_project(self):
        """Regulations A3.4.5, A3.5.5 and A4.3.4: each one in scope, not one of many.

        A project without service and without a promised report is in none.
        """
        _agreement, project = self._scope()
        self._ticket("2026-02-04 09:00:00", team_id=self.other_team.id)
        second, _silent = self.env["service.quality.project"].create(
            [
                {"name": name, "partner_id": self.globex.id}
                for name in ("Globex", "Globex, nothing to do")
            ]
        )
        self._agreement(
            {"metric": "resolution", "duration": 8},
            partner_ids=[Command.set(self.globex.ids)],
            report_cadence="month",
            project_id=second.id,
        )
        quarter = {"period_kind": "quarter", "date_from": "2026-01-01"}
        department = {"kind": "department", "team_id": self.team.id}
        for number, label, values, missing in (
            ("a3_5_5_1", "2026-02", department, self.other_team),
            ("a3_4_5_1", "2026-Q1", department | quarter, self.other_team),
            (
                "a4_3_4_2",
                "2026-Q1",
                {"kind": "project", "project_id": project.id} | quarter,
                second,
            ),
        ):
            with self.subTest(number):
                obligation = self._obligation(number)
                self.sent(self.report(**values))
                self.judge("2026-04-20", obligation)
                cell = self.assertStands(obligation, label, "overdue", 1, 2)
                with freeze_time("2026-04-20"):
                    action = cell.action_open_missing()
                found = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(len(found), 1)
                self.assertEqual(found, missing)

    def test_what_the_register_waits_for_is_drafted(self):
        """Regulations A3.4.5, A3.5.5 and A4.3.4: whatever the settings say."""
        _agreement, project = self._scope()
        creation = self.env["service.quality.report.creation"]
        for cadence in ("month", "none"):
            with self.subTest(cadence), freeze_time("2026-04-01 08:00:00"):
                self.company.service_report_department_cadence = cadence
                self.company.service_report_project_cadence = cadence
                made = creation._make_due(self.company)
                quarterly = made.filtered(lambda one: one.period_kind == "quarter")
                for kind, subject in (("project", project), ("department", self.team)):
                    own = quarterly.filtered(lambda one, kind=kind: one.kind == kind)
                    self.assertEqual(own._subject(), subject)
                    self.assertEqual(own.due_date, date(2026, 4, 15))
                made.sudo().unlink()

    def test_who_writes_the_statistics_is_asked(self):
        """Regulation A3.5.5: the writer is asked, by the name of the report."""
        obligation = self._obligation("a3_5_5_1")
        self._ticket("2026-03-03 09:00:00")
        self.team.user_id = self.chief
        self.judge("2026-03-20 08:00", obligation)
        cell = self.cell(obligation, MARCH)
        desk = {"desk": self.caller}

        def members(role):
            return desk.get(role, self.env["res.users"])

        with freeze_time("2026-03-20 08:00"):  # before there is a draft
            self.assertIn(self.chief, cell._answerable(members))
            self.assertNotIn(self.caller, cell._answerable(members))
        report = self.report(
            kind="department", team_id=self.team.id, date_from="2026-03-01"
        )
        report.user_id = self.expert
        with freeze_time("2026-04-02 08:00"):
            self.assertIn(self.expert, cell._answerable(members))
            self.assertNotIn(self.chief, cell._answerable(members))
            self.assertIn(report.display_name, cell._coming_text())
            self.assertIn(report.display_name, cell._overdue_text())
        # other obligations are asked of their role
        other = self._obligation("a3_5_2_1")
        self.judge("2026-03-20 08:00", other)
        self.assertEqual(self.cell(other, MARCH)._answerable(members), self.caller)

    def test_each_yearly_report(self):
        """Regulation A3.3.4: the centre reviews each of the year, and there is one."""
        year = {"period_kind": "year", "date_from": "2026-01-01"}
        self.assertProved("a3_3_4_1", "due", 0, 1, "2027-01-05", "2026")
        first, second = (
            self.report(**year),
            self.report(**year, kind="department", team_id=self.team.id),
        )
        reviewed = {
            "is_centre_reviewed": True,
            "is_reviewed_by_other": True,
            "reviewed_at": "2027-01-05",
        }
        self.changed(first, **reviewed)  # a draft, and empty
        self.assertProved("a3_3_4_1", "due", 0, 2, "2027-01-06", "2026")
        self.sent(first | second)
        self.changed(second, **reviewed | {"is_reviewed_by_other": False})
        self.assertProved("a3_3_4_1", "due", 1, 2, "2027-01-07", "2026")
        # before the year was over
        self.changed(second, **reviewed | {"reviewed_at": "2026-07-01"})
        self.assertProved("a3_3_4_1", "due", 1, 2, "2027-01-08", "2026")
        self.changed(second, **reviewed | {"is_complete": False})
        self.assertProved("a3_3_4_1", "overdue", 1, 2, "2027-03-03", "2026")
        self.changed(second, is_complete=True)
        self.assertProved("a3_3_4_1", "fulfilled_late", 2, 2, "2027-03-04", "2026")

    def test_event_reports(self):
        """Regulation A4.2.1: a report that an event asks for is sent in time."""
        report = self.report(
            kind="event", date_from="2026-03-01", due_date="2026-03-08"
        )
        self.assertProved("a4_2_1_2", "due", 0, 1, "2026-03-08 20:00")
        self.assertProved("a4_2_1_2", "overdue", 0, 1, "2026-03-09")
        # sent to somebody, as a monthly report it is to reach an executive
        self.sent(report, "2026-03-12")
        self.assertProved("a4_2_1_2", "overdue", 0, 1, "2026-03-13")
        self.delivery(report, seen_at="2026-03-13 08:00:00")
        self.assertProved("a4_2_1_2", "fulfilled_late", 1, 1, "2026-03-13 09:00")

    def test_a_date_that_was_moved_after_it_had_passed(self):
        """Regulation A4.2.1: that gives people a day, and takes back nothing."""
        report = self.report(
            kind="event", date_from="2026-03-01", due_date="2026-03-08"
        )
        with freeze_time("2026-03-10"):
            report.with_user(self.inspector)._move_due(date(2026, 3, 20), "More time")
        self.sent(report, "2026-03-15")
        self.delivery(report, seen_at="2026-03-15 08:00:00")
        self.assertProved("a4_2_1_2", "fulfilled_late", 1, 1, "2026-03-16")

    def test_a_complaint_without_its_event_report(self):
        """Regulation A4.2.1: it is not done, and not nothing to do."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        self.assertProved("a4_2_1_2", "due", 0, 1, "2026-03-03 10:00")
        self.assertProved("a4_2_1_2", "overdue", 0, 1, "2026-03-06 10:00")
        cell = self.cell(self._obligation("a4_2_1_2"), MARCH)
        with freeze_time("2026-03-06 10:00:00"):
            action = cell.action_open_missing()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, complaint)

    def test_every_rule_names_a_model(self):
        """A rule of evidence that is shipped counts something that is there."""
        rules = self.env["service.quality.evidence"]
        names = rules._evidences().keys() - {"domain"}
        obligation = self._obligation("a3_5_2_1")
        period = Period("month", date(2026, 2, 1))
        with freeze_time("2026-03-02"):
            window = obligation._window(self.company, period)
            for name in sorted(names):
                with self.subTest(name):
                    found = rules._find(name, obligation, window)
                    self.assertIn(found.model, self.env)
                    Model = self.env[found.model]
                    Model.search_count(found.done)
                    if found.due is not None:
                        Model.search_count(found.due & ~found.done)
