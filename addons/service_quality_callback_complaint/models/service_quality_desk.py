from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.roles import TECHNICAL_CENTRE


class ServiceQualityDesk(models.AbstractModel):
    """The desk shows the calls about major complaints to the centre alone."""

    _inherit = "service.quality.desk"

    @api.model
    def _open_calls_domain(self):
        domain = super()._open_calls_domain()
        if self.env.user.has_group(TECHNICAL_CENTRE):
            return domain
        return domain & Domain("is_complaint_call", "=", False)
