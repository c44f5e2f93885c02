from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period

MARCH = Period("month", date(2026, 3, 1))


@tagged("post_install", "-at_install")
class TestMeasurement(ServiceQualityCase):
    """Measured values are proved, corrected and counted like all others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("measure_manager", "project_manager")
        cls.quality = cls._user("measure_quality", "quality")
        cls.project = cls.env["service.quality.project"].create(
            {
                "name": "Data centre",
                "code": "DC-1",
                "partner_id": cls.acme.id,
                "user_id": cls.manager.id,
            }
        )
        cls.availability = cls.env["service.quality.indicator"].create(
            {
                "code": "test_availability",
                "name": "Availability",
                "sentence": "How much of the time the service could be used.",
                "source": "measured",
                "summary": "mean",
                "unit": "percent",
            }
        )

    def _measure(self, value=99.5, **values):
        return self._entered_now(
            self.env["service.quality.measurement"].create(
                {
                    "indicator_id": self.availability.id,
                    "project_id": self.project.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "value": value,
                    "evidence": "Monitoring",
                    **values,
                }
            )
        )

    def _entered_now(self, measurement):
        """Date a value by the test's clock, which the database does not follow."""
        measurement.flush_recordset()
        self.env.cr.execute(
            "UPDATE service_quality_measurement SET create_date = %s WHERE id = %s",
            [fields.Datetime.now(), measurement.id],
        )
        return measurement

    def _figure(self, period=MARCH, scope="company"):
        figures = self.env["service.quality.figure"]._take(
            self.env.company, period, self.availability, reason="Counted once more"
        )
        return figures.filtered(lambda figure: figure.scope == scope)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @freeze_time("2026-04-02 08:00")
    def test_measured_values_have_figures_like_all_others(self):
        """Regulation A4.3.4: what no ticket gives is in the project's attainment."""
        self._measure(99.0)
        self._measure(98.0, project_id=False)
        self.assertEqual(self._figure().value, 98.5)
        project = self._figure(scope="project")
        self.assertEqual((project.value, project.scope_id), (99.0, self.project.id))
        self.assertEqual(self._figure(scope="customer").scope_id, self.acme.id)
        action = project.action_open_rows()
        self.assertEqual(action["res_model"], "service.quality.measurement")
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.value, 99.0)

    @freeze_time("2026-04-02 08:00")
    def test_a_value_counts_in_the_period_of_its_last_day(self):
        self._measure(99.0, date_from="2026-02-15", date_to="2026-03-01")
        self.assertEqual(self._figure().value, 99.0)
        self.assertFalse(self._figure(Period("month", date(2026, 2, 1))).has_value)

    def test_a_correction_does_not_change_what_was_counted(self):
        with freeze_time("2026-04-02 08:00"):
            measurement = self._measure(99.0)
            figure = self._figure()
        with freeze_time("2026-04-05 08:00"):
            measurement.correct(97.0, "Night hours were left out")
            measurement.with_user(self.quality).action_confirm_correction()
            self._entered_now(measurement.superseded_by_id)
            again = self.env["service.quality.counting"]._count(
                self.availability, self.env.company, MARCH, ("company",), as_of=figure
            )
            now = self.env["service.quality.counting"]._count(
                self.availability, self.env.company, MARCH, ("company",)
            )
        self.assertEqual([one["value"] for one in again], [99.0])
        self.assertEqual([one["value"] for one in now], [97.0])

    # ------------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------------

    @freeze_time("2026-04-02 08:00")
    def test_a_value_is_possible_and_proved(self):
        for message, values in (
            ("between 0 and 100", {"value": 101}),
            ("where the value was read", {"evidence": False}),
            ("last day has come", {"date_to": "2026-04-30"}),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                with self.env.cr.savepoint():
                    self._measure(**values)
        counted = self.env["service.quality.indicator"].search(
            [("source", "=", "ledger")], limit=1
        )
        with self.assertRaisesRegex(ValidationError, "counted from tickets"):
            with self.env.cr.savepoint():
                self._measure(indicator_id=counted.id)

    @freeze_time("2026-04-02 08:00")
    def test_days_are_measured_once_and_corrected_with_a_reason(self):
        first = self._measure(99.0, goal=99.5)
        self.assertTrue(first.is_missed)
        with self.assertRaisesRegex(ValidationError, "some of these days"):
            with self.env.cr.savepoint():
                self._measure(98.0, date_from="2026-03-31")
        with self.assertRaisesRegex(ValidationError, "Say why"):
            first.correct(99.9, " ")
        wizard = self.env["service.quality.measurement.correct"].create(
            {"measurement_id": first.id, "reason": "Planned downtime"}
        )
        wizard.value = 99.9
        wizard.action_confirm()
        first.with_user(self.quality).action_confirm_correction()
        new = first.superseded_by_id
        self.assertEqual((new.value, new.evidence), (99.9, "Monitoring"))
        self.assertEqual((new.reason, new.goal), ("Planned downtime", 99.5))
        self.assertFalse(new.is_missed)
        with self.assertRaises(UserError):
            first.correct(99.8, "Once more, as before")

    @freeze_time("2026-04-02 08:00")
    def test_a_correction_counts_when_a_second_person_confirms(self):
        """Deny: who proposes what counts instead does not decide on it."""
        judge = self._user("measure_judge", "quality")
        first = self._measure(99.0, goal=99.5)
        first.with_user(self.quality).correct(100, "Planned downtime was counted")
        self.assertFalse(first.superseded_at)
        self.assertEqual(len(first.activity_ids), 1)
        self.assertNotEqual(first.activity_ids.user_id, self.quality)
        self.assertEqual(self._figure().value, 99.0)
        for user in (self.quality, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                first.with_user(user).action_confirm_correction()
        first.with_user(judge).action_confirm_correction()
        new = first.superseded_by_id
        self.assertEqual((new.value, new.is_missed), (100, False))
        self.assertEqual(first.decision_ids.user_id, judge)
        self.assertFalse(first.activity_ids)
        with self.assertRaises(UserError):
            first.with_user(judge).action_confirm_correction()

    @freeze_time("2026-04-02 08:00")
    def test_a_correction_is_refused(self):
        """The first value stands, and what was proposed stays to be read."""
        first = self._measure(99.0)
        first.with_user(self.manager).correct(100, "Planned downtime was counted")
        first.with_user(self.quality).action_refuse_correction()
        self.assertFalse(first.superseded_at or first.proposed_at)
        self.assertIn("Planned downtime", "".join(first.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "No correction"):
            first.with_user(self.quality).action_confirm_correction()

    @freeze_time("2026-04-02 08:00")
    def test_what_says_nothing_corrects_nothing(self):
        """Deny: a full stop is neither a reason nor an evidence."""
        first = self._measure(99.0)
        for given in ((".", "Monitoring"), ("Planned downtime", ".")):
            with self.subTest(given), self.assertRaisesRegex(ValidationError, "little"):
                first.correct(100, *given)
        with self.assertRaisesRegex(ValidationError, "little"):
            self._measure(
                99.0, date_from="2026-02-01", date_to="2026-02-28", evidence="."
            )

    @freeze_time("2026-04-02 08:00")
    def test_what_proves_a_value_stays(self):
        """Deny: files are added to a value that was entered, and none is taken away."""
        first = self._measure(
            attachment_ids=[
                Command.create({"name": "log.txt", "raw": b"It was always up"})
            ]
        )
        own = first.with_user(self.quality)
        own.attachment_ids = [
            Command.create({"name": "more.txt", "raw": b"It was always up"})
        ]
        with self.assertRaisesRegex(AccessError, "stays"):
            own.attachment_ids = [Command.unlink(first.attachment_ids[0].id)]

    @freeze_time("2026-04-02 08:00")
    def test_other_programs_send_values_once(self):
        Measurement = self.env["service.quality.measurement"].with_user(self.quality)
        sent = {
            "indicator": "test_availability",
            "project": "DC-1",
            "date_from": "2026-03-01",
            "date_to": "2026-03-31",
            "value": 99.0,
            "evidence": "Monitoring",
        }
        bad = (
            {"indicator": "unknown"},
            sent | {"date_from": "March"},
            sent | {"value": None},
            "no record",
            sent | {"date_to": "2026-02-01"},
        )
        [created, unchanged, refused, proposed, *rest] = Measurement.record_values(
            [
                sent,
                sent,
                sent | {"value": 98.0},
                sent | {"value": 98.0, "reason": "The log came late"},
                *bad,
            ]
        )
        self.assertEqual(created["outcome"], "created")
        self.assertEqual(unchanged, created | {"outcome": "unchanged"})
        self.assertEqual(refused["outcome"], "refused")
        self.assertIn("Say why", refused["message"])
        self.assertEqual(proposed, created | {"outcome": "proposed"})
        self.assertEqual({one["outcome"] for one in rest}, {"refused"})
        self.assertTrue(all(one["message"] for one in rest))
        judge = self._user("measure_judge", "quality")
        Measurement.browse(proposed["id"]).with_user(judge).action_confirm_correction()
        current = Measurement.search(
            [
                ("superseded_at", "=", False),
                ("indicator_id", "=", self.availability.id),
            ]
        )
        self.assertEqual(current.filtered("project_id").value, 98.0)
        self.assertEqual(current.filtered("project_id").origin, "rpc")

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    @freeze_time("2026-04-02 08:00")
    def test_who_may_enter_and_read(self):
        measurement = self._measure()
        with self.assertRaises(AccessError):
            measurement.with_user(self.quality).value = 100
        with self.assertRaises(UserError):
            measurement.unlink()
        own = measurement.with_user(self.manager)
        self.assertTrue(own.correct(99.1, "Typing error"))
        stranger = self._user("measure_other", "project_manager")
        measurement.with_user(self.quality).action_confirm_correction()
        latest = measurement.superseded_by_id
        with self.assertRaises(AccessError):
            latest.with_user(stranger).correct(90.0, "Not mine")
        for login, role in (("measure_staff", "staff"), ("measure_sales", "sales")):
            with self.assertRaises(AccessError):
                latest.with_user(self._user(login, role)).read(["value"])
        desk = self._user("measure_desk", "desk")
        self.assertEqual(latest.with_user(desk).value, 99.1)
        with self.assertRaises(AccessError):
            self.env[latest._name].with_user(desk).record_values([])
