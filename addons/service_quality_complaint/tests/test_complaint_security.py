from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.role_common import RoleMixin

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install", "security")
class TestComplaintSecurity(RoleMixin, ComplaintCase):
    """Each role is refused what it may not do with complaints."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("complaint", partner_id=cls.contact.id)
        cls.complaint = cls._complaint(
            "2026-03-02 09:00:00", service_severity="important"
        )
        cls.notice = cls.complaint.service_notice_ids

    def test_who_takes_steps(self):
        """Whoever may write the ticket; nobody outside, and no executive."""
        workers = ["project_manager", "desk", "service_manager", "quality"]
        workers += ["technical_centre"]
        for method, args in (
            ("service_complaint_acknowledge", ()),
            ("service_complaint_investigate", ()),
            ("service_complaint_answer", ("Sorry", "phone")),
            ("service_complaint_accepted", ()),
            ("service_complaint_refused", ("No",)),
            ("service_complaint_close", ()),
        ):
            self.assertRefused(
                self.others(*workers),
                lambda role, method=method, args=args: self.call(
                    role, "helpdesk.ticket", method, [self.complaint.id], *args
                ),
            )
        self.assertAllowed(
            workers,
            lambda role: self.call(
                role,
                "helpdesk.ticket",
                "service_complaint_answer",
                [self.complaint.id],
                "Sorry",
                "phone",
            ),
        )

    def test_who_cancels(self):
        """Regulation C2.3: cancelling is for the service manager and quality alone."""
        managers = ["service_manager", "quality"]
        stage = self.env["helpdesk.ticket.stage"].browse(self.stages["cancelled"].id)
        other = self._complaint(str(self.complaint.service_opened_at))
        for values in (
            {"stage_id": stage.id, "service_cancel_reason": "Withdrawn by them"},
            {"service_severity": "minor"},
            {"duplicate_id": other.id},
        ):
            attempt = partial(self._write, values)
            self.assertRefused(self.others(*managers), attempt)
            for role in managers:  # not even they alone
                with (
                    self.subTest(role),
                    self.assertRaisesRegex(UserError, "second person"),
                    self.env.cr.savepoint(),
                ):
                    attempt(role)

        def ask(role):
            with self.env.cr.savepoint() as point:
                self.call(
                    role,
                    "helpdesk.ticket",
                    "service_complaint_ease",
                    [self.complaint.id],
                    "They have withdrawn it",
                )
                point.rollback()

        self.assertRefused(self.others(*managers), ask)
        self.assertAllowed(managers, ask)

    def _write(self, values, role):
        self.call(role, "helpdesk.ticket", "write", [self.complaint.id], values)

    def test_a_customer_does_not_cancel_as_superuser(self):
        """As the portal's own button does, which runs with all rights."""
        ticket = self.complaint.with_user(self.users["portal"]).sudo()
        with self.assertRaises(AccessError):
            ticket.write(
                {
                    "stage_id": self.stages["cancelled"].id,
                    "service_cancel_reason": "Withdrawn by them",
                }
            )

    def test_who_registers(self):
        """Over RPC: whoever may enter tickets."""
        clerks = ["staff", "project_manager", "desk", "service_manager", "quality"]
        clerks += ["technical_centre"]
        self.other_team.user_ids = self.users["staff"]

        def attempt(role):
            self.call(
                role,
                "helpdesk.ticket",
                "service_complaint_register",
                {"subject": "Rude", "team_id": self.other_team.id},
            )

        self.assertRefused(self.others(*clerks), attempt)
        self.assertAllowed(clerks, attempt)

    def test_who_reads_whom_it_was_passed_on_to(self):
        """Whoever reads the complaint, and whoever was told; written by nobody."""
        readers = ["project_manager", "desk", "service_manager", "quality"]
        readers += ["technical_centre", "executive"]
        for role, user in self.users.items():
            notice = self.notice.with_user(user)
            self.assertEqual(notice.has_access("read"), role in readers, role)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(notice.has_access(operation), (role, operation))
        self.assertTrue(self.notice.with_user(self.head).has_access("read"))

    def test_who_sets_routes_and_severities(self):
        """Service manager and quality; the others read what concerns them."""
        editors = ["service_manager", "quality"]
        readers = [*editors, "staff", "project_manager", "desk", "technical_centre"]
        readers += ["executive"]
        route = self.env["service.quality.complaint.route"].create(
            {"name": "Route", "told_user_ids": self.officer.ids}
        )
        severity = self.env.ref("service_quality_complaint.severity_minor")
        for record in (route, severity):
            for role, user in self.users.items():
                as_user = record.with_user(user)
                self.assertEqual(as_user.has_access("read"), role in readers, role)
                for operation in ("write", "create", "unlink"):
                    self.assertEqual(
                        as_user.has_access(operation),
                        role in editors,
                        (role, operation),
                    )

    def test_customers_see_nothing_of_the_inside(self):
        """A portal user reads the ticket, nothing of how the complaint is handled."""
        ticket = self.complaint.with_user(self.users["portal"])
        self.assertTrue(ticket.name)
        for name in (
            "service_severity",
            "service_root_cause",
            "service_handling",
            "service_about_user_id",
            "service_notice_ids",
            "service_received_by_id",
            "service_receipt_digest",
            "service_complaint_checklist",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                ticket.read([name])

    def test_who_took_it_down_is_not_written_by_hand(self):
        """Whoever enters a complaint, or makes one of a ticket, has received it."""
        for attempt in (
            lambda tickets: tickets.write(
                {"service_received_by_id": self.users["quality"].id}
            ),
            lambda tickets: tickets.create(
                {
                    "name": "Late",
                    "description": "Very",
                    "service_is_complaint": True,
                    "service_received_by_id": self.users["quality"].id,
                }
            ),
        ):
            for role in ("desk", "service_manager", "quality"):
                with self.subTest(role), self.assertRaisesRegex(UserError, "Received"):
                    attempt(self.complaint.with_user(self.users[role]))
        ticket = self._ticket()
        ticket.with_user(self.users["desk"]).service_is_complaint = True
        self.assertEqual(ticket.service_received_by_id, self.users["desk"])

    def test_the_secret_is_nobodys(self):
        """Not even the quality department reads the digest of a receipt."""
        for role in ("quality", "service_manager", "desk"):
            with self.assertRaises(AccessError):
                self.complaint.with_user(self.users[role]).read(
                    ["service_receipt_digest"]
                )

    def test_private_methods_are_not_called_by_programs(self):
        """Submitting, looking up and replying go through pages, not over RPC."""
        for method, args in (
            ("_service_complaint_submit", [{"subject": "x"}]),
            ("_service_complaint_by_receipt", ["a", "b"]),
            ("_service_complaint_by_answer_token", ["a"]),
            ("_service_complaint_reply", [[self.complaint.id], True]),
            (
                "_service_complaint_step",
                [[self.complaint.id], "complaint_closed", None],
            ),
        ):
            self.assertRefused(
                ["service_manager", "portal"],
                lambda role, method=method, args=args: self.call(
                    role, "helpdesk.ticket", method, *args
                ),
            )

    def test_companies_keep_apart(self):
        """Another company's complaints, notices and routes are not there."""
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._user(
            "complaint_stranger",
            "quality",
            company_id=other.id,
            company_ids=other.ids,
        )
        route = self.env["service.quality.complaint.route"].create(
            {"name": "Route", "told_user_ids": self.officer.ids}
        )
        for record in (self.complaint, self.notice, route):
            self.assertFalse(record.with_user(stranger).has_access("read"))
