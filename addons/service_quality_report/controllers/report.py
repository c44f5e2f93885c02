from odoo.exceptions import UserError
from odoo.http import Controller, content_disposition, request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.service_quality_core.controllers.limits import count_request
from odoo.addons.service_quality_core.tools.form_text import MOST_TEXT, clean_text

from ..models.report_data import MIMETYPES

PATH = "/my/service-reports"


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
    """People of the house download the files of reports."""

    @route(
        "/service-quality/report/<int:report_id>/<any(pdf, xlsx):file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def service_report(self, report_id, file_format, **_kwargs):
        """Download a report as a PDF or a workbook, for people of the house."""
        report = request.env["service.quality.report"].browse(report_id).exists()
        if not report or not report.has_access("read"):
            raise request.not_found()
        return file_response(report, file_format)


class ServiceQualityReportPortal(CustomerPortal):
    """Customers read the service reports sent to them, and confirm or object."""

    def _prepare_home_portal_values(self, counters):
        """Add how many service reports there are."""
        values = super()._prepare_home_portal_values(counters)
        if "service_report_count" in counters:
            portal = request.env["service.quality.report.portal"]
            values["service_report_count"] = len(portal._list())
        return values

    @route(PATH, type="http", auth="user", website=True, readonly=True)
    def portal_service_reports(self, **_kwargs):
        """List the service reports of the user's company."""
        reports = request.env["service.quality.report.portal"]._list()
        values = self._prepare_portal_layout_values() | {
            "page_name": "service_report",
            "reports": reports.with_context(lang=request.env.lang),
        }
        return request.render("service_quality_report.portal_service_reports", values)

    @route(f"{PATH}/<int:report_id>", type="http", auth="public", website=True)
    def portal_service_report(self, report_id, access_token=None, **_kwargs):
        """Show a service report, to whom it was sent."""
        report, delivery = self._service_report(report_id, access_token)
        if not report:
            return request.redirect("/my")
        delivery._note_seen()
        return self._service_render(report, access_token)

    @route(
        f"{PATH}/<int:report_id>/<any(pdf, xlsx):file_format>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
    )
    def portal_service_report_file(
        self, report_id, file_format, access_token=None, **_kwargs
    ):
        """Download a service report as it was sent."""
        report, _delivery = self._service_report(report_id, access_token)
        if not report:
            return request.redirect("/my")
        return file_response(report, file_format)

    @route(
        f"{PATH}/<int:report_id>/respond",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_service_report_respond(self, report_id, access_token=None, **given):
        """Confirm a service report, or object to it."""
        count_request("answer")
        report, delivery = self._service_report(report_id, access_token)
        if not report:
            return request.redirect("/my")
        partner = request.env.user.partner_id
        if request.env.user._is_public():
            partner = delivery.partner_id  # who was sent the link
        kind = given.get("kind")
        text, length = clean_text(given.get("text"))
        refusal = None
        if kind not in ("confirmed", "objection"):
            refusal = request.env._("Please confirm the report, or object to it.")
        elif length > MOST_TEXT:
            refusal = request.env._(
                "Your text is too long: at most %s characters.", MOST_TEXT
            )
        else:
            try:
                # what is refused leaves nothing behind
                with request.env.cr.savepoint():
                    portal = request.env["service.quality.report.portal"]
                    portal._respond(report, partner, kind, text)
            except UserError as error:
                refusal = str(error)
        if refusal:
            return self._service_render(report, access_token, refusal, text)
        query = f"?access_token={access_token}" if access_token else ""
        return request.redirect(f"{PATH}/{report.id}{query}#service_responses")

    def _service_report(self, report_id, access_token):
        portal = request.env["service.quality.report.portal"]
        return portal._find(report_id, access_token)

    def _service_render(self, report, access_token, refusal=None, text=""):
        portal = request.env["service.quality.report.portal"]
        values = self._prepare_portal_layout_values() | {
            "page_name": "service_report",
            "report": report.with_context(lang=request.env.lang),
            "token": access_token or "",
            "query": f"?access_token={access_token}" if access_token else "",
            "may_respond": portal._may_respond(report),
            "refusal": refusal,
            "text": text,
        }
        return request.render(
            "service_quality_report.portal_service_report",
            values,
            status=400 if refusal else 200,
        )
