from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.period_list import About
from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period

MARCH = Period("month", date(2026, 3, 1))

CODES = {
    "causes", "categories", "complaints", "bad_calls", "exclusions", "rectifications",
    "corrections", "late_entries", "reds",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestReportLists(ServiceQualityCase):
    """What all addons tell of a month, together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "UTC"
        cls.manager = cls._user("lists-manager", "service_manager")
        cls.quality = cls._user("lists-quality", "quality")
        cls.agreement = cls._agreement(
            {"metric": "resolution", "duration": 8, "goal_percent": 90},
            exclusion_ground_ids=[Command.create({"name": "Power cut"})],
        )
        cls.stages["resolved"].mail_template_id = False
        cls.about = About(cls.env.company, MARCH, *MARCH.bounds("UTC"))
        cls.told = cls.env["service.quality.period.list"]

    def _happen(self):
        """Add a row to each list: a complaint, a bad call, and so on."""
        cause = self.env.ref("service_quality_core.service_quality_cause_network")
        category = self.env["helpdesk.ticket.category"].create({"name": "Lists"})
        ticket = self._ticket(
            "2026-03-02 09:00:00",
            category_id=category.id,
            service_cause_id=cause.id,
            partner_id=self.contact.id,
        )
        self._move(
            ticket.with_user(self.manager),
            "resolved",
            "2026-03-10 12:00:00",
            service_work_done="Replaced the line card",
        )
        with freeze_time("2026-03-11 09:00:00"):
            self._ticket(service_is_complaint=True, partner_id=self.contact.id)
            call = ticket.service_callback_ids
            call.sudo().write(
                {
                    "state": "ended",
                    "result": "completed",
                    "satisfaction": "1",
                    "solved": "no",
                    "ended_at": "2026-03-11 09:00:00",
                }
            )
            document = self.env["ir.attachment"].create(
                {"name": "Grid", "raw": b"No power from 9 to 17"}
            )
            self.env["service.quality.exclusion"].create(
                {
                    "clock_id": self.clock(ticket).id,
                    "ground_id": self.agreement.exclusion_ground_ids.id,
                    "evidence": "The grid was down from 9 to 17",
                    "document_ids": [Command.link(document.id)],
                }
            )
            ticket.with_user(self.manager)._rectify(
                "service_work_done", "Replaced the fan", "Mistyped"
            )

    def _queries(self):
        """Return the lists by code, and how many queries they take."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        lists = {one.code: one for one in self.told._lists(self.about)}
        return lists, self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_rows(self):
        """Ten times the rows take no more queries."""
        self._happen()
        self.told._lists(self.about)  # warm
        few, before = self._queries()
        self.assertLessEqual(CODES, set(few))
        for _number in range(5):
            self._happen()
        many, after = self._queries()
        for code in ("complaints", "bad_calls", "exclusions", "rectifications"):
            with self.subTest(code):
                self.assertEqual(len(many[code].rows), len(few[code].rows) + 5)
        self.assertLessEqual(after, before)
