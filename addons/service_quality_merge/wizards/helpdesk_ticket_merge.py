from odoo import api, models


class HelpdeskTicketMerge(models.TransientModel):
    _inherit = "helpdesk.ticket.merge"

    @api.model
    def default_get(self, fields):
        """Propose to keep the ticket that came in first, as its promises are kept."""
        result = super().default_get(fields)
        tickets = self.env["helpdesk.ticket"].browse(
            self.env.context.get("active_ids") or ()
        )
        first = tickets.sorted(lambda ticket: (ticket.service_opened_at, ticket.id))[:1]
        result["dst_ticket_id"] = first.id
        return result

    def merge_tickets(self):
        """Mark merged tickets as duplicates of the one that remains.

        Their clocks end with that, and their ledger stays with them. What the merge
        itself writes to the tickets is no answer to a customer. None is merged into
        one that came in later, as a new one does: the mark is refused.
        """
        merge = self.with_context(service_automatic=True)
        tickets = merge.ticket_ids  # those that were merged are archived afterwards
        action = super(HelpdeskTicketMerge, merge).merge_tickets()
        merged = tickets - merge.dst_ticket_id
        merged.write({"duplicate_id": merge.dst_ticket_id.id})
        return action
