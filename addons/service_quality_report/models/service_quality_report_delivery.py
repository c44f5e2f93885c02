import base64
import secrets

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from odoo.addons.service_quality_core.tools.automatic_mail import MARKS

from .report_data import FOR_THE_CUSTOMER, ROLE, ROLES_CONCERNED

ACKNOWLEDGE_DAYS = 5
"""Executives acknowledge a report within so many days."""

CHANNELS = [
    ("client", "In the client"),
    ("mail", "E-mail"),
    ("portal", "In the portal"),
]

DELIVERY_STATES = [
    ("sent", "Sent, not known whether it arrived"),
    ("failed", "Not delivered"),
    ("delivered", "Delivered"),
    ("handed_over", "Handed over"),
    ("seen", "Seen"),
    ("acknowledged", "Acknowledged"),
]


class ServiceQualityReportDelivery(models.Model):
    """A delivery says who got a report, by which way, when, and whether it was seen.

    What the client or the portal has shown was seen. A mail was delivered when it has
    left and did not come back within a day, where somebody reads what comes back; and a
    paper that was handed over, when its signed copy is there.
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
    left_at = fields.Datetime(
        string="Mail Left On", readonly=True, help="Our mail server has taken it."
    )
    copy_file = fields.Binary(string="Signed Copy", readonly=True, attachment=True)
    copy_name = fields.Char(readonly=True)
    handed_at = fields.Datetime(string="Handed Over On", readonly=True)
    handed_by_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    seen_at = fields.Datetime(string="Seen On", readonly=True)
    state = fields.Selection(
        DELIVERY_STATES,
        compute="_compute_state",
        search="_search_state",
        help="Sent: neither seen nor handed over, and not known whether the mail "
        "arrived.",
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

    @api.depends(
        "failure", "seen_at", "acknowledged_at", "mail_id.state", "left_at", "handed_at"
    )
    def _compute_state(self):
        arrived = self.filtered_domain(self._arrived_domain(self.company_id))
        for delivery in self:
            if delivery.acknowledged_at:
                delivery.state = "acknowledged"
            elif delivery.seen_at:
                delivery.state = "seen"
            elif delivery.handed_at:
                delivery.state = "handed_over"
            elif delivery.failure or delivery._mail_failed():
                delivery.state = "failed"
            else:
                delivery.state = "delivered" if delivery in arrived else "sent"

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
        handed = ~noted & ~seen & Domain("handed_at", "!=", False)
        rest = ~noted & ~seen & Domain("handed_at", "=", False)
        arrived = self._arrived_domain(self.env["res.company"].search([]))
        domains = {
            "acknowledged": noted,
            "seen": seen,
            "handed_over": handed,
            "failed": rest & failed,
            "delivered": rest & ~failed & arrived,
            "sent": rest & ~failed & ~arrived,
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
            # only the report writes its deliveries
            delivery.sudo().write(
                {
                    "channel": "mail",
                    "address": delivery.partner_id.email,
                    "failure": False,
                    "left_at": False,
                    "sent_at": fields.Datetime.now(),
                }
            )
            delivery.sudo()._send_mails()  # likewise
        return True

    def action_hand_over(self):
        """Ask for the signed copy of a report that was handed over on paper."""
        self.ensure_one()
        self.report_id._check_may_send()
        return self.env["service.quality.report.say"]._ask(
            self.env._("Handed Over"), "hand_over", delivery_id=self.id
        )

    # ------------------------------------------------------------------
    # To whom it goes
    # ------------------------------------------------------------------

    @api.model
    def _recipients(self, report):
        """Return the contacts of everyone concerned, users and customers."""
        report.ensure_one()
        report = report.sudo()  # who has which role is asked for everybody
        users = report.env["res.users"]
        for role in self._roles_concerned(report):
            users |= report.company_id._service_role_users(role)
        users |= report.company_id._service_people(self._users_concerned(report))
        partners = users.partner_id | report.also_partner_ids
        if report.kind in FOR_THE_CUSTOMER:
            partners |= report.agreement_id.report_partner_ids or report.partner_id
        return partners

    @api.model
    def _roles_concerned(self, report):
        """Return the roles that a report goes to in any case; addons add theirs."""
        return ROLES_CONCERNED[report.kind]

    @api.model
    def _users_concerned(self, report):
        """Return the people who answer for what the report is about."""
        managers = (
            report.user_id | report.project_id.user_id | report.agreement_id.manager_id
        )
        if report.kind == "organisation":
            managers |= report.project_line_ids.project_id.user_id
            teams = report.env["helpdesk.ticket.team"].search(
                [("company_id", "in", (report.company_id.id, False))]
            )
            return managers | teams.user_id
        if report.kind == "department":
            return (
                managers | report.team_id._service_contacts() | report.team_id.user_ids
            )
        if report.kind == "project":
            return managers | report.project_id.team_id._service_contacts()
        return managers

    @api.model
    def _deliver(self, report):
        """Record each delivery, then tell the recipients."""
        deliveries = self.with_env(report.env).create(
            [self._prepare(report, partner) for partner in self._recipients(report)]
        )
        report._write_as_step({"reader_ids": [Command.set(deliveries.user_id.ids)]})
        deliveries._send_mails()
        deliveries._ask_to_acknowledge()
        deliveries.filtered("failure")._warn()

    @api.model
    def _prepare(self, report, partner):
        """Return how a report goes to a contact: by mail, else where they log in."""
        users = partner.user_ids.filtered("active")
        user = users.filtered(lambda user: not user.share)[:1]
        address = email_normalize(partner.email or "")
        failure = False
        if not address and not users:
            failure = self.env._(
                "%s has no valid e-mail address. Enter one at the contact, then send "
                "again.",
                partner.display_name,
            )
        channel = "mail" if address or failure else "client" if user else "portal"
        is_executive = report.kind not in FOR_THE_CUSTOMER and (
            user in report.company_id._service_role_users("executive")
        )
        today = report.company_id._service_day()
        return {
            "report_id": report.id,
            "partner_id": partner.id,
            "user_id": user.id,
            "name": user.name or partner.display_name,
            "address": address,
            "channel": channel,
            "sent_at": report.sent_at,
            "failure": failure,
            # people of the house log in
            "access_token": not user and self._new_token(),
            "is_executive": is_executive,
            "acknowledge_by": is_executive
            and fields.Date.add(today, days=ACKNOWLEDGE_DAYS),
        }

    @api.model
    def _new_token(self):
        return secrets.token_urlsafe(24)

    # ------------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------------

    def _send_mails(self):
        """Write one mail for each recipient with an address; the queue sends it."""
        mailed = self.filtered(lambda one: one.channel == "mail" and not one.failure)
        mails = self.env["mail.mail"].create(
            [delivery._prepare_mail() for delivery in mailed]
        )
        for delivery, mail in zip(mailed, mails, strict=True):
            delivery.mail_id = mail
        if mails:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail(self):
        lang = self.partner_id.lang or self.report_id._lang()
        delivery = self.with_context(lang=lang)
        report = delivery.report_id
        sender = report.company_id.email_formatted or self.env.user.email_formatted
        body = self.env["ir.qweb"]._render(
            "service_quality_report.report_mail",
            {"delivery": delivery, "report": report, "url": delivery._url()},
            lang=lang,
        )
        return {
            "subject": f"{report.company_id.name}: {report.display_name}",
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [Command.link(self.partner_id.id)],
            "attachment_ids": [Command.set(self._prepare_attachment().ids)],
            "auto_delete": False,
            "headers": repr(MARKS),
        }

    def _prepare_attachment(self):
        report = self.report_id
        return self.env["ir.attachment"].create(
            {
                "name": f"{report._file_name()}.pdf",
                "raw": base64.b64decode(report.with_context(bin_size=False).pdf_file),
                "mimetype": "application/pdf",
                "res_model": "mail.message",
                "res_id": 0,
            }
        )

    def _url(self):
        """Return where the recipient reads the report."""
        base = self.report_id.get_base_url()
        if self.user_id:
            return f"{base}/odoo/{self.report_id._name}/{self.report_id.id}"
        return (
            f"{base}/my/service-reports/{self.report_id.id}"
            f"?access_token={self.access_token}"
        )

    def _ask_to_acknowledge(self):
        """Give each executive the activity to acknowledge the report."""
        asked = self.filtered("acknowledge_by")
        mailed = asked.filtered(lambda delivery: delivery.channel == "mail")
        for some in (mailed, asked - mailed):
            self.env["mail.activity"]._service_plan(
                [
                    (
                        delivery.report_id,
                        delivery.user_id,
                        delivery.acknowledge_by,
                        lambda own: own.env._("Acknowledge the report"),
                    )
                    for delivery in some
                ],
                mails=some != mailed,
            )  # batched: with a mail, and where the report came by one

    # ------------------------------------------------------------------
    # Seen and acknowledged
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
        unseen = self.sudo().filtered(  # who sees it may not write it
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
        waiting = self.sudo().filtered(  # deliveries are not written by hand
            lambda delivery: not delivery.acknowledged_at
        )
        now = fields.Datetime.now()
        waiting.write({"acknowledged_at": now})
        waiting._note_seen()

    @api.model
    def _deliver_to_executive(self, reports):
        """Give the user as executive the reports that went to none.

        Nobody held the role when they were sent; somebody reads them all the same.

        :return: the deliveries
        """
        reports.check_access("read")
        found = self.browse()
        if not self.env.user.has_group(ROLE % "executive"):
            return found
        partner = self.env.user.partner_id
        # only the report writes its deliveries
        for report in reports.sudo().filtered(lambda one: one._lacks_executive()):
            asked = report.company_id._service_day(report.sent_at)
            own = report.delivery_ids.filtered(lambda one: one.partner_id == partner)
            own = own or own.create(self._prepare(report, partner))  # batched: one
            own.write(
                {
                    "is_executive": True,
                    "acknowledge_by": fields.Date.add(asked, days=ACKNOWLEDGE_DAYS),
                }
            )
            found |= own
        return found.sudo(False)

    # ------------------------------------------------------------------
    # Due
    # ------------------------------------------------------------------

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
