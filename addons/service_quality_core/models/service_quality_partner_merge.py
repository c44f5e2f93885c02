from odoo import api, fields, models
from odoo.tools import ormcache


class ServiceQualityPartnerMerge(models.Model):
    """Records which contact another was merged into: the ledger names the old one."""

    _name = "service.quality.partner.merge"
    _description = "Merged Contact"
    _order = "id"
    _rec_name = "old_partner"

    # the id of a contact that is gone, hence no relation
    old_partner = fields.Integer(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )

    _old_partner_uniq = models.UniqueIndex("(old_partner)")

    @api.model_create_multi
    def create(self, vals_list):
        merges = super().create(vals_list)
        self.env.registry.clear_cache()
        return merges

    @api.model
    @ormcache()
    def _merged_partners(self):
        """Return the dict of each merged contact's id to that of its successor."""
        # ids only, for figures of every user; one cache for all
        merges = self.sudo().search_fetch([], ["old_partner", "partner_id"])
        # the merge of contacts has moved partner_id along already
        return {merge.old_partner: merge.partner_id.id for merge in merges}
