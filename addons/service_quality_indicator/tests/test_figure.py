from datetime import date

from odoo.tests import tagged

from odoo.addons.service_quality_core.tools.period import Period

from .figure_common import MARCH, FigureCase

RESOLUTION = {"metric": "resolution", "duration": 8, "goal_percent": 90}


@tagged("post_install", "-at_install")
class TestFigure(FigureCase):
    """A figure counts what its indicator says, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(RESOLUTION)

    def _resolve(self, count, opened="2026-03-02 09:00", at="2026-03-02 12:00"):
        """Open tickets and resolve them; within a day is in time."""
        tickets = self.env["helpdesk.ticket"].union(
            *(self._ticket(opened) for _number in range(count))
        )
        if at:
            self._move(tickets, "resolved", at)
        return tickets

    def test_missed_and_open_count_as_missed(self):
        """SLA case 27: a ticket that is open past its deadline is a miss."""
        self._resolve(8)
        self._resolve(1, at="2026-03-10 12:00")
        self._resolve(1, at=None)  # still open, and late
        self._resolve(2, opened="2026-03-31 15:00", at=None)  # due in April
        self._take("sla_resolution")
        figure = self._figure("sla_resolution")
        self.assertEqual((figure.numerator, figure.denominator), (8, 10))
        self.assertEqual(figure.value, 80)
        self.assertEqual(figure.missed_open_count, 1)
        self.assertEqual(figure.open_count, 2)
        self.assertTrue(figure.is_small)
        self.assertFalse(figure.is_provisional)

    def test_reopening_counts_in_the_month_in_which_it_happens(self):
        """SLA case 41: closed in March, taken up again in April: April's figure."""
        april = Period("month", date(2026, 4, 1))
        [ticket] = self._resolve(1)
        self._resolve(1, at="2026-04-02 10:00")
        self._move(ticket, "closed", "2026-04-01 09:00")
        self._move(ticket, "active", "2026-04-03 09:00")
        for period, counted in ((MARCH, (0, 1)), (april, (1, 2))):
            self._take("reopened", moment="2026-05-01 00:30", period=period)
            figure = self._figure("reopened", period=period)
            with self.subTest(period=period.label):
                self.assertEqual((figure.numerator, figure.denominator), counted)

    def test_all_indicators_in_all_scopes(self):
        """Regulation A3.2.3: every indicator that is shipped can be counted."""
        self._resolve(3)
        figures = self._take()
        # the demo measures some by itself
        codes = set(self.env["service.quality.indicator"].search([]).mapped("code"))
        company = figures.filtered(lambda figure: figure.scope == "company")
        self.assertEqual(set(company.indicator_id.mapped("code")), codes)
        self.assertEqual(self._figure("opened").value, 3)
        self.assertEqual(self._figure("handled").value, 3)
        self.assertEqual(self._figure("backlog").value, 0)
        self.assertEqual(self._figure("without_agreement").value, 0)
        self.assertEqual(self._figure("first_contact").value, 100)
        self.assertEqual(self._figure("reopened").value, 0)
        self.assertEqual(self._figure("resolution_median").value, 3)
        self.assertEqual(self._figure("holder_time").value, 9)
        self.assertEqual(self._figure("holder_working_time").value, 9)
        self.assertFalse(self._figure("backlog_age_median").has_value)
        for scope, record in (
            ("department", self.team),
            ("agreement", self.agreement),
            ("customer", self.acme),
            ("target", self.agreement.target_ids),
        ):
            figure = self._figure("sla_resolution", scope, record)
            self.assertEqual((figure.numerator, figure.denominator), (3, 3), scope)
            self.assertEqual(figure.scope_name, record.display_name)

    def test_rows_of_a_figure_are_those_it_counts(self):
        """SLA case 19: figure and drill-down are one query."""
        tickets = self._resolve(2)
        late = self._resolve(1, at="2026-03-10 12:00")
        self._take("sla_resolution", "handled")
        figure = self._figure("sla_resolution")
        action = figure.action_open_rows()
        clocks = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(clocks.ticket_id, tickets | late)
        action = figure.action_open_missed()
        clocks = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(clocks.ticket_id, late)
        action = self._figure("handled").action_open_rows()
        self.assertEqual(len(self.env[action["res_model"]].search(action["domain"])), 3)

    def test_taking_twice_leaves_one(self):
        self._resolve(2)
        first = self._take("sla_resolution")
        self._resolve(1)
        second = self._take("sla_resolution")
        self.assertEqual(first, second)
        self.assertEqual(self._figure("sla_resolution").denominator, 3)

    def test_no_data_is_no_value(self):
        """No data is neither 0 nor 100 %."""
        self._take("sla_resolution")
        figure = self._figure("sla_resolution")
        self.assertFalse(figure.has_value)
        self.assertEqual(figure.goal_state, "no_data")
        self.env.cr.execute(
            "SELECT value FROM service_quality_figure WHERE id = %s", [figure.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (None,))
        self.assertEqual(figure.value_text, "no data")

    def test_unfinished_period_is_provisional(self):
        self._resolve(2)
        self._take("sla_resolution", moment="2026-03-20 00:30")
        self.assertTrue(self._figure("sla_resolution").is_provisional)
        self._take("sla_resolution")
        self.assertFalse(self._figure("sla_resolution").is_provisional)
