from odoo import fields, models


class ServiceQualityRepeat(models.Model):
    """Says that what a nonconformity is about has happened again while it was open."""

    _name = "service.quality.repeat"
    _description = "Repeat of a Nonconformity"
    _inherit = ["service.quality.steps.mixin"]
    _order = "at desc, id desc"

    nonconformity_id = fields.Many2one(
        "mgmtsystem.nonconformity",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="nonconformity_id.company_id", store=True)
    name = fields.Char(string="What Happened", required=True, readonly=True)
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True)
    at = fields.Datetime(
        string="Noted On", required=True, readonly=True, default=fields.Datetime.now
    )

    def action_open_source(self):
        """Open what it was found in, by the reader's own rights."""
        self.ensure_one()
        return self.env[self.source_model].browse(self.source_id).get_formview_action()
