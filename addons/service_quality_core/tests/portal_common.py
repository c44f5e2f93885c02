from datetime import timedelta

from odoo import fields

from .page_common import PageCase


class PortalCase(PageCase):
    """Ann of Acme had a ticket; Bob works at Acme too, Eve elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.name = "Ann of Acme"
        cls.ann = cls._portal_user("ann", cls.contact)
        cls.bob, cls.eve = cls.env["res.partner"].create(
            [
                {"name": "Bob", "parent_id": cls.acme.id, "email": "bob@acme.example"},
                {
                    "name": "Eve",
                    "parent_id": cls.globex.id,
                    "email": "eve@globex.example",
                },
            ]
        )
        cls._portal_user("bob", cls.bob)
        cls._portal_user("eve", cls.eve)
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "Support"})
        cls.ticket = cls._ticket(
            service_opened_at=fields.Datetime.now() - timedelta(hours=2),
            team_id=cls.team.id,
        )
        cls.path = f"/my/ticket/{cls.ticket.id}"

    @classmethod
    def _portal_user(cls, login, partner):
        return cls.env["res.users"].create(
            {
                "login": login,
                "password": login,
                "partner_id": partner.id,
                "group_ids": cls.env.ref("base.group_portal").ids,
            }
        )

    def open(self, login=None, path=None):
        """Open the page of the ticket, as somebody or as nobody."""
        self.authenticate(login, login)
        return self.visit(path or self.path)

    def form(self, page, end):
        """Return the form of a page that is sent to an address with this end."""
        found = [form for form in page.tree.forms if form.action.endswith(end)]
        return found[0] if found else None

    def submit(self, page, end, values, **options):
        form = self.form(page, end)
        data = dict(form.form_values()) | values
        return self.visit(form.action, data=data, **options)

    def forge(self, path, login, **values):
        """Send a form that the page does not show, with a good token."""
        page = self.open(login, "/my/tickets")
        token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
        return self.visit(path, data=values | {"csrf_token": token})
