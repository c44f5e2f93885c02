from odoo import api, models

from odoo.addons.service_quality_core.tools.instants import to_datetime


class ServiceQualityLedger(models.AbstractModel):
    """The ledger keeps the columns of a ticket that say how its complaint stands."""

    _inherit = "service.quality.ledger"

    @api.model
    def _ticket_columns(self):
        return (
            *super()._ticket_columns(),
            "service_complaint_state",
            "service_complained_at",
            "service_acknowledged_at",
            "service_answered_at",
            "service_answer_verdict",
            "service_refused",
        )

    @api.model
    def _ticket_values(self, folded, deadline):
        complaint = folded.complaint
        return (
            *super()._ticket_values(folded, deadline),
            complaint.state,
            to_datetime(complaint.complained),
            to_datetime(complaint.acknowledged),
            to_datetime(complaint.answered),
            complaint.verdict,
            complaint.refused,
        )
