from freezegun import freeze_time

from odoo.tests import tagged

from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestContact(ServiceQualityCase):
    """The ledger names contacts, and outlives what becomes of them."""

    def test_moved_contact_changes_no_ticket(self):
        """The customer is what the ledger says, not today's address book."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            self.contact.parent_id = self.globex
            self.env.flush_all()
        self.assertEqual(self.kinds(ticket), ["opened"])
        self.assertEqual(self.clock(ticket).partner_id, self.acme)
        self.assertConsistent(ticket)

    def test_merged_contacts(self):
        """Clocks and matching follow a customer into whom it was merged."""
        double = self.env["res.partner"].create({"name": "ACME", "is_company": True})
        agreement = self._agreement(TARGET, partner_ids=(double | self.acme).ids)
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=double.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((double | self.acme).ids, self.acme)
        self.assertFalse(double.exists())
        self.assertEqual(agreement.partner_ids, self.acme)
        self.assertEqual(self.clock(ticket).partner_id, self.acme)
        self.assertConsistent(ticket)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.priority = "3"
        self.assertEqual(self.clock(ticket).state, "running")
        later = self._ticket("2026-03-02 11:00:00")
        self.assertEqual(self.clock(later).agreement_id, agreement)
        self.assertConsistent(ticket | later)

    def test_merging_two_customers_rewrites_no_verdict(self):
        """SLA case 38: what was met stays met under the agreement of then."""
        single = self.env["res.partner"].create({"name": "Acne", "is_company": True})
        slow = self._agreement(TARGET, partner_ids=single.ids)
        fast = self._agreement({"metric": "resolution", "duration": 1}, sequence=1)
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=single.id)
        other = self._ticket("2026-03-02 09:00:00", partner_id=self.acme.id)
        for one in (ticket, other):
            self._move(one, "resolved", "2026-03-02 13:00:00")
        before = [
            (self.clock(ticket), slow, "met"),
            (self.clock(other), fast, "missed"),
        ]
        with freeze_time("2026-03-03 10:00:00"):
            self._merge(single, self.acme)
        self.assertFalse(
            self.env["service.quality.ledger"]._differences((ticket | other).ids),
            "a replay finds what is stored",
        )
        self._move(ticket | other, "closed", "2026-03-04 10:00:00")
        for clock, agreement, verdict in before:
            self.assertEqual((clock.agreement_id, clock.verdict), (agreement, verdict))
            self.assertEqual(clock.partner_id, self.acme)
        self.assertConsistent(ticket | other)
        # from now on both agreements name the one who is left
        later = self._ticket("2026-03-04 11:00:00", partner_id=self.acme.id)
        self.assertEqual(self.clock(later).agreement_id, fast)
        self.assertEqual(slow.partner_ids, self.acme)

    def test_merging_two_suppliers_rewrites_no_clock(self):
        """SLA case 38: the time of a supplier stays that supplier's."""
        double = self.env["res.partner"].create({"name": "Carrier Ltd"})
        self._agreement(
            {"metric": "resolution", "duration": 8},
            kind="uc",
            partner_ids=double.ids,
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.write(
                {
                    "stage_id": self.stages["waiting_third_party"].id,
                    "service_party_id": double.id,
                }
            )
        self.assertEqual(self.clock(ticket).state, "running")
        with freeze_time("2026-03-02 11:00:00"):
            self._merge(double, self.supplier)
        self.assertConsistent(ticket)
        self.assertEqual(ticket.service_span_ids[-1:].party_id, self.supplier)

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_merged_twice(self):
        """A merge of what was merged is followed to its end."""
        first, second = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("First", "Second")]
        )
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=first.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((first | second).ids, second)
        wizard._merge((second | self.acme).ids, self.acme)
        with freeze_time("2026-03-02 10:00:00"):
            ticket.priority = "3"
        self.assertEqual(self.clock(ticket).partner_id, self.acme)

    def test_contact_that_is_gone(self):
        """The ledger outlives a contact; what is shown then names none."""
        single = self.env["res.partner"].create({"name": "Walk-in"})
        self._house_rule(metric="resolution", duration=8)
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=single.id)
        ticket.partner_id = False
        single.unlink()
        self._move(ticket, "active", "2026-03-02 10:00:00")
        self.assertConsistent(ticket)
