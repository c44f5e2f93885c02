from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.arguments import is_id

AUDIT = "mgmtsystem.audit"


class CopyVerificationLines(models.TransientModel):
    """Copies questions into an audit, and says so where there is none."""

    _inherit = "copy.verification.lines"

    def copyVerificationLines(self):
        """Copy the questions of another audit into the one that is open.

        :raise UserError: for the dialog of another model, or of no record
        """
        self.ensure_one()
        context = self.env.context
        target = context.get("active_id")
        known = context.get("active_model") == AUDIT and is_id(target)
        if not (known and self.env[AUDIT].browse(target).exists() and self.audit_src):
            raise UserError(
                self.env._(
                    "Open an audit, and choose in its dialog the audit that the "
                    "questions come from."
                )
            )
        return super().copyVerificationLines()
