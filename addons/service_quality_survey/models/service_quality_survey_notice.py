from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.tools.automatic_mail import MARKS

MAIL_STATES = [("queued", "To be sent"), ("sent", "Sent"), ("failed", "Not sent")]


class ServiceQualitySurveyNotice(models.Model):
    """Says that a customer was told what came of a survey: by one mail, to all asked.

    It goes to everybody of the customer who was asked, whether they answered or not:
    who reads that it had consequences answers next year.
    """

    _name = "service.quality.survey.notice"
    _description = "Customer Told of a Survey"
    _inherit = ["service.quality.steps.mixin"]
    _order = "survey_id desc, customer_id, id"
    _rec_name = "customer_id"

    survey_id = fields.Many2one(
        "service.quality.survey",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="survey_id.company_id", store=True)
    customer_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    addresses = fields.Char(
        string="To", readonly=True, help="As they were when it was sent."
    )
    text = fields.Text(readonly=True)
    sent_at = fields.Datetime(string="Written On", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    state = fields.Selection(MAIL_STATES, compute="_compute_state", compute_sudo=True)

    _once_uniq = models.UniqueIndex("(survey_id, customer_id)")

    @api.depends("mail_id.state", "addresses")
    def _compute_state(self):
        for notice in self:
            mail = notice.mail_id
            if not notice.addresses or mail.state in ("exception", "cancel"):
                notice.state = "failed"
            else:
                notice.state = "queued" if mail.state == "outgoing" else "sent"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_written(self):
        raise UserError(self.env._("What customers were told stays on record."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _send(self, survey):
        """Write to the customers of one survey who were not told yet.

        :return: the new notices; of a customer without an address, too: it says so
        """
        # each was asked, whoever tells them
        survey = survey.sudo()
        asked = survey.contact_ids.filtered(
            lambda one: (
                not one.is_excluded
                and one.state not in ("not_asked", "wrong_person")
                and one.customer_id not in survey.notice_ids.customer_id
            )
        )
        by_customer = asked.grouped("customer_id")
        mails = self._write_mails(survey, by_customer)
        notices = self.sudo()._create_as_step(  # by this step alone
            [
                {
                    "survey_id": survey.id,
                    "customer_id": customer.id,
                    "addresses": ", ".join(_reached(people).mapped("email")),
                    "text": survey.told_text,
                    "sent_at": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "mail_id": mails[customer].id if customer in mails else False,
                }
                for customer, people in by_customer.items()
            ]
        )
        if mails:
            # jobs are an administrator's
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return notices.sudo(False)

    @api.model
    def _write_mails(self, survey, by_customer):
        """Write one mail for each customer with an address; the queue sends them.

        :return: dict of customer to mail
        """
        reached = {
            customer: found
            for customer, people in by_customer.items()
            if (found := _reached(people))
        }
        sender = survey.company_id.email_formatted or self.env.user.email_formatted
        values = []
        for people in reached.values():
            lang = survey.company_id._service_lang(people.partner_id[:1])
            own = survey.with_context(lang=lang)
            body = self.env["ir.qweb"]._render(
                "service_quality_survey.notice_mail", {"survey": own}, lang=lang
            )
            values.append(
                {
                    "subject": own.env._("What came of our customer survey"),
                    "body_html": body,
                    "email_from": sender,
                    "reply_to": sender,
                    "author_id": self.env.user.partner_id.id,
                    "recipient_ids": [Command.set(people.partner_id.ids)],
                    "auto_delete": False,
                    "headers": repr(MARKS),
                }
            )
        # nobody writes mails by hand
        mails = self.env["mail.mail"].sudo().create(values)
        return dict(zip(reached, mails, strict=True))


def _reached(people):
    """Return those of some people who have an address."""
    return people.filtered(lambda one: one.email and one.partner_id.email)
