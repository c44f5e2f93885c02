from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

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
        first, second = (self._handled().service_callback_ids for _ in range(2))
        self._complete(first, "2026-03-02 12:00")
        self._complete(second, "2026-03-10 12:00")
        self.assertProved("a3_5_2_1", "fulfilled", 2, 2)
        self._handled("2026-03-30 10:00")
        self.assertProved("a3_5_2_1", "overdue", 2, 3)

    def test_calls_in_time(self):
        """Regulation A5.1.2: within 24 hours, by telephone, and reached."""
        in_time = self._handled().service_callback_ids
        late = self._handled(partner_id=self.stranger.id).service_callback_ids
        self._complete(in_time, "2026-03-03 09:00")
        self._complete(late, "2026-03-03 11:00")
        self.assertProved("a5_1_2_1", "overdue", 1, 2)

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
        self.assertProved("a3_4_2_1", "not_applicable", 0, 0, "2026-03-16 20:00")
        self.assertProved("a3_4_2_1", "overdue", 0, 1, "2026-03-17 20:00")
        digest.line_ids.write({"analysis": "No parts", "action": "More parts"})
        self.assertProved("a3_4_2_1", "fulfilled", 1, 1, "2026-03-18 20:00")

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
        self.assertProved("b6_1", "overdue", 0, 2)
        self._answer(complaint, "2026-03-31 12:00:00")
        self.assertProved("b6_1", "overdue", 0, 2)
        self.assertProved("a3_5_3_1", "overdue", 1, 2)

    def test_complaints_settled(self):
        """Regulation C2.3: each one answered; not yet late is not yet due."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_c"))
        complaint = self._complaint("2026-03-02 09:00:00")
        self.assertProved("c2_3_1", "not_applicable", 0, 0, "2026-03-02 10:00")
        self.assertProved("c2_3_1", "overdue", 0, 1, "2026-03-30 10:00")
        self._answer(complaint, "2026-03-30 12:00:00")
        self.assertProved("c2_3_1", "fulfilled", 1, 1)

    def test_complaints_passed_on(self):
        """Regulations A3.5.3 and C2.3: somebody was told."""
        self._in_force(
            self.env.ref("service_quality_regulation.regulation_c"), "2026-03-01"
        )
        self._complaint("2026-03-02 09:00:00", service_severity="important")
        self._complaint("2026-03-02 09:00:00")
        self.assertProved("a3_5_3_2", "fulfilled", 1, 1)
        self.assertProved("c2_3_2", "fulfilled", 2, 2)

    def test_major_complaints(self):
        """Regulation A3.3.3: cause, handling and the centre's own call."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        with freeze_time("2026-03-02 10:00:00"):
            complaint.write(
                {
                    "service_root_cause": "No plan",
                    "service_handling": "A plan was made",
                    "service_work_done": "Planned",
                }
            )
        self.assertProved("a3_3_3_1", "not_applicable", 0, 0, "2026-03-02 11:00")
        self._answer(complaint, "2026-03-02 12:00:00")
        self.assertProved("a3_3_3_1", "fulfilled", 1, 1)
        complaint.service_root_cause = False
        self.assertProved("a3_3_3_1", "overdue", 0, 1)

    def test_monthly_complaint_figures(self):
        """Regulations A3.4.4 and B6: fed back, and answered by the department."""
        self._in_force(self.env.ref("service_quality_regulation.regulation_b"))
        self._complaint("2026-03-02 09:00:00")
        Feedback = self.env["service.quality.complaint.feedback"]
        with freeze_time("2026-04-01 08:00:00"):
            made = Feedback._feed_back(self.company, date(2026, 3, 1))
        made = made.filtered(lambda one: one.team_id == self.outlet)
        self.assertProved("b6_2", "fulfilled", 1, 1, "2026-04-02")
        self.assertProved("a3_4_4_1", "not_applicable", 0, 0, "2026-04-02")
        self.assertProved("a3_4_4_1", "overdue", 0, 1, "2026-04-09")
        made.response = "One more at the counter"
        self.assertProved("a3_4_4_1", "fulfilled", 1, 1, "2026-04-10")

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
        self.assertProved("c2_3_3", "not_applicable", 0, 0, "2026-03-30", **quarter)
        self.assertProved("c2_3_3", "overdue", 0, 1, "2026-04-01 10:00", **quarter)
        with freeze_time("2026-04-01 12:00:00"):
            test.action_answered()
        self.assertProved("c2_3_3", "fulfilled", 1, 1, "2026-04-02", **quarter)

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
        self.assertProved("a3_6_1_2", "fulfilled", 1, 1)

    # ------------------------------------------------------------------
    # Indicators and reports
    # ------------------------------------------------------------------

    def test_figures(self):
        """Regulation A3.2.3: the month's figures of the company were taken."""
        february = Period("month", date(2026, 2, 1))
        self.assertProved("a3_2_3_1", "due", 0, 1, "2026-03-05", "2026-02")
        self.assertProved("a3_2_3_1", "overdue", 0, 1, "2026-03-06", "2026-02")
        with freeze_time("2026-03-06"):
            self.env["service.quality.figure"]._take(self.company, february)
        obligation = self._obligation("a3_2_3_1")
        self.judge("2026-03-07", obligation)
        self.assertStands(obligation, "2026-02", "fulfilled")
        self.assertStands(obligation, MARCH, "due", 0, 1)

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

    def sent(self, reports, **values):
        """Write that reports were sent; how they are is another test's concern."""
        for report in reports:
            self.env.cr.execute(
                "UPDATE service_quality_report SET state = 'sent', "
                "sent_at = '2026-03-04' WHERE id = %s",
                [report.id],
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
        self.assertProved("a4_2_1_1", "overdue", 0, 1, "2026-03-11 01:00", **february)
        delivery = self.delivery(report)
        self.assertProved("a4_2_1_1", "fulfilled", 1, 1, "2026-03-12", **february)
        delivery.failure = "No such mailbox"
        self.env["service.quality.compliance"].search([]).judged_at = "2026-03-01"
        self.assertProved("a4_2_1_1", "overdue", 0, 1, "2026-03-12", **february)

    def test_acknowledged(self):
        """Regulation A3.1.2: an executive has read the report they were sent."""
        delivery = self.delivery(self.report())
        self.assertProved("a3_1_2_1", "not_applicable", 0, 0, "2026-03-10")
        self.assertProved("a3_1_2_1", "overdue", 0, 1, "2026-03-25")
        delivery.acknowledged_at = "2026-03-26 08:00:00"
        self.assertProved("a3_1_2_1", "fulfilled", 1, 1, "2026-03-27")

    def test_other_reports(self):
        """Regulations A3.3.4, A3.4.5, A3.5.5, A4.2.2, A4.3.3, A4.3.4: those sent."""
        agreement = self._agreement({"metric": "resolution", "duration": 8})
        project = self.env["service.quality.project"].create(
            {"name": "Acme", "partner_id": self.acme.id}
        )
        department = {"kind": "department", "team_id": self.team.id}
        quarter = {"period_kind": "quarter", "date_from": "2026-01-01"}
        year = {"period_kind": "year", "date_from": "2026-01-01"}
        cases = (
            ("a3_5_5_1", "2026-02", department),
            ("a3_4_5_1", "2026-Q1", department | quarter),
            ("a4_2_2_2", "2026-Q1", quarter),
            ("a4_3_3_1", "2026-02", {"kind": "customer", "agreement_id": agreement.id}),
            ("a4_3_4_2", "2026-Q1", {"kind": "project", "project_id": project.id}),
        )
        for number, label, values in cases:
            with self.subTest(number):
                moment = "2026-04-20"
                obligation = self._obligation(number)
                report = self.report(**values, due_date="2026-03-05")
                self.judge(moment, obligation)
                self.assertNotEqual(self.cell(obligation, label).state, "fulfilled")
                self.sent(report)
                self.judge(moment, obligation)
                self.assertStands(obligation, label, "fulfilled", 1, 1)
        self.assertProved("a3_3_4_1", "due", 0, 1, "2027-01-05", "2026")
        self.report(**year)._write_as_step({"is_centre_reviewed": True})
        self.assertProved("a3_3_4_1", "fulfilled", 1, 1, "2027-01-06", "2026")

    def test_event_reports(self):
        """Regulation A4.2.1: a report that an event asks for is sent in time."""
        report = self.report(
            kind="event", date_from="2026-03-01", due_date="2026-03-08"
        )
        self.assertProved("a4_2_1_2", "not_applicable", 0, 0, "2026-03-09")
        self.assertProved("a4_2_1_2", "overdue", 0, 1, "2026-03-12")
        self.sent(report)
        self.assertProved("a4_2_1_2", "fulfilled", 1, 1, "2026-03-13")

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
