from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestMerge(ServiceQualityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement(
            {"metric": "first_response", "duration": 1},
            {"metric": "resolution", "duration": 4},
        )
        cls.agent = cls._user("merging", "desk")
        cls.kept, cls.merged = (cls._ticket("2026-03-02 10:00:00") for _one in "ab")

    def _merge(self, **values):
        wizard = (
            self.env["helpdesk.ticket.merge"]
            .with_user(self.agent)
            .with_context(active_ids=(self.kept | self.merged).ids)
            .create(values)
        )
        with freeze_time("2026-03-02 10:30:00"):
            wizard.merge_tickets()
        return wizard.dst_ticket_id

    def test_merged_ticket_is_a_duplicate(self):
        """SLA case 5: the clocks of a merged ticket end, without a verdict."""
        self._merge()
        self.assertEqual(self.merged.duplicate_id, self.kept)
        clocks = self.merged.service_clock_ids
        self.assertEqual(set(clocks.mapped("state")), {"cancelled"})
        self.assertFalse(any(clocks.mapped("verdict")))
        self.assertEqual(self.clock(self.kept).state, "running")

    def test_messages_go_along(self):
        """What was said goes to the ticket that remains, whoever merges."""
        said = self.merged.message_post(body="It is dead", message_type="comment")
        self._merge()
        self.assertEqual(said.res_id, self.kept.id)

    def test_history_stays_with_the_merged_ticket(self):
        self._merge()
        self.assertEqual(
            sorted(self.kinds(self.merged)), ["archived", "duplicated", "opened"]
        )
        self.assertNotIn("duplicated", self.kinds(self.kept))

    def test_merge_is_no_answer(self):
        """SLA case 7: what a merge posts is nothing that an agent said."""
        self._merge()
        self.assertTrue(self.kept.message_ids.filtered(lambda m: "merged" in m.body))
        self.assertNotIn("responded", self.kinds(self.kept))
        self.assertNotIn("responded", self.kinds(self.merged))
        self.assertEqual(self.clock(self.kept, "first_response").state, "running")

    def test_the_dialog_says_beforehand_what_to_choose(self):
        """It names the ticket to merge into as soon as another is chosen."""
        early = self._ticket("2026-03-02 09:00:00")
        wizard = self.env["helpdesk.ticket.merge"].with_user(self.agent)
        with Form(wizard.with_context(active_ids=(self.kept | early).ids)) as form:
            self.assertFalse(form.service_advice)
            form.create_new_ticket = True
            self.assertIn(f"existing ticket: {early.number}", form.service_advice)
            form.create_new_ticket = False
            form.dst_ticket_id = self.kept
            self.assertIn(f"existing ticket: {early.number}", form.service_advice)
            form.dst_ticket_id = early
            self.assertFalse(form.service_advice)

    def test_the_first_one_is_kept(self):
        """Deny: the promises do not leave with a later ticket, nor with a new one."""
        early = self._ticket("2026-03-02 09:00:00")
        tickets = self.kept | early
        wizard = self.env["helpdesk.ticket.merge"].with_user(self.agent)
        wizard = wizard.with_context(active_ids=tickets.ids)
        self.assertEqual(wizard.create({}).dst_ticket_id, early)
        for values in (
            {"dst_ticket_id": self.kept.id},
            {"create_new_ticket": True, "dst_ticket_name": "Both of them"},
        ):
            with (
                freeze_time("2026-03-02 10:30:00"),
                self.assertRaisesRegex(ValidationError, "came in later"),
                self.env.cr.savepoint(),
            ):
                wizard.create(values).merge_tickets()
            self.env.invalidate_all(flush=False)
            self.assertEqual(self.clock(early).state, "running")
