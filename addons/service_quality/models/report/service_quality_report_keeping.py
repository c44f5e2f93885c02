from odoo import api, models
from odoo.exceptions import UserError

from .report_data import ABOUT

CHATTER = ("message_", "activity_")


class ServiceQualityReport(models.Model):
    """What of a report nobody writes by hand, and nobody at all once it is reviewed."""

    _inherit = "service.quality.report"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(vals_list)._entered()

    def _create_as_step(self, vals_list):
        return super()._create_as_step(vals_list)._entered()

    def _entered(self):
        for report in self.sudo():  # figures are nobody's to write
            report._fill()
        return self

    def write(self, vals):
        changed = {name for name in vals if not name.startswith(CHATTER)}
        frozen = self.filtered(lambda report: report.state != "draft")
        if frozen and changed:
            frozen[:1]._refuse_change()
        if self and ABOUT & changed and not self.env.su:
            raise UserError(
                self.env._(
                    "The figures of a report are of its period and subject. Make "
                    "another report, and delete this draft."
                )
            )
        result = super().write(vals)
        if "user_id" in vals:
            self._hand_over()
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "How far a report has come is not written by hand. Use its buttons."
        )

    def _refuse_change(self):
        self.ensure_one()
        if self.state == "reviewed":
            message = self.env._(
                "The report %s was reviewed as it is. Set it back to draft before you "
                "change it.",
                self.display_name,
            )
        else:
            message = self.env._(
                "The report %s was sent and stays as it is. Revise it to correct it.",
                self.display_name,
            )
        raise UserError(message)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(report.state != "draft" for report in self):
            raise UserError(
                self.env._(
                    "A report that was reviewed or sent is part of the record and is "
                    "not deleted."
                )
            )
