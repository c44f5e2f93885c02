import math

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestWrongInput(ServiceQualityCase):
    """What is wrong is named, and nothing of it is kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("wrong_manager", "project_manager")
        cls.quality = cls._user("wrong_quality", "quality")
        cls.project, cls.silent = cls.env["service.quality.project"].create(
            [
                {"name": name, "partner_id": partner.id, "user_id": cls.manager.id}
                for name, partner in (("Acme", cls.acme), ("Silent", cls.globex))
            ]
        )
        cls.indicator = cls.env["service.quality.indicator"].create(
            {
                "code": "test_uptime",
                "name": "Uptime",
                "sentence": "How much of the time the service could be used.",
                "source": "measured",
                "summary": "mean",
                "unit": "percent",
            }
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
            self._record(indicator={"code": self.indicator.code}),
            self._record(indicator=f"{self.indicator.code}\0"),
            self._record(project=["X"]),
            self._record(date_from=None),
            self._record(date_to=20250131),
            self._record(evidence={"page": 1}),
            self.indicator.code,
        ]
        answers = self.Measurement.record_values([*wrong, self._record()])
        self.assertEqual({one["outcome"] for one in answers[:-1]}, {"refused"})
        self.assertTrue(all(one["message"] for one in answers[:-1]))
        self.assertEqual(answers[-1]["outcome"], "created")

    def test_a_kind_of_period_that_there_is_not(self):
        Review = self.env["service.quality.figure.review"].with_user(self.quality)
        for values in ({}, {"date_from": "2026-02-01"}):
            with self.assertRaisesRegex(ValueError, "period_kind"):
                Review.create({"period_kind": "week", "text": "As before", **values})

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
        self.assertTrue(measurement.correct(98, "Read wrongly"))
        self.assertEqual(measurement.proposed_value, 98)

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
