from datetime import date

import psycopg2
from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceQualityCase
from .role_common import RoleMixin

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestNotice(ServiceQualityCase):
    """Agreements that end tell of it in time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("notice_manager", "service_manager")
        cls.seller = cls._user("notice_seller", "sales")
        cls.ours = cls.env["service.quality.agreement"]

    def _ending(self, date_end="2026-12-31", **values):
        people = {"manager_id": self.manager.id, "salesperson_id": self.seller.id}
        agreement = self._agreement(TARGET, date_end=date_end, **people | values)
        self.ours |= agreement
        return agreement

    def _warn(self, day):
        """Tell of what ends, as on a day; return the notices of it."""
        with freeze_time(f"{day} 06:00:00"):
            notices = self.env["service.quality.agreement.notice"]._warn_ending(
                self.env.company, date.fromisoformat(day)
            )
        return notices.filtered(lambda notice: notice.agreement_id in self.ours)

    def test_three_notices(self):
        """Service manager and sales hear 90, 60 and 30 days before, once each."""
        agreement = self._ending()
        self.assertFalse(self._warn("2026-10-01"))
        told = []
        for day in ("2026-10-02", "2026-10-03", "2026-11-01", "2026-11-20",
                    "2026-12-01", "2026-12-02", "2026-12-31"):  # fmt: skip
            notices = self._warn(day)
            self.assertLessEqual(len(notices), 1)
            if notices:
                told.append((day, notices.days))
                self.assertEqual(notices.user_ids, self.manager | self.seller)
        self.assertEqual(
            told, [("2026-10-02", 90), ("2026-11-01", 60), ("2026-12-01", 30)]
        )
        activities = agreement.activity_ids
        self.assertEqual(activities.user_id, self.manager | self.seller)
        self.assertEqual(len(activities), 6)
        self.assertIn("in 90 days", activities.sorted("id")[0].summary)

    def test_the_job_was_away(self):
        """After some days without the job each notice still comes, once."""
        self._ending()
        self.assertEqual(self._warn("2026-10-20").days, 90)
        self.assertEqual(self._warn("2026-12-15").mapped("days"), [60, 30])
        self.assertFalse(self._warn("2026-12-16"))

    def test_signed_shortly_before(self):
        """Who signs with twenty days to go is told once, not three times."""
        agreement = self._ending()
        self.assertEqual(self._warn("2026-12-11").mapped("days"), [90, 60, 30])
        self.assertEqual(len(agreement.activity_ids), 2)

    def test_what_needs_no_notice(self):
        """Drafts, what has no end, what is renewed and what was ended are silent."""
        self._ending(sign=False)
        self._ending(date_end=False)
        with freeze_time("2026-10-01 08:00:00"):
            renewed = self._ending(name="Renewed")
            action = renewed.action_amend()
            following = self.env["service.quality.agreement"].browse(action["res_id"])
            following.write(
                {
                    "date_start": "2026-12-31",
                    "date_end": "2028-01-01",
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2026-10-01",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2026-10-01",
                }
            )
            following.action_sign()
            ended = self._ending(name="Ended")
            ended._end_on(date(2026, 12, 1), "The customer left")
        self.assertFalse(self._warn("2026-11-15"))

    def test_nobody_looks_after_it(self):
        """Without a manager and a salesperson all of those roles are told."""
        self._ending(manager_id=False, salesperson_id=False)
        notice = self._warn("2026-10-02")
        self.assertLessEqual(self.manager | self.seller, notice.user_ids)

    def test_somebody_has_left(self):
        """Another service manager is told where the one named has left."""
        self._ending()
        self.manager.active = False
        notice = self._warn("2026-10-02")
        self.assertNotIn(self.manager, notice.user_ids)
        self.assertGreater(notice.user_ids, self.seller)

    def test_once_in_the_database(self):
        """The database refuses a second notice of the same kind."""
        self._ending()
        notice = self._warn("2026-10-02")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            notice.copy()

    def test_daily_job(self):
        """The scheduler tells of what ends."""
        agreement = self._ending()
        with freeze_time("2026-10-02 06:00:00"), self.enter_registry_test_mode():
            self.env.ref(
                "service_quality_core.ir_cron_warn_ending"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(agreement.activity_ids), 2)


@tagged("post_install", "-at_install", "security")
class TestNoticeSecurity(RoleMixin, ServiceQualityCase):
    """Who reads notices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("notice")

    def test_notices(self):
        """Notices of an agreement's end are written by the job alone."""
        notices = self.env["service.quality.agreement.notice"]
        readers = ("service_manager", "quality", "executive", "sales")
        self.assertMay(notices, "read", *readers)
        for operation in ("write", "create", "unlink"):
            self.assertMay(notices, operation)
