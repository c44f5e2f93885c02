from odoo import models


class ServiceQualityAgreement(models.Model):
    """An agreement hands the rules about it on to its next version."""

    _inherit = "service.quality.agreement"

    def _follow_version(self):
        """Have the rules about the agreement be about its next version as well."""
        result = super()._follow_version()
        # who amends an agreement need not be one who makes rules
        self.env["service.quality.escalation"].sudo()._follow_versions(self)
        return result
