from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ServiceQualityCase
from .role_common import RoleMixin

TARGET = {"metric": "resolution", "duration": 8}
HISTORY = ("event", "clock", "span")


@tagged("post_install", "-at_install", "security")
class TestSecurity(RoleMixin, ServiceQualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("role")
        cls.agreement = cls._agreement(TARGET, name="Signed")
        cls.draft = cls._agreement(TARGET, name="Draft", sign=False)
        cls.ticket = cls._ticket("2026-03-02 09:00:00", user_id=False)
        cls.ticket.message_subscribe(cls.users["portal"].partner_id.ids)
        cls.row = cls.ticket.service_event_ids

    def as_(self, role, records):
        return records.with_user(self.users[role])

    # ------------------------------------------------------------------
    # What nobody does
    # ------------------------------------------------------------------

    def test_nobody_writes_history(self):
        """Ledger, clocks, spans, timetables and the register are written by no user."""
        for name in (*HISTORY, "timetable", "term"):
            records = self.env[f"service.quality.{name}"].search([], limit=1)
            self.assertTrue(records, name)
            for operation in ("write", "create", "unlink"):
                for role in self.users:
                    allowed = self.as_(role, records).has_access(operation)
                    self.assertFalse(allowed, (name, operation, role))

    def test_private_methods_are_not_called_by_programs(self):
        """What appends, voids, folds and unlocks is out of reach of other programs."""
        for model, method, args in (
            ("service.quality.ledger", "_append", [[]]),
            ("service.quality.ledger", "_refold", [[1]]),
            ("service.quality.event", "_void", [[self.row.id], "Mine"]),
            ("service.quality.event", "_unlock_ledger", [[]]),
            ("service.quality.agreement", "_write_as_step", [[self.agreement.id], {}]),
        ):
            self.assertRefused(
                ["service_manager", "portal"],
                lambda role, m=model, n=method, a=args: self.call(role, m, n, *a),
            )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def test_who_reads_a_ticket_reads_its_history(self):
        """Staff reads own tickets, sales and outsiders none, the others all."""
        readers = ["project_manager", "desk", "service_manager", "quality"]
        readers += ["technical_centre", "executive"]
        for name in HISTORY:
            records = self.ticket[f"service_{name}_ids"]
            for role in readers:
                self.assertTrue(
                    self.as_(role, records).has_access("read"), (name, role)
                )
            for role in self.others(*readers):
                self.assertFalse(
                    self.as_(role, records).has_access("read"), (name, role)
                )
        self.ticket.user_id = self.users["staff"]
        for name in HISTORY:
            records = self.ticket[f"service_{name}_ids"]
            self.assertTrue(self.as_("staff", records).has_access("read"), name)

    def test_executives_read_tickets_and_write_none(self):
        """An executive sees each ticket, and changes nothing."""
        ticket = self.as_("executive", self.ticket)
        self.assertEqual(ticket.name, "No dial tone")
        self.assertEqual(ticket.search([("id", "=", ticket.id)]), ticket)
        self.assertFalse(ticket.has_access("write"))

    def test_portal_sees_nothing_of_the_inside(self):
        """A customer reads the ticket, not who held it or what we agreed inside."""
        ticket = self.as_("portal", self.ticket)
        self.assertEqual(ticket.name, "No dial tone")
        for field in (
            "service_event_ids",
            "service_clock_ids",
            "service_span_ids",
            "service_party_id",
            "service_work_done",
            "service_revision",
            "service_deadline",
        ):
            with self.subTest(field), self.assertRaises(AccessError):
                ticket.read([field])
        self.assertRefused(
            ["portal", "public", "employee", "sales"],
            lambda role: self.call(
                role, "helpdesk.ticket", "service_explain", [self.ticket.id]
            ),
        )

    def test_agreements_are_read_inside_only(self):
        """Neither customers nor employees without a role read agreements."""
        outsiders = ["portal", "public", "employee"]
        for name in ("agreement", "target", "project"):
            model = self.env[f"service.quality.{name}"]
            for role in outsiders:
                self.assertFalse(self.as_(role, model).has_access("read"), (name, role))
            for role in self.others(*outsiders):
                self.assertTrue(self.as_(role, model).has_access("read"), (name, role))

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def test_who_signs_and_ends(self):
        """Regulation A4.3.1: only a service manager decides about any agreement."""
        self.assertRefused(
            self.others("service_manager"),
            lambda role: self.call(
                role, "service.quality.agreement", "action_sign", [self.draft.id]
            ),
        )
        self.assertRefused(
            self.others("service_manager"),
            lambda role: self.call(
                role, "service.quality.agreement", "action_amend", [self.agreement.id]
            ),
        )
        self.assertRefused(
            self.others("service_manager"),
            lambda role: (
                self.as_(role, self.env["service.quality.agreement.end"])
                .create(
                    {
                        "agreement_id": self.agreement.id,
                        "date_end": "2026-04-01",
                        "reason": "Mine",
                    }
                )
                .action_confirm()
            ),
        )
        self.assertEqual(self.agreement.state, "signed")
        self.call(
            "service_manager",
            "service.quality.agreement",
            "action_sign",
            [self.draft.id],
        )
        self.assertEqual(self.draft.state, "signed")

    def test_house_rules_are_the_service_managers(self):
        """A house rule holds for every customer: only a service manager makes one."""
        values = {**TARGET, "duration": 1}
        self.assertRefused(
            self.others("service_manager"),
            lambda role: self.as_(role, self.env["service.quality.target"]).create(
                values
            ),
        )
        rule = self.as_("service_manager", self.env["service.quality.target"]).create(
            values
        )
        self.assertRefused(
            self.others("service_manager"),
            lambda role: self.as_(role, rule).write({"active": False}),
        )

    def test_who_voids(self):
        """A row of the ledger is taken back by a service manager only."""
        self._move(self.ticket, "active", "2026-03-02 10:00:00")
        row = self.ticket.service_event_ids.filtered(lambda r: r.kind == "phase")

        def void(role):
            wizard = self.as_(role, self.env["service.quality.event.void"])
            wizard.create({"event_id": row.id, "reason": "Not so"}).action_confirm()

        self.assertRefused(self.others("service_manager"), void)
        void("service_manager")
        self.assertTrue(row.is_voided)
        [event] = self.ticket.service_event_ids.filtered("voids_id")
        self.assertEqual(event.user_id, self.users["service_manager"])

    def test_who_sets_deadlines(self):
        """SLA case 26: the person who is measured does not move the mark."""
        self.ticket.user_id = self.users["staff"]
        allowed = ("desk", "service_manager", "project_manager")
        arguments = ([self.ticket.id], "resolution", "2026-03-09 12:00:00", "Agreed")
        with freeze_time("2026-03-02 10:00:00"):
            self.assertRefused(
                self.others(*allowed),
                lambda role: self.call(
                    role, "helpdesk.ticket", "service_set_deadline", *arguments
                ),
            )
            for role in allowed:
                self.call(
                    role,
                    "helpdesk.ticket",
                    "service_set_deadline",
                    *arguments,
                    attachment_ids=self._consent(self.ticket),
                )

    def test_who_records_facts(self):
        """A fact is recorded by who may write the ticket."""
        self.assertRefused(
            ["portal", "public", "employee", "sales", "executive", "staff"],
            lambda role: self.call(
                role, "helpdesk.ticket", "service_record", [self.ticket.id], "arrived"
            ),
        )
        self.assertEqual(self.kinds(self.ticket), ["opened"])
        self.ticket.user_id = self.users["staff"]
        self.call(
            "staff", "helpdesk.ticket", "service_record", [self.ticket.id], "arrived"
        )
        self.assertEqual(self.kinds(self.ticket)[-1], "arrived")

    def test_who_checks_the_ledger(self):
        """The quality department checks; nobody else has it folded anew."""
        self.assertRefused(
            self.others("quality"),
            lambda role: self.call(
                role, "service.quality.check", "check_tickets", [self.ticket.id]
            ),
        )
        found = self.call(
            "quality", "service.quality.check", "check_tickets", [self.ticket.id]
        )
        self.assertEqual(found, [])

    def test_staff_works_without_seeing_settings(self):
        """Regulation A3.6.1: staff resolves own tickets, and the ledger follows."""
        self.ticket.user_id = self.users["staff"]
        ticket = self.as_("staff", self.ticket)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.write(
                {
                    "stage_id": self.stages["resolved"].id,
                    "service_work_done": "Fan replaced",
                }
            )
        self.assertEqual(ticket.service_clock_ids.mapped("verdict"), ["met"])
        row = ticket.service_event_ids.filtered(lambda event: event.kind == "phase")
        self.assertEqual(row.user_id, self.users["staff"])
        with self.assertRaises(AccessError):
            ticket.unlink()

    def test_customer_closes_in_the_portal(self):
        """Regulation A3.6.1: a customer withdraws a ticket without our record."""
        self.team.service_require_work_done = True
        ticket = self.as_("portal", self.ticket).sudo()
        with freeze_time("2026-03-02 10:00:00"):
            ticket.stage_id = self.stages["cancelled"]
        row = self.ticket.service_event_ids[:1]
        self.assertEqual((row.user_id, row.origin), (self.users["portal"], "portal"))


@tagged("post_install", "-at_install", "security")
class TestCompanies(ServiceQualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        cls.there = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.env.user.company_ids += cls.there
        cls.manager = cls._user("here", "service_manager", "quality")
        cls.foreign = cls._agreement(
            {**TARGET, "duration": 1},
            company_id=cls.there.id,
            calendar_id=False,
            partner_ids=[Command.clear()],
        )
        cls.rule = cls._house_rule(
            metric="resolution", duration=3, company_id=cls.there.id
        )
        team = cls.team.copy({"name": "There", "company_id": cls.there.id})
        cls.ticket = cls._ticket("2026-03-02 09:00:00", team_id=team.id)

    def test_matching_never_crosses_companies(self):
        """SLA case 17: an agreement for everybody means everybody of its company."""
        self.assertEqual(self.ticket.company_id, self.there)
        self.assertEqual(self.clock(self.ticket).agreement_id, self.foreign)
        ours = self._ticket("2026-03-02 09:00:00")
        self.assertFalse(ours.service_has_agreement)
        self.assertNotIn(self.rule, ours.service_clock_ids.target_id)

    def test_history_of_another_company_is_invisible(self):
        """Whoever manages one company reads nothing of the other."""
        records = [self.foreign, self.rule, self.foreign.term_ids]
        records += [self.ticket[f"service_{name}_ids"] for name in HISTORY]
        for found in records:
            own = found.with_user(self.manager)
            self.assertFalse(own.search([("id", "in", found.ids)]), found._name)
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                own.read(["display_name"])
        self.manager.company_ids += self.there
        for found in records:
            own = found.with_user(self.manager).with_context(
                allowed_company_ids=self.there.ids
            )
            own.invalidate_recordset()
            self.assertEqual(own.search([("id", "in", found.ids)]), own, found._name)

    def test_what_all_share_is_changed_by_who_works_for_all(self):
        """One company's manager reads what all share, and changes only the own."""
        for xmlid, vals in (
            ("service_quality_cause_operation", {}),
            ("service_quality_solution_explained", {}),
        ):
            shared = self._ours(xmlid)
            with self.subTest(xmlid):
                self.manager.company_ids = self.here
                mine = shared.with_user(self.manager)
                self.assertTrue(mine.has_access("read"))
                for operation in ("write", "unlink"):
                    self.assertFalse(mine.has_access(operation))
                if "name" in mine._fields:
                    vals = {"name": "Own", **vals}
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    mine.create(vals)
                own = mine.create(vals | {"company_id": self.here.id})
                self.assertTrue(own.has_access("write"))
                self.manager.company_ids = self.env["res.company"].search([])
                self.assertTrue(shared.with_user(self.manager).has_access("write"))

    def test_decisions_about_another_company_are_refused(self):
        """Signing, ending, voiding and checking stop at the company's border."""
        self._move(self.ticket, "active", "2026-03-02 10:00:00")
        row = self.ticket.service_event_ids[:1]
        env = self.env(user=self.manager)
        attempts = [
            lambda: self.foreign.with_env(env).action_amend(),
            lambda: (
                env["service.quality.agreement.end"]
                .create(
                    {
                        "agreement_id": self.foreign.id,
                        "date_end": "2026-04-01",
                        "reason": "No",
                    }
                )
                .action_confirm()
            ),
            lambda: (
                env["service.quality.event.void"]
                .create({"event_id": row.id, "reason": "Not so"})
                .action_confirm()
            ),
            lambda: env["service.quality.check"].check_tickets(self.ticket.ids),
            lambda: self.ticket.with_env(env).service_record("arrived"),
            lambda: self.ticket.with_env(env).service_explain(),
        ]
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(number=number),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                attempt()
        self.assertEqual(self.foreign.state, "signed")

    def test_relations_stay_within_the_company(self):
        """An agreement does not take another company's calendar, team or project."""
        calendar = self._define_calendar("There", [(8, 16)], company_id=self.there.id)
        project = self.env["service.quality.project"].create(
            {"name": "There", "partner_id": self.acme.id, "company_id": self.there.id}
        )
        for values in ({"calendar_id": calendar.id}, {"project_id": project.id}):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                self._agreement(TARGET, sign=False, **values)

    def test_ticket_that_moves_to_another_company(self):
        """What was promised here stays; what is promised there begins."""
        here = self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertEqual(self.clock(ticket).agreement_id, here)
        with freeze_time("2026-03-02 09:30:00"):
            ticket.write({"team_id": False, "company_id": self.there.id})
        self.assertEqual(self.clock(ticket).agreement_id, self.foreign)
        self.assertEqual(self.clock(ticket).company_id, self.there)
        self.assertConsistent(ticket)
