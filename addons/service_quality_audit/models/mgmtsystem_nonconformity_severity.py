from odoo import api, fields, models
from odoo.exceptions import UserError

KEPT = {"name", "active", "service_is_major", "service_needs_cause"}
"""What a grade is called and asks for: it says how grave was what is on record."""


class MgmtsystemNonconformitySeverity(models.Model):
    """Says what a nonconformity of such a severity asks for."""

    _name = "mgmtsystem.nonconformity.severity"
    _inherit = [
        "service.quality.kept.mixin",
        "service.quality.shipped.mixin",
        "mgmtsystem.nonconformity.severity",
    ]

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

    @api.model
    def _service_is_kept(self, name):
        return name in KEPT

    @api.ondelete(at_uninstall=False)
    def _unlink_except_graded(self):
        """Refuse to take its grade from what is on record."""
        found = self.env["mgmtsystem.nonconformity"].sudo()  # of all companies
        if found.search_count([("severity_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Nonconformities on record have this severity. Archive it instead."
                )
            )
