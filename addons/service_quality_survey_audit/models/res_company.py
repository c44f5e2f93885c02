from odoo import fields, models

from odoo.addons.service_quality_core.models.roles import STAFF


class ResCompany(models.Model):
    _inherit = "res.company"

    service_survey_major_index = fields.Float(
        string="Major Problem Up To",
        default=40,
        groups=STAFF,
        help="A customer whose satisfaction index in the yearly survey is at most this "
        "raises a nonconformity when the survey is closed. 0: none does by rule.",
    )
