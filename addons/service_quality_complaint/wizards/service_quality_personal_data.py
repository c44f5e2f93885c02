from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.phone import tails

from .service_quality_phone_entry import TAIL


class ServiceQualityPersonalData(models.TransientModel):
    """Personal data includes what complaints keep of a person."""

    _inherit = "service.quality.personal.data"

    @api.model
    def _texts(self):
        texts = super()._texts()
        texts["helpdesk.ticket"] += (
            "service_phone", "service_handling", "service_answer", "service_refusal",
            "service_redress", "service_closing_reason", "service_causes_said",
        )  # fmt: skip
        return texts

    @api.model
    def _identifying(self):
        return super()._identifying() | {"service_phone"}

    def _named_by(self, partners):
        domain = super()._named_by(partners)
        for phone in filter(None, partners.mapped("phone")):
            # a number within a town may be another person's elsewhere
            plain, *shorter = tails(phone) or [""]
            found = [plain, *(one for one in shorter if len(one) >= TAIL)]
            if plain:
                domain |= Domain("service_phone_digits", "in", found)
            if len(plain) >= TAIL:
                domain |= Domain("service_phone_digits", "=like", f"%{plain}")
        return domain
