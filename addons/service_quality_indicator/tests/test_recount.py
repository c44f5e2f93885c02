from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .figure_common import FigureCase

RESOLUTION = {"metric": "resolution", "duration": 8, "goal_percent": 90}
RESPONSE = {"metric": "first_response", "duration": 1}

NUMBERS = (
    "has_value", "value", "numerator", "denominator", "open_count",
    "missed_open_count", "excluded_count", "has_value_after", "value_after",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestRecount(FigureCase):
    """A closed period that is counted again from the ledger gives the same values."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_engineer_figures = True
        cls.category, cls.other_category = cls.env["helpdesk.ticket.category"].create(
            [{"name": "Voice"}, {"name": "Data"}]
        )
        cls.engineer = cls._user("engineer", "staff")
        cls.project = cls.env["service.quality.project"].create(
            {"name": "Voice service", "partner_id": cls.acme.id}
        )
        cls.agreement = cls._agreement(RESOLUTION, RESPONSE, project_id=cls.project.id)
        values = {"category_id": cls.category.id, "user_id": cls.engineer.id}
        cls.met = cls._ticket("2026-03-02 09:00", **values)
        cls._move(cls.met, "resolved", "2026-03-02 11:00")
        cls.missed = cls._ticket("2026-03-09 09:00", **values)
        cls._move(cls.missed, "waiting_customer", "2026-03-09 10:00")
        cls._move(cls.missed, "active", "2026-03-09 12:00")
        cls._move(cls.missed, "resolved", "2026-03-11 12:00")
        cls.late = cls._ticket("2026-03-16 09:00", **values)
        cls.running = cls._ticket("2026-03-31 15:00", **values)
        cls.loose = cls._ticket(
            "2026-03-20 09:00", partner_id=cls.globex.id, team_id=cls.other_team.id
        )
        cls._move(cls.loose, "resolved", "2026-03-20 10:00")
        cls.figures = cls._take()
        cls.before = {
            figure: {name: figure[name] for name in NUMBERS} for figure in cls.figures
        }

    def assertSame(self):
        """Assert that a recount gives what was taken, and finds nothing else."""
        with freeze_time("2026-06-01 09:00"):
            again = self.figures._recount()
        self.assertGreater(len(again), 60)
        for figure, counted in again.items():
            expected = self.before[figure]
            found = {name: counted.get(name) or 0 for name in NUMBERS}
            self.assertEqual(found, expected, figure.display_name)

    def assertChanged(self, code):
        """Assert that a count of what is known now would differ: the test bites."""
        with freeze_time("2026-06-01 09:00"):
            now = self.Counting._count(
                self._indicator(code), self.company, self.figures[0]._period()
            )
        found = {
            (one["scope"], one["scope_id"]): (one["numerator"], one["denominator"])
            for one in now
        }
        expected = {
            (one.scope, one.scope_id): (one.numerator, one.denominator)
            for one in self.figures
            if one.indicator_id.code == code
        }
        self.assertNotEqual(found, expected)

    def test_nothing_has_changed(self):
        """Counted again at once, everything is as it was."""
        self.assertSame()

    def test_holiday_in_the_past(self):
        """Finished clocks keep their working time, open ones had that of then."""
        with freeze_time("2026-04-20 09:00"):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Feast",
                    "calendar_id": self.office.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-31 00:00:00",
                    "date_to": "2026-04-09 23:59:59",
                }
            )
            with self.enter_registry_test_mode():
                self.env.ref(
                    "service_quality_core.ir_cron_replan_clocks"
                ).method_direct_trigger()
            self._move(self.late, "resolved", "2026-04-20 10:00")
            self._move(self.running, "resolved", "2026-04-20 10:00")
        self.assertSame()

    def test_holiday_in_the_past_and_reopened(self):
        """A clock that was judged and opens again follows the calendar from then."""
        with freeze_time("2026-04-20 09:00"):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Feast",
                    "calendar_id": self.office.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-02 00:00:00",
                    "date_to": "2026-03-10 23:59:59",
                }
            )
        self._move(self.met | self.missed, "active", "2026-04-21 10:00")
        self._move(self.met | self.missed, "resolved", "2026-04-24 10:00")
        self.assertChanged("sla_resolution")
        self.assertSame()
        self.assertConsistent(self.met | self.missed)

    def test_agreement_amended_and_ended(self):
        """What is signed later is no promise that was made before."""
        with freeze_time("2026-04-10 09:00"):
            action = self.agreement.action_amend()
            draft = self.agreement.browse(action["res_id"])
            draft.date_start = "2026-04-11"
            draft.target_ids.duration = 1
            draft.write(
                {
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2026-04-09",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2026-04-09",
                }
            )
            draft.action_sign()
            (self.late | self.running).write({"priority": "3"})
        with freeze_time("2026-04-20 09:00"):
            draft._end_on(date(2026, 4, 25), "Moved on")
            (self.late | self.running).write({"priority": "1"})
        self.assertSame()

    def test_reopened_and_resolved_late(self):
        self._move(self.met, "active", "2026-04-10 10:00")
        self._move(self.met, "resolved", "2026-04-20 10:00")
        self.assertChanged("sla_resolution")
        self.assertSame()

    def test_rows_voided(self):
        handled = self.missed.service_event_ids.filtered(
            lambda event: event.kind == "phase" and event.value["phase"] == "resolved"
        )
        with freeze_time("2026-04-10 09:00"):
            handled._void("Slip of the hand")
        self.assertChanged("handled")
        self.assertSame()

    def test_customer_category_and_team_changed(self):
        with freeze_time("2026-04-10 09:00"):
            self.loose.write(
                {
                    "partner_id": self.contact.id,
                    "category_id": self.other_category.id,
                    "team_id": self.team.id,
                }
            )
            self.running.write({"team_id": self.other_team.id})
            self.late.write({"category_id": self.other_category.id})
        self.assertChanged("opened")
        self.assertSame()

    def test_contact_moved_to_another_company(self):
        """The customer of a ticket is what the ledger says."""
        self.contact.parent_id = self.globex
        self.assertSame()

    def test_imported_late(self):
        """A ticket of March that is imported in April counts for a new figure only."""
        with freeze_time("2026-04-10 09:00"):
            [result] = self.env["helpdesk.ticket"].service_import(
                [
                    {
                        "external_ref": "X-1",
                        "name": "An old one",
                        "opened_at": "2026-03-05 09:00:00",
                        "partner": self.contact.id,
                        "team": self.team.id,
                        "events": [],
                    }
                ]
            )
        self.assertEqual(result["outcome"], "created", result["reason"])
        self.assertChanged("opened")
        self.assertSame()

    def test_count_again_says_whether_it_is_the_same(self):
        figure = self._figure("sla_resolution")
        self._move(self.met, "active", "2026-04-10 10:00")
        told = figure.action_count_again()["params"]
        self.assertEqual(told["type"], "success")
        self.assertIn(figure.value_text, told["message"])
        figure.numerator += 1
        told = figure.action_count_again()["params"]
        self.assertEqual(told["type"], "danger")

    def test_rows_are_opened_as_they_were_counted(self):
        """SLA case 19: the drill-down of a closed figure opens what it counted."""
        self._move(self.met, "active", "2026-04-10 10:00")
        self._move(self.met, "resolved", "2026-04-20 10:00")
        action = self._figure("sla_resolution").action_open_rows()
        clocks = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(clocks.ticket_id, self.met | self.missed | self.late)

    def test_an_auditor_counts_a_figure_again(self):
        """Regulation A3.2.3: a closed figure is proved, a falsified one found."""
        self._move(self.met, "active", "2026-04-10 10:00")
        quality = self._user(
            "recounter",
            "quality",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        figure = self._figure("sla_resolution").with_user(quality)
        told = figure.action_count_again()["params"]
        self.assertEqual(told["type"], "success")
        self.assertIn(figure.value_text, told["message"])
        figure.sudo().value = 100
        told = figure.action_count_again()["params"]
        self.assertEqual(told["type"], "danger")
        with self.assertRaises(AccessError):
            figure.with_user(self._user("recount_nobody")).action_count_again()
