from odoo import models

MODULES = ("mgmtsystem", "service_quality_audit")
MODELS = (
    "mgmtsystem.action.stage",
    "mgmtsystem.nonconformity.origin",
    "mgmtsystem.nonconformity.stage",
    "mgmtsystem.nonconformity.severity",
)
MENU = "mgmtsystem.menu_mgmtsystem_root"


class IrModelData(models.Model):
    """Keeps the stages, severities and origins that steps lead to."""

    _inherit = "ir.model.data"

    def _service_needed(self):
        return super()._service_needed() | self.filtered(
            lambda one: (
                (one.module.startswith(MODULES) and one.model in MODELS)
                or one.complete_name == MENU
            )
        )
