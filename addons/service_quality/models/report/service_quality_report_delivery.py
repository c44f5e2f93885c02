import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .report_data import ROLE

CHANNELS = [
    ("client", "In the client"),
    ("mail", "E-mail"),
    ("portal", "In the portal"),
]

DELIVERY_STATES = [
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("seen", "Seen"),
    ("acknowledged", "Acknowledged"),
]


class ServiceQualityReportDelivery(models.Model):
    """To whom a report went, by which way, when, and whether it was seen.

    Seen is what the client or the portal has shown; of a mail that is not known.
    """

    _name = "service.quality.report.delivery"
    _description = "Delivery of a Report"
    _inherit = "service.quality.due.mixin"
    _order = "report_id desc, is_executive desc, id"
    _rec_name = "name"

    _due_subject = "acknowledgement"
    _due_sequence = 40
    _due_field = "acknowledge_by"
    _due_depends = ("acknowledge_by", "acknowledged_at")

    report_id = fields.Many2one(
        "service.quality.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", readonly=True, required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Whose Contact",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose contact it was when the report was sent.",
    )
    name = fields.Char(string="To", required=True, readonly=True)
    address = fields.Char(readonly=True, help="The address as it was when it was sent.")
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    sent_at = fields.Datetime(string="Sent On", required=True, readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    failure = fields.Char(string="Why It Failed", readonly=True)
    seen_at = fields.Datetime(string="Seen On", readonly=True)
    state = fields.Selection(
        DELIVERY_STATES,
        compute="_compute_state",
        search="_search_state",
        help="Sent and not seen: unknown whether it was read.",
    )
    access_token = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Opens this report, for this recipient.",
    )

    # executives
    is_executive = fields.Boolean(readonly=True)
    acknowledge_by = fields.Date(string="To Be Acknowledged Until", readonly=True)
    acknowledged_at = fields.Datetime(string="Acknowledged On", readonly=True)

    _once_uniq = models.UniqueIndex("(report_id, partner_id)")
    _token_uniq = models.UniqueIndex("(access_token) WHERE access_token IS NOT NULL")
    _open_idx = models.Index(
        "(acknowledge_by) WHERE acknowledged_at IS NULL AND acknowledge_by IS NOT NULL"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        """Keep whose contact it is now: one who changes the company takes no report."""
        for delivery in self:
            delivery.commercial_partner_id = delivery.partner_id.commercial_partner_id

    @api.depends("failure", "seen_at", "acknowledged_at", "mail_id.state")
    def _compute_state(self):
        for delivery in self:
            if delivery.acknowledged_at:
                delivery.state = "acknowledged"
            elif delivery.seen_at:
                delivery.state = "seen"
            elif delivery.failure or delivery._mail_failed():
                delivery.state = "failed"
            else:
                delivery.state = "sent"

    def _mail_failed(self):
        # mails are an administrator's; that it failed is everybody's
        return self.channel == "mail" and self.sudo().mail_id.state == "exception"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        noted = Domain("acknowledged_at", "!=", False)
        seen = ~noted & Domain("seen_at", "!=", False)
        failed = Domain("failure", "!=", False) | (
            Domain("channel", "=", "mail") & Domain("mail_id.state", "=", "exception")
        )
        domains = {
            "acknowledged": noted,
            "seen": seen,
            "failed": ~noted & ~seen & failed,
            "sent": ~noted & ~seen & ~failed,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        raise UserError(self.env._("To whom a report went is part of it and stays."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_send_again(self):
        """Send once more what failed, to the address that the person has now.

        :raise AccessError: for who may not send reports
        :raise UserError: where there is still no address
        """
        self._ensure_some()
        self.report_id._check_may_send()
        for delivery in self.filtered(lambda delivery: delivery.state == "failed"):
            if not delivery._is_open():
                raise UserError(
                    self.env._(
                        "%s is archived, or belongs to another company by now. Give "
                        "the report to another contact.",
                        delivery.name,
                    )
                )
            if not delivery.partner_id.email:
                raise UserError(
                    self.env._(
                        "%s still has no e-mail address. Enter one at the contact.",
                        delivery.name,
                    )
                )
            # deliveries are written by nobody but the report
            delivery.sudo().write(
                {
                    "channel": "mail",
                    "address": delivery.partner_id.email,
                    "failure": False,
                    "sent_at": fields.Datetime.now(),
                }
            )
            delivery.sudo()._send_mails()  # likewise
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _is_open(self):
        """Return True if the report is still the contact's to open.

        It stays delivered. But who was archived, or is a contact of another company
        by now, reads it no more: neither by the link nor in the portal.
        """
        self.ensure_one()
        partner = self.partner_id
        return partner.active and partner.commercial_partner_id in (
            self.commercial_partner_id | self.report_id.partner_id
        )

    def _note_seen(self):
        """Enter that the report was shown to these recipients, the first time only."""
        unseen = self.sudo().filtered(  # whoever sees it may not write it
            lambda delivery: not delivery.seen_at
        )
        if unseen:
            unseen.write({"seen_at": fields.Datetime.now()})

    def _acknowledge(self):
        """Enter that executives have taken note, each for oneself."""
        if not self.env.user.has_group(ROLE % "executive"):
            raise AccessError(
                self.env._("Only an executive acknowledges a quality report.")
            )
        if not self or self.user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "This report was not sent to you. Nobody acknowledges for another."
                )
            )
        waiting = self.sudo().filtered(  # nobody writes deliveries by hand
            lambda delivery: not delivery.acknowledged_at
        )
        now = fields.Datetime.now()
        waiting.write({"acknowledged_at": now})
        waiting._note_seen()

    @api.model
    def _due_subject_label(self):
        return self.env._("Acknowledgements")

    @api.model
    def _open_domain(self):
        return Domain("acknowledged_at", "=", False)

    def _due_agreement(self):
        return self.report_id.agreement_id

    def _due_project(self):
        return self.report_id.project_id

    def _due_place(self):
        return self.report_id

    def _overdue_text(self):
        return self.env._(
            "Not acknowledged by %(name)s: %(report)s",
            name=self.name,
            report=self.report_id.display_name,
        )

    @api.model
    def _new_token(self):
        return secrets.token_urlsafe(24)
