from odoo import api, models
from odoo.exceptions import AccessError

OF_DUE = {"late_after", "due_owner_ids"}
"""Stored fields of what has a due date that follow from its moves and owners."""


COUNTED = {"number_of_days_to_close", "number_of_days_to_open"}
"""Stored figures that the management system works out by itself."""


class ServiceQualityForeignStepsMixin(models.AbstractModel):
    """Has steps in a model of the management system, which writes its own fields."""

    _name = "service.quality.foreign.steps.mixin"
    _description = "Steps in a Model of Others"
    _inherit = ["service.quality.steps.mixin"]

    @api.model
    def _written_by_steps(self):
        """Leave to the management system what its own methods write."""
        return frozenset(
            name
            for name in super()._written_by_steps() | (COUNTED & self._fields.keys())
            if name.startswith("service_") or name in OF_DUE | COUNTED
        )

    @api.model
    def _refuse_step(self, name):
        """Refuse a field of the management system that only our steps write."""
        label = self._fields[name]._description_string(self.env)
        raise AccessError(self._step_refusal(label))
