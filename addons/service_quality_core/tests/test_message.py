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

    def test_nobody_writes_as_another(self):
        """SLA case 26: a customer's consent, or a colleague's word, is not made up."""
        ann, boss = self.contact, self.users["executive"].partner_id
        by_mail = {"message_type": "email"}
        for values in (
            {"author_id": ann.id},
            {"author_id": boss.id},
            {"author_id": ann.id} | by_mail,
            by_mail,
            {"author_id": False, "email_from": ann.email or "ann@acme.example"},
            {"date": "2020-01-01 08:00:00"},
        ):
            for record in self.records():
                message = {
                    "model": record._name,
                    "res_id": record.id,
                    "body": "We agree to wait until summer.",
                    "message_type": "comment",
                } | values
                for attempt in (
                    lambda role, one=message: self.call(
                        role, "mail.message", "create", [one]
                    ),
                    lambda role, one=record, given=values: one.with_user(
                        self.users[role]
                    ).message_post(body="We agree to wait.", **given),
                ):
                    with self.subTest(record=record._name, **values):
                        self.assertRefused(["desk", "service_manager"], attempt)

    def test_a_slip_is_not_given_to_another(self):
        """A note of a moment ago gets no other author, nor comes from elsewhere."""
        own = self.note(self.ticket, "desk")
        values = {"author_id": self.contact.id}
        self.assertRefused(
            ["desk"],
            lambda role: self.call(role, "mail.message", "write", own.ids, values),
        )
        elsewhere = self.note(self.users["desk"].partner_id, "desk")
        elsewhere.sudo().author_id = self.contact
        here = {"model": self.ticket._name, "res_id": self.ticket.id}
        self.assertRefused(
            ["desk"],
            lambda role: self.call(role, "mail.message", "write", elsewhere.ids, here),
        )

    def test_customers_do_not_write_as_agents(self):
        """SLA case 7: a customer answers for nobody."""
        portal = self._user("portal_ann", partner_id=self.contact.id)
        portal.group_ids = self.env.ref("base.group_portal")
        with self.assertRaises(AccessError):
            self.ticket.with_user(portal).message_post(
                body="I have looked at it.",
                author_id=self.agent.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def test_nobody_has_the_link_of_a_customer(self):
        """Regulation A3.5: who has the link answers as the customer: none of us."""
        token = self.ticket._portal_ensure_token()
        self.assertTrue(token)
        for role in ("desk", "service_manager", "quality", "executive"):
            theirs = self.ticket.with_user(self.users[role])
            with self.subTest(role=role):
                self.assertNotIn(token, theirs.get_portal_url())
                self.assertNotIn(token, theirs._get_share_url(redirect=True))
        ids = self.ticket.ids
        name = ["access_token"]
        self.assertRefused(
            ["desk", "service_manager", "quality", "executive"],
            lambda role: self.call(role, self.ticket._name, "read", ids, name),
        )

    def test_nobody_takes_the_name_of_another(self):
        """Regulation A4.2: a signature is printed with the name of who signed."""
        boss = self.users["executive"]
        roles = ["desk", "service_manager", "quality"]
        group = self.env.ref("base.group_partner_manager")
        for role in roles:
            self.users[role].group_ids |= group
        for whose in (lambda role: self.users[role], lambda role: self.users["staff"]):
            for model, of in (
                ("res.users", lambda user: user.ids),
                ("res.partner", lambda user: user.partner_id.ids),
            ):
                self.assertRefused(
                    roles,
                    lambda role, one=whose, on=model, ids=of: self.call(
                        role, on, "write", ids(one(role)), {"name": boss.name}
                    ),
                )
        own = self.users["desk"]
        own.with_user(own).write({"name": own.name, "tz": "Asia/Shanghai"})
        own.with_user(self.users["system"]).name = "Lin Yue"
        self.assertEqual(own.name, "Lin Yue")
        self.contact.with_user(own).name = "Ann Miller"

    def test_nobody_hands_in_mails(self):
        """SLA case 26: a mail of a customer comes from the server of mails."""
        mail = f"From: {self.contact.email}\nTo: us@us.example\n\nWe agree."
        self.assertRefused(
            ["desk", "service_manager", "quality"],
            lambda role: self.call(
                role, "mail.thread", "message_process", self.ticket._name, mail, {},
                False, False, self.ticket.id,
            ),
        )  # fmt: skip

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
