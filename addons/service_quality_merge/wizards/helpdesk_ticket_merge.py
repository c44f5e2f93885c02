from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTicketMerge(models.TransientModel):
    _inherit = "helpdesk.ticket.merge"

    service_advice = fields.Char(compute="_compute_service_advice")

    @api.depends("ticket_ids", "create_new_ticket", "dst_ticket_id")
    def _compute_service_advice(self):
        """Say beforehand what is refused, and what to choose instead."""
        for merge in self:
            merge.service_advice = merge._service_refusal()

    def _service_refusal(self):
        """Return why what was chosen is refused, and what to do; False if it is not."""
        self.ensure_one()
        tickets = self.ticket_ids._origin
        into = tickets.browse()
        if not self.create_new_ticket:
            into = self.dst_ticket_id._origin
        kept = (tickets - into).filtered(
            lambda ticket: (
                (not into or ticket.service_opened_at < into.service_opened_at)
                and ticket._service_promises()
            )
        )
        if not kept:
            return False
        first = tickets.sorted(lambda one: (one.service_opened_at, one.id))[:1]
        return self.env._(
            "What was promised for ticket %(ticket)s does not go on in a ticket that "
            "came in later, nor in a new one. Merge into an existing ticket: "
            "%(first)s, which came in first.",
            ticket=kept[:1].number,
            first=first.number,
        )

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
        itself writes to the tickets is no answer to a customer. None to which
        something is promised is merged into one that came in later, as a new one does.
        """
        for merge in self:
            if refusal := merge._service_refusal():
                raise ValidationError(refusal)
        merge = self.with_context(service_automatic=True)
        tickets = merge.ticket_ids  # those that were merged are archived afterwards
        (tickets | merge.dst_ticket_id).check_access("write")
        tickets.check_access("create")  # a new one may be made
        # messages go along with all rights: nobody else moves what was said
        action = super(HelpdeskTicketMerge, merge.sudo()).merge_tickets()
        merged = tickets - merge.dst_ticket_id
        merged.write({"duplicate_id": merge.dst_ticket_id.id})
        return action
