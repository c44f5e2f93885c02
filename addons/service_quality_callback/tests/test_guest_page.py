from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.controllers.limits import THROTTLES
from odoo.addons.service_quality_guest.controllers import guest
from odoo.addons.service_quality_guest.tests.guest_common import GuestCase

from ..controllers.follow_up import FollowUpController

PAGE = f"/service/follow-up/{'x' * 43}"


@tagged("post_install", "-at_install", "browser")
class TestGuest(GuestCase):
    """Anybody may open the page of a call without being known."""

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
