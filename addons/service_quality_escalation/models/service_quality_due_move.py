from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_REASON

MOST_DAYS = 366
"""How far from today a date may be put, so that nothing is moved out of sight."""


class ServiceQualityDueMove(models.Model):
    """Moves the date until which something is to be done: by whom, when, and why.

    Rows are added and never changed, so that the first date and each move stay. A move
    after the date had passed changes when people are to do it, and leaves it late.
    """

    _name = "service.quality.due.move"
    _description = "Move of a Due Date"
    _inherit = ["service.quality.steps.mixin"]
    _order = "id"
    _rec_name = "reason"

    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, index=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    date_before = fields.Date(string="From", readonly=True, required=True)
    date_after = fields.Date(string="To", required=True)
    reason = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Moved By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    moved_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    is_late = fields.Boolean(
        string="After It Passed",
        readonly=True,
        help="The date had passed when it was moved: what was due stays late.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """Take over the record from which the form was opened."""
        values = super().default_get(fields)
        context = self.env.context
        if "date_before" in fields and context.get("default_res_model"):
            record = self._about(
                {"res_model": context["default_res_model"]}
                | {"res_id": context.get("default_res_id")}
            )
            values["date_before"] = record[record._due_field]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Move the dates of records that the user may write, and does not own."""
        for vals in vals_list:
            self._check_by_hand(vals)
        moves = super().create([])  # the record enters each, as a step of its own
        for vals in vals_list:  # a dialog makes one
            moves |= self._about(vals)._move_due(
                fields.Date.to_date(vals.get("date_after")), vals.get("reason")
            )
        return moves

    @api.model
    def _about(self, vals):
        model = vals.get("res_model")
        mixin = self.env.registry["service.quality.due.mixin"]
        if model not in self.env or not isinstance(self.env[model], mixin):
            raise UserError(self.env._("This has no date until which it is due."))
        record = self.env[model].browse(vals.get("res_id"))
        record.check_access("read")
        return record

    @api.model
    def _enter(self, record, day, reason):
        """Enter a move; only the record does so, which has checked it."""
        before = record[record._due_field]
        company = record.company_id or self.env.company
        return self._create_as_step(
            [
                {
                    "res_model": record._name,
                    "res_id": record.id,
                    "company_id": company.id,
                    "date_before": before,
                    "date_after": day,
                    "reason": reason,
                    "is_late": before < company._service_day(),
                }
            ]
        )

    def write(self, vals):
        if vals:
            raise AccessError(self.env._("A move of a date stays as it was."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_moved(self):
        raise UserError(self.env._("A move of a date stays on record."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_move(self, day, reason):
        """Refuse a move without a reason, or to no day at all."""
        if not day or not (reason or "").strip():
            raise ValidationError(
                self.env._("Say to which day the date is moved, and why.")
            )
        today = self.env.company._service_day()
        if day > fields.Date.add(today, days=MOST_DAYS):
            raise ValidationError(
                self.env._(
                    "A date is moved by at most %s days from today. What takes longer "
                    "is planned anew when that day has come.",
                    MOST_DAYS,
                )
            )
        self._service_check_said("reason", reason, LEAST_REASON)
