from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from odoo.addons.service_quality_core.models.severity import SEVERITIES
from odoo.addons.service_quality_core.tools.phone import plain_number

TAIL = 8
"""By so many last digits a number is found, however it is written."""

SHOWN = 8

NAMELESS = {"phone": False, "partner_id": False, "partner_name": False, "email": False}
"""What is forgotten of a caller who wants to stay anonymous."""


class ServiceQualityPhoneEntry(models.TransientModel):
    """The phone entry shows who calls and what is open, and takes a new ticket."""

    _name = "service.quality.phone.entry"
    _description = "Phone Call"

    # who calls
    phone = fields.Char(string="Phone Number")
    found_ids = fields.Many2many("res.partner", compute="_compute_found_ids")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
    )
    partner_name = fields.Char(string="Name")
    email = fields.Char()
    is_anonymous = fields.Boolean(
        string="Anonymous", help="Nothing is kept that tells who calls."
    )

    # what there is of theirs
    ticket_ids = fields.Many2many(
        "helpdesk.ticket", string="Last Tickets", compute="_compute_last"
    )
    complaint_ids = fields.Many2many(
        "helpdesk.ticket", string="Last Complaints", compute="_compute_last"
    )

    # what is new
    name = fields.Char(string="About")
    description = fields.Html(string="In Their Words")
    category_id = fields.Many2one("helpdesk.ticket.category")
    team_id = fields.Many2one("helpdesk.ticket.team")
    priority = fields.Selection(
        selection=lambda self: (
            self.env["helpdesk.ticket"]
            ._fields["priority"]
            ._description_selection(self.env)
        ),
        default="1",
    )
    severity = fields.Selection(SEVERITIES, default="minor")
    severity_definition = fields.Text(compute="_compute_severity_definition")
    about_ticket_id = fields.Many2one("helpdesk.ticket")
    about_team_id = fields.Many2one(
        "helpdesk.ticket.team", string="About Outlet or Team"
    )
    about_user_id = fields.Many2one(
        "res.users", string="About Person", domain=[("share", "=", False)]
    )
    about_product = fields.Char()
    is_report = fields.Boolean(
        string="Supervision Report",
        help="Hidden from all who work in the outlet or team.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("phone")
    def _compute_found_ids(self):
        for entry in self:
            entry.found_ids = entry._search_partners()

    @api.depends("phone", "is_anonymous")
    def _compute_partner_id(self):
        """Choose the contact that the number belongs to, where it is only one."""
        for entry in self:
            if entry.is_anonymous:
                entry.partner_id = False
            elif len(entry.found_ids) == 1 and not entry.partner_id:
                entry.partner_id = entry.found_ids

    @api.depends("partner_id", "phone", "is_anonymous")
    def _compute_last(self):
        tickets = self.env["helpdesk.ticket"]
        for entry in self:
            domain = entry._last_domain()
            entry.ticket_ids = domain and tickets.search(  # batched: one dialog
                domain & Domain("service_is_complaint", "=", False),
                order="service_opened_at desc, id desc",
                limit=SHOWN,
            )
            entry.complaint_ids = domain and tickets.search(  # batched: one dialog
                domain & Domain("service_is_complaint", "=", True),
                order="service_opened_at desc, id desc",
                limit=SHOWN,
            )

    @api.depends("severity")
    def _compute_severity_definition(self):
        company = self.env.company
        texts = self.env["service.quality.severity"]._definitions(company)
        for entry in self:
            entry.severity_definition = texts.get((company, entry.severity), "")

    @api.onchange("is_anonymous")
    def _onchange_is_anonymous(self):
        """Forget at once what was typed or found before the caller asked for it."""
        if self.is_anonymous:
            self.update(NAMELESS)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("partner_id", "about_ticket_id")
    def _check_partner_id(self):
        """Take nothing that the agent may not read: its name would be shown."""
        entry = self.sudo(False)  # constraints are asked as superuser
        entry.partner_id.check_access("read")
        entry.about_ticket_id.check_access("read")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_create_ticket(self):
        """Enter what the caller reports."""
        self._check_complete()
        ticket = self.env["helpdesk.ticket"].create(self._prepare_ticket())
        return ticket.get_formview_action()

    def action_create_complaint(self):
        """Enter what the caller complains about."""
        self._check_complete()
        if self.is_anonymous:
            self.write(NAMELESS)  # this dialog is kept for a while
        tickets = self.env["helpdesk.ticket"]
        entered = tickets.service_complaint_register(self._prepare_complaint())
        complaint = tickets.browse(entered["id"])
        if complaint.has_access("read"):
            follow = complaint.get_formview_action()
        else:
            follow = self._say_it_is_hidden(entered["number"])
        if "secret" in entered:
            return complaint._service_tell_receipt(entered, follow)
        return follow

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _say_it_is_hidden(self, number):
        """Return the notification for who may not see what they have entered."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "message": self.env._(
                    "Complaint %s is entered, and others take care of it. It is about "
                    "somebody you work with, so you do not see it any more.",
                    number,
                ),
                "next": self.env["ir.actions.act_window"]._for_xml_id(
                    "service_quality_complaint.service_quality_phone_entry_action"
                ),
            },
        }

    def _search_partners(self):
        """Return whom a number may belong to, by its last digits."""
        tail = plain_number(self.phone)[-TAIL:]
        partners = self.env["res.partner"]
        if len(tail) < partners._phone_search_min_length:
            return partners
        return partners.search([("phone_mobile_search", "like", tail)], limit=SHOWN)

    def _last_domain(self):
        """Return the domain of what is known of the caller, None of a stranger."""
        if self.is_anonymous:
            return None
        if self.partner_id:
            return Domain("partner_id", "child_of", self.partner_id.ids)
        tail = plain_number(self.phone)[-TAIL:]
        return Domain("service_phone_digits", "like", tail) if tail else None

    def _check_complete(self):
        self.ensure_one()
        if not (self.name or "").strip():
            raise UserError(self.env._("Enter in a line what the call is about."))

    def _words(self):
        if is_html_empty(self.description):
            return Markup("<p>%s</p>") % self.name
        return self.description

    def _prepare_ticket(self):
        partner = self.partner_id
        values = {
            "name": self.name,
            "description": self._words(),
            "partner_id": partner.id,
            "partner_name": self.partner_name or partner.name,
            "partner_email": self.email or partner.email,
            "category_id": self.category_id.id,
            "priority": self.priority,
            "channel_id": self.env["helpdesk.ticket"]._service_channel_id("phone"),
        }
        if not partner and self.phone:
            values["service_phone"] = self.phone
        if self.team_id:
            values["team_id"] = self.team_id.id
        return values

    def _prepare_complaint(self):
        values = {
            "subject": self.name,
            "description": self._words(),
            "severity": self.severity or "minor",
            "anonymous": self.is_anonymous,
            "about_ticket_id": self.about_ticket_id.id,
            "about_team_id": self.about_team_id.id,
            "about_user_id": self.about_user_id.id,
            "about_product": self.about_product,
            "report": self.is_report,
            "category_id": self.category_id.id,
            "channel_id": self.env["helpdesk.ticket"]._service_channel_id("phone"),
            "team_id": self.team_id.id,
        }
        if not self.is_anonymous:
            partner = self.partner_id
            values |= {
                "partner_id": partner.id,
                "partner_name": self.partner_name or partner.name,
                "email": self.email or partner.email,
                "phone": False if partner else self.phone,
            }
        return {key: value for key, value in values.items() if value}
