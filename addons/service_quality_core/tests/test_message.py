import base64
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .mail_common import MailCase
from .role_common import RoleMixin


@tagged("post_install", "-at_install", "security")
class TestMessage(RoleMixin, MailCase):
    """What only the chatter keeps stays there: nobody deletes or rewrites it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users("message")
        cls.users["system"] = cls._user("message_system", "executive")
        cls.users["system"].group_ids |= cls.env.ref("base.group_system")
        cls.project = cls.env["service.quality.project"].create(
            {"name": "Move", "partner_id": cls.acme.id}
        )

    def records(self):
        return self.ticket, self.project

    def note(self, record, role="quality", **values):
        author = self.users[role]
        values = {"body": "The letter is missing.", "message_type": "comment"} | values
        return (
            record.with_user(author)
            .sudo()
            .message_post(author_id=author.partner_id.id, **values)
        )

    def age(self, messages, minutes=6):
        """Let messages have been written a while ago."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE mail_message SET create_date = create_date - %s "
                "WHERE id = ANY(%s)",
                timedelta(minutes=minutes),
                messages.ids,
            )
        )
        self.env.invalidate_all()

    def assertKept(self, message, *roles):
        ours = [("body", "Nothing was said."), ("model", False), ("date", False)]
        for vals in map(dict, ([one] for one in ours)):
            self.assertRefused(
                roles, lambda role, v=vals: self.call(
                    role, "mail.message", "write", message.ids, v
                )
            )  # fmt: skip
        self.assertRefused(
            roles, lambda role: self.call(role, "mail.message", "unlink", message.ids)
        )
        self.assertTrue(message.exists())

    # ------------------------------------------------------------------
    # Deny
    # ------------------------------------------------------------------

    def test_comments_of_others_stay(self):
        """Regulation A4.2: a reason that only the chatter keeps is not deleted."""
        for record in self.records():
            message = self.note(record)
            self.assertKept(message, *self.others("quality"))

    def test_tracked_changes_stay(self):
        """Regulation A4.2: whoever changed something does not delete that it was."""
        for record, name in ((self.ticket, "user_id"), (self.project, "name")):
            field = self.env["ir.model.fields"]._get(record._name, name)
            row = {"field_id": field.id, "old_value_char": "1", "new_value_char": "2"}
            message = self.note(
                record, message_type="notification", tracking_value_ids=[
                    Command.create(row)
                ],
            )  # fmt: skip
            self.assertKept(message, *self.users)
            values = message.sudo().tracking_value_ids
            self.assertTrue(values)
            for attempt in (
                lambda role, rows=values: rows.with_user(self.users[role]).unlink(),
                lambda role, rows=values: rows.with_user(self.users[role]).write(
                    {"new_value_char": "1"}
                ),
            ):
                self.assertRefused(["system"], attempt)

    def test_what_one_said_stays_after_a_while(self):
        """A comment of one's own is on record after five minutes."""
        for record in self.records():
            message = self.note(record)
            self.age(message)
            self.assertKept(message, *self.users)

    def test_answers_stay_at_once(self):
        """SLA case 7: what counts as an answer cannot be taken out of the chatter."""
        answer = self.note(self.ticket, "desk", subtype_xmlid="mail.mt_comment")
        self.assertKept(answer, *self.users)

    def test_mails_of_customers_stay(self):
        """What a customer wrote stays as it came."""
        self.assertKept(self.question, *self.users)

    def test_pages_of_the_client_refuse(self):
        """The client edits and empties messages with all rights: that is refused."""
        message = self.note(self.project)
        self.age(message)
        for role in ("quality", "system"):
            thread = self.project.with_user(self.users[role])
            with self.assertRaises(AccessError):
                thread._message_update_content(message.sudo(), body="")

    def test_files_of_messages_stay(self):
        """A file that came with a message stays with it."""
        file = self.env["ir.attachment"].create(
            {
                "name": "letter.txt",
                "datas": base64.b64encode(b"The letter of the supplier."),
                "res_model": self.ticket._name,
                "res_id": self.ticket.id,
            }
        )
        message = self.note(self.ticket, attachment_ids=file.ids)
        self.age(message)
        files = message.sudo().attachment_ids
        self.assertTrue(files)
        for role in ("quality", "service_manager", "system"):
            theirs = files.with_user(self.users[role])
            with self.assertRaises(AccessError):
                theirs.unlink()
            with self.assertRaises(AccessError):
                theirs.sudo()._delete_and_notify()

    # ------------------------------------------------------------------
    # Allow
    # ------------------------------------------------------------------

    def test_a_slip_of_ones_own_goes(self):
        """A note of one's own may be changed and deleted within five minutes."""
        message = self.note(self.project, "service_manager")
        self.age(message, minutes=4)
        thread = self.project.with_user(self.users["service_manager"])
        thread._message_update_content(message.sudo(), body="The letter is here.")
        self.assertIn("is here", message.body)
        self.call("service_manager", "mail.message", "unlink", message.ids)
        self.assertFalse(message.exists())

    def test_stars_are_no_change(self):
        """Whoever reads a message may mark it."""
        message = self.note(self.ticket)
        message.with_user(self.users["desk"]).toggle_message_starred()
        self.assertIn(self.users["desk"].partner_id, message.sudo().starred_partner_ids)

    def test_messages_elsewhere_are_none_of_ours(self):
        """Other documents keep Odoo's own rule."""
        message = self.note(self.acme)
        self.age(message)
        user = self.users["system"]
        user.group_ids |= self.env.ref("base.group_partner_manager")
        message.with_user(user).unlink()
        self.assertFalse(message.exists())
