from odoo import models


class IrDefault(models.Model):
    """Refuses users' own defaults for fields that only the steps of a record write.

    They would also hold for what the system creates on the user's behalf, and no check
    of what is entered sees them.
    """

    _inherit = "ir.default"

    def _get_model_defaults(self, model_name, condition=False):
        """Leave out the defaults of fields that no user enters."""
        found = super()._get_model_defaults(model_name, condition)
        if not found or model_name not in self.env:
            return found
        kept = self.env[model_name]._service_without_default(found)
        # what was given is cached: it is not changed
        return {name: value for name, value in found.items() if name not in kept}
