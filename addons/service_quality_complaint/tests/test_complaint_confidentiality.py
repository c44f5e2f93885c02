from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .accused_common import AccusedCase
from .complaint_common import ComplaintCase

HISTORY = ("service_event_ids", "service_clock_ids", "service_span_ids")


@tagged("post_install", "-at_install", "security")
class TestComplaintConfidentiality(ComplaintCase):
    """A report about a person or area is never seen by them or those under them."""

    def sees(self, complaint, user):
        """Return True if a user finds and reads a complaint; both say the same."""
        as_user = complaint.with_user(user)
        found = as_user.search([("id", "=", complaint.id)])
        readable = as_user.has_access("read")
        self.assertEqual(bool(found), readable)
        return readable

    def test_about_a_person(self):
        """Neither they nor who works under them; those above and beside do."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        for user, expected in (
            (self.head, False),
            (self.clerk, False),
            (self.chief, True),
            (self.inspector, True),
            (self.expert, True),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.sees(complaint, user), expected)

    def test_about_a_member(self):
        """About a clerk: the clerk does not see it, the head does."""
        complaint = self._complaint(service_about_user_id=self.clerk.id)
        self.assertFalse(self.sees(complaint, self.clerk))
        self.assertTrue(self.sees(complaint, self.head))

    def test_report_about_an_area(self):
        """From the supervision hotline: nobody of the outlet, those above do."""
        report = self._complaint(service_is_report=True)
        for user, expected in (
            (self.head, False),
            (self.clerk, False),
            (self.chief, True),
            (self.inspector, True),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.sees(report, user), expected)
        # an ordinary complaint about an outlet is what its head is told of
        self.assertTrue(self.sees(self._complaint(), self.head))

    def test_report_about_the_area_above(self):
        """About the head office: nobody under it either."""
        report = self._complaint(
            service_is_report=True, service_about_team_id=self.head_office.id
        )
        for user in (self.chief, self.head, self.clerk):
            self.assertFalse(self.sees(report, user))
        self.assertTrue(self.sees(report, self.inspector))

    def test_who_joins_later_does_not_see_it(self):
        """Who works under whom is asked when it is read; rules know no yesterday."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        newcomer = self._user("newcomer", "desk")
        self.assertTrue(self.sees(complaint, newcomer))
        self.outlet.user_ids += newcomer
        complaint.invalidate_recordset()
        self.assertFalse(self.sees(complaint, newcomer))
        self.outlet.user_ids -= newcomer
        complaint.invalidate_recordset()
        self.assertTrue(self.sees(complaint, newcomer))

    def test_the_ticket_it_is_about_does_not_tell(self):
        """The count of complaints on the ticket leaves out what one may not see."""
        ticket = self._ticket()
        complaint = self._complaint(
            service_about_ticket_id=ticket.id, service_about_user_id=self.head.id
        )
        self.assertEqual(ticket.with_user(self.chief).service_complaint_count, 1)
        self.assertEqual(ticket.with_user(self.head).service_complaint_count, 0)
        for user, expected in (
            (self.head, complaint.browse()),
            (self.chief, complaint),
        ):
            ticket.invalidate_recordset()
            self.assertEqual(ticket.with_user(user).service_complaint_ids, expected)

    def test_following_it_does_not_help(self):
        """A follower from before hears nothing, neither on the screen nor by mail."""
        complaint = self._complaint()
        complaint.message_subscribe(self.head.partner_id.ids)
        self.assertTrue(self.sees(complaint, self.head))
        complaint.service_about_user_id = self.head
        self.assertFalse(self.sees(complaint, self.head))
        message = complaint.message_post(
            body="What shall we do?", subtype_xmlid="mail.mt_comment"
        )
        self.assertNotIn(self.head.partner_id, message.notified_partner_ids)

    def test_it_is_not_assigned_to_them(self):
        """Neither to the person, nor to their team, nor to who works under them."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        for values in (
            {"team_id": self.outlet.id},
            {"team_id": self.head_office.id, "user_id": self.head.id},
            {"team_id": False, "user_id": self.head.id},
            {"team_id": False, "user_id": self.clerk.id},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                complaint.write(values)
        with self.assertRaises(ValidationError):
            self._complaint(service_about_user_id=self.head.id, team_id=self.outlet.id)
        report = self._complaint(service_is_report=True)
        with self.assertRaises(ValidationError):
            report.team_id = self.outlet
        report.team_id = self.head_office

    def test_nobody_lets_them_see_it(self):
        """Only managers say that it is about somebody else, or no report after all."""
        complaint = self._complaint(
            service_about_user_id=self.head.id, service_is_report=True
        )
        for values in (
            {"service_about_user_id": False},
            {"service_about_user_id": self.officer.id},
            {"service_is_report": False},
            {"service_about_team_id": self.other_team.id},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                complaint.with_user(self.expert).write(values)
        complaint.with_user(self.inspector).service_about_user_id = False
        self.assertFalse(complaint.service_about_user_id)
        # to hide it from more people is everybody's
        complaint.with_user(self.expert).service_about_user_id = self.clerk

    def test_activities_are_not_theirs_either(self):
        """A reminder would tell them what it is about."""
        complaint = self._complaint(service_about_user_id=self.head.id)
        for user in (self.head, self.clerk):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                complaint.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=user.id
                )
        activity = complaint.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.chief.id
        )
        self.assertEqual(activity.user_id, self.chief)

    def test_it_is_passed_on_above_them(self):
        """Regulation C2.3: a complaint about the head goes one level up."""
        self.company.service_pass_on_every_complaint = True
        complaint = self._complaint(service_about_user_id=self.head.id)
        self.assertEqual(complaint.service_notice_ids.user_id, self.chief)
        report = self._complaint(service_is_report=True)
        self.assertEqual(report.service_notice_ids.user_id, self.chief)
        # about the highest: the quality department
        highest = self._complaint(service_about_user_id=self.chief.id)
        self.assertIn(self.inspector, highest.service_notice_ids.user_id)
        self.assertNotIn(self.chief, highest.service_notice_ids.user_id)

    def test_a_major_one_about_the_centre_is_not_the_centres(self):
        """Regulation A3.3.3 gives way: nobody judges their own case."""
        self.centre.parent_id = self.head_office
        complaint = self._complaint(
            service_severity="major", service_about_user_id=self.expert.id
        )
        self.assertEqual(complaint.team_id, self.head_office)
        self.assertNotIn(self.expert, complaint.service_notice_ids.user_id)

    def test_who_takes_the_call_enters_it(self):
        """A clerk may enter what a caller says about the head, and not read it."""
        as_clerk = self.env["helpdesk.ticket"].with_user(self.clerk)
        result = as_clerk.service_complaint_register(
            {
                "subject": "The head shouts",
                "about_user_id": self.head.id,
                "about_team_id": self.outlet.id,
            }
        )
        complaint = self.env["helpdesk.ticket"].browse(result["id"])
        self.assertEqual(result["number"], complaint.number)
        self.assertFalse(self.sees(complaint, self.clerk))
        with self.assertRaises(AccessError):
            complaint.with_user(self.clerk).read(["name"])
        self.assertEqual(complaint.team_id, self.head_office)


@tagged("post_install", "-at_install", "security")
class TestAccused(AccusedCase):
    """The person whom a complaint is about finds out nothing, by any way."""

    def of(self, model):
        """Return a model as the accused has it."""
        return self.env[model].with_user(self.head)

    def test_mentions_give_no_access(self):
        """Neither a mention from before nor one from after lets her read a message."""
        messages = self.before | self.after
        self.assertIn(self.head.partner_id, messages.partner_ids)
        for message in messages.with_user(self.head):
            for name in ("body", "subject", "partner_ids", "preview"):
                with self.assertRaises(AccessError):
                    message.read([name])
            self.assertFalse(message.has_access("write"))
        Message = self.of("mail.message")
        domain = [("model", "=", "helpdesk.ticket"), ("res_id", "=", self.complaint.id)]
        self.assertFalse(Message.search(domain))
        self.assertEqual(Message.search_count(domain), 0)
        self.assertFalse(Message._message_fetch(domain)["messages"])
        self.assertFalse(Message.formatted_read_group(domain, ["res_id"], ["__count"]))
        self.assertFalse(
            Message.search([("partner_ids", "in", self.head.partner_id.ids)])
        )
        self.assertFalse(Message.search([("needaction", "=", True)]))

    def test_nothing_is_told_of_notifications(self):
        Notification = self.of("mail.notification")
        domain = [("mail_message_id.res_id", "=", self.complaint.id)]
        self.assertTrue(self.env["mail.notification"].search(domain))
        self.assertFalse(Notification.search(domain))
        ids = (self.before | self.after).ids
        self.assertFalse(Notification.search([("mail_message_id", "in", ids)]))
        self.assertFalse(
            self.after.notification_ids.filtered(
                lambda row: row.res_partner_id == self.head.partner_id
            )
        )
        self.assertEqual(
            self.head.partner_id.with_user(self.head)._get_needaction_count(), 0
        )

    def test_who_complained_is_not_told(self):
        """Who follows it, and which contact or team has it, names the complainant."""
        self.assertIn(self.contact, self.complaint.message_partner_ids)
        Followers = self.of("mail.followers")
        domain = [
            ("res_model", "=", "helpdesk.ticket"),
            ("res_id", "=", self.complaint.id),
        ]
        self.assertFalse(Followers.search(domain))
        self.assertEqual(Followers.search_count(domain), 0)
        rows = self.complaint.message_follower_ids.with_user(self.head)
        with self.assertRaises(AccessError):
            rows.read(["partner_id"])

    def test_searched_by_its_id(self):
        """A record that has the ticket is not found by it."""
        for model in self.env.registry.values():
            if model._abstract or model._transient or not model._auto:
                continue
            for field in model._fields.values():
                if (
                    field.comodel_name == "helpdesk.ticket"
                    and field.type in ("one2many", "many2many")
                    and field.store
                ):
                    with self.subTest(model=model._name, field=field.name):
                        Model = self.of(model._name)
                        if not Model.has_access("read"):
                            continue
                        domain = [(field.name, "in", self.complaint.ids)]
                        self.assertFalse(Model.search(domain))
                        domain = [(f"{field.name}.name", "=", self.complaint.name)]
                        self.assertFalse(Model.search(domain))

    def test_what_programs_follow(self):
        """The feeds of changes and clocks leave it out, also once it has become so."""
        Ticket = self.of("helpdesk.ticket")
        for method in (Ticket.service_changes, Ticket.service_clocks):
            rows = method()["rows"]
            self.assertNotIn(self.complaint.id, [row["ticket_id"] for row in rows])

    def test_others_do_not_name_it(self):
        """Where a ticket that she may see refers to it, the name is not told."""
        [values] = self.duplicate.with_user(self.head).web_read(
            {"duplicate_id": {"fields": {"display_name": {}}}}
        )
        self.assertEqual(values["duplicate_id"]["display_name"], "Hidden")
        [values] = self.duplicate.with_user(self.head).read(["duplicate_id"])
        self.assertEqual(values["duplicate_id"][1], "Hidden")
        self.assertIn("Shouted", self.duplicate.with_user(self.chief).duplicate_id.name)
        self.assertIn(
            "Shouted", self.duplicate.with_user(self.chief).duplicate_id.display_name
        )

    def test_what_is_refused_tells_nothing(self):
        """No error names the rule, and no form tells that it is a complaint."""
        for number, call in enumerate(
            (
                lambda: self.mine.read(["name"]),
                lambda: self.mine.message_subscribe(self.contact.ids),
                lambda: self.mine.write({"name": "Not me"}),
                lambda: self.mine.message_post(body="That is not true"),
                lambda: self.mine.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=self.chief.id
                ),
                lambda: self.mine.export_data(["name"]),
                lambda: self.mine.service_record("responded"),
            )
        ):
            with self.subTest(number):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    call()
                self.assertNotIn("complaint", str(caught.exception).lower())
                self.assertNotIn(self.complaint.name, str(caught.exception))
        self.assertFalse(self.mine.message_subscribe(self.head.partner_id.ids))
        self.assertFalse(self.mine.get_formview_id())
        self.assertEqual(self.mine.get_formview_action()["views"], [(False, "form")])
        self.assertFalse(self.mine._get_thread_with_access(self.complaint.id))
        self.assertFalse(self.mine.name_search(self.complaint.number))
        self.assertFalse(
            self.mine.formatted_read_group(
                [("id", "=", self.complaint.id)], ["team_id"], ["__count"]
            )
        )

    def test_she_answers_nothing(self):
        """Neither by a reply to what she had before, nor by mail, nor later."""
        said = self.complaint.message_ids
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.of("mail.message").create(
                {
                    "model": "helpdesk.ticket",
                    "res_id": self.complaint.id,
                    "parent_id": self.before.id,
                    "body": "No",
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                }
            )
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.mine.message_post(body="No", parent_id=self.before.id)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.scheduled.post_message()
        self.assertEqual(self.complaint.message_ids, said)
        # the mail gateway posts what she replies by mail, in her name
        self.complaint.message_post(
            body="By mail",
            author_id=self.head.partner_id.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        rows = self.complaint.service_event_ids.filtered(
            lambda row: row.kind == "responded"
        )
        self.assertNotIn(self.head, rows.user_id)

    def test_files_and_activities(self):
        for record in (self.attachment, self.activity):
            with self.assertRaises(AccessError):
                record.with_user(self.head).read(["display_name"])
            self.assertFalse(self.of(record._name).search([("id", "=", record.id)]))
        groups = self.head.with_user(self.head)._get_activity_groups()
        self.assertNotIn("helpdesk.ticket", [group["model"] for group in groups])

    def test_uninstalling_is_refused(self):
        """Without our rules everybody in the helpdesk would read it."""
        module = self.env.ref("base.module_service_quality_complaint")
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET service_about_user_id = NULL,"
            " service_is_report = NULL, service_is_unclear = NULL WHERE id <> %s",
            [self.complaint.id],
        )
        self.env.invalidate_all()
        for leaving in (module, self.env.ref("base.module_helpdesk_mgmt")):
            with self.assertRaises(UserError) as caught:
                leaving.button_uninstall()
            self.assertIn("Confidential", str(caught.exception))
        self.assertEqual(module.state, "installed")
        self.complaint.service_about_user_id = False
        module.button_uninstall()
        self.assertEqual(module.state, "to remove")

    def test_links_from_before_end(self):
        """She may have kept the link of the ticket's page, which asks for no login."""
        self.assertNotEqual(self.complaint.access_token, self.token)
        self.assertNotIn(self.head.partner_id, self.complaint.message_partner_ids)
        self.assertIn(self.contact, self.complaint.message_partner_ids)

    def test_mails_on_the_way_do_not_reach_her(self):
        complaint = self._complaint(team_id=self.centre.id)
        mail = self.env["mail.mail"].create(
            {
                "model": complaint._name,
                "res_id": complaint.id,
                "body_html": "What do you say to this?",
                "recipient_ids": self.head.partner_id.ids,
            }
        )
        complaint.service_about_user_id = self.head
        self.assertFalse(mail.recipient_ids)
        self.assertEqual(mail.state, "cancel")


