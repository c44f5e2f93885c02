from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class HelpdeskTicketCategory(models.Model):
    """What holds for a category holds for those below it, as it was signed.

    Its place and its name are kept. While an agreement or a house rule is in force that
    names a category, no other one is moved below it or away from it: what was approved
    would cover something else.
    """

    _name = "helpdesk.ticket.category"
    _inherit = ["service.quality.kept.mixin", "helpdesk.ticket.category"]

    @api.model
    def _service_is_kept(self, name):
        """Return True for the place and the name of a category, and for whom it is."""
        return name in ("parent_id", "company_id", "name")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse to move a category below or away from what was signed.

        :raise UserError: it names what is in force
        """
        moved = self if "parent_id" in vals else self.browse()
        before = {category: category._service_covering() for category in moved}
        result = super().write(vals)
        for category, targets in before.items():  # a few, moved by hand
            now = category._service_covering()
            if now != targets:
                category._service_refuse_move((now - targets) | (targets - now))
        return result

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_covering(self):
        """Return the targets in force that hold for it by a category above or by it."""
        self.ensure_one()
        path = [int(one) for one in (self.parent_path or "").split("/") if one]
        # also those that who moves it does not see
        targets = self.env["service.quality.target"].sudo()
        named = Domain("category_id", "in", path) | Domain(
            "agreement_id.category_ids", "in", path
        )
        today = (self.company_id or self.env.company)._service_day()
        lasts = Domain("agreement_id.date_end", "=", False) | Domain(
            "agreement_id.date_end", ">", today
        )
        signed = Domain("agreement_id.state", "in", ("signed", "ended")) & lasts
        house = Domain("agreement_id", "=", False) & Domain("active", "=", True)
        found = targets.with_context(active_test=False).search(named & (signed | house))
        return found.filtered(lambda target: target._covers(path))

    def _service_refuse_move(self, targets):
        names = {
            target.agreement_id.display_name or target.display_name
            for target in targets
        }
        raise UserError(
            self.env._(
                "%(category)s is not moved: what was signed would cover other tickets. "
                "Name it in a next version of this first, or end this: %(names)s",
                category=self.display_name,
                names=", ".join(sorted(names)),
            )
        )
