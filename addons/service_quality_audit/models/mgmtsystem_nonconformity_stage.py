from odoo import fields, models


class MgmtsystemNonconformityStage(models.Model):
    """Knows of the stage in which it is seen whether the actions have worked."""

    _inherit = "mgmtsystem.nonconformity.stage"

    state = fields.Selection(selection=lambda self: self._get_states())

    def _get_states(self):
        """Add the check of the effect before the end."""
        states = super()._get_states()
        place = [code for code, _label in states].index("done")
        return [
            *states[:place],
            ("check", self.env._("Checking the Effect")),
            *states[place:],
        ]
