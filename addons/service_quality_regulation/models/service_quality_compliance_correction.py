"""What was not fulfilled and is corrected.

It is apart from the register, which is about how obligations are judged: this is
written by those who correct what was missed.
"""

from odoo import fields, models
from odoo.exceptions import UserError

from .obligation_data import COUNTED

STANDS = {"state": "corrected", "why": "corrected"}


class ServiceQualityCompliance(models.Model):
    """Adds that what was missed is corrected: nobody can do it any more, nor again."""

    _inherit = "service.quality.compliance"

    correction_model = fields.Char(readonly=True)
    correction_id = fields.Many2oneReference(
        model_field="correction_model", readonly=True
    )
    correction_name = fields.Char(
        string="Corrected By",
        readonly=True,
        help="The record by which it was found out why, and by which it was put right.",
    )
    corrected_at = fields.Datetime(readonly=True)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_correction(self):
        """Open what corrected it, for who may read that."""
        self.ensure_one()
        self.check_access("read")
        record = self._correction()
        if not record:
            raise UserError(self.env._("What corrected it is not here any more."))
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.correction_name,
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _take_back_corrections(self, record):
        """Say again of what a record had corrected that it is not fulfilled.

        :param record: as of :meth:`_mark_corrected`; it was found not to have worked
        :return: these cells
        """
        cells = self.sudo().search(  # by this step alone
            [
                ("state", "=", "corrected"),
                ("correction_model", "=", record._name),
                ("correction_id", "=", record.id),
            ]
        )
        nothing = dict.fromkeys(
            ("correction_model", "correction_id", "correction_name", "corrected_at"),
            False,
        )
        cells._restate(
            {"state": "not_fulfilled", "why": "lost", "note": False}, nothing
        )
        return cells.sudo(self.env.su)

    def _restate(self, changed, values):
        """Write how cells stand by another's word, with a judgement of each.

        :param changed: the values that a judgement has as well
        :param values: further values of the cells
        """
        now = fields.Datetime.now()
        judged = [cell._kept() | changed | {"sample": {}} for cell in self]
        self.write({**changed, **values, "judged_at": now})
        self.env["service.quality.judgement"].create(
            [
                cell._prepare_judgement(found, now)
                for cell, found in zip(self, judged, strict=True)
            ]
        )

    def _mark_corrected(self, record):
        """Say of what was missed for good that it is corrected; return these cells.

        It stays so however it is judged later. All others are left as they are.

        :param record: what corrected it, as a nonconformity that was closed as
            effective; the cells keep a reference to it
        """
        # by this step alone
        cells = self.sudo().filtered(lambda cell: cell._is_missed_for_good())
        name = record.sudo().display_name  # who reads the register reads names
        cells._restate(
            STANDS | {"note": name},
            {
                "correction_model": record._name,
                "correction_id": record.id,
                "correction_name": name,
                "corrected_at": fields.Datetime.now(),
            },
        )
        return cells.sudo(self.env.su)

    def _is_missed_for_good(self):
        """Return True if nothing that is done later makes good what was missed.

        Of cases that can still be done one by one it is the share that stays: when it
        closed it was below what is asked for.
        """
        self.ensure_one()
        if self.state == "not_fulfilled":
            return True
        is_closed = self.company_id._service_day() > self.date_due
        rules = self.rules or {}
        rule = rules.get("rule", self.obligation_id.rule)
        is_of_each = rule != "minimum" and self.due_count
        is_below = 100 * self.done_count < self._goal_percent() * self.due_count
        return bool(self.state == "overdue" and is_closed and is_of_each and is_below)

    def _correction(self):
        """Return the record that corrected it, if it is still there."""
        self.ensure_one()
        model = self.correction_model
        if not model or model not in self.env:
            return None
        return self.env[model].browse(self.correction_id).exists()

    def _is_judged(self):
        return super()._is_judged() or self.state == "corrected"

    def _remember(self, values, today):
        """Leave corrected what is corrected, and count what is done all the same."""
        found = super()._remember(values, today)
        if self.state != "corrected":
            return found
        if found["state"] not in COUNTED:
            return found | self._kept()
        return found | STANDS | {"note": self.note}
