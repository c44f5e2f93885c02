import json
from collections import namedtuple
from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import html2plaintext

from .arguments import Arguments
from .roles import ROLES, STAFF, group_of

GRACE = timedelta(minutes=5)
"""How long who ended a record may correct a slip without a reason."""

End = namedtuple("End", "at user")
"""When a record has ended, naive UTC, and which user ended it."""

MODE = "service_rectify"
AS_STEP, APPLIED, ERASED = object(), object(), object()
"""Values of a key of the context: a step of the product writes, a correction is
applied, personal data is erased. They are objects, so that no caller can send one."""

LEADING = ("service_manager", "quality")
"""Who answers for what ended by itself, or was ended by one without such a role."""

SENT = ("email_outgoing", "auto_comment")


class ServiceQualityRectifyMixin(models.AbstractModel):
    """Keeps a record as it was once it has ended: it is rectified, with a reason.

    Before its end each change of a field that is evidence is kept with its old and new
    value; after it the field is changed by *Rectify* alone. What changes a figure or a
    judgement needs a second person. All of it is kept in
    ``service.quality.rectification``.

    A model says in :meth:`_rectify_fields` which fields are evidence, in
    :meth:`_rectify_ended` and :meth:`_rectify_ends` when it ends, and in
    :meth:`_rectify_left` what has left the house. It takes this mixin up before
    ``service.quality.steps.mixin``.
    """

    _name = "service.quality.rectify.mixin"
    _description = "Records That Are Rectified After Their End"

    _rectify_deciders = LEADING
    """The roles of the second person."""

    service_has_ended = fields.Boolean(
        compute="_compute_service_may_rectify", groups=STAFF
    )
    service_may_rectify = fields.Boolean(
        compute="_compute_service_may_rectify", groups=STAFF
    )
    service_corrections = fields.Html(
        string="Corrections",
        compute="_compute_service_corrections",
        sanitize=False,  # our own template
        groups=STAFF,
    )
    service_correction_waits = fields.Boolean(
        string="Correction Waits for a Second Person",
        compute="_compute_service_corrections",
        groups=STAFF,
    )

    # ------------------------------------------------------------------
    # What models say
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        """Return the fields that are evidence: dict of name to True where a change
        after the end needs a second person. Addons add theirs.
        """
        return {}

    def _rectify_evidence(self, name):
        """Return those of the records of which a field is evidence."""
        return self

    def _rectify_ended(self):
        """Return those of the records that have ended."""
        raise NotImplementedError

    def _rectify_ends(self):
        """Return dict of record to :class:`End`, for records that have ended."""
        raise NotImplementedError

    def _rectify_left(self, ends):
        """Return those of the records of which something has left the house since.

        :param ends: dict as :meth:`_rectify_ends`
        """
        if not ends or "message_ids" not in self._fields:
            return self.browse()
        messages = self.env["mail.message"].sudo()  # whoever may read them
        messages = messages.search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("date", ">=", min(end.at for end in ends.values())),
                "|",
                ("message_type", "in", SENT),
                ("notified_partner_ids.partner_share", "=", True),
            ]
        )
        told = {(one.res_id, one.date) for one in messages}
        return self.filtered(
            lambda record: any(
                res_id == record.id and record in ends and date >= ends[record].at
                for res_id, date in told
            )
        )

    def _rectify_check_value(self, name, value):
        """Refuse a new value that the record would not have ended with.

        :param value: as it is kept
        """

    def _rectify_eases(self, name, value):
        """Return True if less would be owed: then a slip needs a second person too.

        :param value: as it is kept
        """
        return False

    def _rectify_company(self):
        """Return the company that a correction of the record belongs to."""
        return self.company_id or self.env.company

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_service_may_rectify(self):
        # that it has ended is no secret to who reads it
        ended = self._origin.sudo()._rectify_ended()
        for record in self:
            record.service_has_ended = record._origin in ended
            # batched: of the one record whose form is open
            record.service_may_rectify = (
                record.service_has_ended and record._origin._rectify_is_open_to_user()
            )

    @api.depends_context("uid", "lang")
    def _compute_service_corrections(self):
        rows = self._rectifications()
        for record in self:
            found = rows.filtered(
                lambda row, record=record: row.res_id == record._origin.id
            )
            record.service_corrections = found._html()
            record.service_correction_waits = "pending" in found.mapped("state")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if self.env.context.get(MODE) not in (AS_STEP, APPLIED, ERASED):
            self._rectify_check(vals)
        return self._rectify_keeping(vals, super().write)

    def _write_as_step(self, vals):
        return self._rectify_keeping(vals, super()._write_as_step)

    def _rectify_as_step(self):
        """Return the records as a step of the product writes them after their end."""
        return self.with_context(**{MODE: AS_STEP})

    def _rectify_erasing(self):
        """Return the records as an erasure writes them: no old text is kept."""
        return self.with_context(**{MODE: ERASED})

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_rectify(self):
        """Open the dialog in which one field is rectified."""
        self.ensure_one()
        self._rectify_check_user()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rectify"),
            "res_model": "service.quality.rectify",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_id": self.id,
                "service_rectified_model": self._name,
            },
        }

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _rectify_check(self, vals):
        """Refuse to change what has ended, but for a slip of who ended it just now."""
        names = [name for name in self._rectify_fields() if name in vals]
        if not names:
            return
        records = self.sudo()  # the rule is for everybody
        changed = {
            record: name
            for name in names
            for record in records._rectify_evidence(name)
            if record._rectify_raw(name) != record._rectify_raw(name, vals[name])
        }
        ended = records.browse(one.id for one in changed)._rectify_ended()
        kept = ended - ended._rectify_slips()
        if kept:
            label = self._fields[changed[kept[0]]]._description_string(self.env)
            raise UserError(
                self.env._(
                    "%(record)s has ended, and its field %(field)s stays as it is. "
                    "Choose Rectify on its form, and enter the new text with the "
                    "reason: old and new are kept.",
                    record=kept[0].sudo(False).display_name,
                    field=label,
                )
            )

    def _rectify_slips(self):
        """Return those of ended records that the user has ended a moment ago, and of
        which nothing has left the house.
        """
        since = fields.Datetime.now() - GRACE
        ends = {
            record: end
            for record, end in self._rectify_ends().items()
            if end.user == self.env.user and end.at >= since
        }
        own = self.filtered(lambda record: record in ends)
        return own - own._rectify_left(ends)

    def _rectify_check_user(self):
        """Refuse users who neither ended the record nor have a role of who did."""
        self.ensure_one()
        self.check_access("read")
        # that it has ended is no secret to who reads it
        if not self.sudo()._rectify_ended():
            raise UserError(
                self.env._("This is still open: change it in the form itself.")
            )
        if not self._rectify_is_open_to_user():
            raise AccessError(
                self.env._(
                    "Who ended it, or a colleague with the same role, rectifies it. "
                    "Ask them."
                )
            )

    def _rectify_is_open_to_user(self):
        """Return True if the user may ask for a correction of an ended record."""
        if self.env.su:
            return True
        record = self.sudo()  # who ended it is asked for everybody
        end = record._rectify_ends().get(record)
        ender = end.user if end else self.env["res.users"]
        if ender == self.env.user:
            return True
        held = ender.sudo()  # of a colleague
        roles = [
            role
            for role, _label in ROLES
            if role != "staff" and ender and held.has_group(group_of(role))
        ]
        if not roles or ender._is_superuser():
            roles = LEADING
        return any(self.env.user.has_group(group_of(role)) for role in roles)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _rectify(self, name, value, reason):
        """Correct a field of an ended record, or ask a second person to allow it.

        :param name: of a field that is evidence
        :param value: as written to the field; of several records a list of ids
        :param reason: text
        :return: the row that is kept of it
        :raise AccessError: for who did not end it and has no role of who did
        :raise ValidationError: without a reason for more than a slip, or for a value
            that the field does not take
        :raise UserError: for what has not ended, is no evidence, is the same, or waits
            for a second person already
        """
        self._rectify_check_user()
        given = Arguments(self.env)
        if not isinstance(name, str) or name not in self._rectify_fields():
            given.choice("field", name, [(key, key) for key in self._rectify_fields()])
        record = self.sudo()  # the rule is for everybody
        if not record._rectify_evidence(name):
            raise UserError(self.env._("This is no evidence here. Change it directly."))
        value = given.field(name, value, self._fields[name])
        value = self._rectify_raw(name, value)
        is_slip = bool(record._rectify_slips())
        is_slip = is_slip and not record._rectify_eases(name, value)
        reason = given.reason("reason", reason)
        if not (reason or is_slip):
            raise ValidationError(self.env._("Enter why it is corrected."))
        if self._rectify_raw(name) == value:
            raise UserError(self.env._("The new value is the old one. Enter another."))
        record._rectify_check_value(name, value)
        self._rectify_check_waiting(name)
        row = self._rectify_row(name, self._rectify_raw(name), value) | {
            "kind": "slip" if is_slip else "rectified",
            "reason": reason,
        }
        if self._rectify_fields()[name] and not is_slip:
            row["state"] = "pending"
        # nobody writes these rows
        row = self.env["service.quality.rectification"].sudo()._create_as_step([row])
        if row.state == "pending":
            row._ask_second_person()
        else:
            self._rectify_apply(name, value)
        return row

    def _rectify_check_waiting(self, name):
        if self._rectifications().filtered(
            lambda row: row.field_name == name and row.state == "pending"
        ):
            raise UserError(
                self.env._("A correction of this waits for a second person already.")
            )

    def _rectify_ask(self, name, value, reason):
        """Ask a second person to change what is owed in a record that is open.

        Who may ask is checked by the caller. Until it is decided the old value holds.

        :param name: of a field
        :param value: as it is kept
        :param reason: text
        :return: the row that waits
        :raise ValidationError: without a reason in words
        :raise UserError: when the same waits for a second person already
        """
        self.ensure_one()
        rows = self.env["service.quality.rectification"].sudo()  # written by steps
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise ValidationError(self.env._("Enter why less is owed."))
        rows._service_check_said("reason", reason)
        self._service_lock()  # of two who ask at once, one does
        self._rectify_check_waiting(name)
        row = self._rectify_row(name, self._rectify_raw(name), value)
        row |= {"kind": "eased", "state": "pending", "reason": reason}
        row = rows._create_as_step([row])
        row._ask_second_person()
        return row

    def _rectify_apply(self, name, value):
        """Write what a correction says.

        :param value: as it is kept
        """
        field = self._fields[name]
        if field.type == "many2many":
            value = [Command.set(value or [])]
        # what the user may do was checked, and by whom the field is written else
        record = self.sudo().with_context(**{MODE: APPLIED})
        by_steps = getattr(record, "_written_by_steps", frozenset)()
        if name in by_steps:
            return record._write_as_step({name: value})
        return record.write({name: value})

    def _rectifications(self):
        """Return all that is kept of changes of these records, the newest first."""
        rows = self.env["service.quality.rectification"].sudo()  # shown with the record
        return rows.search(
            [("res_model", "=", self._name), ("res_id", "in", self._origin.ids)]
        )

    # ------------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------------

    def _rectify_keeping(self, vals, write):
        """Write, and keep what the fields that are evidence said before."""
        names = [name for name in self._rectify_fields() if name in vals]
        if not names or self.env.context.get(MODE) in (APPLIED, ERASED):
            return write(vals)
        records = self.sudo()  # what was said before is kept, whoever writes
        before = {
            (record, name): old
            for name in names
            for record in records._rectify_evidence(name)
            if (old := record._rectify_raw(name))  # from nothing, nothing was lost
        }
        ended = records._rectify_ended() if before else records
        by_step = self.env.context.get(MODE) is AS_STEP
        slips = ended._rectify_slips() if ended and before and not by_step else ended
        result = write(vals)
        rows = []
        for (record, name), old in before.items():
            new = record._rectify_raw(name)
            if new != old:
                kind = "edited" if record not in ended else "step"
                if kind == "step" and record in slips and not by_step:
                    kind = "slip"
                rows.append(record._rectify_row(name, old, new) | {"kind": kind})
        if rows:
            # nobody writes these rows
            self.env["service.quality.rectification"].sudo()._create_as_step(rows)
        return result

    def _rectify_row(self, name, old, new):
        """Return what is kept of one change."""
        return {
            "company_id": self._rectify_company().id,
            "res_model": self._name,
            "res_id": self.id,
            "field_name": name,
            "old_value": old,
            "new_value": new,
            "old_text": self._rectify_words(name, old),
            "new_text": self._rectify_words(name, new),
            "user_id": self.env.uid,
            "at": fields.Datetime.now(),
            "state": "done",
        }

    def _rectify_raw(self, name, *given):
        """Return a value of a field as it is kept: what JSON holds, None for nothing.

        :param given: what is to be written; the present value when left out
        """
        field = self._fields[name]
        value = given[0] if given else self[name]
        if field.type == "many2many" and isinstance(value, list):
            if all(isinstance(one, int) for one in value):
                value = [Command.set(value)]  # ids alone would come on top
        cached = field.convert_to_cache(value, self)
        if field.type == "many2many":
            return sorted(cached) or None
        if field.type in ("date", "datetime"):
            return cached and field.to_string(cached)
        return json.loads(json.dumps(cached)) or None

    def _rectify_words(self, name, value):
        """Return a kept value as people read it."""
        field = self._fields[name]
        if not value:
            return ""
        if field.type in ("many2one", "many2many"):
            ids = value if field.type == "many2many" else [value]
            records = self.env[field.comodel_name].sudo()  # named as on the form
            return ", ".join(records.browse(ids).exists().mapped("display_name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "html":
            return html2plaintext(Markup(value))
        return self.env._("Yes") if value is True else str(value)
