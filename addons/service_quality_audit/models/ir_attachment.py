from odoo import models

ENDING = ("mgmtsystem.action", "mgmtsystem.nonconformity")
"""The models whose files stay from the moment on in which a record has ended."""


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
        kept |= self & lines.service_attachment_ids.sudo(self.env.su)
        return kept | self._service_of_ended()

    def _service_of_ended(self):
        """Return the files that measures and nonconformities had when they ended.

        What is attached later, as to a message, is changed as any other file.
        """
        found = self.browse()
        # also of what the user may not read
        for model, files in self.sudo().grouped("res_model").items():
            if model not in ENDING:
                continue
            records = files.env[model].browse(set(files.mapped("res_id"))).exists()
            ends = records._rectify_ended()._rectify_ends()
            moments = {record.id: end.at for record, end in ends.items()}
            for file in files:
                moment = moments.get(file.res_id)
                if moment and file.create_date <= moment:
                    found |= file
        return found.sudo(self.env.su)
