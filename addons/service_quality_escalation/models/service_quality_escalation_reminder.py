from collections import namedtuple
from functools import cache, partial

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, groupby

from .recipients import Recipients
from .service_quality_escalation import subject_selection

Late = namedtuple("Late", "record step due days")
"""A step that fires on a record, the day until which that was to be done, and how many
days after it the step comes."""


class ServiceQualityEscalationReminder(models.Model):
    """A reminder records a step of a rule that fired on something due, as it does once.

    Where another day was set in the meantime it comes again. What it was about and
    what the step was then are kept beside it; rows are only added.
    """

    _name = "service.quality.escalation.reminder"
    _description = "Reminder"
    _inherit = ["service.quality.notification.mixin", "service.quality.hidden.mixin"]
    _order = "fired_at desc, id desc"
    _log_access = False

    _activity_field = "service_reminder_id"

    # what is overdue
    subject = fields.Selection(
        subject_selection, string="About", required=True, readonly=True
    )
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    name = fields.Char(
        string="What", required=True, readonly=True, help="As it was called then."
    )
    due_date = fields.Date(string="Due", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )

    # the step
    step_id = fields.Many2one(
        "service.quality.escalation.step",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    rule_id = fields.Many2one(related="step_id.rule_id", store=True, index=True)
    days = fields.Integer(
        string="On Day",
        readonly=True,
        aggregator=None,
        help="After the due day; a negative number: before it.",
    )

    # what became of it
    fired_at = fields.Datetime(string="Sent On", required=True, readonly=True)
    user_ids = fields.Many2many("res.users", string="Told", readonly=True)
    digest_user_ids = fields.Many2many(
        "res.users",
        "service_quality_escalation_reminder_digest_rel",
        string="Told by the Next Digest",
        readonly=True,
    )
    mail_ids = fields.Many2many(
        "mail.mail",
        "service_quality_escalation_reminder_mail_rel",
        string="Digests",
        readonly=True,
        groups="base.group_system",
    )
    activity_ids = fields.One2many("mail.activity", "service_reminder_id")
    summary = fields.Char(compute="_compute_summary")

    _once_uniq = models.UniqueIndex("(res_model, res_id, due_date, step_id)")
    _fired_idx = models.Index("(company_id, fired_at)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "res_model", "res_id", "days")
    @api.depends_context("lang")
    def _compute_summary(self):
        """Say in the reader's language what is overdue; what is gone as it was."""
        for model, reminders in self.grouped("res_model").items():
            if model not in self.env:  # its addon is gone
                for reminder in reminders:
                    reminder.summary = reminder.name
                continue
            # who reads a reminder hears what it says
            records = self.env[model].sudo().browse(reminders.mapped("res_id"))
            there = records.exists()  # batched: a query for each model
            for reminder, record in zip(reminders, records, strict=True):
                known = record in there
                reminder.summary = reminder._text_of(record) if known else reminder.name

    def _text_of(self, record):
        """Say what a reminder is about; it may come before the day."""
        return record._coming_text() if self.days < 0 else record._overdue_text()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        raise UserError(self.env._("Of what people were reminded stays on record."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_record(self):
        """Open what is overdue.

        :raise UserError: where it was deleted, or its addon is gone
        """
        self.ensure_one()
        self.check_access("read")
        record = self.res_model in self.env and self._record().exists()
        if not record:
            raise UserError(self.env._("%s was deleted since.", self.name))
        return record._due_place().get_formview_action()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _remind_of(self, subject):
        """Fire the steps that have come due on one kind of thing.

        :param subject: a key of the models of rules
        :return: the reminders
        """
        late = self._late(subject)
        if not late:
            return self.browse()
        people = Recipients(self, late).resolve()
        reminders = self.create(
            [
                self._prepare_reminder(subject, one, users)
                for one, users in zip(late, people, strict=True)
            ]
        )
        reminders._act()
        return reminders

    @api.model
    def _late(self, subject):
        """Return the steps that have come due and have not fired: ``Late`` tuples."""
        Rule = self.env["service.quality.escalation"]
        ladders = Rule._steps_by_day(subject)
        if not ladders:
            return []
        today = max(company._service_day() for company in ladders)
        every = self.env["service.quality.escalation.step"].union(*ladders.values())
        first = min(step._days_after() for step in every)
        Model = self.env[Rule._models()[subject]]
        records = Model.search(
            Model._coming_domain(fields.Date.subtract(today, days=first))
            & Domain("company_id", "in", [company.id for company in ladders])
        )
        fired = self._fired(records)
        return [
            Late(record, step, record._due_on(), (day - record._due_on()).days)
            for company, some in records.grouped("company_id").items()
            for step in ladders[company]
            for record, day in step._due_of(some).items()
            if (record.id, record._due_on(), step.id) not in fired
        ]

    @api.model
    def _fired(self, records):
        """Return what has fired on records: set of id, due day and id of the step."""
        found = self.search_fetch(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)],
            ["res_id", "due_date", "step_id"],
        )
        return {(one.res_id, one.due_date, one.step_id.id) for one in found}

    @api.model
    def _prepare_reminder(self, subject, late, users):
        record, step = late.record, late.step
        company = record.company_id
        named = record.with_context(lang=company._service_lang())
        coming = late.days < 0
        return {
            "subject": subject,
            "res_model": record._name,
            "res_id": record.id,
            "name": named._coming_text() if coming else named._overdue_text(),
            "due_date": late.due,
            "company_id": company.id,
            "step_id": step.id,
            "days": late.days,
            "fired_at": fields.Datetime.now(),
            "user_ids": [Command.set(users.ids)],
            **self._prepare_outcome(step, users),
        }

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    @api.model
    def _record_of(self, one):
        return one.record

    @api.model
    def _company_of(self, one):
        return one.record.company_id

    @api.model
    def _agreement_of(self, one):
        return one.record._due_agreement()

    @api.model
    def _project_of(self, one):
        return one.record._due_project()

    @api.model
    def _people_assignee(self, due):
        """Return who has to do each thing; a role is looked up once for a company."""
        members = cache(lambda company, role: company._service_role_users(role))
        return [
            one.record._answerable(partial(members, one.record.company_id))
            for one in due
        ]

    # ------------------------------------------------------------------
    # What becomes of it
    # ------------------------------------------------------------------

    @api.model
    def _settle(self, records):
        """End what reminders still ask people to do about records.

        Those stay that are about something still open, and the day it is due.
        """
        # who settles it need not be the one who was to look after it
        activities = self.env["mail.activity"].sudo()
        activities = activities.search(
            [
                ("service_reminder_id.res_model", "=", records._name),
                ("service_reminder_id.res_id", "in", records.ids),
            ]
        )
        if activities:
            records = records.sudo()  # likewise
            still = records.filtered_domain(records._open_domain())
            due = {record.id: record._due_on() for record in still}
            activities.filtered(
                lambda activity: (
                    due.get(activity.service_reminder_id.res_id)
                    != activity.service_reminder_id.due_date
                )
            ).unlink()

    def _record(self):
        """Return what is overdue."""
        return self.env[self.res_model].browse(self.res_id)

    def _place(self):
        return self._record()._due_place()

    def _prepare_activity(self, user, summary):
        """Plan what is to be done on its day, where that is still to come."""
        values = super()._prepare_activity(user, summary)
        if self.days < 0:
            type_id = self.env["ir.model.data"]._xmlid_to_res_id(
                "mail.mail_activity_data_todo"
            )
            deadline = max(self.due_date, values["date_deadline"])
            values |= {"date_deadline": deadline, "activity_type_id": type_id}
        return values

    def _do_activity(self):
        """Give each person an activity, at most one about a record.

        Who has one there already reads of it in the digest of the day.
        """
        places = [row._place() for row in self]
        has_todo, planned = self._who_has_todos(places), []
        told = []
        for row, place in zip(self, places, strict=True):
            users = row.user_ids.filtered(
                lambda user, place=place: (place, user) not in has_todo
            )
            has_todo.update((place, user) for user in users)
            planned += [
                row._prepare_activity(user, row.with_context(lang=user.lang).summary)
                for user in users
            ]
            told.append((row, row.user_ids - users))
        self._plan_activities(planned)
        self._tell_by_digest(told)

    @api.model
    def _who_has_todos(self, places):
        """Return who has something planned about records: set of (record, user)."""
        found = set()
        for model, some in groupby(places, lambda place: place._name):
            todos = self.env["mail.activity"].search(  # batched: once for a model
                [
                    ("res_model", "=", model),
                    ("res_id", "in", [place.id for place in some]),
                    ("automated", "=", True),
                ]
            )
            found |= {
                (self.env[model].browse(todo.res_id), todo.user_id) for todo in todos
            }
        return found

    def _do_mail(self):
        """Leave it to the digest, which is one mail a day for each person."""
        self._tell_by_digest([(row, row.user_ids) for row in self])

    @api.model
    def _tell_by_digest(self, told):
        """Note who reads of what in the digest of the day: pairs of row and users."""
        for users, some in groupby(told, lambda one: one[1]):
            rows = self.union(*(row for row, _users in some))
            # batched: once for the same people
            rows.write({"digest_user_ids": [Command.link(user.id) for user in users]})

    def _deadline_text(self, user):
        env = self._seen_by(user).env
        return env._("Due %s", format_date(env, self.due_date))

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Remind of what is due, one kind of thing after another."""
        subjects = list(self.env["service.quality.escalation"]._models())
        for left, subject in zip(range(len(subjects), 0, -1), subjects, strict=True):
            self._remind_of(subject)  # batched: a query for each kind of thing
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return
        self.env["service.quality.escalation.digest"]._send()
        self.env["ir.cron"]._commit_progress(1, remaining=0)
