from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Remember what was merged into what: the ledger has no foreign keys.

        The register says which contacts agreements name from now on, so that what was
        matched before stays with the contact of then.
        """
        # an agreement is not of the reader's company, nor are all that are merged
        agreements = self.env["service.quality.agreement"].sudo()
        named = agreements.with_context(active_test=False).search(
            [
                ("partner_ids", "in", src_partners.ids),
                ("state", "in", ("signed", "ended")),
            ]
        )
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._forget_double_customers(src_partners)
        self.env.flush_all()
        self.env["service.quality.partner.merge"].sudo().create(  # no user writes it
            [
                {"old_partner": partner.id, "partner_id": dst_partner.id}
                for partner in src_partners
            ]
        )
        named.invalidate_recordset(["partner_ids"])
        named._enter_terms(self.env._("Contacts were merged"))
        return result

    def _forget_double_customers(self, src_partners):
        """Take out who is left where an agreement named both contacts.

        What an agreement names is not deleted, and the merged contact is about to be.
        """
        field = self.env["service.quality.agreement"]._fields["partner_ids"]
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE %s = ANY(%s)",
                SQL.identifier(field.relation),
                SQL.identifier(field.column2),
                src_partners.ids,
            )
        )