@tagged("post_install", "-at_install", "browser")
class TestAccusedPages(HttpCase, AccusedCase):
    """The same holds for the addresses that the client calls."""

    def setUp(self):
        super().setUp()
        self.head.password = "head-of-the-outlet"
        self.authenticate("head", "head-of-the-outlet")

    def ask(self, path, **params):
        """Return what a route answers, as text."""
        return self.make_jsonrpc_request(path, params)

    @mute_logger("odoo.http")
    def test_threads_and_boxes(self):
        """Neither thread nor inbox shows a word of it, and nothing is posted."""
        thread = {"thread_model": "helpdesk.ticket", "thread_id": self.complaint.id}
        for path, params in (
            ("/mail/thread/messages", thread),
            ("/mail/inbox/messages", {}),
            ("/mail/history/messages", {}),
            ("/mail/starred/messages", {}),
            (
                "/mail/data",
                {
                    "fetch_params": [
                        "init_messaging",
                        [
                            "mail.thread",
                            {
                                "thread_model": "helpdesk.ticket",
                                "thread_id": self.complaint.id,
                                "request_list": [
                                    "followers",
                                    "attachments",
                                    "activities",
                                ],
                            },
                        ],
                    ]
                },
            ),
            ("/mail/message/post", thread | {"post_data": {"body": "No"}}),
            (
                "/mail/message/update_content",
                {"message_id": self.after.id, "update_data": {"body": "No"}},
            ),
            (
                "/mail/message/reaction",
                {"message_id": self.after.id, "content": "👎", "action": "add"},
            ),
            (
                "/mail/read_subscription_data",
                {"follower_id": self.complaint.message_follower_ids[:1].id},
            ),
            ("/discuss/search", {"term": "Shouted"}),
        ):
            with self.subTest(path):
                try:
                    answer = str(self.ask(path, **params))
                except Exception as error:
                    answer = str(error)
                for word in ("Shouted", "think", "say to this", "Ann", "letter.txt"):
                    self.assertNotIn(word, answer)
        self.assertEqual(self.complaint.message_ids[0], self.after)
        self.assertFalse(self.after.sudo().reaction_ids)

    def test_pages_and_files(self):
        for path in (
            f"/my/ticket/{self.complaint.id}",
            f"/my/ticket/{self.complaint.id}?access_token={self.token}",
            f"/web/content/{self.attachment.id}",
            f"/mail/view?model=helpdesk.ticket&res_id={self.complaint.id}",
            f"/mail/message/{self.after.id}",
        ):
            with self.subTest(path):
                answer = self.url_open(path)
                for word in ("Shouted", "Dear all", "think it was"):
                    self.assertNotIn(word, answer.text)


