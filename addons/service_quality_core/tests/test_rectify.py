from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.period_list import About
from ..tools.period import Period
from .common import ServiceQualityCase

ROWS = "service.quality.rectification"


@tagged("post_install", "-at_install")
class TestRectify(ServiceQualityCase):
    """What has ended is not rewritten: it is rectified, and old and new are kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("rectify-manager", "service_manager")
        cls.other_manager = cls._user("rectify-other", "service_manager")
        cls.quality = cls._user("rectify-quality", "quality")
        cls.desk = cls._user("rectify-desk", "desk")
        cls.cause, cls.other_cause = (
            cls.env.ref(f"service_quality_core.service_quality_cause_{name}")
            for name in ("network", "operation")
        )
        # the shipped stage writes to the customer, after which nothing is a slip
        cls.stages["resolved"].mail_template_id = False
        cls.ticket = cls._ticket("2026-03-02 09:00:00", service_cause_id=cls.cause.id)
        cls._end(cls.ticket, "2026-03-02 10:00:00")

    @classmethod
    def _end(cls, ticket, moment, user=None):
        ticket = ticket.with_user(user or cls.manager)
        cls._move(
            ticket, "resolved", moment, service_work_done="Replaced the line card"
        )

    def _rows(self, record=None, **values):
        record = record or self.ticket
        domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env[ROWS].search(domain)

    def _rectify(self, user, name, value, reason="Mistyped"):
        return self.ticket.with_user(user)._rectify(name, value, reason)

    # ------------------------------------------------------------------
    # Refused
    # ------------------------------------------------------------------

    def test_what_has_ended_is_not_rewritten(self):
        """Deny: no write changes the record of a ticket that is over."""
        for user in (self.manager, self.desk, self.env.user):
            for ticket in (self.ticket.with_user(user), self.ticket.sudo()):
                with self.assertRaisesRegex(UserError, "Rectify"):
                    ticket.write({"service_work_done": "Nothing"})
        with self.assertRaisesRegex(UserError, "Work Done"):
            self.ticket.with_context(service_rectify=True).write(
                {"service_work_done": "Nothing"}
            )
        load = self.ticket.with_user(self.manager).load(
            [".id", "service_work_done"], [[str(self.ticket.id), "Nothing"]]
        )
        self.assertIn("Rectify", load["messages"][0]["message"])
        self.assertEqual(self.ticket.service_work_done, "Replaced the line card")

    def test_same_value_and_other_fields_pass(self):
        """A form sends what is there already, and what is no evidence is changed."""
        self.ticket.write(
            {"service_work_done": "Replaced the line card", "priority": "2"}
        )
        self.assertEqual(self.ticket.priority, "2")
        self.assertFalse(self._rows())

    def test_only_the_role_that_ended_it(self):
        """Deny: neither the desk nor who is no colleague rectifies; nor without why."""
        with self.assertRaises(AccessError):
            self._rectify(self.desk, "service_work_done", "Nothing")
        with self.assertRaises(ValidationError):
            self._rectify(self.manager, "service_work_done", "Nothing", " ")
        with self.assertRaises(UserError):  # of a complaint it would be evidence
            self._rectify(self.manager, "name", "Nothing")
        with self.assertRaisesRegex(UserError, "old one"):
            self._rectify(self.manager, "service_work_done", "Replaced the line card")
        fresh = self._ticket("2026-03-02 09:00:00")
        with self.assertRaisesRegex(UserError, "open"):
            fresh._rectify("service_work_done", "Something", "Why not")

    # ------------------------------------------------------------------
    # Rectified
    # ------------------------------------------------------------------

    def test_a_report_lists_the_corrections_of_its_period(self):
        """Old, new and why; the row names the ticket that may hide it."""
        period = Period.around("month", fields.Date.today())
        about = About(self.env.company, period, *period.bounds("UTC"))
        told = self.env["service.quality.period.list"]
        before = told._list_of_rectifications(about).rows
        self._rectify(self.other_manager, "service_work_done", "Replaced the fan")
        listed = told._list_of_rectifications(about)
        [row] = [one for one in listed.rows if one not in before]
        self.assertIn(f": {len(before) + 1}", listed.title)
        self.assertIn(self.ticket.number, row.cells[0])
        self.assertEqual(
            row.cells[2:6],
            (
                "Replaced the line card",
                "Replaced the fan",
                "Mistyped",
                self.other_manager.name,
            ),
        )
        self.assertEqual(row.ticket_id, self.ticket.id)

    def test_rectified_with_a_reason(self):
        """Old and new, why, who and when are kept, shown and counted."""
        row = self._rectify(self.other_manager, "service_work_done", "Replaced the fan")
        self.assertEqual(self.ticket.service_work_done, "Replaced the fan")
        self.assertEqual(
            (row.old_text, row.new_text, row.reason, row.user_id, row.kind, row.state),
            (
                "Replaced the line card",
                "Replaced the fan",
                "Mistyped",
                self.other_manager,
                "rectified",
                "done",
            ),
        )
        self.assertEqual(len(row.digest), 64)
        shown = self.ticket.with_user(self.desk).service_corrections
        for text in ("Replaced the line card", "Replaced the fan", "Mistyped"):
            self.assertIn(text, shown)
        now = fields.Datetime.now()
        period = (now - timedelta(hours=1), now + timedelta(hours=1))
        company = self.ticket.company_id
        made = self.env[ROWS]._of_period(company, *period)
        self.assertEqual(made.filtered(lambda one: one.kind != "setting"), row)

    def test_settings_that_make_a_judgement_softer(self):
        """Old and new of a setting are kept, who and when; the same is no change."""
        company = self.env.company
        admin = self._user("rectify-admin")
        admin.group_ids += self.env.ref("base.group_system")
        company.service_reply_days = 14
        company.with_user(admin).sudo(False).service_reply_days = 30
        row = self._rows(company, field_name="service_reply_days")[:1]
        self.assertEqual(
            (row.old_text, row.new_text, row.user_id, row.kind),
            ("14", "30", admin, "setting"),
        )
        before = self._rows(company)
        company.write({"service_reply_days": 30, "name": "Ours"})
        self.assertEqual(self._rows(company), before)
        with self.assertRaises(AccessError):
            row.with_user(admin).unlink()

    def test_place_of_a_category(self):
        """What holds for a category and those below it is not moved unseen."""
        company = self.env.company
        Category = self.env["helpdesk.ticket.category"]
        here, there, moved = Category.create(
            [{"name": name} for name in ("Here", "There", "Moved")]
        )
        moved.parent_id = here
        moved.write({"parent_id": here.id, "name": "Renamed"})
        moved.parent_id = there
        rows = self._rows(moved, field_name="parent_id").sorted("id")
        texts = rows.mapped(lambda row: (row.old_text, row.new_text))
        self.assertEqual(texts, [("", "Here"), ("Here", "There")])
        now = fields.Datetime.now()
        period = (now - timedelta(hours=1), now + timedelta(hours=1))
        self.assertLessEqual(rows, self.env[ROWS]._of_period(company, *period))

    def test_second_person(self):
        """A cause waits for a second person, who is not the one who asked."""
        row = self._rectify(self.manager, "service_cause_id", self.other_cause.id)
        self.assertEqual(self.ticket.service_cause_id, self.cause)
        self.assertTrue(self.ticket.service_correction_waits)
        self.assertTrue(row.activity_ids.user_id)
        self.assertNotIn(self.manager, row.activity_ids.user_id)
        for user in (self.manager, self.desk):
            with self.assertRaises(AccessError):
                row.with_user(user).action_approve()
        with self.assertRaisesRegex(UserError, "already"):
            self._rectify(self.other_manager, "service_cause_id", self.other_cause.id)
        row.with_user(self.quality).action_approve()
        self.assertEqual(self.ticket.service_cause_id, self.other_cause)
        self.assertEqual((row.state, row.decided_by_id), ("done", self.quality))
        self.assertFalse(row.activity_ids)
        with self.assertRaisesRegex(UserError, "already"):
            row.with_user(self.other_manager).action_refuse()

    def test_second_person_refuses(self):
        """What is refused changes nothing, is not counted, and stays on record."""
        row = self._rectify(self.manager, "service_cause_id", self.other_cause.id)
        row.with_user(self.other_manager).action_refuse()
        self.assertEqual(self.ticket.service_cause_id, self.cause)
        self.assertEqual(row.state, "refused")
        now = fields.Datetime.now()
        made = self.env[ROWS]._of_period(
            self.ticket.company_id, now - timedelta(1), now + timedelta(1)
        )
        self.assertNotIn(row, made)

    def test_approving_what_is_open_again(self):
        """Deny: a ticket that was taken up again is changed in its form."""
        row = self._rectify(self.manager, "service_cause_id", self.other_cause.id)
        self.ticket.stage_id = self.stages["active"]
        with self.assertRaisesRegex(UserError, "open again"):
            row.with_user(self.quality).action_approve()

    # ------------------------------------------------------------------
    # Slips, and before the end
    # ------------------------------------------------------------------

    def test_own_slip_at_once(self):
        """Who ended it corrects a slip within five minutes; it is kept, not counted."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._end(ticket, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 10:04:00"):
            with self.assertRaises(UserError):
                ticket.with_user(self.other_manager).service_work_done = "Fan replaced"
            ticket.with_user(self.manager).service_work_done = "Fan replaced"
            rows = self._rows(ticket)
            self.assertEqual((rows.kind, rows.reason), ("slip", False))
            self.assertEqual(rows.old_text, "Replaced the line card")
        with freeze_time("2026-03-02 10:06:00"), self.assertRaises(UserError):
            ticket.with_user(self.manager).service_work_done = "Belt replaced"

    def test_no_slip_once_the_customer_was_told(self):
        """Deny: what the customer has read is rectified with a reason."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._end(ticket, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 10:01:00"):
            ticket.message_post(
                body="It works again",
                partner_ids=self.contact.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            ).date = "2026-03-02 10:01:00"
            with self.assertRaises(UserError):
                ticket.with_user(self.manager).service_work_done = "Fan replaced"

    def test_before_the_end(self):
        """Each change is kept with its old text, also after it was taken up again."""
        self.ticket.stage_id = self.stages["active"]
        self.ticket.with_user(self.desk).service_work_done = "Replaced the fan"
        [row] = self._rows()
        self.assertEqual(
            (row.kind, row.user_id, row.old_text, row.new_text),
            ("edited", self.desk, "Replaced the line card", "Replaced the fan"),
        )

    # ------------------------------------------------------------------
    # Append-only
    # ------------------------------------------------------------------

    def test_rows_are_only_added(self):
        """Deny: no right changes, deletes or forges what was kept."""
        row = self._rectify(self.manager, "service_work_done", "Replaced the fan")
        admin = self.env.ref("base.user_admin")
        for rows in (row.with_user(admin), row.sudo()):
            with self.assertRaises(AccessError):
                rows.write({"old_text": "Something else"})
            with self.assertRaises(AccessError):
                rows.unlink()
            with self.assertRaises(AccessError):
                rows.create({"res_model": "res.partner", "res_id": 1})
            with self.assertRaises(AccessError):
                rows.copy()

    def test_who_reads_the_list(self):
        """Deny: staff lists own corrections; who leads lists all of them."""
        row = self._rectify(self.manager, "service_work_done", "Replaced the fan")
        Rows = self.env[ROWS]
        self.assertFalse(Rows.with_user(self.desk).search([("id", "=", row.id)]))
        for user in (self.manager, self.other_manager, self.quality):
            self.assertTrue(Rows.with_user(user).search([("id", "=", row.id)]))

    # ------------------------------------------------------------------
    # Personal data
    # ------------------------------------------------------------------

    def test_erasing_reaches_what_was_kept(self):
        """The texts go with those of the ticket; digest, who and when remain."""
        row = self._rectify(self.manager, "service_work_done", "Told Ann Lee")
        digest = row.digest
        self.env["service.quality.personal.data"].with_user(self.quality).create(
            {"partner_id": self.contact.id, "request": "Ann, by mail"}
        ).action_erase()
        self.assertEqual(
            (row.old_text, row.new_text, row.reason, row.new_value),
            (False, False, False, False),
        )
        self.assertEqual((row.digest, row.user_id), (digest, self.manager))
        self.assertEqual(row.erased_by_id, self.quality)
        self.assertTrue(row.erased_at and row.at)
        self.assertEqual(self._rows(), row, "the erased text was not kept again")
        self.assertIn(digest, self.ticket.service_corrections)

    # ------------------------------------------------------------------
    # Dialog
    # ------------------------------------------------------------------

    def _dialog(self, user):
        action = self.ticket.with_user(user).action_service_rectify()
        wizard = self.env[action["res_model"]].with_user(user)
        return Form(wizard.with_context(**action["context"]))

    def test_dialog(self):
        """The button opens one dialog, which shows the old value and takes the new."""
        self.assertTrue(self.ticket.with_user(self.manager).service_may_rectify)
        self.assertFalse(self.ticket.with_user(self.desk).service_may_rectify)
        form = self._dialog(self.manager)
        form.field_name = "service_work_done"
        self.assertEqual(form.old_text, "Replaced the line card")
        self.assertEqual(form.new_text, "Replaced the line card")
        form.new_text = "Replaced the fan"
        form.reason = "The wrong part"
        form.save().action_confirm()
        self.assertEqual(self.ticket.service_work_done, "Replaced the fan")
        form = self._dialog(self.manager)
        form.field_name = "service_cause_id"
        self.assertTrue(form.needs_second_person)
        form.new_record = self.other_cause.id
        form.reason = "It was not the network"
        answer = form.save().action_confirm()
        self.assertIn("second person", answer["params"]["message"])
        self.assertEqual(self._rows(state="pending").new_text, self.other_cause.name)
