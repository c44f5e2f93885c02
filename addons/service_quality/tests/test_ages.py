from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestAges(TransactionCase):
    """Ages count forward, wherever a day that has passed is taken from another."""

    def _measure(self, created, **values):
        """Return a measure that was made some days ago."""
        measure = self.env["mgmtsystem.action"].create(
            {"name": "Check the routers", "type_action": "immediate", **values}
        )
        moment = fields.Datetime.now() - timedelta(days=created)
        self.env.cr.execute(
            "UPDATE mgmtsystem_action SET create_date = %s WHERE id = %s",
            [moment, measure.id],
        )
        measure.invalidate_recordset()
        return measure

    def test_ages_are_never_negative(self):
        """SLA case 23: opened and closed ten days after it was made, it is 10 days."""
        other = self.env["res.company"].create({"name": "Without a Regulation"})
        measure = self._measure(10, company_id=other.id)
        self.assertEqual(measure.service_age, 10)
        self.assertEqual(self._measure(0, company_id=other.id).service_age, 0)
        self.assertEqual(self._measure(-1, company_id=other.id).service_age, 0)
        measure.case_open()
        measure.stage_id = self.env.ref("mgmtsystem_action.stage_close")
        ages = (
            measure.number_of_days_to_open,
            measure.number_of_days_to_close,
            measure.service_age,
        )
        self.assertEqual(ages, (10, 10, 10))
        early = self._measure(-2, company_id=other.id)
        early.case_open()
        self.assertGreaterEqual(early.number_of_days_to_open, 0)
