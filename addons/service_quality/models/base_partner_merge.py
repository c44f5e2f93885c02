from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Remember who became whom: the ledger names contacts without a foreign key."""
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.flush_all()
        self.env["service.quality.partner.merge"].sudo().create(  # written by nobody
            [
                {"old_partner": partner.id, "partner_id": dst_partner.id}
                for partner in src_partners
            ]
        )
        return result
