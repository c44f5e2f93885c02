from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import ServiceQualityCase

STAFF_MODELS = (
    "service.quality.agreement",
    "service.quality.clock",
    "service.quality.event",
    "service.quality.project",
    "service.quality.span",
    "service.quality.target",
    "service.quality.term",
)


TOLD_TO_CUSTOMERS = {
    "helpdesk.ticket": {"service_opened_at", "service_phase", "service_is_hidden"},
    "helpdesk.ticket.stage": {"service_phase"},
    "helpdesk.ticket.team": {"service_hotline"},
    "mail.message": {"service_is_hidden"},
    "res.company": {"service_hotline"},
}
"""Fields of ours that customers may read: on the page, on notices, or of themselves."""

SETTINGS = ("service_require_", "service_answer_", "service_call_", "service_report_")
"""How a team or company works, which says nothing of a ticket or a person."""

SETTINGS += (
    "service_close_after_callback", "service_mail_is_complaint", "service_process_id",
    "service_staff_retention_months", "service_pass_on_every_complaint",
    "service_engineer_figures", "service_name_engineers", "service_tz",
)  # fmt: skip

GUESSES = {
    "boolean": True,
    "datetime": "2026-03-02 09:00:00",
    "date": "2026-03-02",
    "char": "x",
    "text": "x",
    "html": "x",
    "selection": "late",
}
"""What is looked for in a field of a type; else 1."""


class PortalCase(ServiceQualityCase):
    """A ticket of Acme with an agreement of each kind, and a portal user each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement(
            {"metric": "first_response", "duration": 25, "unit": "minute"},
            {"metric": "resolution", "duration": 9},
            calendar_id=False,
        )
        cls._agreement(
            {"metric": "resolution", "duration": 3.25},
            kind="ola",
            partner_ids=False,
            team_ids=cls.team.ids,
            calendar_id=False,
        )
        cls.agent = cls._user("tending", "desk", name="Zebedee Quill")
        cls.team.user_ids = cls.agent
        cls.customer = cls._portal_user("acme_portal", cls.acme)
        cls.stranger = cls._portal_user("globex_portal", cls.globex)
        cls.opened = fields.Datetime.now() - timedelta(hours=1)
        with freeze_time(cls.opened - timedelta(days=1)):
            cls._house_rule(metric="arrival", duration=7.75)
        cls.ticket = cls._ticket(
            service_opened_at=cls.opened, user_id=cls.agent.id, name="No dial tone"
        )
        cls.ticket.service_record("responded", at=cls.opened + timedelta(minutes=10))
        # the page names who holds a ticket by itself; the clocks must not
        cls.ticket.user_id = False

    @classmethod
    def _portal_user(cls, login, company):
        user = new_test_user(
            cls.env, login=login, groups="base.group_portal", tz="Asia/Shanghai"
        )
        user.partner_id.parent_id = company
        return user


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


@tagged("post_install", "-at_install", "security")
class TestStaffFields(PortalCase):
    """What is for staff is neither read nor found out by a search."""

    def fields_of_ours(self):
        """Return (model as the customer has it, field) of all models they read."""
        for name in sorted(self.env.registry):
            Model = self.env[name].with_user(self.customer)
            if Model._abstract or Model._transient or not Model.has_access("read"):
                continue
            for field in Model._fields.values():
                if field.name.startswith("service_"):
                    yield Model, field

    def test_each_field_is_of_staff(self):
        """Access is denied by default: a new field is for staff, or is listed here."""
        for Model, field in self.fields_of_ours():
            is_setting = Model._name in ("res.company", "helpdesk.ticket.team")
            is_setting |= field.related is not None and field.related.startswith(
                "team_id."
            )
            if is_setting and field.name.startswith(SETTINGS):
                continue
            with self.subTest(model=Model._name, field=field.name):
                if field.name not in TOLD_TO_CUSTOMERS.get(Model._name, ()):
                    self.assertTrue(field.groups)

    def test_no_field_of_staff_is_searched(self):
        """Nor sorted nor grouped by: each would tell its value by what is found."""
        for Model, field in self.fields_of_ours():
            if not field.groups:
                continue
            value = GUESSES.get(field.type, 1)
            with self.subTest(model=Model._name, field=field.name):
                self.assertFalse(Model._has_field_access(field, "read"))
                for domain in (
                    [(field.name, "in", [value])],
                    [(field.name, "not in", [value])],
                ):
                    if field._description_searchable:
                        with self.assertRaises(AccessError):
                            Model.search(domain)
                if field.store and field.column_type:
                    with self.assertRaises(AccessError):
                        Model.search([], order=field.name)
                    with self.assertRaises(AccessError):
                        Model.formatted_read_group([], [field.name], ["__count"])
