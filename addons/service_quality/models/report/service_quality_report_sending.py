import base64
import hashlib

from odoo import Command, api, fields, models
from odoo.tools import email_normalize

from .report_data import FOR_THE_CUSTOMER

ACKNOWLEDGE_DAYS = 5
"""Executives acknowledge a report within so many days."""

ROLES_CONCERNED = {
    "organisation": (
        "executive", "quality", "technical_centre", "service_manager", "desk",
    ),
    "event": ("executive", "quality", "technical_centre", "service_manager"),
    "project": ("executive", "quality", "technical_centre", "service_manager"),
    "department": ("executive", "quality", "service_manager"),
    "customer": (),
}  # fmt: skip
"""The roles that a report of a kind goes to in any case."""


class ServiceQualityReport(models.Model):
    """Regulation A4.2.1: delivered to everyone concerned, executives included."""

    _inherit = "service.quality.report"

    also_partner_ids = fields.Many2many(
        "res.partner",
        "service_quality_report_also_rel",
        string="Also To",
        help="Besides those who get it anyway.",
        ondelete="restrict",
    )
    page_file = fields.Binary(readonly=True, copy=False, attachment=True)
    pdf_file = fields.Binary(readonly=True, copy=False, attachment=True)
    pdf_digest = fields.Char(
        string="SHA-256", readonly=True, copy=False, help="Of the PDF when it was sent."
    )
    xlsx_file = fields.Binary(readonly=True, copy=False, attachment=True)
    reader_ids = fields.Many2many(
        "res.users",
        "service_quality_report_reader_rel",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The users it was delivered to, for the rules of who reads it.",
    )
    delivery_ids = fields.One2many("service.quality.report.delivery", "report_id")
    instruction_ids = fields.One2many("service.quality.report.instruction", "report_id")
    response_ids = fields.One2many("service.quality.report.response", "report_id")
    failed_count = fields.Integer(
        string="Not Delivered", compute="_compute_delivery_counts"
    )
    seen_count = fields.Integer(string="Seen", compute="_compute_delivery_counts")
    delivery_count = fields.Integer(
        string="Recipients", compute="_compute_delivery_counts"
    )
    response = fields.Selection(
        [
            ("none", "No answer yet"),
            ("confirmed", "Confirmed"),
            ("objection", "Objection"),
        ],
        string="Customer's Answer",
        compute="_compute_response",
    )
    is_mine_to_acknowledge = fields.Boolean(compute="_compute_is_mine_to_acknowledge")
    is_acknowledged = fields.Boolean(
        string="Acknowledged by All Executives", compute="_compute_delivery_counts"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("delivery_ids.state")
    def _compute_delivery_counts(self):
        for report in self:
            deliveries = report.delivery_ids
            report.delivery_count = len(deliveries)
            report.failed_count = len(
                deliveries.filtered(lambda delivery: delivery.state == "failed")
            )
            report.seen_count = len(deliveries.filtered("seen_at"))
            asked = deliveries.filtered("acknowledge_by")
            report.is_acknowledged = bool(asked) and all(
                asked.mapped("acknowledged_at")
            )

    @api.depends("response_ids.kind")
    def _compute_response(self):
        for report in self:
            newest = report.response_ids.sorted(lambda answer: answer.id)[-1:]
            report.response = newest.kind or "none"

    @api.depends("delivery_ids.acknowledged_at")
    @api.depends_context("uid")
    def _compute_is_mine_to_acknowledge(self):
        for report in self:
            report.is_mine_to_acknowledge = any(
                delivery.user_id == self.env.user
                and delivery.acknowledge_by
                and not delivery.acknowledged_at
                for delivery in report.delivery_ids
            )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def web_read(self, specification):
        """Read for the client; its form shows the report, and that is seen then."""
        result = super().web_read(specification)
        if "page" in specification and len(self) == 1:
            self._own_deliveries()._note_seen()
        return result

    # it writes that it was seen, which a read-only transaction would refuse
    web_read._readonly = False

    def _own_deliveries(self):
        """Return the deliveries of these reports to the user."""
        # one's own, whatever role one has
        deliveries = self.env["service.quality.report.delivery"].sudo()
        found = deliveries.search(
            [("report_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        )
        return found.sudo(False)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _send(self):
        """Freeze a report with its pages, then deliver it."""
        report = self.sudo()  # who sends it has been checked
        report._set_state(
            "sent", sent_by_id=self.env.uid, sent_at=fields.Datetime.now()
        )
        if report.previous_id:
            report._write_as_step({"changes": report._list_changes()})
        report._write_as_step(report._prepare_files())
        report.activity_ids.action_feedback(self.env._("Sent"))
        report._deliver()

    def _prepare_files(self):
        """Return the page, the PDF and the workbook as they are sent."""
        pdf = self._render_pdf()
        return {
            "page_file": base64.b64encode(str(self._render_page()).encode()),
            "pdf_file": base64.b64encode(pdf),
            "pdf_digest": hashlib.sha256(pdf).hexdigest(),
            "xlsx_file": base64.b64encode(self._render_xlsx()),
        }

    def _recipients(self):
        """Return the contacts of everyone concerned, users and customers."""
        self.ensure_one()
        report = self.sudo()  # who has which role is asked for everybody
        users = self.env["res.users"].sudo()  # likewise
        for role in ROLES_CONCERNED[report.kind]:
            users |= report.company_id._service_role_users(role)
        users |= report.company_id._service_people(report._users_concerned())
        partners = users.partner_id | report.also_partner_ids
        if report.kind in FOR_THE_CUSTOMER:
            partners |= report.agreement_id.report_partner_ids or report.partner_id
        return partners

    def _users_concerned(self):
        """Return the people who answer for what the report is about."""
        managers = self.user_id | self.project_id.user_id | self.agreement_id.manager_id
        if self.kind == "organisation":
            managers |= self.project_line_ids.project_id.user_id
            teams = self.env["helpdesk.ticket.team"].search(
                [("company_id", "in", (self.company_id.id, False))]
            )
            return managers | teams.user_id
        if self.kind == "department":
            return managers | self.team_id._service_contacts() | self.team_id.user_ids
        if self.kind == "project":
            return managers | self.project_id.team_id._service_contacts()
        return managers

    def _deliver(self):
        """Record each delivery, then tell the recipients."""
        deliveries = self.env["service.quality.report.delivery"].create(
            [self._prepare_delivery(partner) for partner in self._recipients()]
        )
        self._write_as_step({"reader_ids": [Command.set(deliveries.user_id.ids)]})
        deliveries._send_mails()
        deliveries._ask_to_acknowledge()
        failed = deliveries.filtered("failure")
        if failed:
            user = self.user_id or self._fallback_owner()
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=user.partner_id._service_day(self.company_id),
                summary=self.env._(
                    "Not delivered: %s", ", ".join(failed.mapped("name"))
                ),
                note=failed[0].failure,
                user_id=user.id,
            )

    def _prepare_delivery(self, partner):
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
        is_executive = self.kind not in FOR_THE_CUSTOMER and (
            user in self.company_id._service_role_users("executive")
        )
        today = self.company_id._service_day()
        return {
            "report_id": self.id,
            "partner_id": partner.id,
            "user_id": user.id,
            "name": partner.display_name,
            "address": address,
            "channel": channel,
            "sent_at": self.sent_at,
            "failure": failure,
            # people of the house log in
            "access_token": not user
            and self.env["service.quality.report.delivery"]._new_token(),
            "is_executive": is_executive,
            "acknowledge_by": is_executive
            and fields.Date.add(today, days=ACKNOWLEDGE_DAYS),
        }
