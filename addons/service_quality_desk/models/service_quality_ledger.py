from odoo import api, models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class ServiceQualityLedger(models.AbstractModel):
    """Has open desks look again."""

    _inherit = "service.quality.ledger"

    @api.model
    def _announce(self, company_ids):
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):
            self.env["service.quality.desk.nudge"]._after_commit(company_ids)
        return super()._announce(company_ids)
