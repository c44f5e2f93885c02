from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.service_quality_core.tools.period import Period

from .figure_common import MARCH, FigureCase

RESOLUTION = {"metric": "resolution", "duration": 8, "goal_percent": 90}


@tagged("post_install", "-at_install")
class TestFigureTaking(FigureCase):
    """Figures are taken in their time, by those who may, at a fixed cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(RESOLUTION)
        companies = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.quality = cls._user("quality", "quality", **companies)
        cls.manager = cls._user("manager", "service_manager", **companies)

    def _resolved(self, count, **values):
        tickets = self.env["helpdesk.ticket"].union(
            *(self._ticket("2026-03-02 09:00", **values) for _number in range(count))
        )
        self._move(tickets, "resolved", "2026-03-02 12:00")
        return tickets

    def _run_cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref(
                "service_quality_indicator.ir_cron_take_figures"
            ).method_direct_trigger()

    def test_cron_takes_running_and_ended_periods(self):
        """A closed period is taken once, the running one anew each day."""
        self._resolved(2)
        self._run_cron("2026-03-10 02:00")
        running = self._figure("handled")
        self.assertTrue(running.is_provisional)
        self._resolved(1)
        self._run_cron("2026-04-01 02:00")
        self.assertFalse(running.is_provisional)
        self.assertEqual(running.value, 3)
        quarter = self._figure("handled", period=Period("quarter", date(2026, 1, 1)))
        self.assertFalse(quarter.is_provisional)
        self._resolved(1)
        self._run_cron("2026-04-02 02:00")
        self.assertEqual(running.value, 3)

    def test_months_begin_in_the_company_s_zone(self):
        """SLA case 21: a ticket of the first night in Shanghai is one of April."""
        self.company.partner_id.tz = "Asia/Shanghai"
        ticket = self._ticket("2026-03-31 15:30:00")  # 23:30 in Shanghai
        self._ticket("2026-03-31 16:30:00")  # 00:30
        self._take("opened")
        self.assertEqual(self._figure("opened").value, 1)
        action = self._figure("opened").action_open_rows()
        spans = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(spans.ticket_id, ticket)

    def test_queries_do_not_grow(self):
        """SLA case 20: more tickets and customers cost no more statements."""
        counts = []
        for number in (3, 20):
            for index in range(number):
                customer = self.env["res.partner"].create(
                    {"name": f"Customer {number} {index}", "is_company": True}
                )
                self._resolved(1, partner_id=customer.id)
            self._take()
            before = self.env.cr.sql_log_count
            self._take()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        indicators = self.env["service.quality.indicator"]._of_company(self.company)
        self.assertLessEqual(counts[1], len(indicators) + 25)

    def test_engineers_only_where_the_company_says_so(self):
        engineer = self._user("engineer", "staff")
        self._resolved(2, user_id=engineer.id)
        self.assertNotIn("engineer", self._take("handled").mapped("scope"))
        self.company.service_engineer_figures = True
        self._take("handled")
        self.assertEqual(self._figure("handled", "engineer", engineer).value, 2)

    def test_figures_of_persons_are_forgotten(self):
        """They age out with what the ledger says of staff."""
        self.company.service_engineer_figures = True
        engineer = self._user("engineer", "staff")
        self._resolved(2, user_id=engineer.id)
        self._take("handled")
        own = self._figure("handled", "engineer", engineer)
        self.company.service_staff_retention_months = 6
        with freeze_time("2026-09-15"):
            self.Figure._gc_engineers()
        self.assertTrue(own.exists())
        with freeze_time("2026-10-15"):
            self.Figure._gc_engineers()
        self.assertFalse(own.exists())
        self.assertEqual(self._figure("handled").value, 2)

    def test_scope_that_is_gone_has_no_data(self):
        """What was counted by mistake does not stay in a provisional figure."""
        ticket = self._resolved(1)
        self._take("handled", moment="2026-03-10 02:00")
        figure = self._figure("handled", "department", self.team)
        self.assertEqual(figure.value, 1)
        handled = ticket.service_event_ids.filtered(lambda event: event.kind == "phase")
        with freeze_time("2026-03-11 09:00"):
            handled._void("Slip of the hand")
        self._take("handled", moment="2026-03-12 02:00")
        self.assertFalse(figure.has_value)
        self.assertEqual(figure.goal_state, "no_data")

    def test_quality_takes_past_periods_anew(self):
        self._resolved(2)
        wizard = Form(self.env["service.quality.figure.take"].with_user(self.quality))
        wizard.date_from, wizard.date_to = "2026-02-15", "2026-03-20"
        self.assertEqual(wizard.period_count, 2)
        wizard.save().action_take()
        self.assertEqual(self._figure("handled").value, 2)

    def test_closed_figures_need_a_reason(self):
        """ISO 9001, 7.5.3: what was closed keeps what it was, by whom and why."""
        self._resolved(2)
        self._take("handled", "opened")
        self._resolved(1)
        Figure = self.Figure.with_user(self.quality)
        with self.assertRaisesRegex(UserError, "Say why"):
            Figure.take_period("month", "2026-03-01", " ")
        self.assertEqual(self._figure("handled").value, 2)
        with freeze_time("2026-05-02 08:00"):
            Figure.take_period("month", "2026-03-01", "Import of the other desk")
        figure = self._figure("handled")
        [correction] = figure.correction_ids
        self.assertEqual((correction.value_before, correction.value), (2, 3))
        self.assertEqual((correction.before_text, correction.after_text), ("2", "3"))
        self.assertEqual(correction.user_id, self.quality)
        self.assertEqual(correction.reason, "Import of the other desk")
        self.assertIn(figure, self.Figure.search([("is_corrected", "=", True)]))
        self.assertFalse(
            self._figure("sla_resolution").correction_ids, "there was nothing before"
        )

    def test_corrections_are_not_written(self):
        self._resolved(1)
        self._take("handled")
        self._resolved(1)
        self._take("handled")
        correction = self._figure("handled").correction_ids
        correction.with_user(self.quality).read(["reason"])
        with self.assertRaises(AccessError):
            correction.with_user(self.quality).write({"reason": "Better"})
        with self.assertRaises(AccessError):
            correction.with_user(self.quality).unlink()
        staff = self._user("reads_no_corrections", "staff")
        with self.assertRaises(AccessError):
            correction.with_user(staff).read(["reason"])

    def test_measured_values_come_in_later(self):
        """Availability is read when the month is over; its figure follows."""
        indicator = self.env["service.quality.indicator"].create(
            {
                "code": "TEST_CORE",
                "name": "Availability of the core",
                "sentence": "The share of time in which it was there.",
                "source": "measured",
                "summary": "mean",
            }
        )
        self._run_cron("2026-04-01 02:00")
        domain = [
            ("indicator_id", "=", indicator.id),
            ("date_from", "=", "2026-03-01"),
            ("period_kind", "=", "month"),
            ("scope", "=", "company"),
            ("company_id", "=", self.company.id),
        ]
        figure = self.Figure.search(domain)
        self.assertFalse(figure.has_value)
        self.env["service.quality.measurement"].create(
            {
                "indicator_id": indicator.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "value": 99.5,
                "evidence": "Monitoring",
            }
        )
        self._run_cron("2026-04-03 02:00")
        self.assertEqual(figure.value, 99.5)
        self.assertTrue(figure.correction_ids)

    def test_others_do_not(self):
        Figure = self.Figure.with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "quality department"):
            Figure.take_period("month", "2026-03-01")

    def test_bad_periods_are_refused(self):
        Figure = self.Figure.with_user(self.quality)
        with self.assertRaisesRegex(UserError, "first day"):
            Figure.take_period("month", "2026-03-02")
        for kind, day in (
            ("week", "2026-03-01"), (None, "2026-03-01"), ("month", "March"),
            ("month", None), ("month", "0001-01-01"), ("year", "9999-01-01"),
        ):  # fmt: skip
            with self.assertRaisesRegex(UserError, "takes"):
                Figure.take_period(kind, day)
        with self.assertRaisesRegex(UserError, "has not begun"):
            Figure.take_period("month", "2999-01-01")

    def test_trend_is_the_last_periods(self):
        for month in (1, 2, 3):
            self._take("opened", period=Period("month", date(2026, month, 1)))
        trend = self.Figure._trend(
            self._indicator("opened"), "company", self.company.id, MARCH, count=2
        )
        self.assertEqual(trend.mapped("period"), ["2026-02", "2026-03"])
