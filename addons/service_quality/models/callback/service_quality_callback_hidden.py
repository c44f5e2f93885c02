from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ServiceQualityCallback(models.Model):
    """Hide calls with the tickets that they are about."""

    _inherit = "service.quality.callback"

    service_is_hidden = fields.Boolean(
        string="Hidden From Me",
        compute="_compute_service_is_hidden",
        search="_search_service_is_hidden",
        compute_sudo=True,  # it is asked before the call may be read
    )

    @api.depends(
        lambda self: [f"{name}.service_is_hidden" for name in self._hidden_with()]
    )
    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        for call in self:
            call.service_is_hidden = any(
                call[name].service_is_hidden for name in self._hidden_with()
            )

    def _search_service_is_hidden(self, operator, value):
        """Find the calls from the few tickets that are hidden, by an index for each.

        One condition with *or* would have all calls looked through.
        """
        if operator != "in":
            return NotImplemented
        # what the user may not see is looked for
        Ticket = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        hidden = Ticket._search(Ticket._service_hidden_domain()).subselect()
        names = self._hidden_with()
        self.flush_model(names)
        found = SQL(" UNION ").join(
            SQL(
                "SELECT id FROM %s WHERE %s IN %s",
                SQL.identifier(self._table),
                SQL.identifier(name),
                hidden,
            )
            for name in names
        )
        return Domain("id", "in", SQL("(%s)", found))

    @api.model
    def _hidden_with(self):
        """Return the fields with the tickets that hide a call; addons add theirs."""
        return ("ticket_id",)
