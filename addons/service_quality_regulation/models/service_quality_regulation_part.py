from odoo import api, models


class ServiceQualityRegulationPart(models.AbstractModel):
    """A part of a regulation is locked together with it.

    A model that takes this up has a ``regulation_id``.
    """

    _name = "service.quality.regulation.part"
    _description = "Part of a Regulation"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.regulation_id._check_unlocked()
        return parts

    def write(self, vals):
        """Change only the parts of what was never in force, and move them there."""
        self.regulation_id._check_unlocked()
        result = super().write(vals)
        self.regulation_id._check_unlocked()
        self._service_keep_edited()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.regulation_id._check_unlocked()
