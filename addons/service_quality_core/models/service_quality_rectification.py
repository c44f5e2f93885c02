import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

KINDS = [
    ("edited", "Changed before the end"),
    ("slip", "Slip, corrected at once"),
    ("step", "Changed by a step after the end"),
    ("rectified", "Correction"),
    ("discarded", "Draft discarded"),
    ("eased", "Less is owed"),
    ("setting", "Setting"),
]

COUNTED = ("rectified", "eased", "setting")
"""The kinds that reports list as corrections of a period."""

TEXTS = ("old_value", "new_value", "old_text", "new_text", "reason")


class ServiceQualityRectification(models.Model):
    """Keeps a change of what is evidence: the old text and the new one, who and when.

    Rows are only added, by those who change records with
    ``service.quality.rectify.mixin``. No user changes or deletes one, with no right:
    a second person decides about a correction that waits, and an erasure of personal
    data takes the texts out and leaves their digest.
    """

    _name = "service.quality.rectification"
    _description = "Correction"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.hidden.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "at desc, id desc"
    _rec_name = "field_label"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    res_model = fields.Char(string="Kind of Record Code", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    model_name = fields.Char(string="Kind of Record", compute="_compute_names")
    record_name = fields.Char(string="Of", compute="_compute_names")
    field_name = fields.Char(string="Field Code", required=True, readonly=True)
    field_label = fields.Char(string="Field", compute="_compute_names")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waits for a second person"),
            ("done", "Done"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
    )

    old_value = fields.Json(readonly=True, groups="base.group_system")
    new_value = fields.Json(readonly=True, groups="base.group_system")
    old_text = fields.Text(string="Old", readonly=True)
    new_text = fields.Text(string="New", readonly=True)
    reason = fields.Text(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, index=True, ondelete="restrict"
    )
    at = fields.Datetime(string="When", required=True, readonly=True)
    decided_by_id = fields.Many2one(
        "res.users",
        string="Second Person",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    decided_at = fields.Datetime(readonly=True)
    digest = fields.Char(
        string="SHA-256",
        readonly=True,
        help="Of the old and the new value as JSON. It stays when they are erased.",
    )
    erased_at = fields.Datetime(readonly=True)
    erased_by_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    _record_idx = models.Index("(res_model, res_id)")
    _period_idx = models.Index(
        "(company_id, at) WHERE kind IN ('rectified', 'eased', 'setting')"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("res_model", "res_id", "field_name")
    @api.depends_context("uid", "lang")
    def _compute_names(self):
        for row in self:
            Model = self.env.get(row.res_model)
            field = Model is not None and Model._fields.get(row.field_name)
            row.model_name = row.res_model
            if Model is not None:
                row.model_name = self.env["ir.model"]._get(row.res_model).name
            row.field_label = (
                field._description_string(self.env) if field else row.field_name
            )
        self.record_name = False
        for model, rows in self.grouped("res_model").items():
            if self.env.get(model) is None:
                continue
            records = self.env[model].browse(rows.mapped("res_id")).exists()
            names = {
                one.id: one.display_name for one in records._filtered_access("read")
            }
            for row in rows:
                row.record_name = names.get(row.res_id)

    @api.depends("state", "user_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        waiting = self.filtered(lambda row: row.state == "pending" and row._exists())
        (self - waiting).may_decide = False
        return super(ServiceQualityRectification, waiting)._compute_may_decide()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "What was changed and corrected stays on record as it was. To correct a "
            "record once more, choose Rectify on its form."
        )

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list:
            raise AccessError(self._step_refusal(""))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise AccessError(self._step_refusal(""))
        return super().write(vals)

    @api.model
    def _create_as_step(self, vals_list):
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        return super(ServiceQualityRectification, quiet)._create_as_step(
            [
                vals | {"digest": _digest(vals["old_value"], vals["new_value"])}
                for vals in vals_list
            ]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise AccessError(self._step_refusal(""))

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _of_period(self, company, start, end):
        """Return the corrections of a period: what was rectified after its end.

        And what a second person has allowed of an open record, by which less is owed,
        and settings that were changed. Slips, and what was changed before the end, are
        not counted.

        :param start: naive UTC; ``end`` likewise, and not in the period any more
        """
        return self.search(self._period_domain(company, start, end), order="at, id")

    @api.model
    def _period_domain(self, company, start, end):
        """Return the domain of the corrections of a period, as :meth:`_of_period`."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("kind", "in", COUNTED)
            & Domain("state", "=", "done")
            & Domain("at", ">=", start)
            & Domain("at", "<", end)
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approve(self):
        """Allow corrections as the second person; they are written now.

        :raise AccessError: for who asked for it, and who has no role for it
        :raise UserError: for what was decided, has changed since, or is open again
        """
        self._ensure_some()
        self._check_decidable()
        self._decide_as_second_person(
            self.env._("Correction approved"), self._refusal()
        )
        # what was missed by now stays missed, whatever is owed from now on
        self.env["service.quality.evidence"]._judge_now(self.company_id)
        for row in self.sudo():  # what may be decided was checked
            record = row._record()
            if row.kind != "eased" and not record._rectify_ended():
                raise UserError(
                    self.env._(
                        "%s is open again. Refuse the correction: it is changed in the "
                        "form itself.",
                        record.display_name,
                    )
                )
            # of nothing a column of JSON says False
            if record._rectify_raw(row.field_name) != (row.old_value or None):
                raise UserError(
                    self.env._(
                        "%s has changed since this was asked for. Refuse it, and have "
                        "it asked for again.",
                        row.field_label,
                    )
                )
            record._rectify_apply(row.field_name, row.new_value)
        self._decide("done")
        return True

    def action_refuse(self):
        """Refuse corrections as the second person: the old values stay."""
        self._ensure_some()
        self._check_decidable()
        self._decide_as_second_person(self.env._("Correction refused"), self._refusal())
        self._decide("refused")
        return True

    def action_open_record(self):
        """Open the record that was corrected."""
        self.ensure_one()
        if not self._exists():
            raise UserError(self.env._("What this is about was deleted."))
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        return record.get_formview_action()

    # ------------------------------------------------------------------
    # Second person
    # ------------------------------------------------------------------

    def _check_decidable(self):
        """Refuse who may not read the records, and what was decided or deleted."""
        self.check_access("read")
        self._service_lock()  # of two who decide at once, one does
        for row in self:
            if not row._exists():
                raise UserError(self.env._("What this is about was deleted."))
            row._record().sudo(False).check_access("read")
            if row.state != "pending":
                raise UserError(self.env._("This was decided already."))

    @api.model
    def _refusal(self):
        return self.env._("You have no role that decides about this correction.")

    def _authors(self):
        """Return who asked for a correction, who does not decide about it."""
        return self.user_id

    def _get_second_roles(self):
        return self._record()._rectify_deciders

    def _second_holders(self):
        """Leave out who may not read the record."""
        record = self._record().sudo(False)
        return (
            super()
            ._second_holders()
            .filtered(
                lambda user: (
                    record.with_user(user)
                    .with_context(allowed_company_ids=user.company_ids.ids)
                    .has_access("read")
                )
            )
        )

    def _decide(self, state):
        rows = self.sudo()  # by the second person, who was checked
        rows._write_as_step(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        rows.activity_ids.action_feedback()

    def _ask_second_person(self):
        """Plan the decision as an activity of one who may make it."""
        todos = []
        for row in self:
            record = row._record()
            user = row._second_persons().users[:1]
            if user:
                todos.append(
                    (row, user, row.company_id._service_day(), _asking(record))
                )
        self.env["mail.activity"].sudo()._service_plan(todos)  # for another

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _exists(self):
        """Return True if the record is there, and the addon that it is of."""
        return self.env.get(self.res_model) is not None and bool(
            self._record().exists()
        )

    def _tickets(self):
        """Return the ids of the tickets that hide what was corrected.

        :return: dict of row to id, without the rows that no ticket hides
        """
        paths, found = self._service_hidden_with(), {}
        for model, rows in self.grouped("res_model").items():
            path = paths.get(model)
            if not path:
                continue
            # which ticket hides a row is asked before anybody reads it
            records = self.env[model].sudo().browse(rows.mapped("res_id")).exists()
            tickets = {
                record.id: (record if path == "id" else record.mapped(path)).id
                for record in records
            }
            found |= {row: tickets.get(row.res_id, False) for row in rows}
        return {row: ticket for row, ticket in found.items() if ticket}

    def _record(self):
        self.ensure_one()
        return self.env[self.res_model].sudo().browse(self.res_id)  # of the row's model

    def _html(self):
        """Return the rows as a table for the form of their record, "" for none."""
        if not self:
            return ""
        return self.env["ir.qweb"]._render(
            "service_quality_core.corrections",
            {
                "corrections": self.filtered(
                    lambda row: row.kind in (*COUNTED, "step")
                ),
                "others": self.filtered(lambda row: row.kind in ("edited", "slip")),
                "label": _labels(self),
            },
        )

    def _erase(self):
        """Take the texts out, as personal data is erased; the digests stay."""
        rows = self.sudo()  # the erasure was checked
        rows._write_as_step(
            dict.fromkeys(TEXTS, False)
            | {"erased_at": fields.Datetime.now(), "erased_by_id": self.env.uid}
        )


def _digest(old, new):
    """Return the SHA-256 of an old and a new value.

    >>> _digest("a", None) == _digest("a", None) != _digest(None, "a")
    True
    """
    text = json.dumps([old, new], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _labels(rows):
    """Return a function that names a row's kind or state."""

    def label(row, name):
        return dict(row._fields[name]._description_selection(row.env))[row[name]]

    return label


def _asking(record):
    """Return the function that names in a reader's language what is to be decided."""
    return lambda row: row.env._(
        "Correction to decide about: %s",
        record.with_context(lang=row.env.lang).display_name,
    )
