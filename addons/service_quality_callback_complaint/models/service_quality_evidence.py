from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_callback.models.callback_data import COUNTED_OUT
from odoo.addons.service_quality_callback.models.service_quality_evidence import CALLED
from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    of_company,
    within,
)


class ServiceQualityEvidence(models.AbstractModel):
    """Evidence shows that the centre calls the customers of major complaints."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "major_called": _("Major complaints with a call of the centre"),
        }

    @api.model
    def _evidence_major_called(self, obligation, window):
        """Regulation A3.3.3: the technical service centre calls the customer itself."""
        due = (
            of_company(window)
            & within("opened_at", window)
            & Domain("is_complaint_call", "=", True)
            & Domain("state", "=", "ended")
            & Domain("result", "not in", COUNTED_OUT)
        )
        done = due & Domain("result", "in", CALLED)
        return Evidence("service.quality.callback", done, due)
