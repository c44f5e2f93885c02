from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_report.tests.report_common import ReportCase


@tagged("post_install", "-at_install", "security")
class TestFormerContact(ReportCase):
    """SLA case 29: what was delivered stays so, but who left reads it no more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._user("ann_portal")
        cls.portal.group_ids = cls.env.ref("base.group_portal")
        cls.reader = cls.portal.partner_id
        cls.reader.parent_id = cls.acme
        cls.agreement.report_partner_ids = cls.contact | cls.reader
        cls.report = cls._make("customer", cls.agreement)
        cls._send(cls, cls.report)
        cls.delivery = cls.report.delivery_ids.filtered(
            lambda one: one.partner_id == cls.reader
        )

    def by_link(self, report=None):
        report = report or self.report
        portal = report.env["service.quality.report.portal"]
        return portal._find(report.id, self.delivery.access_token)[0]

    def by_login(self):
        portal = self.env["service.quality.report.portal"].with_user(self.portal)
        found = portal._find(self.report.id)[0]
        self.assertEqual(found, portal._list() & self.report)
        return found

    def test_moved_to_another_company(self):
        """SLA case 29: neither link nor login opens it, and it is still delivered."""
        self.assertEqual(self.by_link(), self.report)
        self.assertEqual(self.by_login(), self.report)
        self.reader.parent_id = self.globex
        self.assertFalse(self.by_link())
        self.assertFalse(self.by_login())
        self.assertEqual(self.delivery.commercial_partner_id, self.acme)
        self.assertIn(self.delivery, self.report.delivery_ids)

    def test_moved_back(self):
        self.reader.parent_id = self.globex
        self.reader.parent_id = self.acme
        self.assertEqual(self.by_link(), self.report)
        self.assertEqual(self.by_login(), self.report)

    def test_moved_with_a_department(self):
        """A contact of a contact leaves along with it."""
        self.reader.parent_id = self.contact
        self.contact.parent_id = self.globex
        self.assertFalse(self.by_link())
        self.assertFalse(self.agreement.report_partner_ids)

    def test_archived(self):
        """SLA case 29: the link of a contact who was archived ends."""
        self.portal.active = False
        self.reader.active = False
        self.assertFalse(self.by_link())

    def test_outsider_goes_on_reading(self):
        """Who was sent it as nobody's contact of the customer has not left."""
        outsider = self.env["res.partner"].create(
            {"name": "Advisor", "email": "advisor@example.com"}
        )
        report = self._make("customer", self.agreement, "2026-02-01")
        report.also_partner_ids = outsider
        self._send(report)
        sent = report.delivery_ids.filtered(lambda one: one.partner_id == outsider)
        portal = self.env["service.quality.report.portal"]
        self.assertEqual(portal._find(report.id, sent.access_token)[0], report)
        outsider.parent_id = self.acme  # found to be the customer's
        self.assertEqual(portal._find(report.id, sent.access_token)[0], report)
        outsider.parent_id = self.globex
        self.assertFalse(portal._find(report.id, sent.access_token)[0])

    def test_other_recipients(self):
        """An old link opens what it was sent with, and nothing that came after."""
        self.agreement.report_partner_ids -= self.reader
        later = self._make("customer", self.agreement, "2026-02-01")
        self._send(later)
        revision = later.browse(
            self.report.with_user(self.quality).revise("One ticket was counted twice")
        )
        self._send(revision)
        self.assertEqual(self.by_link(), self.report)
        for report in later | revision:
            self.assertNotIn(self.reader, report.delivery_ids.partner_id)
            self.assertFalse(self.by_link(report))

    def test_next_report(self):
        """SLA case 29: who left gets no more reports, nor follow-up calls."""
        self.agreement.callback_partner_id = self.reader
        self.portal.active = self.reader.active = False
        self.reader.parent_id = self.globex
        agreement = self.agreement.with_context(active_test=False)
        self.assertEqual(agreement.report_partner_ids, self.contact)
        self.assertFalse(self.agreement.callback_partner_id)
        self.assertIn(self.reader.name, self.agreement.message_ids[0].body)

    def test_revision(self):
        """SLA case 29: a correction goes to who may still read what it corrects."""
        report = self._make("customer", self.agreement, "2026-02-01")
        stays, leaves = self.contact.create(
            [
                {
                    "name": name,
                    "email": f"{name}@example.com",
                    "parent_id": self.acme.id,
                }
                for name in ("stays", "leaves")
            ]
        )
        report.also_partner_ids = stays | leaves
        self._send(report)
        leaves.parent_id = self.globex
        revised = report.browse(report.with_user(self.quality).revise("Corrected"))
        self.assertEqual(revised.also_partner_ids, stays)

    def test_not_sent_again(self):
        """SLA case 29: what failed is not sent after who left."""
        self.delivery.failure = "No address"
        self.reader.parent_id = self.globex
        with self.assertRaisesRegex(UserError, "another company"):
            self.delivery.with_user(self.quality).action_send_again()

    def test_people_of_the_house_have_no_link(self):
        """They log in, so that nothing outlives their account."""
        organisation = self._make()
        self._send(organisation)
        staff = organisation.delivery_ids.filtered("user_id")
        self.assertTrue(staff)
        self.assertFalse(any(staff.mapped("access_token")))

    def test_former_project_manager(self):
        """SLA case 29: without the role, or archived, a project gives no rights."""
        report = self._make("project", self.project)
        report.user_id = self.manager
        report.with_user(self.manager)._check_may_send()
        deliveries = self.env["service.quality.report.delivery"]
        self.assertIn(self.manager.partner_id, deliveries._recipients(report))
        self.manager.group_ids -= self.env.ref(
            "service_quality_core.service_quality_group_project_manager"
        )
        self.manager.group_ids += self.env.ref(
            "service_quality_core.service_quality_group_staff"
        )
        with self.assertRaises(AccessError):
            report.with_user(self.manager)._check_may_send()
        self.manager.active = False
        self.assertNotEqual(self.project.user_id, self.manager)
        self.assertNotIn(self.manager.partner_id, deliveries._recipients(report))
