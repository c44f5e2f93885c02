from datetime import date, datetime

from dateutil.relativedelta import SU, relativedelta
from freezegun import freeze_time

from odoo.tests import TransactionCase, tagged

from odoo.addons.service_quality_core.tools.chromium import find_chromium

from ..demo.course import later, opening

OUTGOING = [("state", "=", "outgoing")]

ORIGINS = {"import", "user"}
"""The past came with its history; who called back about it was one of ours."""


@tagged("post_install", "-at_install")
class TestDemoStory(TransactionCase):
    """The demo's story, as it stands some time after it was told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls._told():
            cls.skipTest(cls, "The database was made without demo data.")

    @classmethod
    def _told(cls):
        return cls.env["ir.model.data"].search(
            [
                ("module", "=like", "service_quality%"),
                ("name", "=like", "demo_ticket_%"),
            ]
        )

    @property
    def tickets(self):
        return self.env["helpdesk.ticket"].browse(self._told().mapped("res_id"))

    def test_every_kind_of_clock_is_there(self):
        clocks = self.tickets.service_clock_ids
        self.assertEqual(set(clocks.mapped("kind")), {"sla", "ola", "uc", "house"})
        self.assertLessEqual(
            {"late", "paused", "met", "missed", "cancelled"},
            set(clocks.mapped("burning")),
        )
        self.assertEqual(set(clocks.mapped("verdict")), {"met", "missed", False})

    def test_alarms_were_raised(self):
        """Regulation A4.3.4: open tickets have told those whom the rules name."""
        alarms = self.tickets.service_alarm_ids
        self.assertLessEqual(
            {"activity", "mail", "webhook"}, set(alarms.mapped("action"))
        )
        self.assertEqual(set(alarms.mapped("outcome")), {"done"})
        self.assertEqual(alarms.delivery_ids.mapped("state"), ["delivered"] * len(
            alarms.delivery_ids
        ))  # fmt: skip
        self.assertEqual(set(alarms.mail_id.mapped("state")), {"cancel"})
        people = self.env.ref("service_quality_demo.demo_user_yue")
        people |= self.env.ref("service_quality_demo.demo_user_wang")
        shifts = self.env["service.quality.duty"].search([])
        self.assertLessEqual(people, shifts.user_id)
        self.assertTrue(self.env["service.quality.agreement.notice"].search([]))

    def test_half_a_year_of_figures(self):
        """Six months that are over have figures, judged by goals that were approved."""
        indicator = self.env.ref("service_quality_indicator.indicator_sla_resolution")
        figures = self.env["service.quality.figure"].search(
            [
                ("indicator_id", "=", indicator.id),
                ("period_kind", "=", "month"),
                ("scope", "=", "company"),
                ("is_provisional", "=", False),
            ],
            order="date_from",
        )
        self.assertGreaterEqual(len(figures), 6)
        self.assertTrue(all(figures.mapped("has_value")))
        self.assertGreater(len(set(figures.mapped("goal_state"))), 1)

    def test_deviations_and_exclusions_of_every_state(self):
        """Some were closed, some wait, one in vain; one exclusion is decided."""
        deviations = self.env["service.quality.deviation"].search([])
        self.assertEqual(
            set(deviations.mapped("state")), {"open", "answered", "closed"}
        )
        self.assertEqual(len(deviations.filtered("is_overdue")), 1)
        exclusions = self.env["service.quality.exclusion"].search([])
        self.assertEqual(set(exclusions.mapped("state")), {"requested", "approved"})

    def test_few_nonconformities_of_many_deviations(self):
        """Each miss as a nonconformity would drown people: of half a year a few are."""
        rule = self.env["service.quality.nonconformity.rule"]
        figures = self.env["service.quality.deviation"].search([]).figure_id
        self.assertGreater(len(figures), 20)
        raised = rule._of_figures(figures)
        self.assertIn(len(set(raised.ids)), range(1, 6), raised.mapped("name"))

    def test_nonconformities_in_different_stages(self):
        """One was closed, one came back one level higher, one is being looked into."""
        told = {
            key: self.env.ref(f"service_quality_demo.demo_nonconformity_{key}")
            for key in ("closed", "again", "complaint")
        }
        self.assertEqual(
            {key: one.state for key, one in told.items()},
            {"closed": "done", "again": "pending", "complaint": "analysis"},
        )
        again = told["again"]
        self.assertEqual((again.service_round, again.service_level), (2, 1))
        self.assertTrue(again.service_awaits_approval)
        executive = self.env.ref("service_quality_demo.demo_user_he")
        self.assertEqual(again._second_persons().users, executive)
        [waiting] = again._service_actions().filtered(
            lambda one: one.service_state == "proposed"
        )
        self.assertIn(again, waiting._approved_with())
        for record in told.values():
            self.assertFalse(record.is_signature_broken, record.display_name)

    def test_measures_of_every_state(self):
        """They come from many places; customers were told what became of theirs."""
        measures = self.env["mgmtsystem.action"].search(
            [("service_source_model", "!=", False)]
        )
        self.assertEqual(
            set(measures.mapped("service_state")),
            {"proposed", "open", "done", "closed", "cancelled"},
        )
        sources = set(measures.mapped("service_source_model"))
        self.assertLessEqual(
            {
                "service.quality.deviation",
                "mgmtsystem.nonconformity",
                "mgmtsystem.review.line",
                "helpdesk.ticket",
            },
            sources,
        )
        suggested = measures.filtered("service_suggester_id")
        self.assertEqual(len(suggested), 3)
        self.assertTrue(suggested.filtered(lambda one: one._told_answer()))

    def test_no_examples_of_others(self):
        """What the management system shows in demo databases is none of the story."""
        for model in ("action", "audit", "nonconformity"):
            told = self.env["ir.model.data"].search(
                [
                    ("module", "=like", "mgmtsystem%"),
                    ("model", "=", f"mgmtsystem.{model}"),
                ]
            )
            records = self.env[f"mgmtsystem.{model}"].browse(told.mapped("res_id"))
            self.assertFalse(records.exists(), model)

    def test_management_reviews_and_the_plan(self):
        """Last year's review was signed, this year's is prepared; the plan waits."""
        last, this = (
            self.env.ref(f"service_quality_demo.demo_management_review_{key}")
            for key in ("last", "this")
        )
        self.assertEqual((last.state, this.state), ("done", "open"))
        self.assertFalse(this.service_frozen_at)
        self.assertTrue(last.service_minutes)
        plan = self.env.ref("service_quality_demo.demo_improvement_plan_quarter")
        self.assertEqual((plan.state, plan.open_count), ("draft", 0))
        executive = self.env.ref("service_quality_demo.demo_user_he")
        self.assertEqual(plan._second_persons().users, executive)
        self.assertFalse(last.is_signature_broken)

    def test_audits_of_the_year(self):
        """One audit is closed with a finding of each kind, and one is planned."""
        done, planned = (
            self.env.ref(f"service_quality_demo.demo_audit_{key}")
            for key in ("done", "planned")
        )
        self.assertEqual((done.service_phase, planned.service_phase), ("done", "plan"))
        self.assertLessEqual(
            {"conform", "minor", "observation", "opportunity"},
            set(done.line_ids.mapped("service_verdict")),
        )
        self.assertTrue(done.line_ids.service_nonconformity_id)
        self.assertTrue(done.service_report_ids)
        self.assertEqual(set(done.service_member_ids.mapped("signature")), {"valid"})
        programme = done.service_programme_id
        self.assertEqual(programme.audit_ids, done | planned)

    def test_reports_of_every_state(self):
        """Sent ones were acknowledged, instructed on and answered by customers."""
        reports = self.env["service.quality.report"].search([])
        if not find_chromium():
            self.assertEqual(set(reports.mapped("state")), {"draft", "reviewed"})
            return
        self.assertEqual(set(reports.mapped("state")), {"draft", "sent"})
        sent = reports.filtered(lambda report: report.state == "sent")
        self.assertTrue(all(sent.mapped("pdf_digest")))
        self.assertEqual(set(sent.instruction_ids.mapped("state")), {"open", "done"})
        self.assertEqual(
            set(sent.response_ids.mapped("kind")), {"confirmed", "objection"}
        )
        self.assertFalse(sent.delivery_ids.mail_id.filtered_domain(OUTGOING))

    def test_shifts_are_handed_over(self):
        """One shift was taken over, one waits with what is late."""
        taken, waiting = (
            self.env.ref(f"service_quality_demo.demo_handover_{key}")
            for key in ("morning", "evening")
        )
        self.assertEqual((taken.state, waiting.state), ("taken_over", "handed_over"))
        self.assertTrue(waiting.late_count)

    def test_every_turn_is_taken(self):
        kinds = set(self.tickets.service_event_ids.mapped("kind"))
        self.assertLessEqual(
            {
                "opened",
                "phase",
                "assigned",
                "reclassified",
                "responded",
                "updated",
                "arrived",
                "departed",
                "deadline_set",
                "duplicated",
            },
            kinds,
        )
        origins = set(self.tickets.service_event_ids.mapped("origin"))
        self.assertLessEqual({"user", "mail", "portal"}, origins)
        self.assertGreater(max(self.tickets.mapped("service_cycle")), 1, "reopened")
        self.assertTrue(
            self.tickets.filtered(lambda ticket: not ticket.service_has_agreement)
        )

    def test_visits_of_every_turn_but_the_last(self):
        """Somebody is planned, on site and gone; signing is for whoever looks at it."""
        visits = self.tickets.service_visit_ids
        self.assertEqual(set(visits.mapped("state")), {"planned", "on_site", "left"})
        left = visits.filtered(lambda visit: visit.state == "left")
        self.assertTrue(all(left.mapped("work_done")))
        self.assertTrue(left.part_ids)
        self.assertTrue(left.filtered(lambda visit: not visit.unsigned_reason))

    def test_ledger_and_projections_agree(self):
        told = self.tickets | self.past
        found = self.env["service.quality.ledger"]._differences(told.ids)
        self.assertEqual(found, [])

    @property
    def past(self):
        data = self.env["ir.model.data"].search(
            [("module", "=like", "service_quality%"), ("name", "=like", "demo_past_%")]
        )
        return self.env["helpdesk.ticket"].browse(data.mapped("res_id"))

    def test_the_past_is_told(self):
        """Six months of tickets, called back about, in time and late."""
        months = {f"{moment:%Y-%m}" for moment in self.past.mapped("service_opened_at")}
        self.assertGreaterEqual(len(months), 6)
        self.assertEqual(set(self.past.mapped("service_event_ids.origin")), ORIGINS)
        clocks = self.past.service_clock_ids.filtered("counted")
        for metric in ("first_response", "resolution", "callback"):
            found = clocks.filtered(lambda one, metric=metric: one.metric == metric)
            self.assertLessEqual({"met", "missed"}, set(found.mapped("verdict")))
        calls = self.past.service_callback_ids
        self.assertEqual(set(calls.mapped("state")), {"ended"})
        self.assertLessEqual({"completed", "unreachable"}, set(calls.mapped("result")))
        self.assertTrue(calls.filtered(lambda call: call.solved == "no"))

    def test_agreements_of_every_state(self):
        agreements = self.env["service.quality.agreement"].search(
            [("number", "in", ("SLA-LH-01", "SLA-QH-01", "SLA-RL-01", "SLA-RL-02"))]
        )
        self.assertEqual(set(agreements.mapped("state")), {"draft", "signed", "ended"})
        self.assertEqual(max(agreements.mapped("version")), 2)


@tagged("post_install", "-at_install")
class TestDemoTold(TransactionCase):
    """The story as it is told, whatever day it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls.env["service.quality.demo"]
        if not cls.demo._ref("agreement", "bank_1"):
            cls.skipTest(cls, "The database was made without demo data.")

    def test_told_once(self):
        """Telling the story again changes nothing."""
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        before = Ticket.search_count([])
        self.demo._tell()
        self.assertEqual(Ticket.search_count([]), before)

    def test_told_on_a_sunday_night(self):
        """The customer who is served around the clock keeps the views alive."""
        self._forget_names()
        sunday = datetime.now() + relativedelta(weekday=SU(2), hour=21, minute=30)
        with freeze_time(sunday):
            self.demo._tell()
            tickets = self.env["ir.model.data"].search(
                [
                    ("module", "=like", "service_quality%"),
                    ("name", "=like", "demo_ticket_%"),
                ]
            )
            tickets = self.env["helpdesk.ticket"].browse(tickets.mapped("res_id"))
            states = set(tickets.mapped("service_state"))
            burning = set(tickets.service_clock_ids.mapped("burning"))
        self.assertEqual(states, {"late", "at_risk", "running", "paused", "none"})
        self.assertLessEqual({"met", "missed", "cancelled"}, burning)
        opened = tickets.filtered(
            lambda t: t.commercial_partner_id.tz != "Asia/Shanghai"
        )
        self.assertLess(
            max(opened.mapped("service_opened_at")).weekday(), 5, "in office hours"
        )

    def _forget_names(self):
        """Take the names from what was told before, so that it is told anew."""
        # one version of a policy is in force at a time
        policies = self.env["service.quality.policy"].search([("date_end", "=", False)])
        policies._write_as_step({"date_end": date.today()})
        # there is one programme of a year, and one plan of a quarter
        self.env.cr.execute("UPDATE service_quality_audit_programme SET year = 2000")
        plans = self.env["service.quality.improvement.plan"].search([])
        plans._write_as_step({"date_from": "2000-01-01", "date_to": "2000-03-31"})
        told = self.env["ir.model.data"].search(
            [
                ("module", "=like", "service_quality%"),
                "|",
                "|",
                ("name", "=like", "demo_ticket_%"),
                ("name", "=like", "demo_agreement_%"),
                ("name", "=like", "demo_target_%"),
            ]
        )
        for data in told:
            data.name = f"told_{data.name}"
        self.env.flush_all()

    def test_last_years_survey_is_fed_back_and_this_years_is_in_the_field(self):
        last, running = (
            self.env.ref(f"service_quality_demo.demo_survey_{name}")
            for name in ("last", "running")
        )
        wanted = "done" if find_chromium() else "closed"
        self.assertEqual((last.state, running.state), (wanted, "field"))
        self.assertGreaterEqual(last.coverage, 80)
        self.assertTrue(last.result_ids.filtered(lambda one: one.kind == "total"))
        self.assertNotIn("open", last.part_ids.mapped("state"))
        states = running.contact_ids.mapped("state")
        self.assertLessEqual({"answered", "partial", "asked"}, set(states))


@tagged("post_install", "-at_install")
class TestDemoTimes(TransactionCase):
    def test_working_days_skip_the_weekend(self):
        with freeze_time("2026-03-01 22:00:00"):  # Monday 06:00 in Shanghai
            friday = opening("1d16:40", "Asia/Shanghai")
        self.assertEqual(str(friday), "2026-02-27 08:40:00")
        self.assertEqual(
            str(later(friday, "1d09:30", "Asia/Shanghai")), "2026-03-02 01:30:00"
        )

    def test_lengths(self):
        with freeze_time("2026-03-01 22:00:00"):
            opened = opening("90m", "UTC")
        self.assertEqual(str(opened), "2026-03-01 20:30:00")
        self.assertEqual(str(later(opened, "2h", "UTC")), "2026-03-01 22:30:00")
