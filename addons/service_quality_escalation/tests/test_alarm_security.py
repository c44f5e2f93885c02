from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.role_common import (
    INSIDERS,
    OUTSIDERS,
    RoleMixin,
)

from .escalation_common import EscalationCase


@tagged("post_install", "-at_install", "security")
class TestAlarmSecurity(RoleMixin, EscalationCase):
    """Who reads alarms, and who decides about rules and channels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("as")
        cls.channel = cls.env["service.quality.webhook"].create(
            {"name": "Desk", "url": "https://example.com/x"}
        )
        cls.rule = cls._rule(
            {"amount": 50},
            {"amount": 50, "action": "webhook", "webhook_id": cls.channel.id},
        )
        cls.ticket = cls._ticket("2026-03-02 09:00:00")
        cls.ticket.message_subscribe(cls.users["portal"].partner_id.ids)
        cls.alarms = cls._sweep("2026-03-02 13:00:00")
        cls.delivery = cls.alarms.delivery_ids

    def test_alarms(self):
        """Who reads all tickets reads their alarms; nobody writes one."""
        self.assertMay(self.alarms, "read", *INSIDERS)
        for operation in ("write", "create", "unlink"):
            self.assertMay(self.alarms, operation)

    def test_alarms_of_own_tickets(self):
        """Service staff reads the alarms of own tickets."""
        self.assertFalse(self.may("staff", self.alarms, "read"))
        self.ticket.user_id = self.users["staff"]
        self.assertTrue(self.may("staff", self.alarms, "read"))

    def test_rules(self):
        """Everybody inside may know the rules, only service managers make them."""
        for records in (self.rule, self.rule.step_ids):
            self.assertMay(records, "read", *INSIDERS, "staff")
            for operation in ("write", "create", "unlink"):
                self.assertMay(records, operation, "service_manager")

    def test_channels(self):
        """Channels and what was sent are service managers' and quality's to see."""
        self.assertMay(self.channel, "read", "service_manager", "quality")
        self.assertMay(self.delivery, "read", "service_manager", "quality")
        for operation in ("write", "create", "unlink"):
            self.assertMay(self.channel, operation, "service_manager")
            self.assertMay(self.delivery, operation)

    def test_buttons_over_rpc(self):
        """What a button does is refused to programs of others, too."""
        others = (*OUTSIDERS, "staff", "desk", "sales", "executive", "quality")
        for roles, records, method in (
            (others, self.channel, "action_test"),
            (others, self.delivery, "action_retry"),
            (OUTSIDERS, self.alarms[0], "action_open_ticket"),
        ):
            self.assertRefused(
                roles,
                lambda role, r=records, m=method: self.call(role, r._name, m, r.ids),
            )

    def test_machinery_is_private(self):
        """No program runs the sweep, raises alarms or sends messages."""
        for model, method, args in (
            ("service.quality.sweep", "_cron_sweep", []),
            ("service.quality.sweep", "_sweep", [200]),
            ("service.quality.sweep", "_arm", ["2026-03-02 09:00:00"]),
            ("service.quality.escalation.alarm", "_raise", [[], None]),
            ("service.quality.webhook.delivery", "_attempt", [self.delivery.ids]),
            ("service.quality.webhook", "_put_away", [self.channel.ids, {}]),
        ):
            self.assertRefused(
                ("service_manager", "portal"),
                lambda role, m=model, n=method, a=args: self.call(role, m, n, *a),
            )

    def test_portal_sees_no_alarm_on_the_ticket(self):
        """A customer sees no escalation."""
        ticket = self.ticket.with_user(self.users["portal"])
        self.assertEqual(ticket.name, "No dial tone")
        for field in ("service_alarm_ids", "service_alarm_count"):
            with self.assertRaises(AccessError):
                ticket.read([field])
        self.assertFalse(ticket.env["mail.activity"].has_access("read"))

    def test_other_companies(self):
        """Nothing of another company is read."""
        there = self.env["res.company"].create({"name": "There"})
        records = (
            self.alarms, self.rule, self.rule.step_ids, self.channel, self.delivery,
        )  # fmt: skip
        stranger = self._user(
            "as_there", "service_manager", company_id=there.id, company_ids=there.ids
        )
        for some in records:
            self.assertFalse(some.with_user(stranger).has_access("read"), some)
