from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .figure_common import CallFigureCase


@tagged("post_install", "-at_install")
class TestCallbackClosedDays(CallFigureCase):
    """Calls that fall due on closed days count until noon of the next open day.

    6 March 2026 is a Friday. The company works from Monday to Friday.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company
        company.resource_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Monday to Friday", "tz": "Asia/Shanghai"}
        )
        company.partner_id.tz = "Asia/Shanghai"
        inside = {"company_id": company.id, "company_ids": [Command.set(company.ids)]}
        cls.executive = cls._user("closed_executive", "executive", "quality", **inside)
        cls.rule_of_days = (
            cls.env["service.quality.callback.closed.days"]
            .with_user(cls._user("closed_quality", "quality", **inside))
            .create({"name": "Nobody is in the house", "company_id": company.id})
        )

    def _approve(self, moment="2026-03-01 00:00"):
        with freeze_time(moment):
            self.rule_of_days.with_user(self.executive).action_approve()

    def _clock_of(self, moment):
        ticket = self._handled(moment)
        self.assertConsistent(ticket)
        return self.clock(ticket, "callback")

    def test_until_noon_of_the_next_open_day(self):
        """Regulation A5.1.2: a call of Friday is due on Monday at noon, 4:00 UTC."""
        self._approve()
        clock = self._clock_of("2026-03-06 03:00")
        self.assertEqual(str(clock.deadline), "2026-03-09 04:00:00")
        self.assertTrue(clock.deadline_set)
        row = clock.ticket_id.service_event_ids.filtered(
            lambda row: row.kind == "deadline_set"
        )
        self.assertIn("closed day", row.reason)

    def test_on_open_days_it_stays(self):
        self._approve()
        clock = self._clock_of("2026-03-04 03:00")
        self.assertEqual(str(clock.deadline), "2026-03-05 03:00:00")
        self.assertFalse(clock.deadline_set)

    def test_the_day_is_the_companys(self):
        """Friday at 23:00 UTC is Saturday in Shanghai."""
        self._approve()
        clock = self._clock_of("2026-03-05 23:00")
        self.assertEqual(str(clock.deadline), "2026-03-09 04:00:00")

    def test_it_holds_from_its_approval_on(self):
        before = self._clock_of("2026-03-06 03:00")
        self._approve("2026-03-06 04:00")
        self.assertEqual(str(before.deadline), "2026-03-07 03:00:00")
        with freeze_time("2026-03-20 00:00"):
            self.rule_of_days.with_user(self.executive).action_end()
        after = self._clock_of("2026-03-20 03:00")
        self.assertEqual(str(after.deadline), "2026-03-21 03:00:00")

    def test_the_figure_of_24_hours_stands_beside(self):
        """Regulation A5.1.2: met on Monday, and not within 24 hours."""
        self._approve()
        ticket = self._handled("2026-03-06 03:00")
        self._complete(ticket.service_callback_ids, "2026-03-09 03:00")
        self.assertEqual(self.clock(ticket, "callback").verdict, "met")
        self._take("callback_reached", "callback_within_day")
        for code, reached in (("callback_reached", 1), ("callback_within_day", 0)):
            figure = self._figure(code)
            self.assertEqual((figure.numerator, figure.denominator), (reached, 1))

    def test_who_decides(self):
        """Deny: who asked for it, and who is no executive."""
        for role in ("quality", "service_manager", "desk", "technical_centre"):
            user = self._user(f"closed_no_{role}", role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.rule_of_days.with_user(user).action_approve()
        own = (
            self.env["service.quality.callback.closed.days"]
            .with_user(self.executive)
            .create({"name": "I need a rest", "company_id": self.company.id})
        )
        with self.assertRaises(AccessError):
            own.action_approve()
        with self.assertRaises(AccessError):
            own.state = "approved"
        self._approve()
        with self.assertRaises(UserError):
            self.rule_of_days.name = "Something else"
        with self.assertRaises(UserError):
            self.rule_of_days.unlink()
