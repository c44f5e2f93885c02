from odoo import fields, models


class MgmtsystemNonconformitySeverity(models.Model):
    """Says what a nonconformity of such a severity asks for."""

    _inherit = "mgmtsystem.nonconformity.severity"

    service_is_major = fields.Boolean(
        string="Major",
        help="Its causes are looked for, and an executive approves its actions.",
    )
    service_needs_cause = fields.Boolean(
        string="Needs a Cause",
        default=True,
        help="Its causes are looked for by a named method before actions are planned. "
        "What is major always needs it.",
    )
