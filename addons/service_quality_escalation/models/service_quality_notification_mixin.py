from odoo import Command, api, fields, models
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.tools.automatic_mail import MARKS

from .escalation_data import Action, Recipient, options
from .recipients import AGENTS

OUTCOMES = [
    ("done", "Done"),
    ("nobody", "Nobody could be reached"),
    ("repeated", "Not repeated"),
    ("failed", "Failed"),
]

SEEN_BY_NOBODY_ELSE = {
    # the assignee hears by the channel that the rule names, and by no other
    "mail_activity_quick_update": True,
    # who is told of a promise does not follow all that is said on the ticket
    "service_no_follow": True,
}


def action_selection(records):
    """Return what steps may do, for a selection."""
    rows = records.env["service.quality.notification.mixin"]
    return options(rows._actions(), rows._codes_in_use("action"))


def recipient_selection(records):
    """Return whom steps may tell, for a selection."""
    rows = records.env["service.quality.notification.mixin"]
    return options(rows._recipients(), rows._codes_in_use("recipient"))


class ServiceQualityNotificationMixin(models.AbstractModel):
    """Does what a step of a rule says, and records it: in alarms and reminders.

    A model has ``company_id``, ``summary`` in the language of the reader, ``user_ids``,
    ``mail_id`` and ``activity_ids``. It says by ``_place()`` on which record activities
    are planned, by ``_mail_subject()`` what a mail is called, and by
    ``_deadline_text(user)`` until when it was due, in the zone and language of a user,
    or nothing. Of what is due, before there is a row of it, it says ``_record_of``,
    ``_company_of``, ``_agreement_of`` and ``_project_of``.
    """

    _name = "service.quality.notification.mixin"
    _description = "Telling People"

    _activity_field = None
    """The field by which an activity refers to the row."""

    _mail_template = None
    """The template of the mail, which reads the row as ``alarm``."""

    recipient = fields.Selection(recipient_selection, string="Meant For", readonly=True)
    action = fields.Selection(action_selection, required=True, readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True, default="done")
    failure = fields.Char(readonly=True)

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _actions(self):
        """Return what steps may do, by code: dict of :class:`Action`.

        Addons add to it, and do it in a method ``_do_<code>`` of alarms and reminders.
        """
        _ = self.env._
        return {
            "activity": Action(_("Activity"), by_day=True),
            "mail": Action(
                _("E-mail"), by_day=True, reach=lambda users: users.filtered("email")
            ),
            "sms": Action(
                _("SMS"),
                reach=lambda users: users.filtered(lambda user: user.partner_id.phone),
            ),
            "webhook": Action(
                _("Message to a channel"), is_personal=False, needs_channel=True
            ),
            "reassign": Action(
                _("Reassign"),
                once_a_ticket=True,
                hands_over=True,
                reach=lambda users: users.filtered(lambda user: user.has_group(AGENTS)),
            ),
            "raise_priority": Action(
                _("Raise the priority"), is_personal=False, once_a_ticket=True
            ),
        }

    @api.model
    def _recipients(self):
        """Return whom steps may tell, by code: dict of :class:`Recipient`.

        Addons add to it. Where a code is no role, a method ``_people_<code>`` of alarms
        and reminders returns the users for each of a list of what is due.
        """
        _ = self.env._
        return {
            "assignee": Recipient(_("Assignee"), "duty"),
            # where there is no clock, there is no team whose roster would be asked
            "duty": Recipient(_("Person on duty"), "leader", by_day=False),
            "leader": Recipient(_("Team leader"), by_day=False),
            "project_manager": Recipient(_("Project manager")),
            "service_manager": Recipient(_("Service manager"), "administrator"),
            "quality": Recipient(_("Quality department")),
            "technical_centre": Recipient(_("Technical service centre")),
            "executive": Recipient(_("Executives")),
            "user": Recipient(_("A certain user")),
        }

    @api.model
    def _models_with_codes(self):
        """Return the models that keep such codes; addons add theirs."""
        return [
            "service.quality.escalation.step",
            "service.quality.escalation.alarm",
            "service.quality.escalation.reminder",
        ]

    @api.model
    @ormcache("name", cache="stable")
    def _codes_in_use(self, name):
        """Return the codes that steps have, and had when they fired.

        :param name: the field
        """
        queries = [
            SQL("SELECT %s FROM %s", SQL.identifier(name), SQL.identifier(model._table))
            for model in map(self.env.get, self._models_with_codes())
            if name in model._fields
        ]
        found = self.env.execute_query(SQL(" UNION ").join(queries))
        return tuple(sorted(code for (code,) in found if code))

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    @api.model
    def _members(self, role, due):
        """Return the members of a role in the company of each thing that is due."""
        companies = [self._company_of(one) for one in due]
        members = {
            company: company._service_role_users(role)
            for company in self.env["res.company"].union(*companies)
        }  # batched: a query for each company
        return [members[company] for company in companies]

    @api.model
    def _people_duty(self, due):
        return [self.env["res.users"]] * len(due)

    @api.model
    def _people_leader(self, due):
        return [self.env["res.users"]] * len(due)

    @api.model
    def _people_project_manager(self, due):
        return [self._project_of(one).user_id for one in due]

    @api.model
    def _people_service_manager(self, due):
        """Return the manager of each agreement, or else all service managers."""
        found = [self._agreement_of(one).manager_id.filtered("active") for one in due]
        if all(found):
            return found
        members = self._members("service_manager", due)
        return [own or every for own, every in zip(found, members, strict=True)]

    @api.model
    def _people_user(self, due):
        return [one.step.user_id for one in due]

    @api.model
    def _project_of(self, one):
        return self._agreement_of(one).project_id

    @api.model
    def _prepare_outcome(self, step, users):
        """Return the values that say what becomes of a step that fires.

        :param users: the users whom it tells
        """
        action = self._actions().get(step.action)
        values = {"recipient": step.recipient, "action": step.action}
        if action is None:
            own = step.with_context(lang=step.company_id._service_lang())
            failure = own.env._("%s: the addon of this action is gone.", step.action)
            return values | {"outcome": "failed", "failure": failure}
        if not action.is_personal:
            return values | {"recipient": False, "outcome": "done"}
        return values | {"outcome": "done" if users else "nobody"}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _act(self):
        """Do what new rows are for, each kind of action in one go."""
        live = self.filtered(lambda row: row.outcome == "done")
        for action, some in live.grouped("action").items():
            getattr(some, f"_do_{action}")()

    def _do_activity(self):
        """Give each person an activity."""
        self._plan_activities(
            [
                row._prepare_activity(user, row.with_context(lang=user.lang).summary)
                for row in self
                for user in row.user_ids
            ]
        )

    def _prepare_activity(self, user, summary):
        """Return the values of an activity about the row."""
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_warning"
        )
        place = self._place()
        return {
            "res_model_id": self.env["ir.model"]._get_id(place._name),
            "res_id": place.id,
            "activity_type_id": type_id,
            "summary": summary,
            "note": self._deadline_text(user),
            "date_deadline": user.partner_id._service_day(self.company_id[:1]),
            "user_id": user.id,
            "automated": True,
            self._activity_field: self.id,
        }

    def _plan_activities(self, values):
        self.env["mail.activity"].with_context(**SEEN_BY_NOBODY_ELSE).create(values)

    def _do_mail(self):
        """Write one mail for each row; it is sent at once and kept.

        It belongs to no thread: an answer to it must not reach the customer.
        """
        mails = self.env["mail.mail"].create([row._prepare_mail() for row in self])
        for row, mail in zip(self, mails, strict=True):
            row.mail_id = mail
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail(self):
        user = self.user_ids[0]
        alarm = self.with_context(lang=user.lang)
        sender = alarm.company_id.email_formatted or self.env.user.email_formatted
        body = self.env["ir.qweb"]._render(
            self._mail_template,
            {"alarm": alarm, "deadline": alarm._deadline_text(user)},
            lang=user.lang,
        )
        return {
            "subject": alarm._mail_subject(),
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "author_id": self.env.user.partner_id.id,
            "recipient_ids": [
                Command.link(partner.id) for partner in alarm.user_ids.partner_id
            ],
            "auto_delete": False,
            "headers": repr(MARKS),
        }

    # ------------------------------------------------------------------
    # Presentation
    # ------------------------------------------------------------------

    def _seen_by(self, user):
        """Return the records with the zone and language of a user."""
        zone = user.partner_id._service_tz(self.company_id[:1])
        return self.with_context(lang=user.lang, tz=zone)

    def _link(self):
        """Return an address that opens the place for those who may see it."""
        place = self._place()
        query = f"model={place._name}&res_id={place.id}"
        return f"{self.get_base_url()}/mail/view?{query}"
