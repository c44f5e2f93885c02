import secrets

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .survey_data import CHANNELS, CONTACT_STATES, ROLES


class ServiceQualitySurveyContact(models.Model):
    """Is a person whom a survey asks, in one role of one customer.

    When the people are frozen it keeps name and addresses as they were. One person
    answers once, whatever the channel: a personal link, a code or a paper opens the
    one answer that there is.
    """

    _name = "service.quality.survey.contact"
    _description = "Person Asked in a Survey"
    _inherit = [
        "service.quality.survey.sending.mixin",
        "service.quality.steps.mixin",
    ]
    _order = "survey_id desc, customer_id, role, id"
    _check_company_auto = True

    survey_id = fields.Many2one(
        "service.quality.survey", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="survey_id.company_id", store=True)
    survey_state = fields.Selection(related="survey_id.state", string="Survey Is")
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    customer_id = fields.Many2one(
        "res.partner",
        compute="_compute_customer_id",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
    )
    role = fields.Selection(ROLES, required=True, default="contact")
    is_proposed = fields.Boolean(
        string="Proposed", readonly=True, help="By what the helpdesk knows of them."
    )
    is_excluded = fields.Boolean(string="Left Out", readonly=True, copy=False)
    is_drawn = fields.Boolean(string="To Be Asked or Asked", readonly=True, copy=False)
    stratum = fields.Char(readonly=True, copy=False)
    agreement_ids = fields.Many2many(
        "service.quality.agreement",
        "service_quality_survey_contact_agreement_rel",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        "service_quality_survey_contact_team_rel",
        string="Departments",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Of their agreements; where one names none, those who had their tickets.",
    )

    # as they were when the people were frozen
    name = fields.Char(
        string="Asked As", compute="_compute_addresses", store=True, precompute=True
    )
    email = fields.Char(compute="_compute_addresses", store=True, precompute=True)
    phone = fields.Char(compute="_compute_addresses", store=True, precompute=True)
    lang = fields.Char(
        string="Language", compute="_compute_addresses", store=True, precompute=True
    )

    # the answer
    token = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_system",
        help="It opens the answer of this person, and nothing else.",
    )
    user_input_id = fields.Many2one(
        "survey.user_input",
        string="Answer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    state = fields.Selection(
        CONTACT_STATES,
        required=True,
        readonly=True,
        default="not_asked",
        copy=False,
        index=True,
    )
    channel = fields.Selection(
        CHANNELS, string="Answered By", readonly=True, copy=False
    )
    invited_at = fields.Datetime(string="Asked On", readonly=True, copy=False)
    reminded_at = fields.Datetime(string="Reminded On", readonly=True, copy=False)
    reminder_count = fields.Integer(string="Reminders", readonly=True, copy=False)
    answered_at = fields.Datetime(string="Answered On", readonly=True, copy=False)
    entered_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        help="Who entered a paper or asked by telephone.",
    )
    scan_ids = fields.Many2many(
        "ir.attachment",
        "service_quality_survey_contact_scan_rel",
        string="Scans",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    words = fields.Text(
        string="What They Said",
        readonly=True,
        copy=False,
        help="Of who refused, or is another person.",
    )

    _partner_uniq = models.UniqueIndex(
        "(survey_id, partner_id) WHERE double_of_id IS NULL",
        "This person is asked already.",
    )
    _token_uniq = models.UniqueIndex("(token) WHERE token IS NOT NULL")
    _answer_uniq = models.UniqueIndex("(user_input_id) WHERE user_input_id IS NOT NULL")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "customer_id.name", "role")
    def _compute_display_name(self):
        for contact in self:
            customer = contact.sudo().customer_id.name  # as they were asked
            parts = [contact.name]
            if customer and customer != contact.name:
                parts.append(customer)
            contact.display_name = ", ".join(filter(None, parts))

    @api.depends("partner_id")
    def _compute_customer_id(self):
        for contact in self:
            contact.customer_id = contact.partner_id.commercial_partner_id

    @api.depends("partner_id.name", "partner_id.email", "partner_id.phone")
    def _compute_addresses(self):
        """Follow the contact until the people are frozen."""
        for contact in self:
            if contact.name and contact.survey_id.state not in (False, "draft"):
                continue
            person = contact.partner_id
            contact.name = person.name
            contact.email = person.email_normalized
            contact.phone = person.phone
            contact.lang = person.lang

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        contacts.survey_id._check_preparing()
        return contacts

    def write(self, vals):
        if vals.keys() & {"survey_id", "partner_id", "role"}:
            self.survey_id._check_preparing()
        result = super().write(vals)
        if "survey_id" in vals:
            self.survey_id._check_preparing()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proposed(self):
        if any(one.survey_id.state != "draft" or one.is_proposed for one in self):
            raise UserError(
                self.env._(
                    "Who was proposed is not deleted. Leave them out with a reason, "
                    "and somebody else decides."
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _is_reachable(self):
        return bool(self.email or self.phone)

    def _freeze(self, by_agreement, served):
        """Keep the people as they are, each with a secret of its own.

        :param by_agreement: dict of agreement to its customers
        :param served: dict of customer to the teams that had their tickets
        """
        for contact in self:  # batched: written to the database in one go
            own = self.env["service.quality.agreement"].union(
                *(
                    agreement
                    for agreement, customers in by_agreement.items()
                    if contact.customer_id in customers
                )
            )
            teams = own.team_ids
            if any(not agreement.team_ids for agreement in own):
                teams |= served.get(contact.customer_id, teams.browse())
            contact._write_as_step(
                {
                    "agreement_ids": [Command.set(own.ids)],
                    "team_ids": [Command.set(teams.ids)],
                    "token": secrets.token_urlsafe(24),
                    "stratum": contact._stratum(own, teams),
                }
            )

    def _stratum(self, agreements, teams):
        """Return the name of the stratum of one person."""
        by = self.survey_id.stratum_by
        if by == "customer":
            return self.customer_id.name
        if by == "agreement":
            return ", ".join(agreements.sorted("id").mapped("name"))
        if by == "region":
            return self.customer_id.state_id.name or self.customer_id.city or ""
        if by == "team":
            return ", ".join(teams.sorted("id").mapped("name"))
        return ""

    @api.model
    def _find(self, token):
        """Return the person of a secret, empty for one that is none.

        :param token: text of whatever a stranger sent
        """
        if not isinstance(token, str) or not 20 <= len(token) <= 64:
            return self.browse()
        return self.sudo().search([("token", "=", token)])  # who has it is asked

    def _lock(self):
        """Wait for whoever is answering for the same person."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM service_quality_survey_contact WHERE id = %s "
                "FOR UPDATE",
                self.id,
            )
        )
        self.invalidate_recordset()
