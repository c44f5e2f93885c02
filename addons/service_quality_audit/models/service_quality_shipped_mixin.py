from odoo import models
from odoo.exceptions import UserError


class ServiceQualityShippedMixin(models.AbstractModel):
    """Keeps what shipped records mean while a regulation is in force anywhere.

    One write to a stage would close whatever stands in it. Their names are everybody's
    own, and so are records that somebody adds.
    """

    _name = "service.quality.shipped.mixin"
    _description = "Keeps What Shipped Records Mean"

    _shipped_fields = frozenset()
    """The fields by which steps go."""

    def write(self, vals):
        if self.env.registry.ready and vals.keys() & self._shipped_fields:
            self._check_meaning_kept(vals)
        return super().write(vals)

    def _check_meaning_kept(self, vals):
        """Refuse to change what shipped records mean; no right leads past it."""
        names = vals.keys() & self._shipped_fields
        changed = self.filtered(
            lambda one: any(one[name] != vals[name] for name in names)
        )
        # whoever writes them need read neither
        data, companies = self.env["ir.model.data"].sudo(), self.env["res.company"]
        kept = data.search(
            [("model", "=", self._name), ("res_id", "in", changed.ids)]
        )._service_needed()
        # of all companies, also of those that one does not see
        every = companies.sudo().with_context(active_test=False).search([])
        if kept and any(one._service_is_regulated() for one in every):
            raise UserError(
                self.env._(
                    "You may rename %s, and change nothing else: the steps of the "
                    "regulations depend on it.",
                    changed[:1].display_name,
                )
            )
