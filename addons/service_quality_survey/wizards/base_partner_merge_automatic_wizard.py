from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Ask a person once who was two contacts, both of whom a survey asks."""
        self.env["service.quality.survey.contact"]._join_doubles(
            src_partners | dst_partner
        )
        return super()._update_foreign_keys(src_partners, dst_partner)
