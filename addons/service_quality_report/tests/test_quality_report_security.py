from base64 import b64encode

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.service_quality_core.tests.common import PAPER
from odoo.addons.service_quality_core.tests.role_common import OUTSIDERS, RoleMixin

from .report_common import ReportCase


@tagged("post_install", "-at_install", "security")
class TestQualityReportSecurity(RoleMixin, ReportCase):
    """Roles decide who reads, writes and sends which report."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("report")
        cls.report = cls._make()
        cls.service_report = cls._make("customer", cls.agreement)

    def test_drafts_are_not_for_everybody(self):
        drafts = self.report | self.service_report
        self.assertRefused(
            ("staff", "desk", "sales", "employee", "portal", "project_manager"),
            lambda role: self.report.with_user(self.users[role]).read(["summary"]),
        )
        for role in ("quality", "technical_centre", "service_manager", "executive"):
            drafts.with_user(self.users[role]).read(["summary", "page"])

    def test_staff_do_not_see_executives_pages(self):
        """Deny: the organisation's report, how it was taken, what is to be done."""
        self._send(self.report)
        instruction = self.env["service.quality.report.instruction"].with_user(
            self.executive
        )
        instruction = instruction.create(
            {
                "report_id": self.report.id,
                "text": "Between us",
                "user_id": self.quality.id,
                "deadline": "2026-05-01",
            }
        )
        strangers = ("staff", "sales", "employee", "portal")
        for records in (
            self.report,
            self.report.line_ids,
            self.report.project_line_ids,
            self.report.delivery_ids,
            instruction,
        ):
            self.assertRefused(
                strangers,
                lambda role, records=records: records.with_user(self.users[role]).read(
                    ["id"]
                ),
            )
        for model in ("report", "report.delivery", "report.instruction"):
            for role in strangers[:-1]:
                found = self.env[f"service.quality.{model}"].with_user(self.users[role])
                self.assertFalse(found.search([]), (model, role))

    def test_recipients_see_their_own_delivery_only(self):
        self.report.also_partner_ids = self.staff.partner_id
        self._send(self.report)
        self.env.invalidate_all()
        own = self.report.with_user(self.staff)
        self.assertIn("Monthly", own.page)
        self.assertEqual(own.delivery_ids.user_id, self.staff)
        [shown] = own.web_read({"page": {}, "delivery_ids": {"fields": {"name": {}}}})
        self.assertEqual(len(shown["delivery_ids"]), 1)
        with self.assertRaises(AccessError):
            self.report.delivery_ids.with_user(self.staff).read(["seen_at"])

    def test_who_writes(self):
        allowed = ("quality", "technical_centre", "service_manager")
        self.assertRefused(
            self.others(*allowed),
            lambda role: self.report.with_user(self.users[role]).write(
                {"summary": "X"}
            ),
        )
        for role in allowed:
            self.report.with_user(self.users[role]).write({"summary": role})

    def test_the_desk_makes_the_statistics_of_departments(self):
        """Regulation A3.5.5: the desk drafts, reviews and sends them each month."""
        desk, other = self.users["desk"], self._user("desk_two", "desk")
        Report = self.env["service.quality.report"].with_user(desk)
        with freeze_time("2026-04-01 08:00:00"):
            made = Report.make("department", "month", "2026-03-01", self.team.id)
            report = Report.browse(made)
            report.write({"summary": "Forty tickets, two of them late"})
            report.with_user(other).review()
            report.send()
        self.assertEqual(report.state, "sent")
        self.assertTrue(report.is_reviewed_by_other)
        for kind, period, subject in (
            ("department", "quarter", self.team.id),
            ("organisation", "month", None),
            ("project", "month", self.project.id),
        ):
            with self.subTest(kind, period=period), freeze_time("2026-04-01 08:00:00"):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    Report.make(kind, period, "2026-01-01", subject)
        drafts = self._make("department", self.team, "2026-01-01", period="quarter")
        for step in ("review", "send", "action_draft"):
            with self.subTest(step), self.assertRaises(AccessError):
                getattr(drafts.with_user(desk), step)()

    def test_a_review_of_ones_own_text_is_known(self):
        """Whoever has written in a report reviews it, but not as another person."""
        self.report.with_user(self.quality).summary = "All is well"
        with freeze_time("2026-04-02 08:00:00"):
            self.report.with_user(self.quality).review()
        self.assertFalse(self.report.is_reviewed_by_other)
        self.report.with_user(self.quality).action_draft()
        with freeze_time("2026-04-02 08:00:00"):
            self.report.with_user(self.centre).review()
        self.assertTrue(self.report.is_reviewed_by_other)

    def test_steps_by_rpc(self):
        """What the buttons check the methods check, whoever calls them."""
        for name, args in (
            ("review", []),
            ("send", []),
            ("action_draft", []),
            ("revise", ["Because"]),
            ("acknowledge", []),
            ("action_fill", []),
        ):
            self.assertRefused(
                ("staff", "desk", "sales", *OUTSIDERS),
                lambda role, name=name, args=args: self.call(
                    role, "service.quality.report", name, self.report.ids, *args
                ),
            )

    def test_steps_are_not_written_by_context(self):
        """No word in the context of a call lets anybody write what steps write."""
        Report = self.env["service.quality.report"].with_user(self.quality)
        Report = Report.with_context(service_report_step=True, service_automatic=True)
        with self.assertRaisesRegex(UserError, "buttons"):
            Report.create({"date_from": "2026-01-01", "state": "sent"})
        with self.assertRaisesRegex(UserError, "buttons"):
            Report.browse(self.report.id).write({"state": "reviewed"})

    def test_figures_are_not_left_out(self):
        """Deny: a miss that is deleted would need no reason and no action."""
        parts = (self.report.line_ids, self.report.project_line_ids)
        for records in parts:
            self.assertTrue(records)
            self.assertRefused(
                self.users,
                lambda role, records=records: records.with_user(
                    self.users[role]
                ).unlink(),
            )
        for role in self.users:
            for part in ("line", "miss", "project"):
                Part = self.env[f"service.quality.report.{part}"]
                self.assertFalse(
                    Part.with_user(self.users[role]).has_access("unlink"), (role, part)
                )

    def test_texts_lay_nothing_over_the_page(self):
        """Styles that move a text out of its place do not reach the customer."""
        self.service_report.with_user(self.quality).analysis = (
            '<p style="position: fixed; background: url(https://evil.example/x)">'
            "<b>Fine</b></p>"
        )
        self.assertIn("<b>Fine</b>", self.service_report.analysis)
        self.assertNotIn("position", self.service_report.analysis)
        self.assertNotIn("evil.example", self.service_report.page)

    def test_private_methods(self):
        for name in ("_write_as_step", "_send", "_content", "_set_state"):
            with self.assertRaises(AccessError):
                self.call("quality", "service.quality.report", name, self.report.ids)

    def test_deliveries_are_not_written(self):
        self._send(self.report)
        delivery = self.report.delivery_ids[0]
        self.assertRefused(
            self.users,
            lambda role: delivery.with_user(self.users[role]).write(
                {"seen_at": "2026-04-03"}
            ),
        )
        with self.assertRaises(AccessError):
            delivery.with_user(self.users["quality"]).read(["access_token"])

    def test_other_companies(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._user(
            "elsewhere",
            "quality",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            self.report.with_user(stranger).read(["summary"])


@tagged("post_install", "-at_install", "browser", "security")
class TestQualityReportPortal(HttpCase, ReportCase):
    """Customers read what was sent to them, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader, cls.stranger = (
            new_test_user(
                cls.env,
                login=login,
                password=login,
                groups="base.group_portal",
                parent_id=company.id,
                email=f"{login}@acme.example",
            )
            for login, company in (
                ("acme_reader", cls.acme),
                ("globex_reader", cls.globex),
            )
        )
        cls.agreement.report_partner_ids = cls.contact | cls.reader.partner_id
        cls.report = cls._make("customer", cls.agreement)
        cls.organisation = cls._make()
        for report in cls.report | cls.organisation:
            with freeze_time("2026-04-02 08:00:00"):
                report.with_user(cls.quality).review()
                report.with_user(cls.quality).send()
        cls.draft = cls._make("customer", cls.agreement, "2026-02-01")

    def get(self, report, path="", token=None):
        query = f"?access_token={token}" if token else ""
        return self.url_open(
            f"/my/service-reports/{report.id}{path}{query}", allow_redirects=False
        )

    def token(self, partner):
        return self.report.delivery_ids.filtered(
            lambda one: one.partner_id == partner
        ).access_token

    def test_reads_own(self):
        self.authenticate("acme_reader", "acme_reader")
        listed = self.url_open("/my/service-reports").text
        self.assertIn(f"/my/service-reports/{self.report.id}", listed)
        self.assertNotIn(f"/my/service-reports/{self.draft.id}", listed)
        page = self.get(self.report)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Customer service report", page.text)
        delivery = self.report.delivery_ids.filtered(
            lambda one: one.partner_id == self.reader.partner_id
        )
        self.assertTrue(delivery.seen_at)
        pdf = self.get(self.report, "/pdf")
        self.assertEqual(pdf.content, self.report._content("pdf"))
        self.assertEqual(self.get(self.report, "/xlsx").content[:2], b"PK")

    def test_nobody_elses(self):
        """Deny: by id, by file, by guess, drafts, and the organisation's report."""
        for login in ("globex_reader", None):
            self.authenticate(login, login)
            for path in ("", "/pdf", "/xlsx"):
                for token in (None, "guess", "0" * 32, ""):
                    found = self.get(self.report, path, token)
                    self.assertEqual(found.status_code, 303, (login, path, token))
                    self.assertNotIn("/my/service-reports", found.headers["Location"])
        self.authenticate("globex_reader", "globex_reader")
        listed = self.url_open("/my/service-reports").text
        self.assertNotIn(f"/my/service-reports/{self.report.id}", listed)
        self.authenticate("acme_reader", "acme_reader")
        for report in (self.draft, self.organisation):
            self.assertEqual(self.get(report).status_code, 303)
            found = self.url_open(f"/service-quality/report/{report.id}/pdf")
            self.assertEqual(found.status_code, 404)

    def test_token(self):
        """The link of a delivery opens that report and no other."""
        token = self.token(self.contact)
        self.authenticate(None, None)
        self.assertEqual(self.get(self.report, token=token).status_code, 200)
        self.assertEqual(self.get(self.draft, token=token).status_code, 303)
        self.assertEqual(self.get(self.organisation, token=token).status_code, 303)
        internal = self.organisation.delivery_ids[0].access_token
        self.assertEqual(self.get(self.organisation, token=internal).status_code, 303)
        by_contact = self.report.delivery_ids.filtered(
            lambda one: one.partner_id == self.contact
        )
        self.assertEqual(by_contact.state, "seen")

    def respond(self, report, **given):
        return self.url_open(
            f"/my/service-reports/{report.id}/respond",
            data={"csrf_token": Request.csrf_token(self), **given},
            allow_redirects=False,
        )

    def test_objects_and_is_answered(self):
        """The customer objects, somebody answers in time, the customer confirms."""
        self.authenticate("acme_reader", "acme_reader")
        empty = self.respond(self.report, kind="objection", text=" ")
        self.assertEqual(empty.status_code, 400)
        self.assertFalse(self.report.response_ids)
        self.respond(self.report, kind="objection", text="Two were ours")
        response = self.report.response_ids
        self.assertEqual((response.kind, response.channel), ("objection", "portal"))
        self.assertEqual(response.partner_id, self.reader.partner_id)
        self.assertEqual(response.user_id, self.report.user_id)
        self.assertTrue(response.due_date)
        self.assertEqual(response.activity_ids.user_id, response.user_id)
        again = self.respond(self.report, kind="confirmed")
        self.assertEqual(again.status_code, 400)
        asked = response.with_user(self.quality).action_reply()
        self._say(self.quality, asked, "They are taken out")
        self.assertIn("They are taken out", self.get(self.report).text)
        self.respond(self.report, kind="confirmed")
        self.env.invalidate_all()
        self.assertEqual(self.report.response, "confirmed")

    def test_strangers_do_not_respond(self):
        self.authenticate("globex_reader", "globex_reader")
        self.respond(self.report, kind="confirmed")
        self.respond(self.report, kind="confirmed", access_token="guess")
        self.assertFalse(self.report.response_ids)

    def test_signed_copy(self):
        """A copy signed on paper is entered by us, and nothing without the copy."""
        Response = self.env["service.quality.report.response"].with_user(self.quality)
        values = {"report_id": self.report.id, "given_by": "Ann"}
        with self.assertRaisesRegex(UserError, "signed copy"):
            Response.create(values)
        for content, words in ((b"x", "neither a PDF"), (PAPER[:100], "100 bytes")):
            copy = {"copy_file": b64encode(content), "copy_name": "signed.pdf"}
            with self.assertRaisesRegex(ValidationError, words):
                Response.create(values | copy)
        copy = {"copy_file": b64encode(PAPER), "copy_name": "signed.pdf"}
        Response.create(values | copy)
        self.assertEqual(self.report.response, "confirmed")
