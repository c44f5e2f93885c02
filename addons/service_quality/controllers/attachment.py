from werkzeug.exceptions import UnsupportedMediaType

from odoo.http import content_disposition, request

from odoo.addons.mail.controllers.attachment import AttachmentController

from ..tools.sandbox import clean
from ..tools.sanitizer import Refused


class ServiceQualityAttachment(AttachmentController):
    """A document that a stranger may have attached is not read in the web server."""

    def _get_pdf_first_page_response(self, attachment):
        """Return the first page of a document, read by a process of its own."""
        try:
            page = clean(attachment.raw, most_pages=1)
        except Refused as error:
            raise UnsupportedMediaType() from error
        if page.mimetype != "application/pdf":
            raise UnsupportedMediaType()
        name = content_disposition(attachment.name or "1.pdf")
        return request.make_response(
            page.content,
            [
                ("Content-Type", "attachment/pdf"),
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Length", len(page.content)),
                ("Content-Disposition", name),
            ],
        )
