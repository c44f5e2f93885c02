from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class ServiceQualityDueMixin(models.AbstractModel):
    """Lets escalation rules remind of something that is to be done until a day.

    A model has ``company_id``, and says by which field it is due, which domain is still
    open, and what rules about it are called.

    The date is set once. Afterwards somebody other than its owner moves it, with a
    reason. Whether it is late is judged by the last date that was set before it passed.
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

    due_move_ids = fields.One2many(
        "service.quality.due.move", "res_id", string="Moves of the Date", readonly=True
    )
    due_owner_ids = fields.Json(
        string="Owners Until Now",
        compute="_compute_due_owner_ids",
        store=True,
        precompute=True,
        copy=False,
    )
    first_due_on = fields.Date(
        string="First Due",
        compute="_compute_first_due_on",
        help="The date before it was moved.",
    )
    late_after = fields.Date(
        compute="_compute_late_after",
        store=True,
        precompute=True,
        help="The last date that was set before it passed: later, it is late.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    def _due_names(self):
        """Return the field of the date in a list, an empty one where there is none."""
        return [self._due_field] if self._due_field in self._fields else []

    def _due_owner_names(self):
        """Return the field of the owner in a list, an empty one where there is none."""
        name = self._due_owner or "user_id"
        return [name] if name in self._fields else []

    @api.depends(lambda self: self._due_owner_names())
    def _compute_due_owner_ids(self):
        """Add the owner to those before, so that nobody lends the record away."""
        for record in self:
            owners = set(record.due_owner_ids or ())
            for name in self._due_owner_names():
                owners.update(record[name].ids)
            record.due_owner_ids = sorted(owners)

    @api.depends("due_move_ids")
    def _compute_first_due_on(self):
        for record in self:
            # whoever reads the record reads what its date was
            moves = record.sudo().due_move_ids.sorted("id")
            record.first_due_on = moves[:1].date_before

    @api.depends(lambda self: [*self._due_names(), "due_move_ids"])
    def _compute_late_after(self):
        for record in self:
            day = record[self._due_field] if self._due_names() else False
            # of a move after it had passed, what was before counts
            late = record.sudo().due_move_ids.sorted("id").filtered("is_late")
            record.late_after = late[:1].date_before or day

    @api.depends(lambda self: (*self._due_depends, "late_after"))
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
        self._check_due_unmoved(vals)
        result = super().write(vals)
        if vals.keys() & set(self._due_depends):
            self.env["service.quality.escalation.reminder"]._settle(self)
        if vals.keys() & {self._due_field, self._due_owner} and hasattr(
            self, "activity_ids"
        ):
            self._move_todos()
        return result

    def _check_due_unmoved(self, vals):
        """Refuse to write another date over one that was set."""
        if self.env.su or not vals.keys() & set(self._due_names()):
            return
        day = fields.Date.to_date(vals[self._due_field])
        if any(one[self._due_field] not in (False, day) for one in self):
            raise AccessError(
                self.env._(
                    "A date that was set is not written over. Use Move the Date: "
                    "somebody other than its owner moves it, with a reason."
                )
            )

    def action_move_due(self):
        """Ask to which day the date is moved, and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move the Date"),
            "res_model": "service.quality.due.move",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
            },
        }

    def _move_due(self, day, reason):
        """Move the date of one record, and return the move.

        :raise AccessError: for its owner, and for who may not write it
        :raise UserError: for what is done, or has no date yet
        """
        self.ensure_one()
        self.check_access("read")
        self._check_may_move_due()
        Move = self.env["service.quality.due.move"]
        Move._check_move(day, reason)
        if not self.filtered_domain(self._open_domain()):
            raise UserError(self.env._("What is done is not moved any more."))
        if not self._due_names() or not self[self._due_field]:
            raise UserError(self.env._("This has no date until which it is due."))
        move = Move._enter(self, day, reason)
        record = self.sudo()  # by this step alone
        step = getattr(record, "_write_as_step", record.write)
        step({self._due_field: day})
        return move

    def _check_may_move_due(self):
        """Refuse who may not move the date of one record; models add their checks."""
        if self.env.su:
            return
        self.check_access("write")
        # whoever lent it to somebody else has it as well
        before = self.sudo().due_owner_ids or ()
        if self.env.user in self._due_owners() or self.env.uid in before:
            raise AccessError(
                self.env._("Whoever has to do it does not move the date.")
            )

    def _due_owners(self):
        """Return who has to do it, and therefore does not move its date."""
        return self._due_user() or ("user_id" in self._fields and self.user_id)

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
        return self._open_domain() & Domain("late_after", "<=", day)

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
        return self.late_after or self[self._due_field]

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
