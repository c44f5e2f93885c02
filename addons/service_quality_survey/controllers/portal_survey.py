from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.service_quality_core.controllers.limits import count_request

PATH = "/my/surveys"


class ServiceQualitySurveyPortal(CustomerPortal):
    """Customers find in the portal the surveys in which they are asked themselves."""

    def _prepare_home_portal_values(self, counters):
        """Add in how many surveys the reader is asked."""
        values = super()._prepare_home_portal_values(counters)
        if "service_survey_count" in counters:
            values["service_survey_count"] = len(self._service_surveys())
        return values

    def _service_surveys(self):
        contacts = request.env["service.quality.survey.contact"]
        return contacts._to_answer(request.env.user.partner_id)

    @route(PATH, type="http", auth="user", website=True, readonly=True)
    def portal_service_surveys(self, **_kwargs):
        """List the surveys in which the reader is asked."""
        return request.render(
            "service_quality_survey.portal_surveys",
            {"page_name": "service_survey", "contacts": self._service_surveys()},
        )

    @route(
        f"{PATH}/<int:contact_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_service_survey(self, contact_id, **_kwargs):
        """Open the reader's own answer, on the page that a link opens."""
        count_request("read")
        contact = self._service_surveys().filtered(lambda one: one.id == contact_id)
        if not contact:
            return request.redirect("/my")
        return request.redirect(contact._path("portal"))
