"""What of a complaint is evidence is apart from its fields: it is the same list for
the guard, for the dialog in which it is rectified and for what is kept of it."""

from odoo import api, models

EVIDENCE = {
    "name": False,
    "description": False,
    "service_severity": True,
    "service_admitted": True,
    "service_root_cause": True,
    "service_handling": False,
    "service_redress": False,
    "service_answer": False,
    "service_answer_way": False,
    "service_refusal": False,
    "service_closing_reason": False,
}
"""The fields by which a complaint is judged: True where a change needs a second person,
as it changes how grave it is, why it came about, or whether it is upheld."""


class HelpdeskTicket(models.Model):
    """A closed complaint is rectified and not rewritten."""

    _inherit = "helpdesk.ticket"

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | EVIDENCE

    def _rectify_evidence(self, name):
        tickets = super()._rectify_evidence(name)
        return tickets.filtered("service_is_complaint") if name in EVIDENCE else tickets

    def _service_is_over(self):
        """Leave a complaint open until it is closed: handled, it waits for a reply."""
        if self.service_is_complaint:
            return self.stage_id._service_phase() in ("closed", "cancelled")
        return super()._service_is_over()

    def _rectify_left(self, ends):
        """Add complaints of whose end the complainant is told, or may look it up."""
        return super()._rectify_left(ends) | self.filtered(
            lambda ticket: (
                ticket.service_is_complaint
                and (ticket.service_receipt or ticket._service_complainant_email())
            )
        )
