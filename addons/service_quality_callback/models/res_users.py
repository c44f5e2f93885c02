from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _service_hand_on(self):
        """Return the calls that people who leave have in hand to the queue."""
        leavers = self.filtered(lambda user: user.active and not user.share)
        # who archives a user need not see what that user worked on
        calls = self.env["service.quality.callback"].sudo()
        calls.search(
            [("user_id", "in", leavers.ids), ("state", "=", "open")]
        )._hand_back()
        return super()._service_hand_on()
