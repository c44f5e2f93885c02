import base64
import hashlib

from odoo import fields, models

from odoo.addons.service_quality_core.models.arguments import Arguments

from .report_data import MIMETYPES

FILES = {"html": "page_file", "pdf": "pdf_file", "xlsx": "xlsx_file"}
"""The fields that keep the files of a sent report."""


class ServiceQualityReportFiles(models.AbstractModel):
    """Gives a report its files: a page, a PDF and a workbook.

    Those of a draft are made when they are asked for. When the report is sent they are
    kept, and it is what was kept that is shown from then on.
    """

    _name = "service.quality.report.files"
    _description = "Files of Reports"

    page_file = fields.Binary(readonly=True, copy=False, attachment=True)
    pdf_file = fields.Binary(readonly=True, copy=False, attachment=True)
    pdf_digest = fields.Char(
        string="SHA-256", readonly=True, copy=False, help="Of the PDF when it was sent."
    )
    xlsx_file = fields.Binary(readonly=True, copy=False, attachment=True)

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    def export(self, file_format):
        """Return a report as a file: of a sent one, what was stored when it was sent.

        :param file_format: ``pdf``, ``xlsx`` or ``html``
        :return: dict ``{"name": file name, "content": base64 text, "mimetype": …}``
        :raise ValidationError: for another format
        :raise UserError: where the page cannot be printed on this machine
        """
        self.ensure_one()
        self.check_access("read")
        formats = [(name, name) for name in MIMETYPES]
        file_format = Arguments(self.env).choice("file_format", file_format, formats)
        return {
            "name": f"{self._file_name()}.{file_format}",
            "content": base64.b64encode(self._content(file_format)).decode(),
            "mimetype": MIMETYPES[file_format],
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_print(self):
        """Download the report as a PDF."""
        return self._action_download("pdf")

    def action_export(self):
        """Download the report as a workbook."""
        return self._action_download("xlsx")

    def _action_download(self, file_format):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/service-quality/report/{self.id}/{file_format}",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _prepare_files(self):
        """Return the page, the PDF and the workbook as they are sent."""
        pdf = self._render("pdf")
        return {
            "page_file": base64.b64encode(self._render("html")),
            "pdf_file": base64.b64encode(pdf),
            "pdf_digest": hashlib.sha256(pdf).hexdigest(),
            "xlsx_file": base64.b64encode(self._render("xlsx")),
        }

    def _content(self, file_format):
        """Return a report's file: stored if it was sent, else as the draft is now."""
        self.ensure_one()
        name = FILES[file_format]
        # who may read the report may read its files
        stored = self.sudo().with_context(bin_size=False)
        if self.state == "sent" and stored[name]:
            return base64.b64decode(stored[name])
        return stored._render(file_format)

    def _render(self, file_format):
        """Return a report's file as it is now."""
        if file_format == "xlsx":
            return self.env["service.quality.report.workbook"]._render(self)
        page = self.env["service.quality.report.page"]
        if file_format == "pdf":
            return page._render_pdf(self)
        return str(page._render(self)).encode()

    def _file_name(self):
        """Return the name of the report's files, without their ending."""
        name = self.with_context(lang=self._lang()).display_name
        for sign in '/\\:*?"<>|':
            name = name.replace(sign, "-")
        return name.replace(" · ", " ")
