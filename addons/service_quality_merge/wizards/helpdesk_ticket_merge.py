from odoo import models


class HelpdeskTicketMerge(models.TransientModel):
    _inherit = "helpdesk.ticket.merge"

    def merge_tickets(self):
        """Mark merged tickets as duplicates of the one that remains.

        Their clocks end with that, and their ledger stays with them. What the merge
        itself writes to the tickets is no answer to a customer.
        """
        merge = self.with_context(service_automatic=True)
        tickets = merge.ticket_ids  # those that were merged are archived afterwards
        action = super(HelpdeskTicketMerge, merge).merge_tickets()
        merged = tickets - merge.dst_ticket_id
        merged.write({"duplicate_id": merge.dst_ticket_id.id})
        return action