@tagged("post_install", "-at_install", "security")
class TestUnclearReport(ComplaintCase):
    """Until it is said whom a report means, only the quality department sees it."""

    def report(self, place=None, **given):
        given = {
            "about": "person",
            "which": "",
            "text": "Rude",
            "anonymous": True,
        } | given
        Ticket = self.env["helpdesk.ticket"]
        values = Ticket._service_hotline_values(place or self.company, given)
        ticket, _secret = Ticket._service_complaint_submit(values)
        return ticket

    def readers(self, ticket):
        users = self.chief | self.head | self.clerk | self.expert | self.inspector
        ticket.invalidate_recordset()
        return users.filtered(lambda user: ticket.with_user(user).has_access("read"))

    def test_a_name_that_is_not_certain(self):
        """Title and surname, another script, a part of a name: it may mean anybody."""
        self.clerk.name = "Li Na"
        for which in (
            "",
            "Ms Li",
            "李娜",
            "li",
            "na li",
            "the one with the hat, Li Na",
        ):
            with self.subTest(which):
                ticket = self.report(which=which)
                self.assertEqual(self.readers(ticket), self.inspector)
                self.assertEqual(
                    ticket.service_notice_ids.user_id & self.clerk,
                    self.env["res.users"],
                )
                self.assertIn(self.inspector, ticket.service_notice_ids.user_id)
        for which in ("Li Na", "li na "):
            ticket = self.report(which=which)
            self.assertEqual(ticket.service_about_user_id, self.clerk)
            self.assertFalse(ticket.service_is_unclear)
            self.assertNotIn(self.clerk, self.readers(ticket))
            self.assertIn(self.head, self.readers(ticket))

    def test_a_name_within_another(self):
        """Who has but a first name in the list shares it with a colleague."""
        self.clerk.name, self.expert.name = "Petronella", "Petronella Berg"
        ticket = self.report(which="Petronella")
        self.assertEqual(self.readers(ticket), self.inspector)
        ticket = self.report(which="petronella berg")
        self.assertFalse(ticket.service_is_unclear)
        self.assertNotIn(self.expert, self.readers(ticket))

    def test_a_place_that_is_not_certain(self):
        """On the page of the company, an outlet's people could read it likewise."""
        for about, which in (("place", "the one at the corner"), ("other", "")):
            ticket = self.report(about=about, which=which)
            self.assertEqual(self.readers(ticket), self.inspector)
        self.assertFalse(self.report(self.outlet, about="place").service_is_unclear)

    def test_a_ticket(self):
        """Who handled the ticket is whom the report is about."""
        ticket = self._ticket(team_id=self.outlet.id)
        report = self.report(about="ticket", which=ticket.number)
        self.assertEqual(report.service_about_team_id, self.outlet)
        self.assertNotIn(self.head, self.readers(report))
        self.assertIn(self.chief, self.readers(report))
        ticket.user_id = self.expert  # works elsewhere, and would read the report
        report = self.report(about="ticket", which=ticket.number)
        self.assertEqual(self.readers(report), self.inspector)
        unknown = self.report(about="ticket", which="HT-nothing")
        self.assertEqual(self.readers(unknown), self.inspector)

    def test_quality_says_who_is_meant(self):
        """Then it is passed on, and hidden from whom it names."""
        report = self.report(which="Ms Li")
        with self.assertRaises(AccessError):
            report.with_user(self.chief).action_service_clarify()
        mine = report.with_user(self.inspector)
        with self.assertRaises(UserError):
            mine.service_is_unclear = False
        self.company.service_pass_on_every_complaint = True
        mine.write(
            {
                "service_about_user_id": self.head.id,
                "service_about_team_id": self.outlet.id,
            }
        )
        self.assertEqual(self.readers(report), self.inspector)
        mine.action_service_clarify()
        self.assertEqual(
            self.readers(report), self.chief | self.expert | self.inspector
        )
        self.assertIn(self.chief, report.service_notice_ids.user_id)

    def test_it_stays_closed_to_those_who_handle(self):
        """Nobody but the quality department is put in charge, follows or is told."""
        report = self.report(which="Ms Li")
        with self.assertRaises(ValidationError):
            report.user_id = self.chief
        message = report.message_post(
            body="Who may it be?",
            partner_ids=(self.chief | self.inspector).partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertIn(self.inspector.partner_id, message.notified_partner_ids)
        self.assertNotIn(self.chief.partner_id, message.notified_partner_ids)
