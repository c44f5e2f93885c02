from odoo import api, models

from ...tools.indicator.formula import Formula

CALL = "service.quality.callback"


class ServiceQualityIndicator(models.Model):
    """Adds the formulas over follow-up calls, and their section of reports."""

    _inherit = "service.quality.indicator"

    @api.model
    def _formulas(self):
        _ = self.env._
        told = {"section": "callback", "is_for_customers": True}
        timed = told | {"is_excludable": True}
        return super()._formulas() | {
            "call_attempted": Formula(_("Called in time"), CALL, headline=20, **timed),
            "call_reached": Formula(_("Reached in time"), CALL, **timed),
            "call_solved": Formula(_("Solved at the call"), CALL, **told),
            "call_grade": Formula(_("Satisfaction"), CALL, headline=30, **told),
            "exemptions": Formula(_("Exempt calls"), CALL, section="callback"),
        }

    @api.model
    def _sections(self):
        own = {"callback": (40, self.env._("Follow-up calls"))}
        return super()._sections() | own
