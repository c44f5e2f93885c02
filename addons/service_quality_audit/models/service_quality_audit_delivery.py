import base64

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize


class ServiceQualityAuditDelivery(models.Model):
    """Records to whom the report of an audit was sent, by whom, when and how."""

    _name = "service.quality.audit.delivery"
    _description = "Report of an Audit Sent"
    _inherit = ["service.quality.steps.mixin"]
    _order = "sent_at desc, id"
    _rec_name = "partner_id"

    report_id = fields.Many2one(
        "service.quality.audit.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    audit_id = fields.Many2one(
        related="report_id.audit_id", store=True, index=True, string="Audit"
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    address = fields.Char(readonly=True)
    channel = fields.Selection(
        [("mail", "By mail"), ("client", "As an activity")], readonly=True
    )
    sent_at = fields.Datetime(string="Sent On", required=True, readonly=True)
    sent_by_id = fields.Many2one("res.users", readonly=True)
    pdf_digest = fields.Char(string="SHA-256 of the Report", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    failure = fields.Char(string="Why Not", readonly=True)

    @api.model
    def _step_refusal(self, label):
        return self.env._("What was sent stays on record as it was.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        raise UserError(self.env._("What was sent stays on record as it was."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _send(self, report, partners):
        """Send a report to contacts: by mail, else as something to read here.

        :return: the new rows
        """
        deliveries = self._create_as_step(
            [self._prepare(report, partner) for partner in partners]
        )
        mailed = deliveries.filtered(lambda one: one.channel == "mail")
        attached = mailed and self._attach(report)
        mails = self.env["mail.mail"].create(
            [one._prepare_mail(attached) for one in mailed]
        )
        for delivery, mail in zip(mailed, mails, strict=True):
            delivery._write_as_step({"mail_id": mail.id})
        if mails:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        (deliveries - mailed)._ask_to_read()
        return deliveries

    @api.model
    def _prepare(self, report, partner):
        address = email_normalize(partner.email or "")
        user = partner.user_ids.filtered(lambda one: not one.share)[:1]
        return {
            "report_id": report.id,
            "partner_id": partner.id,
            "address": address,
            "channel": "mail" if address else "client" if user else False,
            "sent_at": fields.Datetime.now(),
            "sent_by_id": self.env.uid,
            "pdf_digest": report.pdf_digest,
            "failure": False
            if address or user
            else self.env._("There is no mail address, and no user."),
        }

    def _prepare_mail(self, attached):
        """Return the values of the mail of one delivery.

        :param attached: the report as an attachment, one for all of them
        """
        lang = self.company_id._service_lang(self.partner_id)
        own = self.with_context(lang=lang)
        audit = own.audit_id
        sender = self.company_id.email_formatted or self.env.user.email_formatted
        body = own.env["ir.qweb"]._render(
            "service_quality_audit.audit_report_mail",
            {"texts": own._mail_texts(), "company": own.company_id},
        )
        return {
            "subject": f"{self.company_id.name}: {audit._words()}",
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [Command.link(self.partner_id.id)],
            "attachment_ids": [Command.set(attached.ids)],
            "auto_delete": False,
        }

    def _mail_texts(self):
        """Return the paragraphs of the mail, in the language of its reader."""
        _ = self.env._
        audit = self.audit_id._words()
        texts = [
            _("Hello %s,", self.partner_id.name),
            _("The internal audit %s is closed. Its report is attached.", audit),
        ]
        if self.partner_id in self.audit_id.line_ids.service_owner_id.partner_id:
            texts.append(_("You are the owner of findings that are waiting for you."))
        return texts

    @api.model
    def _attach(self, report):
        """Return the report as an attachment of mails."""
        report = report.with_context(bin_size=False)
        return self.env["ir.attachment"].create(
            {
                "name": report.pdf_name,
                "raw": base64.b64decode(report.pdf_file),
                "mimetype": "application/pdf",
                "res_model": "mail.message",
                "res_id": 0,
            }
        )

    def _ask_to_read(self):
        """Ask users without an address to read the report here."""
        self.env["mail.activity"]._service_plan(
            [
                (
                    one.audit_id,
                    one.partner_id.user_ids.filtered(lambda user: not user.share)[:1],
                    one.company_id._service_day(),
                    lambda own: own.env._("Read the report of the audit"),
                )
                for one in self
                if one.channel == "client"
            ]
        )
