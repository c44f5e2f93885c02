from odoo import api, models
from odoo.fields import Domain


class ServiceQualityOverview(models.AbstractModel):
    """The first page counts the desk's calls without those of the centre."""

    _inherit = "service.quality.overview"

    @api.model
    def _calls_due_domain(self):
        return super()._calls_due_domain() & Domain("is_complaint_call", "=", False)
