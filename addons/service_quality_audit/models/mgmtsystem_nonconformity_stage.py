from odoo import api, fields, models


class MgmtsystemNonconformityStage(models.Model):
    """Knows of the stage in which it is seen whether the actions have worked."""

    _name = "mgmtsystem.nonconformity.stage"
    _inherit = [
        "service.quality.kept.mixin",
        "service.quality.shipped.mixin",
        "mgmtsystem.nonconformity.stage",
    ]

    _shipped_fields = frozenset({"state", "is_starting"})

    state = fields.Selection(selection=lambda self: self._get_states())

    @api.model
    def _service_is_kept(self, name):
        """Keep what a stage was called: it says how far each one is."""
        return name == "name"

    def _get_states(self):
        """Add the check of the effect before the end.

        The words are ours: what the Python code of another addon says is translated
        by that addon alone, and it knows few languages.
        """
        ours = {
            "draft": self.env._("Draft"),
            "analysis": self.env._("Analysis"),
            "pending": self.env._("Action Plan"),
            "open": self.env._("In Progress"),
            "done": self.env._("Closed"),
            "cancel": self.env._("Cancelled"),
        }
        states = [
            (code, ours.get(code, label)) for code, label in super()._get_states()
        ]
        place = [code for code, _label in states].index("done")
        return [
            *states[:place],
            ("check", self.env._("Checking the Effect")),
            *states[place:],
        ]
