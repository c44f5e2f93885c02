from odoo import models


class ServiceQualityCallback(models.Model):
    """A customer who is called may have a suggestion."""

    _inherit = "service.quality.callback"

    def action_service_suggestion(self):
        """Open the form of what the customer suggested when called."""
        self.ensure_one()
        self.check_access("read")
        action = self.ticket_id.action_service_suggestion()
        action["context"] |= {
            "default_service_source_model": self._name,
            "default_service_source_id": self.id,
            "default_service_suggester_id": self.partner_id.id,
        }
        return action
