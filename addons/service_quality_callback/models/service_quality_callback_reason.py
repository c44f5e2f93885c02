from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ServiceQualityCallbackReason(models.Model):
    """A reason says why a customer is dissatisfied, in words that reports count by."""

    _name = "service.quality.callback.reason"
    _description = "Reason of Dissatisfaction"
    _inherit = ["service.quality.kept.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("(name)", "There is such a reason already.")

    @api.constrains("active")
    def _check_one_is_active(self):
        self.browse()._check_others()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        self._check_others()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_said(self):
        """Refuse to take from answers what customers have said."""
        given = [("reason_ids", "in", self.ids)]
        calls = self.env["service.quality.callback"].sudo()  # of all companies
        answers = self.env["service.quality.callback.answer"].sudo()  # likewise
        if calls.search_count(given, limit=1) or answers.search_count(given, limit=1):
            raise ValidationError(
                self.env._("Customers have given this reason. Archive it instead.")
            )

    @api.model
    def _service_is_kept(self, name):
        """Keep what a reason was called: answers of the past name it."""
        return name in ("name", "active")

    def _check_others(self):
        """Refuse to be without a reason: dissatisfied customers are asked for one."""
        if not self.search_count([("id", "not in", self.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "Callers ask dissatisfied customers for a reason, so that one has "
                    "to stay in the list. Add another one first."
                )
            )
