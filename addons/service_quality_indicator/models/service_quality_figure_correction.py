from odoo import api, fields, models


class ServiceQualityFigureCorrection(models.Model):
    """Records that a figure of a closed period was taken again and came out different.

    It says what was there before, who had it taken again, and why. No user writes or
    deletes it; it goes with its figure.
    """

    _name = "service.quality.figure.correction"
    _description = "Correction of a Figure"
    _order = "corrected_at desc, id desc"
    _log_access = False

    figure_id = fields.Many2one(
        "service.quality.figure",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="figure_id.company_id", store=True, precompute=True
    )
    corrected_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    reason = fields.Char(string="Because", required=True, readonly=True)
    # as it was
    has_value_before = fields.Boolean(readonly=True)
    value_before = fields.Float(string="Number Before", readonly=True, aggregator=None)
    numerator_before = fields.Float(readonly=True, aggregator=None)
    denominator_before = fields.Float(
        string="Counted Before", readonly=True, aggregator=None
    )
    open_count_before = fields.Integer(readonly=True, aggregator=None)
    missed_open_count_before = fields.Integer(
        string="Missed and Open Before", readonly=True, aggregator=None
    )

    # as it has come out
    has_value = fields.Boolean(readonly=True)
    value = fields.Float(string="Number After", readonly=True, aggregator=None)
    numerator = fields.Float(string="Numerator After", readonly=True, aggregator=None)
    denominator = fields.Float(string="Counted After", readonly=True, aggregator=None)
    open_count = fields.Integer(string="Open After", readonly=True, aggregator=None)
    missed_open_count = fields.Integer(
        string="Missed and Open After", readonly=True, aggregator=None
    )
    before_text = fields.Char(string="Before", compute="_compute_texts")
    after_text = fields.Char(string="After", compute="_compute_texts")

    @api.depends("value_before", "has_value_before", "value", "has_value")
    @api.depends_context("lang")
    def _compute_texts(self):
        for one in self:
            # readers of the correction may read its figure
            indicator = one.sudo().figure_id.indicator_id
            before = one.value_before if one.has_value_before else None
            after = one.value if one.has_value else None
            one.before_text = indicator._format(before)
            one.after_text = indicator._format(after)
