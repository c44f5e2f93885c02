from odoo import fields, models


class ServiceQualityAgreement(models.Model):
    """Adds the grounds on which a missed target may be left out of attainment."""

    _inherit = "service.quality.agreement"

    exclusion_ground_ids = fields.One2many(
        "service.quality.exclusion.ground",
        "agreement_id",
        string="Grounds for Exclusions",
        copy=True,
        help="On these grounds a missed target may be left out of attainment, beside "
        "the figure that counts it.",
    )
