from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.service_quality_core.tools.automatic_mail import MARKS

OURS = ("service.quality.%", "helpdesk.ticket%")
"""What begins the names of the models whose activities are told."""


class ServiceQualityEscalationDigest(models.AbstractModel):
    """Writes to each person once a day what came up for them.

    In it are the reminders that were not told by an activity of their own, and what was
    planned for the person since the last one: a month's end brings many at once.
    """

    _name = "service.quality.escalation.digest"
    _description = "Daily Digest"

    @api.model
    def _send(self):
        """Write the digest of each person for whom something came up.

        :return: the mails
        """
        reminders = self._untold()
        todos = self._planned_since(self._last_time())
        values, told = [], []
        for user in (reminders.digest_user_ids | todos.user_id).sorted("id"):
            rows = reminders.filtered(
                lambda row, user=user: user in row.digest_user_ids
            )
            if user.email:
                own = todos.filtered(lambda todo, user=user: todo.user_id == user)
                values.append(self._prepare_mail(user, rows, own))
                told.append(rows)
        mails = self.env["mail.mail"].create(values)
        for mail, rows in zip(mails, told, strict=True):
            rows.write({"mail_ids": [Command.link(mail.id)]})  # batched: by person
        reminders.digest_user_ids = False
        if mails:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return mails

    @api.model
    def _untold(self):
        """Return the reminders that people are still to be told of."""
        return self.env["service.quality.escalation.reminder"].search(
            [("digest_user_ids", "!=", False)], order="due_date, id"
        )

    @api.model
    def _last_time(self):
        """Return when the job ran last, as the scheduler says; else a day ago."""
        ran = fields.Datetime.to_datetime(self.env.context.get("lastcall"))
        return ran or fields.Datetime.subtract(fields.Datetime.now(), days=1)

    @api.model
    def _planned_since(self, moment):
        """Return what the program has planned for people, and is still to be done."""
        models_of_ours = Domain.OR(Domain("res_model", "=like", name) for name in OURS)
        # it is told to the one whose it is
        Activity = self.env["mail.activity"].sudo()
        return Activity.search(
            Domain("automated", "=", True)
            & Domain("create_date", ">=", moment)
            & Domain("user_id.share", "=", False)
            & models_of_ours,
            order="date_deadline, id",
        )

    @api.model
    def _prepare_mail(self, user, reminders, todos):
        """Return the values of the mail to a person, in their language."""
        own = self.with_context(lang=user.lang)
        company = user.company_id
        items = own._items(reminders, todos)
        day = format_date(own.env, user.partner_id._service_day(company))
        sender = company.email_formatted or self.env.user.email_formatted
        return {
            "subject": own.env._(
                "To do: %(count)s new, %(day)s", count=len(items), day=day
            ),
            "body_html": own.env["ir.qweb"]._render(
                "service_quality_escalation.digest_mail", {"items": items}
            ),
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [Command.link(user.partner_id.id)],
            "auto_delete": False,
            "headers": repr(MARKS),
        }

    @api.model
    def _items(self, reminders, todos):
        """Return what is told, once for each record and day: (text, date, link)."""
        found = {}
        for row in reminders.with_env(self.env):
            key = (row.res_model, row.res_id, row.due_date)
            found[key] = (row.summary, row.due_date, row._link())
        # what a reminder has planned is named by the reminder
        told = {row._place() for row in reminders}
        for todo in todos.with_env(self.env).sudo():  # as above
            place = self.env[todo.res_model].browse(todo.res_id)
            if place not in told:
                text = " · ".join(filter(None, (todo.summary, todo.res_name)))
                base = place.get_base_url()
                link = f"{base}/mail/view?model={place._name}&res_id={place.id}"
                found[todo] = (text, todo.date_deadline, link)
        return [
            (text, format_date(self.env, day), link)
            for text, day, link in sorted(found.values(), key=lambda item: item[1])
        ]
