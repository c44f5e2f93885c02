import random

from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.tools.draw import draw

from .survey_common import SurveyCase


class TestSurveyPopulation(SurveyCase):
    """Who is asked is proposed, decided by two, and frozen."""

    def test_people_of_each_customer_are_proposed(self):
        survey = self._survey()
        self.assertEqual(survey.contact_ids.customer_id, self.customers)
        ash = survey.contact_ids.filtered(
            lambda one: one.customer_id == self.customers[0]
        )
        self.assertEqual(sorted(ash.mapped("role")), ["contact", "decision", "user"])
        survey.action_propose()
        self.assertEqual(len(survey.contact_ids.partner_id), len(survey.contact_ids))

    def test_who_calls_most_is_the_contact_person(self):
        for person, count in ((self.people[1], 1), (self.people[2], 3)):
            for _number in range(count):
                self._ticket(f"{self._year()}-01-12 08:00", partner_id=person.id)
        survey = self._survey()
        roles = {one.partner_id: one.role for one in survey.contact_ids}
        self.assertEqual(roles[self.people[2]], "contact")
        self.assertEqual(roles[self.people[1]], "user")

    def _year(self):
        return self.company._service_day().year

    def test_who_was_proposed_is_left_out_by_two(self):
        survey = self._survey()
        contact = survey.contact_ids[0]
        with self.assertRaisesRegex(UserError, "with a reason"):
            contact.unlink()
        exclusion = self.env["service.quality.survey.exclusion"]
        exclusion = exclusion.with_user(self.quality).create(
            {
                "survey_id": survey.id,
                "contact_ids": [(6, 0, contact.ids)],
                "reason": "They have left the company",
            }
        )
        with self.assertRaises(AccessError):
            exclusion.action_approve()
        with self.assertRaisesRegex(UserError, "still decides"):
            survey.action_freeze()
        exclusion.with_user(self.second).action_approve()
        self.assertTrue(contact.is_excluded)
        survey.action_freeze()
        self.assertFalse(contact.is_drawn)

    def test_nobody_is_added_after_freezing(self):
        survey = self._frozen()
        values = {"survey_id": survey.id, "partner_id": self.company.partner_id.id}
        with self.assertRaisesRegex(UserError, "frozen"):
            self.env["service.quality.survey.contact"].with_user(self.quality).create(
                values
            )
        with self.assertRaisesRegex(UserError, "frozen"):
            survey.domain = "[]"
        with self.assertRaises(UserError):
            survey.contact_ids[0].unlink()
        with self.assertRaises(UserError):
            survey.unlink()

    def test_addresses_stay_as_they_were_asked(self):
        survey = self._frozen()
        contact = survey.contact_ids.filtered(
            lambda one: one.partner_id == self.people[0]
        )
        self.people[0].write({"email": "new@ash.example", "name": "Other"})
        self.assertEqual(contact.email, "ann@ash.example")
        self.assertEqual(contact.name, "Ash Ann")

    def test_an_empty_population_is_refused_in_words(self):
        survey = self.Survey.create({"domain": "[('id', '=', 0)]"})
        with self.assertRaisesRegex(UserError, "No customer has an agreement"):
            survey.action_propose()
        with self.assertRaisesRegex(UserError, "Nobody is to be asked"):
            survey.action_freeze()
        with self.assertRaises(ValidationError):
            survey.domain = "what?"

    def test_a_customer_of_whom_nobody_is_asked_is_named(self):
        survey = self._survey()
        birch = survey.contact_ids.filtered(
            lambda one: one.customer_id == self.customers[1]
        )
        birch.sudo()._write_as_step({"is_proposed": False})
        birch.unlink()
        with self.assertRaisesRegex(UserError, "Birch"):
            survey.action_freeze()

    def test_an_agreement_for_every_customer_has_those_with_tickets(self):
        elm = self.env["res.partner"].create(
            {"name": "Elm", "is_company": True, "email": "elm@elm.example"}
        )
        self._ticket(f"{self._year()}-01-12 08:00", partner_id=elm.id)
        self._agreement({"metric": "resolution"}, name="For all", partner_ids=[])
        survey = self.Survey.create({"domain": f"[('id', '=', {elm.id})]"})
        survey.action_propose()
        self.assertEqual(survey.contact_ids.customer_id, elm)

    def test_departments_are_those_who_had_the_tickets(self):
        """Regulation A4.2.4: an agreement that names no team has departments, too."""
        self.agreements[1].sudo()._write_as_step({"team_ids": [(6, 0, self.team.ids)]})
        other = self.env["helpdesk.ticket.team"].create({"name": "Other"})
        self._ticket(
            f"{self._year()}-01-12 08:00",
            partner_id=self.people[0].id,
            team_id=other.id,
        )
        survey = self._frozen()
        teams = {one.customer_id: one.team_ids for one in survey.contact_ids}
        ash, birch, cedar = (teams[customer] for customer in self.customers)
        self.assertEqual((ash, birch, len(cedar)), (other, self.team, 0))

    def test_account_managers_do_not_interview(self):
        survey = self._survey()
        with self.assertRaisesRegex(ValidationError, "survey_manager"):
            survey.interviewer_ids = self.manager


class TestSurveySample(SurveyCase):
    """A sample is drawn once, by a seed that was recorded before (M11)."""

    def test_the_draw_is_repeated_from_the_seed(self):
        survey = self._frozen(is_sampled=True, stratum_by="customer")
        self.assertTrue(survey.seed)
        self.assertFalse(survey.contact_ids.filtered("is_drawn"))
        survey.action_draw()
        for stratum, people in survey.contact_ids.grouped("stratum").items():
            drawn = people.filtered("is_drawn")
            again = draw(f"{survey.seed}/{stratum}", people.ids, len(drawn))
            self.assertEqual(sorted(drawn.ids), again)
            chance = random.Random(f"{survey.seed}/{stratum}")
            self.assertEqual(
                again, sorted(chance.sample(sorted(people.ids), len(drawn)))
            )
        with self.assertRaisesRegex(UserError, "once"):
            survey.action_draw()

    def test_a_seed_is_not_written_by_hand(self):
        survey = self._frozen(is_sampled=True)
        with self.assertRaises(AccessError):
            survey.seed = "convenient"
        with self.assertRaises(UserError):
            survey.is_sampled = False

    def test_everybody_is_asked_by_default(self):
        survey = self._frozen()
        self.assertEqual(survey.contact_ids.filtered("is_drawn"), survey.contact_ids)
        self.assertFalse(survey.seed)

    def test_it_says_before_what_the_result_can_say(self):
        survey = self._survey(is_sampled=True)
        self.assertIn("answers are needed", survey.outlook)

    def test_bad_settings_are_refused(self):
        for values in (
            {"confidence": 100},
            {"margin": 0},
            {"expected_response": 0},
            {"minimum_per_stratum": -1},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                with self.env.cr.savepoint():
                    self._survey(**values)
