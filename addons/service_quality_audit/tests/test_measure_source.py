from datetime import date

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.period_list import About
from odoo.addons.service_quality_core.tools.period import Period

from .audit_common import SAID, AuditCase

MARCH = Period("month", date(2026, 3, 1))
TYPED = "Two more people answer the phone in the morning"


@tagged("post_install", "-at_install")
class TestMeasureSource(AuditCase):
    """Whatever a person types as a measure stands in the list of measures."""

    def _about(self, label="2026-03"):
        period = Period.around("month", fields.Date.to_date(f"{label}-01"))
        start, end = period.bounds(self.company._service_tz())
        return About(self.company, period, start, end)

    def _told(self, label="2026-03"):
        told = self.env["service.quality.period.list"].sudo()
        return told._measures(self._about(label))

    def _suggestion(self, **values):
        ticket = self._handled(partner_id=self._customer().id, **values)
        return ticket._service_suggest(
            "An app would be better\nthan mails", ticket.partner_id
        )

    @classmethod
    def _customer(cls):
        return cls.env["res.partner"].create(
            {"name": "Zhang Li", "email": "zhang@customer.example"}
        )

    def test_the_answer_to_a_deviation(self):
        """Regulation A4.2.2: what is done about a deviation is one measure."""
        deviation = self._deviation()
        deviation.write(
            {"analysis": SAID, "action": TYPED, "action_until": "2026-05-31"}
        )
        deviation.action_answer()
        measure = deviation.service_measure_ids
        self.assertEqual(measure.name, TYPED)
        self.assertEqual(measure.user_id, deviation.owner_id)
        self.assertEqual(str(measure.date_deadline), "2026-05-31")
        self.assertEqual(measure.service_state, "proposed")
        self.assertEqual(measure.service_source_id, deviation.id)
        deviation.action_reopen()
        deviation.action_answer()
        self.assertEqual(deviation.service_measure_ids, measure, "made once")

    def test_a_measure_is_what_is_done(self):
        deviation = self._deviation()
        context = deviation.action_add_measure()["context"]
        self.Measure.with_context(**context).create(
            {"name": TYPED, "date_deadline": "2026-05-31"}
        )
        deviation.analysis = SAID
        deviation.action_answer()
        self.assertEqual(deviation.state, "answered")
        self.assertEqual(deviation.service_measure_count, 1)

    def _deviation(self):
        """Return what deviates of March, when one ticket was late."""
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "test_resolution",
                "name": "Resolution in time",
                "sentence": "How many tickets were resolved within the promised time.",
                "formula": "attainment",
                "metric": "resolution",
                "clock_kind": "sla",
                "owner_id": self.owner.id,
            }
        )
        goal = self.env["service.quality.indicator.target"].create(
            {"indicator_id": indicator.id, "goal": 95, "date_from": "2026-01-01"}
        )
        with freeze_time("2026-01-01 08:00"):
            goal.with_user(self.boss).action_approve()
        self._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        self._move(self._ticket("2026-03-02 09:00"), "resolved", "2026-03-03 09:00")
        with freeze_time("2026-04-02 08:00"):
            self.env["service.quality.figure"]._take(
                self.company, MARCH, indicator, reason="The test asks for it"
            )
        return self.env["service.quality.deviation"].search(
            [("indicator_id", "=", indicator.id), ("scope", "=", "company")]
        )

    def test_a_report_promises_what_was_cancelled_in_a_deviation(self):
        """The line of the report makes a measure; that of the deviation is none."""
        deviation = self._deviation()
        deviation.write({"analysis": SAID, "action": TYPED})
        deviation.action_answer()
        report = self.env["service.quality.report"]._create_as_step(
            [
                {
                    "kind": "organisation",
                    "period_kind": "month",
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "company_id": self.company.id,
                }
            ]
        )
        line = self.env["service.quality.report.line"]._create_as_step(
            [
                {
                    "report_id": report.id,
                    "name": "Resolution in time",
                    "figure_id": deviation.figure_id.id,
                    "action": SAID,
                }
            ]
        )
        self.assertFalse(line._commit_measures())
        deviation.service_measure_ids.with_user(self.chief)._cancel(
            "Nobody has the time to do it"
        )
        self.assertEqual(line._commit_measures().name, SAID)

    def test_reports_tell_measures_once(self):
        deviation = self._deviation()
        deviation.write({"analysis": SAID, "action": TYPED})
        deviation.action_answer()
        told = [one for one in self._told() if one.action == TYPED]
        self.assertEqual(len(told), 1)
        self.assertEqual(told[0].state, "Proposed")
        self.assertEqual(told[0].owner, self.owner.name)
        self.assertFalse([one for one in self._told("2026-04") if one.action == TYPED])

    def test_the_customer_is_told_what_becomes_of_a_suggestion(self):
        """Regulation A4.3.5: suggestions are taken up, and the customer hears of it."""
        measure = self._suggestion()
        self.assertEqual(measure.type_action, "improvement")
        ticket = measure.service_ticket_id
        reader = ticket.partner_id
        (shown,) = ticket._service_portal_suggestions(reader)
        self.assertEqual(shown["state"], "we are looking into it")
        measure.with_user(self.boss)._cancel("The mails are asked for by law")
        (shown,) = ticket._service_portal_suggestions(reader)
        self.assertEqual(shown["answer"], "The mails are asked for by law")
        mail = self.env["mail.mail"].search([("model", "=", measure._name)], limit=1)
        self.assertIn(reader, mail.recipient_ids)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.assertFalse(ticket._service_portal_suggestions(stranger))

    def test_not_too_many_suggestions_wait(self):
        ticket = self._handled(partner_id=self._customer().id)
        made = [
            ticket._service_suggest(f"Another good idea {n}", ticket.partner_id)
            for n in range(6)
        ]
        self.assertTrue(all(made[:5]))
        self.assertFalse(made[5])

    def test_the_answer_to_a_bad_call(self):
        """Regulation A3.4.2: the department's answer to a bad result is a measure."""
        ticket = self._handled()
        call = ticket.service_callback_ids[:1]
        digest = self.env["service.quality.callback.digest"].create(
            {
                "team_id": ticket.team_id.id
                or self.env["helpdesk.ticket.team"].search([], limit=1).id,
                "company_id": self.company.id,
                "date_from": "2026-03-02",
                "user_id": self.owner.id,
                "due_date": "2026-03-16",
            }
        )
        line = self.env["service.quality.callback.digest.line"]._create_as_step(
            [{"digest_id": digest.id, "callback_id": call.id}]
        )
        line.write({"analysis": SAID, "action": TYPED})
        self.assertEqual(line.service_measure_ids.name, TYPED)
        self.assertEqual(line.service_measure_ids.service_ticket_id, ticket)

    def test_what_falls_due_is_in_the_register(self):
        """Regulations A3.1.2, A3.2.5 and A3.4.5: approved, checked, carried out."""
        numbers = ("a3_1_2_2", "a3_2_5_1", "a3_4_5_2")
        obligations = [self._obligation(number) for number in numbers]
        with freeze_time("2026-03-02 08:00"):
            measure = self._measure(
                type_action="improvement", date_deadline="2026-03-20"
            )
            measure.with_user(self.boss).action_approve()
        self.judge("2026-03-25 08:00", *obligations)
        approved, checked, done = (
            self.cell(one, label)
            for one, label in zip(
                obligations, ("2026-03", "2026-03", "2026-Q1"), strict=True
            )
        )
        self.assertEqual(approved.state, "fulfilled")
        self.assertEqual(checked.state, "due")
        self.assertEqual(done.state, "overdue")
        with freeze_time("2026-03-26 08:00"):
            measure.with_user(self.inspector)._supervise("The parts have not come yet")
        with freeze_time("2026-03-27 08:00"):
            measure.with_user(self.owner)._report_done(SAID)
        with freeze_time("2026-03-28 08:00"):
            measure.with_user(self.inspector)._check_done("yes", SAID)
        self.judge("2026-03-29 08:00", *obligations)
        self.assertEqual(checked.state, "fulfilled")
        self.assertEqual(done.state, "fulfilled_late")

    def test_what_fell_due_is_not_cancelled_away(self):
        """Regulation A3.4.5: cancelled in time it is no case; afterwards it is one."""
        obligation = self._obligation("a3_4_5_2")
        with freeze_time("2026-03-02 08:00"):
            early, late, _never = (
                self._measure(name=name, date_deadline="2026-03-20")
                for name in ("Cancel it early", "Cancel it late", "Approve it never")
            )
            early.with_user(self.chief)._cancel("The rack was taken away")
        with freeze_time("2026-03-23 08:00"):
            late.with_user(self.chief)._cancel("The rack was taken away")
        self.judge("2026-04-20 08:00", obligation)
        cell = self.cell(obligation, "2026-Q1")
        self.assertEqual((cell.due_count, cell.done_count), (2, 0))

    def test_what_is_linked_elsewhere_is_checked_all_the_same(self):
        """Regulation A3.2.5: a measure leaves its check by no link of its owner."""
        obligation = self._obligation("a3_2_5_1")
        with freeze_time("2026-03-02 08:00"):
            measure = self._measure(date_deadline="2026-03-20")
            measure.with_user(self.chief).action_approve()
            measure.with_user(self.owner)._report_done(SAID)
            nonconformity = self.env["mgmtsystem.nonconformity"]._service_raise(
                [
                    {
                        "source": self.team,
                        "grade": "minor",
                        "name": "Cables without labels",
                        "description": "Three racks of Acme have no labels at all",
                        "team": self.team,
                        "responsible": self.owner,
                    }
                ]
            )
            measure.sudo().nonconformity_ids = nonconformity
        self.judge("2026-04-20 08:00", obligation)
        cell = self.cell(obligation, "2026-03")
        self.assertEqual((cell.due_count, cell.done_count), (1, 0))

    def test_an_instruction_and_its_measure_are_done_together(self):
        """Regulation A3.1.2: its owner reports either done; its day moves along."""
        Report = self.env["service.quality.report"].sudo()
        values = {
            "kind": "organisation",
            "period_kind": "month",
            "date_from": "2026-03-01",
            "date_to": "2026-03-31",
            "company_id": self.company.id,
        }
        report = Report._create_as_step([values])
        report._write_as_step({"state": "sent"})
        for by_measure in (True, False):
            instruction = (
                self.env["service.quality.report.instruction"]
                .with_user(self.boss)
                .create(
                    {
                        "report_id": report.id,
                        "text": TYPED,
                        "user_id": self.owner.id,
                        "deadline": "2027-01-31",
                    }
                )
            )
            measure = instruction.sudo().service_measure_ids
            self.assertEqual(measure.service_state, "open")
            day = fields.Date.to_date("2027-02-28")
            instruction._move_due(day, "Parts come later")
            self.assertEqual(measure.date_deadline, day)
            if by_measure:
                measure.with_user(self.owner)._report_done(SAID)
            else:
                instruction.with_user(self.owner).complete(SAID)
            self.assertEqual(instruction.state, "done")
            self.assertEqual(measure.service_state, "done")
