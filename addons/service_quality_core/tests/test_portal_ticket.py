from odoo.tests import tagged
from odoo.tools import mute_logger

from ..controllers import portal_ticket
from .portal_common import PortalCase

CLOSE = "/ticket/close"

SUBMIT = "/submitted/ticket"


@tagged("post_install", "-at_install", "browser")
class TestPortalTicketClose(PortalCase):
    """Customers close their own tickets, by a button, and no others."""

    def setUp(self):
        super().setUp()
        self.stage = self.env["helpdesk.ticket.stage"].create(
            {"name": "Over", "closed": True, "close_from_portal": True}
        )
        self.values = {"ticket_id": self.ticket.id, "stage_id": self.stage.id}

    def test_by_the_form(self):
        self.forge(CLOSE, "ann", **self.values)
        self.assertEqual(self.ticket.stage_id, self.stage)

    @mute_logger("odoo.http")
    def test_not_by_a_link(self):
        """Whoever is led to the address closes nothing."""
        before = self.ticket.stage_id
        self.open("ann")
        query = "&".join(f"{name}={value}" for name, value in self.values.items())
        self.assertEqual(self.url_open(f"{CLOSE}?{query}").status_code, 405)
        self.assertEqual(self.url_open(CLOSE, data=self.values).status_code, 400)
        self.assertEqual(self.ticket.stage_id, before)

    def test_not_of_others(self):
        before = self.ticket.stage_id
        self.forge(CLOSE, "eve", **self.values)
        self.assertEqual(self.ticket.stage_id, before)

    def test_by_no_other_stage(self):
        """Neither by one of another team, nor by what is no number."""
        before = self.ticket.stage_id
        other = self.env["helpdesk.ticket.team"].create({"name": "Elsewhere"})
        self.stage.team_ids = other
        for stage in (self.stage.id, "x", "", "9" * 30, "²"):
            page = self.forge(CLOSE, "ann", **self.values | {"stage_id": stage})
            self.assertEqual(page.status_code, 200, stage)
        self.assertEqual(self.ticket.stage_id, before)
        for ticket in ("x", "", "9" * 30, "0"):
            page = self.forge(CLOSE, "ann", **self.values | {"ticket_id": ticket})
            self.assertEqual(page.status_code, 200, ticket)


@tagged("post_install", "-at_install", "browser")
class TestPortalTicketSubmit(PortalCase):
    """What a customer's form for tickets sends is what it offers, and limited."""

    def submitted(self, **values):
        """Return the ticket that comes of a form."""
        known = self.env["helpdesk.ticket"].search([])
        page = self.forge(
            SUBMIT, "ann", **{"subject": "Dead", "description": ""} | values
        )
        self.assertEqual(page.status_code, 200)
        return self.env["helpdesk.ticket"].search([]) - known

    def test_not_by_a_link(self):
        known = self.env["helpdesk.ticket"].search([])
        self.open("ann")
        page = self.url_open(f"{SUBMIT}?subject=Led&description=here")
        self.assertEqual(page.status_code, 405)
        self.assertEqual(self.env["helpdesk.ticket"].search([]), known)

    def test_what_was_not_offered(self):
        """Categories, teams and types that the form does not have are left out."""
        ours = {"name": "Ours", "show_in_portal": False}
        category = self.env["helpdesk.ticket.category"].create(ours)
        kind = self.env["helpdesk.ticket.type"].create(ours)
        for values in (
            {"category": category.id, "type": kind.id},
            {"category": "x", "type": "x", "team": "x"},
            {"category": "9" * 30, "type": "9" * 30, "team": "9" * 30},
        ):
            ticket = self.submitted(**values)
            self.assertEqual(len(ticket), 1)
            self.assertFalse(ticket.category_id)
            self.assertNotEqual(ticket.type_id, kind)

    def test_offered(self):
        self.env.company.helpdesk_mgmt_portal_select_category = True
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Telephones", "show_in_portal": True}
        )
        self.assertEqual(self.submitted(category=category.id).category_id, category)

    def test_long(self):
        ticket = self.submitted(subject="x" * 10_000, description="y" * 200_000)
        self.assertEqual(len(ticket.name), 200)
        self.assertLess(len(ticket.description), 101_000)

    def test_empty(self):
        self.assertFalse(self.submitted(subject="\x00 "))

    @mute_logger("odoo.http")
    def test_many_files(self):
        """More pictures than somebody waits for are refused together."""
        self.patch(portal_ticket, "MOST_TICKET_FILES", 2)
        page = self.open("ann", "/new/ticket")
        for count, code in ((3, 422), (2, 200)):
            files = [("attachment", (f"{n}.txt", b"text")) for n in range(count)]
            values = {"subject": f"Files {count}", "description": "Look"}
            sent = self.submit(page, SUBMIT, values, files=files)
            self.assertEqual(sent.status_code, code)
        tickets = self.env["helpdesk.ticket"].search([("name", "=like", "Files _")])
        self.assertEqual(tickets.mapped("name"), ["Files 2"])


@tagged("post_install", "-at_install", "browser")
class TestPortalTicketFiles(PortalCase):
    """Customers see the files of a ticket, but none of notes of the house."""

    def test_files_of_notes_are_not_shown(self):
        self.env["ir.attachment"].create(
            {
                "name": "sent.txt",
                "raw": b"text",
                "res_model": self.ticket._name,
                "res_id": self.ticket.id,
            }
        )
        for kind, name in (("note", "inside.txt"), ("comment", "told.txt")):
            self.ticket.message_post(
                body="Look", subtype_xmlid=f"mail.mt_{kind}", attachments=[(name, b"x")]
            )
        words = self.open("ann").text
        self.assertIn("sent.txt", words)
        self.assertIn("told.txt", words)
        self.assertNotIn("inside.txt", words)
        inside = self.ticket.attachment_ids.filtered(
            lambda one: one.name == "inside.txt"
        )
        self.ticket.message_post(
            body="Here it is",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=inside.ids,
        )
        self.assertIn("inside.txt", self.open("ann").text, "told them as well")
