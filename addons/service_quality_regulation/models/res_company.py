from odoo import models

ASKED = {"pass_on_complaints": "passes_on_every_complaint"}
"""What addons ask, and the field of a regulation that says so."""


class ResCompany(models.Model):
    """Knows which regulations are in force in a company."""

    _inherit = "res.company"

    def _service_regulations(self):
        """Return the regulations in force today in any of the companies."""
        terms = self.env["service.quality.regulation.term"]._in_force(self)
        return terms.regulation_id

    def _service_regulation_asks(self, what):
        """Ask the regulations that are in force today."""
        if super()._service_regulation_asks(what):
            return True
        regulations = self._service_regulations()
        if what in ASKED:
            return any(regulations.mapped(ASKED[what]))
        return any(regulations.obligation_ids._asks_of_each(what, one) for one in self)

    def _service_due_days(self, evidence, period_kind):
        """Return the grace of such an obligation of a regulation in force today."""
        obligations = self._service_regulations().obligation_ids.filtered(
            lambda one: one.evidence == evidence and one._period_kind() == period_kind
        )
        if not obligations:
            return super()._service_due_days(evidence, period_kind)
        return min(obligations.mapped("grace_days"))

    def _service_register_is_used(self):
        """Return True if an obligation of the company was judged."""
        self.ensure_one()
        # that there is a register is no secret
        cells = self.env["service.quality.compliance"].sudo()
        return bool(cells.search_count([("company_id", "=", self.id)], limit=1))
