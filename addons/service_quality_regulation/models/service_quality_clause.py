from odoo import api, fields, models


class ServiceQualityClause(models.Model):
    """A sub-clause says in our own words what a regulation asks for."""

    _name = "service.quality.clause"
    _description = "Clause"
    _inherit = ["service.quality.regulation.part"]
    _order = "regulation_id, sequence, code, id"
    _rec_names_search = ["code", "name"]

    regulation_id = fields.Many2one(
        "service.quality.regulation",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="regulation_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    name = fields.Char(string="Heading", required=True, translate=True)
    chapter = fields.Char(
        translate=True, help="Under which the register lists it: who, or what about."
    )
    text = fields.Text(translate=True)
    obligation_ids = fields.One2many(
        "service.quality.obligation", "clause_id", string="Obligations", copy=True
    )

    _code_uniq = models.UniqueIndex(
        "(regulation_id, code)", "The regulation has a clause of this number already."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for clause in self:
            clause.display_name = " ".join(filter(None, (clause.code, clause.name)))
