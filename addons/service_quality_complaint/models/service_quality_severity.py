from odoo import api, fields, models

from odoo.addons.service_quality_core.models.severity import SEVERITIES


class ServiceQualitySeverity(models.Model):
    """A severity is defined in the words of a company, or of all."""

    _name = "service.quality.severity"
    _description = "Severity of Complaints"
    _order = "severity_rank, company_id, id"
    _rec_name = "severity"

    severity = fields.Selection(SEVERITIES, required=True)
    severity_rank = fields.Integer(compute="_compute_severity_rank", store=True)
    definition = fields.Text(
        required=True, translate=True, help="How the desk knows one when it comes in."
    )
    example = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Empty: for all companies.",
        ondelete="restrict",
    )

    _severity_uniq = models.UniqueIndex(
        "(severity, COALESCE(company_id, 0))",
        "This severity is defined already. Change that definition.",
    )

    @api.depends("severity")
    def _compute_severity_rank(self):
        order = [severity for severity, _label in SEVERITIES]
        for definition in self:
            definition.severity_rank = order.index(definition.severity)

    @api.model
    def _definitions(self, companies):
        """Return what each severity means in each company.

        :return: dict of (company, severity) to a text
        """
        # what a severity means is no secret to who sees a complaint
        found = self.sudo().search(
            [("company_id", "in", [*companies.ids, False])], order="company_id, id"
        )
        common = found.filtered(lambda definition: not definition.company_id)
        texts = {
            (company, definition.severity): definition._text()
            for company in companies
            for definition in common
        }
        for definition in found - common:
            texts[definition.company_id, definition.severity] = definition._text()
        return texts

    def _text(self):
        if not self.example:
            return self.definition
        return self.env._(
            "%(definition)s For example: %(example)s",
            definition=self.definition,
            example=self.example,
        )
