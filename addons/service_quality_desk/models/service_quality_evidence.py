from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    of_company,
    within,
)


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that shifts are handed over."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "handovers_taken": _("Shift handovers taken over"),
        }

    @api.model
    def _evidence_handovers_taken(self, obligation, window):
        """Regulation A3.5.1: each shift that was handed over was taken over."""
        due = (
            of_company(window)
            & within("at", window)
            & (Domain("at", "<", window.now) | Domain("state", "=", "taken_over"))
        )
        done = due & Domain("state", "=", "taken_over")
        return Evidence("service.quality.handover", done, due)
