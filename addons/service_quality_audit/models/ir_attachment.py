from odoo import models


class IrAttachment(models.Model):
    """Keeps the files that prove what a closed audit has found."""

    _inherit = "ir.attachment"

    def _service_kept(self):
        kept = super()._service_kept()
        # also files and audits that the user may not read are kept
        lines = self.env["mgmtsystem.verification.line"].sudo()
        lines = lines.search(
            [
                ("service_attachment_ids", "in", self.ids),
                ("audit_id.service_phase", "=", "done"),
            ]
        )
        return kept | (self & lines.service_attachment_ids.sudo(self.env.su))
