from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .outcome_common import OutcomeCase


@tagged("post_install", "-at_install")
class TestSurveyResult(OutcomeCase):
    """Figures are those of a hand count, and stay once a survey is closed."""

    def test_three_people_by_hand(self):
        """Two of three answer: 8, 7, 7 and 10, 9, 8 on the three index questions."""
        survey = self._in_field()
        ann, dan, eve = (
            survey.contact_ids.filtered(lambda one, name=name: one.name == name)[:1]
            for name in ("Ash Ann", "Birch Dan", "Cedar Eve")
        )
        self._answer(ann, overall=8, expectation=7, ideal=7)
        self._answer(dan, overall=10, expectation=9, ideal=8)
        eve._refuse("No time")
        survey.action_close()
        total = self._line(survey)
        self.assertEqual(total.asked, len(survey.contact_ids))
        self.assertEqual((total.answered, total.refused), (2, 1))
        by_hand = ((8 + 10) / 2 + (7 + 9) / 2 + (7 + 8) / 2 - 3) / 27 * 100
        self.assertAlmostEqual(total.value, by_hand, 6)
        self.assertEqual(total.satisfied, 1)
        self.assertEqual(total.value_text, "1 of 2 satisfied")
        self.assertFalse(total.has_interval)
        self.assertAlmostEqual(total.rr1, 100 * 2 / total.asked, 6)
        ash = self._line(survey, "customer", customer_id=self.customers[0])
        self.assertEqual((ash.answered, ash.asked), (1, 3))
        self.assertAlmostEqual(ash.value, 70.370370, 5)
        own = ash.with_context(service_survey_confidential=True)
        self.assertIn("confidential", own.value_text)

    def test_eighty_people_by_hand(self):
        """Of 80, 60 answer: 30 tens, 20 sevens, 10 fours; 20 are silent."""
        survey = self._with_people(80)
        self._answer_many(survey, [10] * 30 + [7] * 20 + [4] * 10)
        survey.action_close()
        total = self._line(survey)
        self.assertEqual((total.asked, total.answered, total.count), (80, 60, 60))
        by_hand = (30 * 100 + 20 * 600 / 9 + 10 * 300 / 9) / 60
        self.assertAlmostEqual(total.value, by_hand, 6)
        self.assertAlmostEqual(total.rr1, 75)
        self.assertEqual(total.satisfied, 30)
        spread = (
            sum((score - by_hand) ** 2 * count for score, count in
                ((100, 30), (600 / 9, 20), (300 / 9, 10)))
            / 59
        ) ** 0.5  # fmt: skip
        half = 2.0010 * spread / 60**0.5 * (20 / 79) ** 0.5
        self.assertAlmostEqual(total.low, by_hand - half, 2)
        self.assertAlmostEqual(total.high, by_hand + half, 2)
        # of 20 silent: all 0 or all 100
        words = self.env["service.quality.survey.silence"]._words(
            total, self._line(survey, "silence")
        )
        least, most = by_hand * 60 / 80, (by_hand * 60 + 2000) / 80
        self.assertTrue(any(f"{least:.1f}" in text for text in words), words)
        self.assertTrue(any(f"{most:.1f}" in text for text in words), words)

    def test_five_hundred_people_by_hand(self):
        """Of 500, 300 answer: 120 nines, 100 eights, 80 fives; NPS is asked, too."""
        survey = self._with_people(500, asks_nps=True)
        self._answer_many(survey, [9] * 120 + [8] * 100 + [5] * 80)
        survey.action_close()
        total = self._line(survey)
        by_hand = (120 * 800 + 100 * 700 + 80 * 400) / 9 / 300
        self.assertAlmostEqual(total.value, by_hand, 6)
        self.assertEqual(total.response_text, "60.0 % (300 / 500)")
        nps = self._line(survey, "question", block="nps")
        self.assertAlmostEqual(nps.value, 100 * (120 - 80) / 300, 6)
        question = self._line(survey, "question", block="overall")
        self.assertEqual(question.answers, {"9": 120, "8": 100, "5": 80})
        self.assertEqual(question.count, 300)
        promise = self._line(survey, "promise")
        self.assertEqual((promise.population, promise.count), (500, 300))
        self.assertAlmostEqual(promise.value, by_hand, 6)

    def test_who_skips_an_index_question_has_no_index(self):
        survey = self._with_people(12)
        self._answer_many(survey, [8] * 12)
        line = self.env["survey.user_input.line"].search(
            [("question_id", "=", self._ask_of(survey)["ideal"].id)], limit=1
        )
        self.env.cr.execute(
            "UPDATE survey_user_input_line SET skipped = TRUE WHERE id = %s", (line.id,)
        )
        self.env.invalidate_all()
        survey.action_take_results()
        self.assertEqual(self._line(survey).count, 11)
        overall = self._line(survey, "question", block="overall")
        self.assertEqual(overall.count, 12)

    def test_figures_are_counted_anew_until_closing(self):
        survey = self._with_people(12)
        self._answer_many(survey, [8] * 10)
        survey.action_take_results()
        self.assertEqual(self._line(survey).answered, 10)
        survey.action_take_results()
        self.assertEqual(len(self._line(survey)), 1)
        survey.action_close()
        with self.assertRaisesRegex(UserError, "stay as they are"):
            survey.action_take_results()
        with self.assertRaisesRegex(UserError, "stay as they are"):
            survey.result_ids.sudo().unlink()
        with self.assertRaises(AccessError):
            self._line(survey).sudo().value = 100

    def test_last_year_is_compared_by_the_same_question(self):
        before = self._with_people(20)
        self._answer_many(before, [6] * 20)
        before.action_close()
        now = self._in_field(previous_id=before.id)
        customers = self.env["res.partner"]
        self.assertEqual(now.previous_id, before)
        for contact in now.contact_ids:
            self._answer(contact, score=10)
            customers |= contact.customer_id
        now.action_close()
        overall = self._line(now, "question", block="overall")
        self.assertTrue(overall.has_previous)
        self.assertAlmostEqual(overall.previous_value, 500 / 9, 6)
        resolution = self._line(now, "promise").filtered(
            lambda line: line.promise_id.metric == "resolution"
        )
        self.assertTrue(resolution.has_previous)
        first = self._line(now, "promise") - resolution
        self.assertFalse(first.has_previous, "it was not promised last year")
        self.assertEqual(overall.change_text, "–", "of few nothing is compared")

    def test_felt_stands_beside_measured(self):
        """Two tickets are solved in time, one late; the hand count is 2 of 3."""
        year = self.company._service_day().year
        for hours in (2, 3, 30):
            ticket = self._ticket(
                f"{year}-01-12 08:00", partner_id=self.people[0].id,
                team_id=self.team.id,
            )  # fmt: skip
            day, hour = divmod(8 + hours, 24)
            self._move(ticket, "resolved", f"{year}-01-{12 + day} {hour:02}:00")
        survey = self._in_field()
        for contact in survey.contact_ids:
            self._answer(contact, score=4)
        survey.action_close()
        line = self._line(survey, "promise").filtered(
            lambda line: line.promise_id.metric == "resolution"
        )
        self.assertEqual((line.measured_met, line.measured_count), (2, 3))
        self.assertAlmostEqual(line.gap, 300 / 9 - 200 / 3, 6)
        self.assertEqual(line.gap_state, "few")
        opened = line.action_open_measured()
        clocks = self.env["service.quality.clock"].search(opened["domain"])
        self.assertEqual(len(clocks), 3)
        self.assertEqual(set(clocks.mapped("metric")), {"resolution"})
        answers = line.action_open_answers()
        found = self.env["survey.user_input.line"].search(answers["domain"])
        self.assertEqual(len(found), len(survey.contact_ids))

    def test_a_wide_gap_of_many_is_told(self):
        survey = self._with_people(40)
        self._answer_many(survey, [4] * 40)
        survey.action_take_results()
        line = self._line(survey, "promise")
        line.sudo()._write_as_step({"measured_met": 95, "measured_count": 100,
                                    "gap": line.value - 95})  # fmt: skip
        self.assertEqual(line.gap_state, "worse")

    def test_the_silent_are_compared_by_missed_targets(self):
        """Whoever had a missed target is less content, and answers less often."""
        survey = self._with_people(40)
        scores = [10] * 16 + [None] * 4 + [4] * 10 + [None] * 10
        self._answer_many(survey, scores)
        people = survey.contact_ids.sorted("id")
        year = self.company._service_day().year
        for contact in people[20:]:
            ticket = self._ticket(
                f"{year}-01-12 08:00", partner_id=contact.partner_id.id,
                team_id=self.team.id,
            )  # fmt: skip
            self._move(ticket, "resolved", f"{year}-01-14 08:00")
        survey.action_close()
        total = self._line(survey)
        by_hand = (16 * 100 + 10 * 300 / 9) / 26
        self.assertAlmostEqual(total.value, by_hand, 6)
        adjusted = (20 * 100 + 20 * 300 / 9) / 40
        self.assertAlmostEqual(total.adjusted_value, adjusted, 6)
        missed = self._line(survey, "silence", code="missed")
        self.assertEqual((missed.count, missed.silent_count), (26, 14))
        self.assertAlmostEqual(missed.value, 10 / 26, 6)
        self.assertAlmostEqual(missed.silent_value, 10 / 14, 6)
        words = self.env["service.quality.survey.silence"]._words(
            total, self._line(survey, "silence")
        )
        self.assertTrue(any("too good" in text for text in words), words)
        self.assertTrue(any("they differ" in text for text in words), words)

    def test_weights_follow_the_strata(self):
        """In a stratum of 30 ten answer, in one of 10 all ten: weights 3 to 1."""
        survey = self._with_people(40)
        people = survey.contact_ids.sorted("id").sudo()
        people[:30]._write_as_step({"stratum": "big"})
        people[30:]._write_as_step({"stratum": "small"})
        self._answer_many(survey, [10] * 10 + [None] * 20 + [1] * 10)
        survey.action_close()
        total = self._line(survey)
        self.assertAlmostEqual(total.value, 50)
        self.assertAlmostEqual(total.weighted_value, 75)
        self.assertAlmostEqual(total.design_effect, 20 * (10 * 9 + 10) / 40**2)
        self.assertNotIn("75.0", survey.result_page)
        survey.is_weighted = True
        self.assertIn("75.0", survey.result_page)

    def test_nobody_answers(self):
        survey = self._in_field()
        survey.action_close()
        total = self._line(survey)
        self.assertEqual((total.answered, total.has_value), (0, False))
        self.assertEqual(total.value_text, "–")
        self.assertTrue(survey.result_page)

    def test_the_page_takes_no_more_queries_with_more_answers(self):
        few, many = self._with_people(15), self._with_people(60)
        self._answer_many(few, [8] * 15, ["Fine"] * 15)
        self._answer_many(many, [8] * 60, ["Fine"] * 60)
        for survey in (few, many):
            survey.action_take_results()
        counts = []
        for survey in (few, few, many):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            survey.with_user(self.quality).read(["result_page", "result_details"])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        counts = []
        for survey in (few, many):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            survey._take_results()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_whoever_sees_a_survey_is_told_what_is_missing(self):
        survey = self._with_people(12)
        self._answer_many(survey, [8] * 12)
        survey.action_close()
        own = survey.with_user(self.manager)
        self.assertIn("report is not sent", own.next_problem)
        self.assertEqual(own.report_count, 0)
        self.assertFalse(own.part_ids)
        for name in ("result_page", "result_details", "result_ids", "notice_ids"):
            with self.assertRaises(AccessError):
                own.read([name])

    def test_executives_read_figures_and_no_answer(self):
        survey = self._in_field()
        ann = survey.contact_ids.filtered(lambda one: one.name == "Ash Ann")
        self._answer(ann, score=2, open="Nobody calls back.")
        survey.action_close()
        own = survey.with_user(self.boss)
        self.assertIn("confidential", own.result_page)
        self.assertNotIn("Nobody calls back.", own.result_details)
        figures = self.env["service.quality.survey.result"].with_user(self.boss)
        single = [("survey_id", "=", survey.id), ("count", "=", 1)]
        self.assertFalse(figures.search(single))
        self.assertTrue(figures.with_user(self.quality).search(single))
        page = survey.with_user(self.quality).result_details
        self.assertIn("Nobody calls back.", page)

    def test_who_reads_figures(self):
        survey = self._with_people(12)
        self._answer_many(survey, [8] * 12)
        survey.action_close()
        line = self._line(survey)
        for user in (self.quality, self.boss):
            self.assertTrue(line.with_user(user).read(["value"]))
        for user in (self.manager, self.lead):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["value"])
        with self.assertRaises(AccessError):
            line.with_user(self.quality).unlink()
        foreign = self.env["res.company"].create({"name": "Foreign"})
        stranger = self._user("survey_stranger", "quality")
        stranger.write({"company_ids": [(6, 0, foreign.ids)], "company_id": foreign.id})
        self.assertFalse(
            self.env["service.quality.survey.result"]
            .with_user(stranger)
            .search([("survey_id", "=", survey.id)])
        )
