from odoo import api, fields, models

from odoo.addons.service_quality_core.models.severity import SEVERITIES

KEPT = ("severity", "definition", "example", "company_id")
"""What is kept of a definition that was changed or deleted."""


class ServiceQualitySeverity(models.Model):
    """A severity is defined in the words of a company, or of all.

    How fast a complaint is answered follows from it: what it meant before is kept.
    """

    _name = "service.quality.severity"
    _description = "Severity of Complaints"
    _inherit = ["service.quality.kept.mixin"]
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

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Keep that people define what was not defined, or was for all companies."""
        definitions = super().create(vals_list)
        if not self.env.su:  # not what the addon brings along
            definitions._service_keep(
                dict.fromkeys(definitions._service_settings(KEPT), (None, ""))
            )
        return definitions

    def unlink(self):
        """Keep the words that are deleted."""
        rows = [
            row
            for (definition, name), old in self._service_settings(KEPT).items()
            for row in definition._service_prepare_setting(name, old, (None, ""))
        ]
        result = super().unlink()
        # nobody writes these rows
        self.env["service.quality.rectification"].sudo()._create_as_step(rows)
        return result

    def _update_field_translations(
        self, field_name, translations, digest=None, source_lang=""
    ):
        """Keep the words of the other languages, too, which are written past write."""
        before = {
            lang: self.with_context(lang=lang)._service_settings([field_name])
            for lang in translations
        }
        result = super()._update_field_translations(
            field_name, translations, digest, source_lang
        )
        for lang, old in before.items():
            self.with_context(lang=lang)._service_keep(old)  # batched: two languages
        return result

    # ------------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------------

    @api.model
    def _service_is_kept(self, name):
        """Return True for what says which severity a complaint has."""
        return name in KEPT

    def _service_told(self, name):
        """Return a text with the severity that it is of, which may be deleted."""
        value, words = super()._service_told(name)
        if name == "severity" or not words:
            return value, words
        severity = dict(self._fields["severity"]._description_selection(self.env))
        # the export of terms does not look into f-strings
        return value, f"{severity.get(self.severity)}: {words}"

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

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
