from odoo import api, models


class ServiceQualityLedger(models.AbstractModel):
    """Has open desks look again."""

    _inherit = "service.quality.ledger"

    @api.model
    def _announce(self, company_ids):
        self.env["service.quality.desk.nudge"]._after_commit(company_ids)
        return super()._announce(company_ids)
