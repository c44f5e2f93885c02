from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.role_common import INSIDERS, RoleMixin

from .test_visit import ARRIVED, OPENED, VisitCase, drawn_signature

WRITERS = {"desk", "service_manager"}

VISIT = "service.quality.visit"


@tagged("post_install", "-at_install", "security")
class TestVisitSecurity(RoleMixin, VisitCase):
    """A visit of the first engineer, seen by another one, each role and outsiders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("visit_role")
        cls.ticket.message_subscribe(cls.users["portal"].partner_id.ids)
        cls.other_ticket = cls._ticket(OPENED, team_id=cls.other_team.id)
        with freeze_time(ARRIVED):
            visit_id = cls.visits.with_user(cls.engineer).record_arrival(cls.ticket.id)
        cls.visit = cls.visits.browse(visit_id)
        cls.visit.with_user(cls.engineer).save_work("Fan", [{"name": "Fan"}])

    def test_who_reads_visits(self):
        """Staff read their own, sales and outsiders none, the other roles all."""
        sheet = self._sign(self.visit)
        for records in (self.visit, self.visit.part_ids, sheet):
            for role, user in self.users.items():
                allowed = records.with_user(user).has_access("read")
                self.assertEqual(allowed, role in INSIDERS, (records._name, role))
                if role not in ("public", "portal", "employee", "sales"):
                    found = records.with_user(user).search([("id", "in", records.ids)])
                    self.assertEqual(bool(found), role in INSIDERS, role)
            self.assertTrue(records.with_user(self.engineer).has_access("read"))

    def test_who_has_the_ticket_reads_its_visits(self):
        visit = self.as_(self.desk).create(
            {"ticket_id": self.ticket.id, "user_id": self.colleague.id}
        )
        self.assertTrue(visit.with_user(self.engineer).has_access("read"))
        self.assertFalse(visit.with_user(self.engineer).has_access("write"))
        self.assertFalse(self.visit.with_user(self.colleague).has_access("read"))

    def test_who_writes_visits(self):
        """An engineer writes own visits, desk and service managers all."""
        for role, user in self.users.items():
            for records in (self.visit, self.visit.part_ids):
                allowed = records.with_user(user).has_access("write")
                self.assertEqual(allowed, role in WRITERS, (records._name, role))
        attempts = [
            lambda role: self.call(role, VISIT, "record_departure", [self.visit.id]),
            lambda role: self.call(role, VISIT, "action_leave", [self.visit.id]),
            lambda role: self.call(role, VISIT, "action_arrive", [self.visit.id]),
            lambda role: self.call(role, VISIT, "save_work", [self.visit.id], "Mine"),
            lambda role: self.call(role, VISIT, "add_photo", [self.visit.id], "a", "a"),
            lambda role: self.call(role, VISIT, "remove_photo", [self.visit.id], 1),
            lambda role: self.call(
                role, VISIT, "sign", [self.visit.id], "Me", drawn_signature()
            ),
            lambda role: self.call(role, VISIT, "unlink", [self.visit.id]),
        ]
        for attempt in attempts:
            self.assertRefused(self.others(*WRITERS), attempt)
        self.assertEqual((self.visit.state, self.visit.work_done), ("on_site", "Fan"))

    def test_nobody_makes_a_signed_sheet(self):
        values = {
            "visit_id": self.visit.id,
            "revision": 1,
            "signed_name": "Me",
            "signed_at": OPENED,
            "signature": drawn_signature(),
            "pdf": drawn_signature(),
            "digest": "0",
        }
        self.assertRefused(
            self.users,
            lambda role: self.call(
                role, "service.quality.visit.sheet", "create", [values]
            ),
        )

    def test_nobody_calls_what_is_private(self):
        for method, args in (
            ("_write_as_step", [[self.visit.id], {"state": "signed"}]),
            ("_record", [[self.visit.id], "departed", OPENED]),
            ("_follow", [[self.visit.id], {}]),
            ("_correct", [[self.visit.id], {}, "Mine"]),
            ("_revise", [[self.visit.id], "Mine"]),
            ("_store_sheet", [[self.visit.id], {}]),
            ("_prepare_page", [[self.visit.id]]),
        ):
            self.assertRefused(
                ["service_manager", "staff", "portal"],
                lambda role, m=method, a=args: self.call(role, VISIT, m, *a),
            )

    def test_staff_go_to_own_tickets_or_where_they_are_sent(self):
        """Nobody makes themselves a visit to write to a ticket that is not theirs."""
        for attempt in (
            lambda role: self.call(role, VISIT, "record_arrival", self.other_ticket.id),
            lambda role: self.call(
                role, VISIT, "create", [{"ticket_id": self.other_ticket.id}]
            ),
        ):
            self.assertRefused(
                ["staff", "executive", "sales", "employee", "portal", "public"], attempt
            )
        sent = self.as_(self.desk).create(
            {"ticket_id": self.other_ticket.id, "user_id": self.colleague.id}
        )
        self.assertFalse(self.other_ticket.with_user(self.colleague).has_access("read"))
        visit = self._arrive(self.other_ticket, self.colleague, external_ref="a")
        self.assertEqual(visit, sent)
        self._arrive(self.other_ticket, self.colleague, external_ref="a")
        self._leave(visit, external_ref="b")
        self._sign(visit)
        self.assertEqual(visit.state, "signed")
        [card] = self._day(self.colleague)
        self.assertEqual(card["ticket"], self.other_ticket.number)
        self.assertFalse(card["can_resolve"])

    def test_staff_do_not_send_others_nor_move_their_visits(self):
        own = self.as_(self.engineer)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.create({"ticket_id": self.ticket.id, "user_id": self.colleague.id})
        planned = own.create({"ticket_id": self.ticket.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            planned.write({"ticket_id": self.other_ticket.id})

    def _day(self, user):
        with freeze_time("2026-03-02 16:00:00"):
            return self.as_(user).my_day()["cards"]

    def test_everybody_sees_their_own_day(self):
        self.assertEqual(
            [card["id"] for card in self._day(self.engineer)], [self.visit.id]
        )
        for role in ("staff", "desk", "service_manager", "executive"):
            self.assertEqual(self._day(self.users[role]), [], role)
        self.assertRefused(
            ["sales", "employee", "portal", "public"],
            lambda role: self.call(role, VISIT, "my_day"),
        )

    def test_who_revises(self):
        self._sign(self.visit)
        self.assertRefused(
            self.others(*WRITERS),
            lambda role: self.call(role, VISIT, "action_revise", [self.visit.id]),
        )
        self.assertRefused(
            self.others(*WRITERS),
            lambda role: (
                self.env["service.quality.visit.revise"]
                .with_user(self.users[role])
                .create({"visit_id": self.visit.id, "reason": "Mine"})
                .action_confirm()
            ),
        )
        with self.assertRaises(AccessError):
            self.visit.with_user(self.engineer).action_revise()
        action = self.call("desk", VISIT, "action_revise", [self.visit.id])
        self.assertEqual(action["res_model"], "service.quality.visit.revise")

    def test_who_corrects_times(self):
        """Times are taken back by whoever may void rows of the ledger."""
        self.assertRefused(
            self.others("service_manager"),
            lambda role: (
                self.env["service.quality.visit.correct"]
                .with_user(self.users[role])
                .create({"visit_id": self.visit.id, "reason": "Mine"})
                .action_confirm()
            ),
        )

    def test_customers_read_neither_visits_nor_photos(self):
        photo_id = self.visit.with_user(self.engineer).add_photo(
            "a.png", drawn_signature()
        )
        ticket = self.ticket.with_user(self.users["portal"])
        self.assertEqual(ticket.name, "No dial tone", "the ticket itself is readable")
        for field in ("service_visit_ids", "service_visit_count", "service_on_site"):
            with self.assertRaises(AccessError):
                ticket.read([field])
        for role in ("portal", "employee", "sales", "staff"):
            photo = self.env["ir.attachment"].browse(photo_id)
            with self.assertRaises(AccessError):
                photo.with_user(self.users[role]).read(["raw"])

    def test_visits_keep_to_their_company(self):
        there = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._user(
            "visit_foreign",
            "service_manager",
            company_id=there.id,
            company_ids=[(6, 0, there.ids)],
        )
        sheet = self._sign(self.visit)
        for records in (self.visit, self.visit.part_ids, sheet):
            own = records.with_user(foreign)
            self.assertFalse(own.search([("id", "in", records.ids)]), records._name)
            self.assertFalse(own.has_access("read"), records._name)


@tagged("post_install", "-at_install", "browser")
class TestVisitPortal(VisitCase, HttpCase):
    """The customer downloads what they signed, and nobody else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._portal_user("sheet_acme", cls.acme)
        cls.stranger = cls._portal_user("sheet_globex", cls.globex)
        now = fields.Datetime.now()
        cls.ticket = cls._ticket(
            service_opened_at=now - timedelta(hours=5), user_id=cls.engineer.id
        )
        visit_id = cls.visits.with_user(cls.engineer).record_arrival(
            cls.ticket.id, at=now - timedelta(hours=4)
        )
        cls.visit = cls.visits.browse(visit_id)
        sheet_id = cls.visit.with_user(cls.engineer).sign(
            "Ann Smith", drawn_signature(), work={"work_done": "Fan replaced"}
        )
        cls.sheet = cls.env["service.quality.visit.sheet"].browse(sheet_id)
        cls.file = f"/my/ticket/{cls.ticket.id}/sheet/{sheet_id}"

    @classmethod
    def _portal_user(cls, login, company):
        user = new_test_user(cls.env, login=login, groups="base.group_portal")
        user.partner_id.parent_id = company
        return user

    def _get(self, login, path):
        self.authenticate(login, login)
        return self.url_open(path)

    def _page(self, login, token=""):
        return self._get(login, f"/my/ticket/{self.ticket.id}{token}").text

    def test_the_customer_sees_and_downloads_the_sheet(self):
        text = self._page("sheet_acme")
        self.assertIn(self.visit.number, text)
        self.assertIn("Ann Smith", text)
        self.assertIn(self.file, text)
        response = self._get("sheet_acme", self.file)
        self.assertEqual(response.status_code, 200)
        self.assertIn(self.sheet.filename, response.headers["Content-Disposition"])
        self.assertEqual(response.content, self.sheet._content())

    def test_whoever_has_the_link_downloads_it(self):
        token = self.ticket._portal_ensure_token()
        text = self._page(None, f"?access_token={token}")
        self.assertIn(f"{self.file}?access_token={token}", text)
        response = self._get(None, f"{self.file}?access_token={token}")
        self.assertEqual(response.content, self.sheet._content())

    def test_nobody_else_gets_it(self):
        for login, path in (
            ("sheet_globex", self.file),
            (None, self.file),
            (None, f"{self.file}?access_token=wrong"),
        ):
            response = self._get(login, path)
            self.assertNotEqual(response.content, self.sheet._content(), login)
            self.assertNotIn("Content-Disposition", response.headers)

    def test_a_sheet_of_another_ticket_is_not_given_out(self):
        """The ticket in the address is the one that the sheet belongs to."""
        other = self._ticket()
        token = other._portal_ensure_token()
        for login, path in (
            ("sheet_acme", f"/my/ticket/{other.id}/sheet/{self.sheet.id}"),
            (None, f"/my/ticket/{other.id}/sheet/{self.sheet.id}?access_token={token}"),
            ("sheet_acme", f"/my/ticket/{self.ticket.id}/sheet/{self.sheet.id + 99}"),
        ):
            self.assertEqual(self._get(login, path).status_code, 404, path)

    def test_ways_round_the_portal_are_closed(self):
        """Files and reports of the back end are not the customer's."""
        attachment = self.sheet._attachment()
        for path in (
            f"/web/content/service.quality.visit.sheet/{self.sheet.id}/pdf",
            f"/web/content/{attachment.id}",
            f"/web/content/service.quality.visit.sheet/{self.sheet.id}/signature",
        ):
            self.assertEqual(self._get("sheet_acme", path).status_code, 404, path)
        report = f"/report/html/service_quality_visit.report_visit/{self.visit.id}"
        with mute_logger("odoo.http"):
            response = self._get("sheet_acme", report)
        self.assertEqual(response.status_code, 403)
        self.assertNotIn("Fan replaced", response.text)

    def test_revised_sheets_stay_and_say_so(self):
        self.visit.with_user(self.manager)._revise("Wrong part")
        self.visit.with_user(self.engineer).sign("Ann Smith", drawn_signature())
        text = self._page("sheet_acme")
        self.assertIn("Replaced", text)
        self.assertEqual(text.count("/sheet/"), 2)
