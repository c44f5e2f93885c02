from odoo.addons.survey.controllers.main import Survey
from odoo.addons.survey.controllers.survey_session_manage import UserInputSession


class ServiceQualitySurveyPages(Survey):
    """Keeps Odoo's pages from showing and answering surveys of customers.

    They know people by a cookie, and let whoever has two tokens answer again.
    """

    def _fetch_from_access_token(self, survey_token, answer_token):
        """Find no questionnaire of ours."""
        survey, answer = super()._fetch_from_access_token(survey_token, answer_token)
        if survey._service_is_ours():
            return survey.browse(), answer.browse()
        return survey, answer


class ServiceQualitySurveySession(UserInputSession):
    """Keeps live sessions from showing surveys of customers."""

    def _fetch_from_token(self, survey_token):
        """Find no questionnaire of ours."""
        survey = super()._fetch_from_token(survey_token)
        return survey - survey._service_is_ours()

    def _fetch_from_session_code(self, session_code):
        """Find no questionnaire of ours."""
        survey, error = super()._fetch_from_session_code(session_code)
        if survey and survey._service_is_ours():
            return None, {"error": "survey_wrong"}
        return survey, error
