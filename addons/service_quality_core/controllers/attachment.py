from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from odoo.http import (
    DEFAULT_MAX_CONTENT_LENGTH,
    content_disposition,
    request,
    route,
)

from odoo.addons.mail.controllers.attachment import AttachmentController

from ..tools.sandbox import clean
from ..tools.sanitizer import Refused
from .limits import MOST_BYTES, count_request


def most_bytes(_controller):
    """Return how long a request with a file may be: customers' as their forms'."""
    is_staff = request.env.user._is_internal()
    return DEFAULT_MAX_CONTENT_LENGTH if is_staff else MOST_BYTES


class ServiceQualityAttachment(AttachmentController):
    """Reads no document in the web server that a stranger may have attached."""

    @route(max_content_length=most_bytes)
    def mail_attachment_upload(self, ufile=None, *args, **kwargs):
        """Limit the files that customers attach to messages."""
        if not isinstance(ufile, FileStorage):
            raise BadRequest()
        if not request.env.user._is_internal():
            count_request("answer")
        return super().mail_attachment_upload(ufile, *args, **kwargs)

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
