from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestPromiseKept(ServiceQualityCase):
    """SLA case 6: a promise that runs does not leave with the ticket's customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls._user("keeper", "desk")
        cls._agreement(TARGET)
        cls._agreement(
            {**TARGET, "duration": 20}, partner_ids=cls.globex.ids, name="Globex"
        )

    def rewrite(self, ticket, at="2026-03-02 10:00:00", **values):
        with freeze_time(at):
            ticket.with_user(self.agent).write(values)

    def assertKept(self, ticket, **values):
        clock = self.clock(ticket)
        state = clock.state
        with (
            self.assertRaisesRegex(ValidationError, "was promised to the customer"),
            self.env.cr.savepoint(),
        ):
            self.rewrite(ticket, **values)
        self.env.invalidate_all()
        self.assertEqual(clock.state, state)

    def test_customer_is_not_emptied(self):
        """Deny: without a customer there is nobody to whom it is promised."""
        self.assertKept(self._ticket("2026-03-02 09:00:00"), partner_id=False)

    def test_customer_without_agreement(self):
        """Deny: nothing is promised to the supplier."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertKept(ticket, partner_id=self.supplier.id)

    def test_customer_with_a_later_promise(self):
        """Deny: Globex is promised more time."""
        self.assertKept(self._ticket("2026-03-02 09:00:00"), partner_id=self.globex.id)

    def test_promise_that_stands_still(self):
        """Deny: a pause is no way out."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 09:30:00")
        self.assertKept(ticket, partner_id=self.globex.id)
        self.assertKept(ticket, partner_id=False)

    def test_slips_are_corrected(self):
        """A colleague of the contact, and a customer who is promised no less."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self.rewrite(ticket, partner_id=self.acme.id)
        self.assertEqual(self.clock(ticket).target_seconds, 8 * 3600)
        other = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        self.rewrite(other, partner_id=self.contact.id)
        self.assertEqual(self.clock(other).target_seconds, 8 * 3600)
        nobody = self._ticket("2026-03-02 09:00:00", partner_id=False)
        self.rewrite(nobody, partner_id=self.contact.id)
        self.assertEqual(self.clock(nobody).target_seconds, 8 * 3600)

    def test_what_is_cancelled_asks_for_a_reason(self):
        """Allow: it is cancelled with a reason, and entered for the right one."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self.rewrite(
            ticket,
            stage_id=self.stages["cancelled"].id,
            service_cancel_reason="Entered for the wrong customer",
            partner_id=self.globex.id,
        )
        self.assertEqual(ticket.service_phase, "cancelled")
