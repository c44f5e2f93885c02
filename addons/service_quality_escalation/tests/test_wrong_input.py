from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestWrongInput(ServiceQualityCase):
    """What is wrong is named, and nothing of it is kept."""

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
