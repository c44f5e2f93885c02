"""Says whether a report has reached a person, and what is missing where it has not."""

import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

BOUNCE_HOURS = 24
"""A mail that has left and did not come back so long was delivered."""

REACHED = ("delivered", "handed_over", "seen", "acknowledged")


class ServiceQualityReportDelivery(models.Model):
    """A delivery counts once it has arrived; until then it says what is missing."""

    _inherit = "service.quality.report.delivery"

    missing_text = fields.Char(
        string="What Is Missing",
        compute="_compute_missing_text",
        help="What has still to happen, and until when: a report that has reached "
        "nobody counts as not delivered.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("state", "left_at", "acknowledge_by", "report_id.due_date")
    @api.depends_context("lang", "tz")
    def _compute_missing_text(self):
        for delivery in self:
            delivery.missing_text = delivery._missing()

    def _missing(self):
        """Return what is missing of a delivery, as a sentence; False if nothing is."""
        self.ensure_one()
        _ = self.env._
        if self.state in REACHED:
            if not self.acknowledge_by or self.acknowledged_at:
                return False
            day = format_date(self.env, self.acknowledge_by)
            return _("To be acknowledged until %s.", day)
        if self.state == "failed":
            text = _(
                "It has not arrived. Correct the address and press Send Again, or hand "
                "it over and add the signed copy."
            )
        elif self.channel == "mail" and self._reads_bounces(self.company_id):
            text = self._missing_of_mail()
        else:
            text = _(
                "Not known whether it arrived. To be opened by the recipient, or "
                "handed over with the signed copy."
            )
        return f"{text} {self._missing_until()}".strip()

    def _missing_of_mail(self):
        """Return for what a mail waits that may still come back."""
        _ = self.env._
        if not self.left_at:
            return _("The mail has not left yet.")
        moment = fields.Datetime.add(self.left_at, hours=BOUNCE_HOURS)
        return _(
            "Counts as delivered from %s on if the mail does not come back, and at "
            "once when the recipient opens it.",
            format_datetime(self.env, moment, tz=self.company_id._service_tz()),
        )

    def _missing_until(self):
        """Return until when; nothing where the report has reached somebody else."""
        report = self.report_id
        if not report.due_date or set(report.delivery_ids.mapped("state")) & {*REACHED}:
            return ""
        day = format_date(self.env, report.due_date)
        if report.company_id._service_day() > report.due_date:
            return self.env._("It was due on %s and is overdue until then.", day)
        return self.env._("It is due on %s.", day)

    # ------------------------------------------------------------------
    # Whether it arrived
    # ------------------------------------------------------------------

    def _hand_over(self, copy_file, copy_name):
        """Enter that the person has a report on paper, with the copy they signed.

        :param copy_file: base64 bytes
        :raise AccessError: for who may not send reports, or wrote, sent or got this
        :raise UserError: without the copy
        :raise ValidationError: where it is no PDF and no picture, next to empty, or
            what was signed for another report
        """
        self.ensure_one()
        report = self.report_id
        report._check_may_send()
        receiver = self.user_id | self.sudo().partner_id.user_ids  # also unseen ones
        if self.env.user in report._authors() | report.sent_by_id | receiver:
            raise AccessError(
                self.env._(
                    "You have written in the report, or sent it, or it went to you. "
                    "Somebody else adds the signed copy."
                )
            )
        if not copy_file:
            raise UserError(self.env._("Add the copy that the recipient has signed."))
        name = copy_name or self._fields["copy_file"]._description_string(self.env)
        files, content = self.env["ir.attachment"], base64.b64decode(copy_file)
        files._service_check_scan(name, content)
        # one list may be signed by all who got a report
        files._service_check_first_use(report.delivery_ids, "copy_file", name, content)
        # only the report writes its deliveries
        self.sudo().write(
            {
                "copy_file": copy_file,
                "copy_name": copy_name,
                "handed_at": fields.Datetime.now(),
                "handed_by_id": self.env.uid,
            }
        )

    @api.model
    def _delivered_domain(self, company):
        """Return the domain of the deliveries that have reached their person."""
        return (
            Domain("seen_at", "!=", False)
            | Domain("acknowledged_at", "!=", False)
            | Domain("handed_at", "!=", False)
            | self._arrived_domain(company)
        )

    @api.model
    def _arrived_domain(self, companies):
        """Return the domain of mails that have left and did not come back for a day.

        Where nobody reads what comes back, a mail that has left says nothing.
        """
        reading = companies.filtered(lambda company: self._reads_bounces(company))
        if not reading:
            return Domain.FALSE
        day_ago = fields.Datetime.subtract(fields.Datetime.now(), hours=BOUNCE_HOURS)
        return (
            Domain("company_id", "in", reading.ids)
            & Domain("channel", "=", "mail")
            & Domain("failure", "=", False)
            & Domain("left_at", "<=", day_ago)
        )

    @api.model
    def _reads_bounces(self, company):
        """Return True if mails that come back to a company are read."""
        # how mails are read is an administrator's; that they are, is everybody's
        company = company.sudo()
        servers = company.env["fetchmail.server"]
        return bool(company.alias_domain_id.bounce_alias) and bool(
            servers.search_count([("state", "=", "done")], limit=1)
        )

    def _warn(self):
        """Have those who wrote the reports look after what did not arrive."""
        for report, failed in self.grouped("report_id").items():
            user = report.user_id or report._fallback_owner()
            names = ", ".join(failed.mapped("name"))
            day = user.partner_id._service_day(report.company_id)
            self.env["mail.activity"]._service_plan(  # batched: once for each report
                [
                    (
                        report,
                        user,
                        day,
                        lambda own, names=names: own.env._("Not delivered: %s", names),
                    )
                ],
                "mail.mail_activity_data_warning",
                mails=True,
                note=failed[0].failure,
            )
