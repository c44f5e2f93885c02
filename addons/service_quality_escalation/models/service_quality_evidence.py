from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    of_company,
    within,
)


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that early warnings reach somebody."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "alarms_delivered": _("Early warnings that reached somebody"),
        }

    @api.model
    def _evidence_alarms_delivered(self, obligation, window):
        """Regulation A4.3.4: early warnings that were raised, and reached somebody."""
        due = of_company(window) & within("fired_at", window)
        done = due & Domain("outcome", "not in", ("nobody", "failed"))
        return Evidence("service.quality.escalation.alarm", done, due)
