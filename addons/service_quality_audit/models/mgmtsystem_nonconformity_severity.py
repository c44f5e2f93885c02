from odoo import fields, models


class MgmtsystemNonconformitySeverity(models.Model):
    """Says what a nonconformity of such a severity asks for."""

    _name = "mgmtsystem.nonconformity.severity"
    _inherit = ["service.quality.shipped.mixin", "mgmtsystem.nonconformity.severity"]

    _shipped_fields = frozenset({"service_is_major", "service_needs_cause"})

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

    def _gravity(self):
        """Return how grave it is, of two the greater one; none is the least."""
        return (bool(self), self.service_is_major, self.service_needs_cause)
