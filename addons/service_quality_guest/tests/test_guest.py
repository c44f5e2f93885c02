from unittest.mock import patch

from odoo.tests import BaseCase

from odoo.addons.service_quality_core.tools import throttle
from odoo.addons.service_quality_core.tools.form_text import (
    MOST_LINE,
    clean_line,
    clean_text,
)
from odoo.addons.service_quality_core.tools.throttle import Throttle


class TestThrottle(BaseCase):
    def setUp(self):
        super().setUp()
        self.moment = 0
        self.throttle = Throttle(2, 60, now=lambda: self.moment)

    def _tries(self, address, count=3):
        return [self.throttle.seconds_to_wait(address) for _try in range(count)]

    def test_nothing_tells_the_address(self):
        self._tries("203.0.113.77")
        kept = repr(vars(self.throttle))
        self.assertNotIn("203.0.113", kept)
        (key,) = self.throttle._full_until
        self.assertEqual(len(key), 32)

    def test_new_key_every_day(self):
        self._tries("203.0.113.77")
        before = set(self.throttle._full_until)
        self.moment = throttle.DAY
        self.assertEqual(self._tries("203.0.113.77"), [0, 0, 30])
        self.assertTrue(before.isdisjoint(self.throttle._full_until))

    def test_memory_is_bounded(self):
        with patch.object(throttle, "MOST_KEYS", 10):
            for number in range(100):
                self.throttle.seconds_to_wait(f"203.0.113.{number}")
                self.assertLessEqual(len(self.throttle._full_until), 10)

    def test_what_is_over_makes_room_first(self):
        with patch.object(throttle, "MOST_KEYS", 3):
            self._tries("203.0.113.1")
            self._tries("203.0.113.2")
            self.moment = 61
            self._tries("203.0.113.3")
            self._tries("203.0.113.4")
            self.assertEqual(self._tries("203.0.113.3", 1), [30])

    def test_refused_tries_do_not_prolong_the_wait(self):
        self._tries("203.0.113.77", 50)
        self.moment = 30
        self.assertEqual(self._tries("203.0.113.77", 1), [0])


class TestCleanText(BaseCase):
    def test_what_the_database_cannot_store_is_left_out(self):
        self.assertEqual(clean_text("a\x00b\ud800c"), ("abc", 3))

    def test_chinese_and_smileys_stay(self):
        self.assertEqual(clean_text("服务态度差😞"), ("服务态度差😞", 6))

    def test_line(self):
        self.assertEqual(clean_line("a\r\nb"), "a b")
        self.assertEqual(len(clean_line("x" * 1000)), MOST_LINE)
