from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.helpdesk_ticket_api import COUNTED
from odoo.addons.service_quality_desk.models.service_quality_desk import LINES


class ServiceQualityDesk(models.AbstractModel):
    """The desk shows the complaints that are open."""

    _inherit = "service.quality.desk"

    @api.model
    def _blocks(self, scope, now):
        return [*super()._blocks(scope, now), (40, self._block_complaints(scope))]

    @api.model
    def _block_complaints(self, scope):
        """Return the block of complaints that are not closed."""
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        domain = (
            self._scope_domain(scope)
            & Domain("service_is_complaint", "=", True)
            & Domain("service_complaint_state", "!=", "closed")
            & Domain("service_phase", "!=", "cancelled")
        )
        query = Ticket._search(domain, order="service_deadline, id", limit=COUNTED + 1)
        found = query.get_result_ids()
        return self._block(
            "complaints",
            Ticket._name,
            domain,
            [
                self._line_of_complaint(ticket)
                for ticket in Ticket.browse(found[:LINES])
            ],
            len(found),
        )

    @api.model
    def _line_of_complaint(self, ticket):
        """Return the line of a complaint: how severe it is and how far it has come."""
        words = [
            dict(ticket._fields[name]._description_selection(self.env)).get(
                ticket[name]
            )
            for name in ("service_severity", "service_complaint_state")
        ]
        return self._line(ticket, ticket) | {
            "what": " · ".join(filter(None, words)),
            "burning": ticket.service_state,
            "deadline": fields.Datetime.to_string(ticket.service_deadline),
            "warning_at": False,
        }
