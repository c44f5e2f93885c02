from odoo.tests import tagged

from odoo.addons.service_quality_desk.tests.test_desk import DeskCase


@tagged("post_install", "-at_install")
class TestDeskCallsOfCentre(DeskCase):
    def test_calls_of_the_technical_centre(self):
        """Regulation A3.3.3: the centre alone calls after a major complaint."""
        ticket = self._ticket("2026-03-02 08:00:00")
        self._move(ticket, "resolved", "2026-03-02 09:00:00")
        # written by nobody but the ledger's people
        ticket.sudo().service_callback_ids.is_complaint_call = True
        centre = self._member("desk_centre", "technical_centre")
        self.assertEqual(self.block("calls")["count"], 0)
        self.assertEqual(self.block("calls", centre)["count"], 1)
