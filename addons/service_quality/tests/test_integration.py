from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tests.role_common import RoleMixin

RECORD = {
    "external_ref": "OLD-1",
    "name": "No dial tone",
    "opened_at": "2026-01-05 08:00:00",
    "events": [{"at": "2026-01-05 09:00:00", "kind": "responded"}],
}


@tagged("post_install", "-at_install", "security")
class TestIntegration(RoleMixin, ServiceQualityCase):
    """The role of a program that keeps two systems in step, and what it may not do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._user("sync", "integration")
        cls.desk = cls._user("sync_desk", "desk")
        cls.agreement = cls._agreement({"metric": "resolution", "duration": 4})
        cls.ticket = cls._ticket("2026-03-02 08:00")
        cls.mine = cls.ticket.with_user(cls.program)
        cls.tickets = cls.mine.browse()

    def test_what_it_may(self):
        [made] = self.tickets.service_import([RECORD])
        self.assertEqual(made["outcome"], "created")
        more = RECORD | {
            "events": [
                *RECORD["events"],
                {"at": "2026-01-05 10:00:00", "kind": "phase", "phase": "resolved"},
            ]
        }
        [again] = self.tickets.service_import([more])
        self.assertEqual(again["outcome"], "updated")
        self.assertTrue(self.mine.service_record("responded", external_ref="r-1"))
        self.assertTrue(self.mine.service_record("arrived", external_ref="a-1"))
        self.assertTrue(self.tickets.service_changes()["rows"])
        self.assertTrue(self.tickets.service_clocks()["rows"])
        self.assertEqual(self.mine.read(["number"])[0]["id"], self.ticket.id)

    def test_measured_values(self):
        self.env["service.quality.indicator"].create(
            {
                "code": "sync_availability",
                "name": "Availability",
                "sentence": "How much of the time the service could be used.",
                "source": "measured",
                "summary": "mean",
                "unit": "percent",
            }
        )
        values = self.env["service.quality.measurement"].with_user(self.program)
        record = {
            "indicator": "sync_availability",
            "date_from": "2026-02-01",
            "date_to": "2026-02-28",
            "value": 99.5,
            "evidence": "Monitoring",
        }
        for reason, outcome in (
            ({}, "created"),
            ({}, "unchanged"),
            ({"value": 99.0, "reason": "It was misread"}, "proposed"),
        ):
            [answer] = values.record_values([record | reason])
            self.assertEqual(answer["outcome"], outcome, answer)

    def test_what_it_may_not(self):
        """Deny: it is no member of the desk, and writes nothing but by its methods."""
        program = self.env(user=self.program)
        mine = self.mine
        with self.subTest("create_missing"), self.assertRaises(AccessError):
            self.tickets.service_import(
                [RECORD | {"external_ref": "OLD-2", "team": "Unknown team"}],
                create_missing=["team"],
            )
        attempts = (
            lambda: mine.write({"name": "Mine"}),
            lambda: mine.unlink(),
            lambda: self.tickets.create({"name": "x", "description": "x"}),
            lambda: self.tickets.service_open({"name": "x"}, "X-1"),
            lambda: mine.service_hold(),
            lambda: mine.service_set_deadline("resolution", False, "Why not"),
            lambda: mine.service_explain(),
            lambda: self.tickets.service_complaint_register(
                {"subject": "x", "description": "x"}
            ),
            lambda: mine.service_complaint_answer("<p>x</p>", "phone"),
            lambda: program["service.quality.callback"].next_call(),
            lambda: program["service.quality.callback"].search([]),
            lambda: program["service.quality.report"].make(
                "organisation", "month", "2026-01-01"
            ),
            lambda: program["service.quality.figure"].search([]),
            lambda: program["service.quality.visit"].record_arrival(self.ticket.id),
            lambda: program["res.partner"].create({"name": "x"}),
            lambda: program["service.quality.webhook"].search([]),
            lambda: program["service.quality.request"].search([]),
        )
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assertRaises(AccessError):
                attempt()
                self.env.flush_all()

    def test_nothing_of_ours_is_written_otherwise(self):
        """Deny: it creates measured values, and writes nothing else of ours than every
        employee."""
        employee = new_test_user(self.env, login="sync_employee")
        for operation in ("create", "write", "unlink"):
            program, other = (
                {
                    name
                    for name, model in self.env.registry.items()
                    if name.startswith(("service.quality.", "helpdesk."))
                    and not model._abstract
                    and self.env[name].with_user(user).has_access(operation)
                }
                for user in (self.program, employee)
            )
            more = ["service.quality.measurement"] * (operation == "create")
            self.assertEqual(program - other, set(more), operation)

    def test_desk_opens_a_ticket_by_its_key(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.desk)
        values = {"name": "No tone", "partner_id": self.contact.id, "priority": "2"}
        made = tickets.service_open(values, "CRM-7")
        ticket = tickets.browse(made["id"])
        self.assertEqual(ticket.service_external_ref, "CRM-7")
        self.assertEqual((ticket.name, ticket.priority), ("No tone", "2"))
        self.assertEqual(ticket.service_event_ids.mapped("kind"), ["opened"])
        self.assertEqual(tickets.service_open(values, "CRM-7"), made)
        for wrong, ref, words in (
            (values, "", "other system's key"),
            ({"name": ""}, "CRM-8", "a name"),
            ({"name": "x", "number": "1"}, "CRM-8", "keys name"),
            (values | {"name": "Other"}, "CRM-7", "was used for another call"),
        ):
            with (
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                tickets.service_open(wrong, ref)
        manager = tickets.with_user(self._user("sync_manager", "service_manager"))
        with (
            self.assertRaisesRegex(UserError, "has this external reference"),
            self.env.cr.savepoint(),
        ):
            manager.service_open(values, "CRM-7")
        [known] = manager.service_import(
            [
                RECORD
                | {
                    "external_ref": "CRM-7",
                    "opened_at": fields.Datetime.to_string(ticket.service_opened_at),
                    "events": [],
                }
            ]
        )
        self.assertEqual(known["ticket_id"], ticket.id)
