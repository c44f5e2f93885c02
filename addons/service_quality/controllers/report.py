from odoo.exceptions import AccessError, MissingError
from odoo.http import Controller, content_disposition, request, route

from ..models.service_quality_report_page import MIMETYPES


def file_response(report, file_format):
    """Return a report's file as an answer to the browser."""
    content = report._content(file_format)
    name = f"{report._file_name()}.{file_format}"
    return request.make_response(
        content,
        [
            ("Content-Type", MIMETYPES[file_format]),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )


class ServiceQualityReportDownload(Controller):
    @route(
        "/service-quality/report/<int:report_id>/<any(pdf, xlsx):file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def service_report(self, report_id, file_format, **_kwargs):
        """Download a report as a PDF or a workbook."""
        report = request.env["service.quality.report"].browse(report_id).exists()
        try:
            report.check_access("read")
        except (AccessError, MissingError):
            raise request.not_found() from None
        if not report or request.env.user.share:
            raise request.not_found()
        return file_response(report, file_format)
