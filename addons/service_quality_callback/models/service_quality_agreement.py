from odoo import api, fields, models


class ServiceQualityAgreement(models.Model):
    _inherit = "service.quality.agreement"

    callback_partner_id = fields.Many2one(
        "res.partner",
        string="Contact for Follow-up Calls",
        index="btree_not_null",
        check_company=True,
        help="Whom to call where no person asked, as after an alarm from monitoring.",
        ondelete="restrict",
    )
    callback_in_writing = fields.Boolean(
        string="Written Answers Suffice",
        help="An answer by link or in the portal ends the follow-up call. It still "
        "counts as no call by telephone.",
    )

    @api.model
    def _free_when_signed(self):
        return super()._free_when_signed() | {"callback_partner_id"}

    @api.model
    def _contact_fields(self):
        return (*super()._contact_fields(), "callback_partner_id")
