from odoo import api, models


class ServiceQualityDecisionLineMixin(models.AbstractModel):
    """Makes who writes a line an author of the record that the line is part of.

    A model says by which field, in :attr:`_decision_record`.
    """

    _name = "service.quality.decision.line.mixin"
    _description = "Part of What a Second Person Decides"

    _decision_record = None
    """The many2one to the record that is decided on."""

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines[self._decision_record]._note_author()
        return lines

    def write(self, vals):
        self[self._decision_record]._note_author()  # of the record that it leaves
        result = super().write(vals)
        self[self._decision_record]._note_author()
        return result

    def unlink(self):
        self[self._decision_record]._note_author()
        return super().unlink()
