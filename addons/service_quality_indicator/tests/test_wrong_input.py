import math

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_report.tests.report_common import ReportCase


@tagged("post_install", "-at_install")
class TestWrongInput(ReportCase):
    """What is wrong is named, and nothing of it is kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicator = cls.env["service.quality.indicator"].search(
            [("code", "=", "availability")]
        )
        cls.Measurement = cls.env["service.quality.measurement"].with_user(cls.quality)

    def _record(self, **values):
        return {
            "indicator": self.indicator.code,
            "date_from": "2025-01-01",
            "date_to": "2025-01-31",
            "value": 99.5,
            "evidence": "monitoring",
        } | values

    def assertRefused(self, attempt, *values):
        with self.assertRaises(UserError), self.env.cr.savepoint():
            attempt(*values)
        self.env.invalidate_all(flush=False)

    def test_one_wrong_value_of_many(self):
        """A record that cannot be taken is refused by itself, the rest is taken."""
        wrong = [
            self._record(value=value)
            for value in (math.nan, math.inf, "NaN", None, [], True, "99")
        ]
        wrong += [
            self._record(goal=math.nan),
            self._record(indicator={"code": "availability"}),
            self._record(indicator="availability\0"),
            self._record(project=["X"]),
            self._record(date_from=None),
            self._record(date_to=20250131),
            self._record(evidence={"page": 1}),
            "availability",
        ]
        answers = self.Measurement.record_values([*wrong, self._record()])
        self.assertEqual({one["outcome"] for one in answers[:-1]}, {"refused"})
        self.assertTrue(all(one["message"] for one in answers[:-1]))
        self.assertEqual(answers[-1]["outcome"], "created")

    def test_correction(self):
        measurement = self.Measurement.browse(
            self.Measurement.record_values([self._record()])[0]["id"]
        )
        for value, reason in (
            (None, "r"),
            ([], "r"),
            (math.nan, "r"),
            (1, 5),
            (1, " "),
        ):
            self.assertRefused(measurement.correct, value, reason)
        self.assertFalse(measurement.superseded_at)
        new = self.Measurement.browse(measurement.correct(98, "Read wrongly"))
        self.assertEqual(measurement.superseded_by_id, new)

    def test_more_lines_than_one_keeps_up(self):
        """A calendar of thousands of lines, a rule of 51 steps, or 301 promises."""
        calendar = self.env["resource.calendar"].create(
            {"name": "Endless", "attendance_ids": []}
        )
        line = {"name": "x", "dayofweek": "0", "hour_from": 8, "hour_to": 9}
        with self.assertRaisesRegex(ValidationError, "501 .* At most 500"):
            calendar.attendance_ids = [Command.create(line)] * 501
        rule = self.env["service.quality.escalation"].create({"name": "Endless"})
        step = {"trigger": "after", "amount": 1, "recipient": "leader"}
        step |= {"action": "activity", "rule_id": rule.id}
        with self.assertRaisesRegex(ValidationError, "51 .* At most 50"):
            self.env["service.quality.escalation.step"].create(
                [{**step, "amount": number} for number in range(1, 52)]
            )
        agreement = self.env["service.quality.agreement"].create({"name": "Endless"})
        promise = {"metric": "resolution", "duration": 1, "goal_percent": 90}
        with self.assertRaisesRegex(ValidationError, "301 .* At most 300"):
            agreement.target_ids = [Command.create(promise)] * 301

    def test_same_value_at_once(self):
        """Two programs that do not see each other's value make one."""
        measurement = self.Measurement.browse(
            self.Measurement.record_values([self._record()])[0]["id"]
        )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                """
                INSERT INTO service_quality_measurement
                       (indicator_id, company_id, date_from, date_to, value, origin)
                SELECT indicator_id, company_id, date_from, date_to, 1, 'rpc'
                  FROM service_quality_measurement WHERE id = %s
                """,
                [measurement.id],
            )

    def test_agreement_of_another_project(self):
        """Deny: a project manager enters a value for another project's customer."""
        other = self._agreement({"metric": "resolution", "duration": 4})
        self.assertRefused(
            self.Measurement.create,
            {
                "indicator_id": self.indicator.id,
                "project_id": self.project.id,
                "agreement_id": other.id,
                "date_from": "2025-01-01",
                "date_to": "2025-01-31",
                "value": 99,
                "evidence": "monitoring",
            },
        )

    def test_patrols(self):
        Plan = self.env["service.quality.patrol.plan"].with_user(self.manager)
        values = {"name": "Server room", "project_id": self.project.id}
        for every in (0, -1, 120000, 10**9):
            self.assertRefused(Plan.create, {**values, "every": every})
        plan = Plan.create(values)
        # those made stay with the customer for whom they were made
        self.assertRefused(plan.write, {"project_id": self.silent.id})
        plan.write({"project_id": self.project.id})
        patrol = plan.patrol_ids[0]
        for given in (({}, "x"), (["in_order"], "x"), ("in_order", 5)):
            self.assertRefused(patrol.report_result, *given)
        self.assertRefused(patrol.report_result, "in_order", "x", {"day": 1})
        self.assertRefused(patrol.drop, 5)
        self.assertFalse(patrol.done_on)

    def test_next_version_at_once(self):
        """Two executives who do not see each other's draft make one next version."""
        Policy = self.env["service.quality.policy"]
        policy = Policy.create({"name": "Ours", "text": "So it is"})
        policy.action_approve()
        policy.action_new_version()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            Policy._create_as_step(
                [{"name": "Ours", "text": "Not", "previous_id": policy.id}]
            )
        self.env.invalidate_all(flush=False)

    def test_revision_of_each_kind(self):
        """A revision is about what the report before it was about."""
        for kind, subject in (
            ("customer", self.agreement),
            ("project", self.project),
            ("department", self.team),
        ):
            report = self._make(kind, subject)
            report.also_partner_ids = [Command.set(self.contact.ids)]
            self._send(report)
            revision = report.browse(report.with_user(self.quality).revise("Late"))
            self.assertEqual(revision._subject(), subject)
            self.assertEqual(revision.company_id, report.company_id)
            self.assertEqual(revision.also_partner_ids, self.contact)

    def test_token_that_is_no_token(self):
        report = self._make("customer", self.agreement)
        self._send(report)
        portal = self.env["service.quality.report.portal"]
        for token in ("é", "中文", "x" * 5000, "\0"):
            self.assertFalse(portal._find(report.id, token)[0])
        sent = report.delivery_ids.filtered(lambda one: one.partner_id == self.contact)
        token = sent.access_token
        self.assertEqual(portal._find(report.id, token)[0], report)
