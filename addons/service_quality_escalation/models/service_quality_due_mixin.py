from odoo import api, fields, models
from odoo.fields import Domain


class ServiceQualityDueMixin(models.AbstractModel):
    """Lets escalation rules remind of something that is to be done until a day.

    A model has ``company_id``, and says by which field it is due, which domain is still
    open, and what rules about it are called.
    """

    _name = "service.quality.due.mixin"
    _description = "To Be Done Until a Day"

    _due_subject = None
    """The code by which rules are about it; none: no rule reminds of it."""

    _due_sequence = 100
    """The place among what rules may be about."""

    _due_field = "deadline"

    _due_owner = None
    """The field with the user who has to do it, whom its activities follow."""

    _due_depends = ("state", "deadline")
    """The fields that decide whether a record is overdue; writing one may settle it."""

    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends(lambda self: self._due_depends)
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._overdue_domain())
        overdue.is_overdue = True
        (self - overdue).is_overdue = False

    def _search_is_overdue(self, operator, value):
        return self._overdue_domain() if operator == "in" else NotImplemented

    @api.model
    def _overdue_domain(self):
        return self.env["res.company"]._service_day_domain(
            lambda day: self._late_domain(fields.Date.subtract(day, days=1))
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """End what people were reminded of when it is done, or due another day."""
        result = super().write(vals)
        if vals.keys() & set(self._due_depends):
            self.env["service.quality.escalation.reminder"]._settle(self)
        if vals.keys() & {self._due_field, self._due_owner} and hasattr(
            self, "activity_ids"
        ):
            self._move_todos()
        return result

    def _move_todos(self):
        """Have what is planned for these follow their day, and their owner."""
        # activities of others are not the caller's to write
        waiting = self.sudo().filtered_domain(self._open_domain())
        for (day, user), records in waiting.grouped(
            lambda one: (one[self._due_field], one._due_user())
        ).items():
            moved = {"date_deadline": day} if day else {}
            if user:
                moved["user_id"] = user.id
            todos = records.activity_ids.filtered(
                lambda todo: todo.automated and not todo.service_reminder_id
            )
            # batched: of each day and owner
            todos.with_context(mail_activity_quick_update=True).write(moved)

    def _due_user(self):
        """Return whose the planned activities are, empty where others plan them."""
        return self[self._due_owner] if self._due_owner else self.env["res.users"]

    # ------------------------------------------------------------------
    # What a model says
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        """Return the name of such things in the user's language, in the plural."""
        return self.env["ir.model"]._get(self._name).name

    @api.model
    def _open_domain(self):
        """Return the domain of what is still to be done."""
        return Domain("state", "=", "open")

    @api.model
    def _late_domain(self, day):
        """Return the domain of what is still to be done and was due by a day."""
        return self._open_domain() & Domain(self._due_field, "<=", day)

    @api.model
    def _coming_domain(self, day):
        """Return the domain of what people may be reminded of on a day.

        :param day: the last day on which it is due; also one to come, for steps that
            come before it
        """
        return self._late_domain(day)

    def _comes_on(self, step):
        """Return the day on which a step of a rule comes for each of the records.

        Addons add what comes by their own triggers.

        :return: dict of record to day, without those for which the step never comes
        """
        if step.trigger not in ("days", "days_before"):
            return {}
        days = step._days_after()
        return {record: fields.Date.add(record._due_on(), days=days) for record in self}

    def _due_on(self):
        """Return the day until which it is to be done, or nothing."""
        return self[self._due_field]

    def _answerable(self, members):
        """Return the users who have to do it.

        :param members: function that returns the users of a role in its company
        """
        return self.user_id

    def _due_agreement(self):
        """Return the agreement that it is about, or none."""
        return self.env["service.quality.agreement"]

    def _due_project(self):
        return self._due_agreement().project_id

    def _due_place(self):
        """Return the record that people open to do it."""
        return self

    def _overdue_text(self):
        """Say in the language of the context what was not done."""
        return self.display_name

    def _coming_text(self):
        """Say in the language of the context what is to be done."""
        return self.display_name
