from odoo.tests import HttpCase, tagged

from .outcome_common import OutcomeCase


@tagged("post_install", "-at_install", "browser")
class TestSurveyResultTour(OutcomeCase, HttpCase):
    def test_the_result_on_one_screen(self):
        """The index comes first, and each promise opens what is felt and measured."""
        survey = self._with_people(12)
        self._answer_many(survey, [4] * 12, ["Nobody calls back."])
        year = self.company._service_day().year
        ticket = self._ticket(
            f"{year}-01-12 08:00",
            partner_id=survey.contact_ids[0].partner_id.id,
            team_id=self.team.id,
        )
        self._move(ticket, "resolved", f"{year}-01-14 08:00")
        survey.action_close()
        user = self._user(
            "tour_analyst", "quality", password="tour_analyst", tz="UTC", lang="en_US"
        )
        self.start_tour(
            f"/odoo/service.quality.survey/{survey.id}",
            "service_quality_survey_result_tour",
            login=user.login,
        )
