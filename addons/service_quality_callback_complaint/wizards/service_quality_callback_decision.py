from odoo import fields, models

from odoo.addons.service_quality_core.models.severity import SEVERITIES


class ServiceQualityCallbackDecision(models.TransientModel):
    """A decision also says whether a dissatisfied customer has a complaint."""

    _inherit = "service.quality.callback.decision"

    decision = fields.Selection(
        selection_add=[
            ("confirm", "Make it a complaint"),
            ("decline", "It is no complaint"),
        ],
        ondelete={"confirm": "cascade", "decline": "cascade"},
    )
    severity = fields.Selection(SEVERITIES, default="minor")

    def _decide(self):
        if self.decision == "confirm":
            return self.callback_ids.confirm_complaint(self.severity)
        if self.decision == "decline":
            self.callback_ids.decline_complaint(self.reason)
        return super()._decide()
