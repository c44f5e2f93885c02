from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceQualityErasure(models.Model):
    """Records each time that personal data of a contact was exported or erased.

    It says who did it, at which request and how much it was, not what the texts said.
    Rows are only added.
    """

    _name = "service.quality.erasure"
    _description = "Personal Data Exported or Erased"
    _order = "id desc"
    _rec_name = "create_date"

    contact_number = fields.Integer(
        readonly=True, help="The id of the contact, who may be gone by now."
    )
    kind = fields.Selection(
        [("exported", "Exported"), ("erased", "Erased")], required=True, readonly=True
    )
    request = fields.Char(
        string="Requested By", required=True, readonly=True, help="And when."
    )
    user_id = fields.Many2one(
        "res.users", string="Done By", readonly=True, ondelete="restrict"
    )
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    message_count = fields.Integer(string="Messages", readonly=True)
    file_count = fields.Integer(string="Files", readonly=True)

    def write(self, vals):
        """Refuse to change what was done."""
        if vals:
            self._refuse_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        self._refuse_change()

    def _refuse_change(self):
        raise UserError(
            self.env._("What was exported or erased stays on record as it was done.")
        )
