from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.mail_common import MailCase
from odoo.addons.service_quality_desk.tests.test_desk import DeskCase
from odoo.addons.service_quality_desk.tests.test_handover import MORNING, HandoverCase


@tagged("post_install", "-at_install")
class TestDeskComplaints(DeskCase):
    def test_complaints(self):
        """Regulation A3.5.3: open complaints with what is due next of each."""
        complaint = self._ticket(
            "2026-03-02 11:00:00",
            name="Rude",
            service_is_complaint=True,
            service_severity="major",
        )
        [line] = self.block("complaints")["lines"]
        self.assertEqual(line["title"], "Rude")
        self.assertIn("Major", line["what"])
        self.assertEqual(
            line["deadline"],
            complaint.service_deadline.strftime("%Y-%m-%d %H:%M:%S"),
        )
        self._move(complaint, "cancelled", "2026-03-02 11:30:00")
        self.assertEqual(self.shown("complaints"), [])

    def test_the_list_has_what_the_block_counts(self):
        """Regulation A3.5.3: a count opens a list of as many complaints."""
        self._ticket("2026-03-02 11:20:00", service_is_complaint=True)
        self._ticket("2026-03-02 11:20:00")
        self.assertListed("complaints", 1)

    def test_counting_stops(self):
        """A million complaints are not counted to the last one."""
        for minute in range(4):
            self._ticket(f"2026-03-02 09:0{minute}:00", service_is_complaint=True)
        self.assertEqual(self.counted_to_three()["complaints"], (3, True))


@tagged("post_install", "-at_install")
class TestHandoverComplaints(HandoverCase):
    def test_what_is_hidden_from_the_next(self):
        """Who a complaint is about does not learn of it by a handover either."""
        self._ticket(MORNING, name="Shown")
        self._ticket(
            MORNING,
            name="About Bob",
            service_is_complaint=True,
            service_about_user_id=self.bob.id,
        )
        handover = self.handover(to_user_id=self.carl.id)
        self.assertEqual(len(handover.line_ids), 2)
        self.env.invalidate_all()
        self.assertEqual(len(handover.with_user(self.bob).line_ids), 1)
        handover.unlink()
        handover = self.handover()
        self.assertEqual(handover.line_ids.ticket_id.mapped("name"), ["Shown"])


@tagged("post_install", "-at_install")
class TestMailAfterComplaint(MailCase):
    def test_complaints_stay_where_they_are(self):
        """What is hidden goes into no ticket that others read."""
        complaint = self._ticket("2026-03-02 09:00:00", service_is_complaint=True)
        self._move(complaint, "cancelled", "2026-03-02 10:00:00")
        with freeze_time("2026-06-20 12:00:00"):
            complaint.message_post(
                body="And now?",
                author_id=self.contact.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertFalse(complaint.search([("service_follows_id", "!=", False)]))
        self.assertTrue(complaint.service_customer_wrote_at)
