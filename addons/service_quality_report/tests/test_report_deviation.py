from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .report_common import TARGET, ReportCase


@tagged("post_install", "-at_install")
class TestReportDeviation(ReportCase):
    """One late ticket stands in many figures, and is explained once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deviations = cls.env["service.quality.deviation"]

    def _miss(self):
        """Resolve a ticket late, and return the draft of its project."""
        self._handle("2026-03-03 09:00:00", "2026-03-04 16:00:00")
        return self._make("project", self.project)

    def _asked(self, report):
        return report.line_ids.filtered(lambda line: line.explained_by_id == line)

    def _figure(self, scope, code="sla_resolution"):
        """Return the figure of March of a scope."""
        return self.env["service.quality.figure"].search(
            [
                ("scope", "=", scope),
                ("indicator_id.code", "=", code),
                ("company_id", "=", self.env.company.id),
                ("date_from", "=", "2026-03-01"),
                ("period_kind", "=", "month"),
                ("denominator", ">", 0),
            ]
        )[:1]

    def _raise(self, figure, **values):
        """Return the deviation of a figure."""
        found = self.deviations.search([("figure_id", "=", figure.id)])
        return found or self.deviations._create_as_step(
            [
                {
                    "figure_id": figure.id,
                    "owner_id": self.manager.id,
                    "deadline": "2026-04-10",
                }
            ]
        )

    def _answer(self, deviation, cause="The part was not on stock", action="Stock two"):
        with freeze_time("2026-04-02 08:00:00"):
            deviation.write({"analysis": cause, "action": action})
            deviation.action_answer()

    def test_the_most_exact_line_is_asked(self):
        """All promises, resolution, the target: the same ticket is asked for once."""
        report = self._miss()
        missed = report.line_ids.filtered(lambda line: line.goal_state == "beyond")
        self.assertGreater(len(missed), 1)
        [asked] = self._asked(report)
        self.assertEqual(asked.indicator_id.code, "sla_resolution")
        self.assertEqual(missed.explained_by_id, asked)
        self.assertEqual(report.missing_texts.count(asked.name), 1)
        self.assertNotIn("Resolution 4 h", report.missing_texts)
        asked.write({"cause": "The part was late", "action": "Stock two of them"})
        self.assertFalse(report.missing_texts)
        # who reads why reads of what else it is the reason
        [rest] = [n for n in (missed - asked).mapped("name") if n != asked.name][:1]
        self.assertRegex(report.page, rf"also:</span>[^<]*{rest.split(' · ')[0]}")

    def test_two_causes_are_two_texts(self):
        self._agreement(
            TARGET | {"metric": "first_response", "duration": 1},
            project_id=self.project.id,
            partner_ids=[Command.set(self.globex.ids)],
        )
        self._handle(
            "2026-03-05 09:00:00", "2026-03-06 16:00:00", partner_id=self.globex.id
        )
        report = self._miss()
        metrics = self._asked(report).mapped("indicator_id.metric")
        self.assertEqual(sorted(metrics), ["first_response", "resolution"])

    def test_an_answer_fills_the_drafts(self):
        """Whichever figure of the cause was answered: here that of the company."""
        report = self._miss()
        deviation = self._raise(self._figure("company"))
        [asked] = self._asked(report)
        self.assertNotEqual(deviation.figure_id, asked.figure_id)
        self.assertFalse(asked.cause)
        self._answer(deviation)
        self.assertEqual(asked.cause, "The part was not on stock")
        self.assertEqual(asked.action, "Stock two")
        self.assertNotIn(asked.name, report.missing_texts or "")
        self.assertEqual(asked.taken_from, deviation.display_name)
        self.assertIn("taken over from:", report.page)
        self.assertIn("Stock two", report.page)
        # who answered has not written in the report
        self.assertNotIn(self.manager, report._authors())
        # and what was answered before is there when it is filled in again
        asked.write({"cause": False, "action": False})
        with freeze_time("2026-04-03 08:00:00"):
            report.with_user(self.quality).action_fill()
        [asked] = self._asked(report)
        self.assertEqual(asked.cause, "The part was not on stock")

    def test_what_people_wrote_stays(self):
        report = self._miss()
        [asked] = self._asked(report)
        asked.cause = "The van broke down"
        self._answer(self._raise(self._figure("company")))
        self.assertEqual(asked.cause, "The van broke down")
        self.assertEqual(asked.action, "Stock two")

    def test_nobody_types_the_cause_at_each_ticket(self):
        """The missed tickets say what the figure says, until somebody knows better."""
        self._handle("2026-03-05 09:00:00", "2026-03-06 16:00:00")
        self._miss()
        report = self._make("customer", self.agreement)
        misses, [asked] = report.miss_ids, self._asked(report)
        self.assertEqual(len(misses), 2)
        self.assertIn(misses[0].number, report.missing_texts)
        self._answer(self._raise(self._figure("target")))
        self.assertEqual(set(misses.mapped("reason")), {"The part was not on stock"})
        self.assertTrue(all(misses.mapped("taken_from")))
        self.assertNotIn(misses[0].number, report.missing_texts)
        misses[0].reason = "The van broke down"
        self.assertFalse(misses[0].taken_from)
        asked.cause = "The carrier came late"
        self.assertFalse(asked.taken_from)
        self.assertEqual(
            misses.mapped("reason"), ["The van broke down", "The carrier came late"]
        )
        asked.cause = False
        self.assertEqual(misses.mapped("reason"), ["The van broke down", False])
        asked.cause = "The carrier came late"
        with freeze_time("2026-04-03 08:00:00"):
            report.with_user(self.quality).action_fill()
        self.assertIn("The van broke down", report.miss_ids.mapped("reason"))
        with freeze_time("2026-04-03 09:00:00"):
            report.with_user(self.quality).review()
            report.line_ids._take_over_answers()
        self.assertIn("The van broke down", report.miss_ids.mapped("reason"))

    def test_half_an_explanation_is_none(self):
        """Of two deviations of one cause both are answered first."""
        report = self._miss()
        first = self._raise(self._figure("company"))
        second = self._raise(self._figure("company", "sla_attainment"))
        [asked] = self._asked(report)
        self._answer(first)
        self.assertFalse(asked.cause)
        self._answer(second, "Nobody was on site", "A second shift")
        self.assertEqual(
            set(asked.cause.split("\n")),
            {"The part was not on stock", "Nobody was on site"},
        )
        self.assertEqual(set(asked.action.split("\n")), {"Stock two", "A second shift"})

    def test_a_report_that_was_reviewed_stays(self):
        report = self._miss()
        [asked] = self._asked(report)
        asked.write({"action": "Look into it closely"})
        with freeze_time("2026-04-02 07:00:00"):
            report.with_user(self.quality).review()
        self._answer(self._raise(self._figure("company")))
        self.assertFalse(asked.cause)

    def test_one_customer_is_not_told_of_all(self):
        """The company's reason names other customers; the agreement's is theirs."""
        self._miss()
        report = self._make("customer", self.agreement)
        [asked] = self._asked(report)
        self._answer(self._raise(self._figure("company")), "Globex came first, always")
        self.assertFalse(asked.cause)
        self._answer(self._raise(self._figure("target")))
        self.assertEqual(asked.cause, "The part was not on stock")

    def test_another_month_is_another_cause(self):
        report = self._miss()
        self._handle("2026-02-03 09:00:00", "2026-02-04 16:00:00")
        self._make("project", self.project, day="2026-02-01")
        figure = self._figure("company")
        february = self.env["service.quality.figure"].search(
            [
                ("indicator_id", "=", figure.indicator_id.id),
                ("scope", "=", "company"),
                ("scope_id", "=", figure.scope_id),
                ("date_from", "=", "2026-02-01"),
                ("period_kind", "=", "month"),
            ]
        )
        self._answer(self._raise(february))
        [asked] = self._asked(report)
        self.assertFalse(asked.cause)
