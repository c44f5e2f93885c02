import json

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .accused_common import AccusedCase


@tagged("post_install", "-at_install", "security")
class TestInsider(AccusedCase):
    """The accused names the ticket's id in forms, dialogs and plans of her own."""

    def of(self, model):
        """Return a model as the accused has it."""
        return self.env[model].with_user(self.head)

    def test_forms_take_nothing_from_it(self):
        """No form or dialog is filled in from a ticket that its user may not read."""
        number, tried = self.complaint.id, 0
        for model in self.env.registry.values():
            Model = self.of(model._name).with_context(active_ids=self.duplicate.ids)
            if model._abstract or not Model.has_access("create"):
                continue
            for field in model._fields.values():
                if field.comodel_name != "helpdesk.ticket" or not field.store:
                    continue
                for value in {
                    "many2one": [number, {"id": number}, (number, "x")],
                    "many2many": [[Command.set([number])], [Command.link(number)]],
                }.get(field.type, []):
                    tried += 1
                    with (
                        self.subTest(field=str(field), value=value),
                        self.assertRaises(AccessError),
                    ):
                        Model.onchange(
                            {field.name: value}, [field.name], {field.name: {}}
                        )
        self.assertGreater(tried, 12)

    def test_dialogs_keep_nothing_of_it(self):
        """A dialog that is saved reads its ticket with all rights."""
        Answer = self.of("helpdesk.ticket.complaint.answer")
        values = {
            "ticket_id": self.complaint.id,
            "answer": "<p>No</p>",
            "admitted": "no",
            "way": "phone",
        }
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Answer.create(values)
        own = Answer.create(values | {"ticket_id": self.duplicate.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.ticket_id = self.complaint
        dialog = Answer.with_user(self.chief).create(values)
        self.assertEqual(dialog.description, self.complaint.description)

    def test_what_names_it_can_still_be_changed(self):
        """The form of a duplicate goes on working for who may not read the other."""
        duplicate = self.duplicate.with_user(self.head)
        spec = {"name": {}, "duplicate_id": {"fields": {"display_name": {}}}}
        duplicate.onchange({"name": "Twice"}, ["name"], spec)
        duplicate.web_save({"name": "Twice"}, spec)
        self.assertEqual(self.duplicate.name, "Twice")

    def test_refusals_are_alike(self):
        """What is hidden is refused as is what belongs to another team."""
        stranger = self._user("stranger", "staff")
        other = self._ticket(team_id=self.centre.id, user_id=self.expert.id)
        self.complaint.service_about_user_id = stranger
        texts = set()
        for ticket in other | self.complaint:
            with self.assertRaises(AccessError) as caught:
                ticket.with_user(stranger).read(["name"])
            texts.add(str(caught.exception).replace(str(ticket.id), "…"))
        self.assertEqual(len(texts), 1)

    def test_an_archived_team_hides_as_before(self):
        """Nobody reads, or is told of, a report by archiving the team it is about."""
        self.complaint.write(
            {
                "service_about_user_id": False,
                "service_about_team_id": self.outlet.id,
                "service_is_report": True,
            }
        )
        self.outlet.active = False
        self.env.invalidate_all()
        self.assertIn(self.clerk, self.complaint._service_hidden_from())
        self.assertFalse(self.complaint._service_visible_to(self.clerk))
        self.assertTrue(self.complaint.with_user(self.clerk).sudo().service_is_hidden)
        self.assertFalse(self.complaint.with_user(self.clerk).has_access("read"))

    def test_nobody_leaves_a_team_by_oneself(self):
        """A helpdesk manager who does would read what is reported about it."""
        self.clerk.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        mine = self.outlet.with_user(self.clerk)
        for values in (
            {"user_ids": [Command.unlink(self.clerk.id)]},
            {"parent_id": False},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                mine.write(values)
        mine.write({"name": "Outlet North", "user_ids": [Command.link(self.head.id)]})
        self.centre.with_user(self.clerk).user_ids = [Command.clear()]
        self.outlet.with_user(self.env.ref("base.user_admin")).user_ids -= self.clerk

    def test_plans_do_not_tell_whom_it_is_about(self):
        """Who may not open a ticket is not told who is not to know of it."""
        plan = self.duplicate.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.head.id
        )
        with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
            plan.with_user(self.head).res_id = self.complaint.id
        self.assertNotIn("not to know", str(caught.exception))


@tagged("post_install", "-at_install", "browser")
class TestInsiderPages(HttpCase, AccusedCase):
    """The same holds for the addresses that the client calls."""

    def setUp(self):
        super().setUp()
        self.head.password = "head-of-the-outlet"
        self.authenticate("head", "head-of-the-outlet")

    def ask(self, path, **params):
        """Return what a route answers, an error too, as text."""
        return self.url_open(
            path,
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        ).text

    @mute_logger("odoo.http")
    def test_developer_tools_tell_nothing(self):
        """Odoo names the rule that refuses, and the record, to who asks for it."""
        self.url_open("/odoo?debug=1")
        activity = self.complaint.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.chief.id, summary="Shouted"
        )
        clock = self.complaint.service_clock_ids[:1]
        for record in (self.complaint, clock, self.after, activity):
            with self.subTest(record._name):
                said = self.ask(
                    "/web/dataset/call_kw",
                    model=record._name,
                    method="read",
                    args=[record.ids, ["display_name"]],
                    kwargs={},
                )
                self.assertIn("AccessError", said)
                for word in ("hidden", "Shouted", self.complaint.number):
                    self.assertNotIn(word, said)
