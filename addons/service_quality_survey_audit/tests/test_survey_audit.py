from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_survey.tests.survey_common import SurveyCase


@tagged("post_install", "-at_install")
class TestSurveyPeopleOfCalls(SurveyCase, CallbackCase):
    """Who was spoken to in follow-up calls had to do with the service."""

    def test_who_was_called_is_proposed_before_others(self):
        ticket = self._handled(partner_id=self.people[1].id)
        self._complete(ticket.service_callback_ids, "2026-03-02 11:00")
        self._ticket("2026-03-02 12:00", partner_id=self.people[2].id)
        survey = self._survey(date_from="2026-01-01")
        weights = survey._person_weights(self.customers)
        self.assertEqual(weights[self.people[1]], 2)
        self.assertEqual(weights[self.people[2]], 1)
