from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ...controllers.callback.follow_up import FollowUpController
from ...controllers.core.limits import THROTTLES
from ...controllers.guest import guest
from ...tools.core import throttle
from ...tools.core.throttle import Throttle
from ...tools.core.typed import MOST_LINE, clean_line, clean_text
from .guest_common import GuestCase

PAGE = f"/service/follow-up/{'x' * 43}"


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


@tagged("post_install", "-at_install", "browser")
class TestGuest(GuestCase):
    """Pages that anybody may open without being known."""

    def test_nothing_is_fetched_and_nothing_runs(self):
        page = self.visit(PAGE)
        self.assertFalse(page.tree.xpath("//script | //link[@rel='stylesheet']"))
        sources = page.tree.xpath("//@src | //link/@href")
        self.assertEqual([s for s in sources if not s.startswith("data:")], [])
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")

    def test_who_is_logged_in_is_nobody(self):
        """No trace says that a user was here: who it was could be told by the time."""
        agent = self._user("watched", "desk")
        self.authenticate("watched", "watched", session_extra={"_trace_disable": False})
        seen = []

        def spy(controller, kind):
            seen.append((guest.request.env.uid, guest.request.session.uid))

        log = self.env["res.device.log"].search_count([])
        with patch.object(FollowUpController, "_count", spy):
            self.visit(PAGE)
        self.assertEqual(seen, [(self.env.ref("base.public_user").id, agent.id)])
        self.assertEqual(self.env["res.device.log"].search_count([]), log)
        self.url_open("/odoo")
        self.assertGreater(self.env["res.device.log"].search_count([]), log)

    def test_in_the_language_of_the_browser(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for header, lang in (
            ("zh-CN,zh;q=0.9", "zh-CN"),
            ("zh-TW", "zh-CN"),
            ("tlh", "en-US"),
        ):
            with self.subTest(header):
                page = self.visit(PAGE, headers={"Accept-Language": header})
                self.assertEqual(page.tree.get("lang"), lang)
        page = self.visit(f"{PAGE}?lang=<b>")
        self.assertEqual(page.tree.get("lang"), "en-US")

    def test_limit(self):
        with patch.object(THROTTLES["read"], "most", 2):
            pages = [self.visit(PAGE) for _try in range(3)]
        self.assertEqual([page.status_code for page in pages], [404, 404, 429])
        self.assertEqual(self.title(pages[-1]), "Too many tries")
        self.assertIn("Minutes to wait: 5", self.words(pages[-1]))
        self.assertEqual(pages[-1].headers["Retry-After"], "300")

    def test_an_invented_address_does_not_pass_the_limit(self):
        with patch.object(THROTTLES["read"], "most", 2):
            codes = [
                self.visit(PAGE, headers={"X-Forwarded-For": f"198.51.100.{n}"})
                for n in range(3)
            ]
        self.assertEqual(codes[-1].status_code, 429)

    def test_too_much_at_once(self):
        page = self.visit(PAGE, data=b"x" * (guest.MOST_BYTES + 1))
        self.assertEqual(page.status_code, 413)
        self.assertEqual(self.title(page), "That was too much at once")

    @mute_logger("odoo.http")
    def test_our_own_fault(self):
        def fail(controller, kind):
            raise ZeroDivisionError("secret detail")

        with patch.object(FollowUpController, "_count", fail):
            page = self.visit(PAGE)
        self.assertEqual(page.status_code, 500)
        self.assertEqual(self.title(page), "Something went wrong on our side")
        self.assertNotIn("secret detail", page.text)
        self.assertNotIn("Traceback", page.text)
