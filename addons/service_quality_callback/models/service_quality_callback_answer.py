from odoo import api, fields, models
from odoo.exceptions import UserError

from .callback_data import SATISFACTION, SOLVED, WRITTEN_CHANNELS


class ServiceQualityCallbackAnswer(models.Model):
    """A written answer holds what a customer said by link or in the portal.

    Regulation A5.1.2 asks for a call: an answer in writing is in no figure about calls,
    and ends one only where the agreement says so.
    """

    _name = "service.quality.callback.answer"
    _description = "Answer in Writing"
    _order = "at desc, id desc"
    _rec_name = "callback_id"

    callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Who Was Asked",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whom the call was to when this was answered.",
    )
    company_id = fields.Many2one(related="callback_id.company_id", store=True)
    ticket_id = fields.Many2one(related="callback_id.ticket_id")
    channel = fields.Selection(WRITTEN_CHANNELS, required=True, readonly=True)
    at = fields.Datetime(string="When", required=True, readonly=True)
    solved = fields.Selection(SOLVED, string="Solved?", required=True, readonly=True)
    satisfaction = fields.Selection(SATISFACTION, required=True, readonly=True)
    reason_ids = fields.Many2many(
        "service.quality.callback.reason",
        "service_quality_callback_answer_reason_rel",  # the usual name is too long
        string="Dissatisfied With",
        readonly=True,
    )
    comment = fields.Text(string="Customer's Words", readonly=True)
    is_instead = fields.Boolean(
        string="Instead of the Call",
        readonly=True,
        help="The agreement takes an answer in writing for the call.",
    )

    _callback_uniq = models.UniqueIndex(
        "(callback_id, COALESCE(partner_id, 0))",
        "This follow-up call has been answered in writing already.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(
            self.env._("What a customer wrote is part of the record and stays there.")
        )

    def _label(self, name):
        """Return what is chosen in a field, in the words of the reader."""
        return dict(self._fields[name]._description_selection(self.env))[self[name]]
