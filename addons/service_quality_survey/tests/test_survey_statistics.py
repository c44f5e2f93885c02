import random
from unittest import SkipTest

from odoo.tests import BaseCase, tagged

from ..tools.survey_statistics import (
    adjusted,
    design_weights,
    mean_of,
    promoters_mean,
    response_rates,
    satisfaction_index,
    student,
    weighting,
)

try:
    import scipy.stats as referee
except ImportError:  # where only the product is installed
    referee = None


@tagged("post_install", "-at_install")
class TestSurveyStatistics(BaseCase):
    """What the product calculates is what an independent library calculates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if referee is None:
            raise SkipTest("scipy is not installed")

    def test_an_interval_is_that_of_the_referee(self):
        chance = random.Random(14)
        for count in (10, 11, 30, 97, 500):
            scores = [chance.choice(range(0, 101, 10)) for _number in range(count)]
            found = mean_of(count, sum(scores), sum(one * one for one in scores))
            mean, error = sum(scores) / count, referee.sem(scores)
            low, high = referee.t.interval(0.95, count - 1, mean, error)
            self.assertAlmostEqual(found.value, mean)
            self.assertAlmostEqual(found.low, max(low, 0), 2)
            self.assertAlmostEqual(found.high, min(high, 100), 2)

    def test_students_t_is_that_of_the_referee(self):
        for freedom in (9, 10, 20, 79, 999):
            wanted = referee.t.ppf(0.975, freedom)
            self.assertAlmostEqual(student(freedom), wanted, 3)

    def test_promoters_are_a_mean(self):
        scores = [100] * 45 + [0] * 30 + [-100] * 25
        found = promoters_mean(45, 25, 100)
        low, high = referee.t.interval(0.95, 99, 20, referee.sem(scores))
        self.assertAlmostEqual(found.value, 20)
        self.assertAlmostEqual(found.low, low, 2)
        self.assertAlmostEqual(found.high, high, 2)

    def test_a_census_leaves_nothing_to_chance(self):
        squares = sum(one * one for one in range(40))
        found = mean_of(40, sum(range(40)), squares, population=40)
        self.assertEqual(found.low, found.high)

    def test_numbers_of_the_formulas(self):
        self.assertEqual(response_rates(60, 5, 10, 20, 5), (60, 65, 10, 80))
        self.assertAlmostEqual(satisfaction_index([8, 7, 7]), 70.37, 2)
        weights = [1] * 50 + [2] * 25 + [4] * 5
        found = weighting(80, sum(weights), sum(one * one for one in weights))
        self.assertAlmostEqual(found.effect, 1.278, 3)
        self.assertAlmostEqual(found.size, 62.6, 1)

    def test_design_weights_have_mean_one(self):
        answered = {"a": 40, "b": 10, "c": 3}
        weights = design_weights({"a": 50, "b": 50, "c": 90}, answered)
        total = sum(weights[name] * count for name, count in answered.items())
        self.assertAlmostEqual(total / sum(answered.values()), 1)

    def test_the_silent_stand_with_those_who_are_alike(self):
        self.assertAlmostEqual(adjusted([(90, 30, 10), (50, 10, 30)]), 70)
