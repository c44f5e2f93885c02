from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .promise_common import PortalCase

STAFF_MODELS = (
    "service.quality.agreement",
    "service.quality.clock",
    "service.quality.event",
    "service.quality.project",
    "service.quality.span",
    "service.quality.target",
    "service.quality.term",
)


@tagged("post_install", "-at_install")
class TestPortalData(PortalCase):
    def test_only_what_was_agreed_with_the_customer(self):
        targets = self.ticket._service_portal_targets()
        self.assertEqual(
            [(t["metric"], t["promise"], t["status"]) for t in targets],
            [
                ("First response", "25 min · 24 × 7", "met"),
                ("Resolution", "9 h · 24 × 7", "running"),
            ],
        )
        kinds = set(self.ticket.service_clock_ids.mapped("kind"))
        self.assertEqual(kinds, {"sla", "ola", "house"}, "there is more to hide")

    def test_words_follow_the_clock(self):
        late = self._ticket(service_opened_at=self.opened)
        waiting = self._ticket(service_opened_at=self.opened)
        waiting.stage_id = self.stages["waiting_customer"]
        found = {
            ticket: {t["metric"]: t for t in ticket._service_portal_targets()}
            for ticket in (late, waiting)
        }
        self.assertEqual(found[late]["First response"]["status_text"], "Late")
        self.assertEqual(found[waiting]["Resolution"]["status_text"], "Paused")
        self.assertFalse(found[waiting]["Resolution"]["deadline"])

    def test_early_warning_is_for_the_desk(self):
        """A target at risk is shown as on time."""
        ticket = self._ticket(
            service_opened_at=fields.Datetime.now() - timedelta(hours=8)
        )
        clock = self.clock(ticket, "resolution", self._agreement_of(ticket))
        self.assertEqual(clock.burning, "at_risk")
        shown = ticket._service_portal_targets()[-1]
        self.assertEqual(shown["status_text"], "On time")

    def _agreement_of(self, ticket):
        return ticket.service_clock_ids.agreement_id.filtered(lambda a: a.kind == "sla")

    def test_past_rounds_are_summed_up(self):
        self._agreement(
            {"metric": "update", "duration": 1},
            partner_ids=self.globex.ids,
            calendar_id=False,
        )
        opened = fields.Datetime.now() - timedelta(hours=5)
        ticket = self._ticket(partner_id=self.globex.id, service_opened_at=opened)
        for minutes in (30, 60, 200):
            ticket.service_record("updated", at=opened + timedelta(minutes=minutes))
        (shown,) = ticket._service_portal_targets()
        self.assertEqual((shown["met"], shown["missed"]), (2, 1))
        self.assertEqual(shown["status"], "late")

    def test_customer_reads_no_model_of_ours(self):
        for model in STAFF_MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.customer).search_read([], ["id"])

    def test_customer_reads_no_staff_field(self):
        """Fields of the ticket that mix in agreements with others are for staff."""
        ticket = self.ticket.with_user(self.customer)
        self.assertEqual(ticket.name, "No dial tone", "the ticket itself is readable")
        shown = ticket.fields_get()
        for name in (
            "service_clock_ids",
            "service_event_ids",
            "service_span_ids",
            "service_deadline",
            "service_state",
            "service_has_agreement",
            "service_work_done",
        ):
            with self.subTest(field=name):
                self.assertNotIn(name, shown)
                with self.assertRaises(AccessError):
                    ticket.read([name])


@tagged("post_install", "-at_install", "browser")
class TestPortalPage(PortalCase, HttpCase):
    def _page(self, login, token=""):
        self.authenticate(login, login)
        return self.url_open(f"/my/ticket/{self.ticket.id}{token}")

    def test_customer_sees_the_promise(self):
        response = self._page("acme_portal")
        self.assertIn("25 min · 24 × 7", response.text)
        self.assertIn("9 h · 24 × 7", response.text)
        self.assertNotIn("Zebedee", response.text)
        self.assertNotIn("3.25 h", response.text)
        self.assertNotIn("7.75 h", response.text)

    def test_times_are_in_the_readers_zone(self):
        deadline = self.opened + timedelta(hours=9)
        shown = self.env["ir.qweb.field.datetime"].value_to_html(
            deadline, {"tz_name": "Asia/Shanghai", "hide_seconds": True}
        )
        text = self._page("acme_portal").text
        self.assertIn(shown, text)
        self.assertIn("Asia/Shanghai", text)

    def test_another_customer_gets_no_page(self):
        response = self._page("globex_portal")
        self.assertTrue(response.url.endswith("/my"), response.url)
        self.assertNotIn("24 × 7", response.text)

    def test_public_gets_a_page_with_the_token_alone(self):
        response = self._page(None)
        self.assertIn("/web/login", response.url)
        self.assertNotIn("24 × 7", response.text)
        token = self.ticket._portal_ensure_token()
        response = self._page(None, f"?access_token={token}")
        self.assertIn("25 min · 24 × 7", response.text)
        self.assertNotIn("Zebedee", response.text)
