"""What of a complaint is evidence is apart from its fields: it is the same list for
the guard, for the dialog in which it is rectified and for what is kept of it."""

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import (
    APPLIED,
    MODE,
)
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.models.severity import RANK, SEVERITIES

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

    def _rectify_eases(self, name, value):
        """Have a lower severity decided by two, also of what was closed just now."""
        eases = super()._rectify_eases(name, value)
        is_lower = (
            name == "service_severity"
            and self._service_severity()
            and RANK.get(value, 0) < RANK[self._service_severity()]
        )
        return eases or bool(is_lower)

    def _rectify_apply(self, name, value):
        """Cancel an open complaint whose cancelling a second person has allowed."""
        phase = self.stage_id._service_phase()
        if name != "service_cancel_reason" or phase == "cancelled":
            return super()._rectify_apply(name, value)
        # who may decide was checked
        ticket = self.sudo().with_context(**{MODE: APPLIED})
        ticket.service_cancel_reason = value
        return ticket._service_move_to("cancelled")

    # ------------------------------------------------------------------
    # What is owed
    # ------------------------------------------------------------------

    @idempotent
    def service_complaint_ease(
        self, reason, severity=None, duplicate_id=None, external_ref=None
    ):
        """Ask a second person to cancel an open complaint, or to lower its severity.

        Until the service manager or the quality department, another person than asks
        for it, has decided, the complaint stays as it is.

        :param reason: text, why
        :param severity: ``minor`` or ``important``, to lower it; raising needs nobody
        :param duplicate_id: of the ticket with which it is handled; with neither of
            the two it is cancelled
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise AccessError: for who is neither service manager nor quality department
        :raise ValidationError: without a reason in words
        :raise UserError: for what is no open complaint, or waits for a decision
        """
        self.ensure_one()
        self.check_access("write")
        given = Arguments(self.env)
        ticket = self.sudo()  # its fields are for staff, the rule is for everybody
        self._service_check_complaint_manager(ticket)
        if not ticket.service_is_complaint or not ticket._service_complaint_is_open():
            raise UserError(self.env._("Ticket %s is no open complaint.", self.number))
        name, value = "service_cancel_reason", given.text("reason", reason)
        if severity:
            given.choice("severity", severity, SEVERITIES)
            name, value = "service_severity", severity
            if not self._rectify_eases(name, value):
                raise ValidationError(
                    self.env._("Choose a lower severity. A higher one is simply set.")
                )
        elif duplicate_id:
            other = given.record("duplicate_id", duplicate_id, self._name)
            other.check_access("read")
            if other == self:
                raise ValidationError(self.env._("Choose another ticket."))
            name, value = "duplicate_id", other.id
        self._rectify_ask(name, value, reason)
        return True

    def _service_action_finish(self, phase):
        """Let who wants to cancel a complaint ask for it."""
        if self.service_is_complaint and phase == "cancelled":
            return self.action_service_complaint_ease()
        return super()._service_action_finish(phase)

    def _service_log_phase(self, before, reason):
        """Refuse a new meaning of a stage by which complaints would be cancelled."""
        for complaint in self.filtered("service_is_complaint"):
            phase = complaint.stage_id._service_phase()
            if phase == "cancelled" != before[complaint.id].phase:
                self._service_check_complaint_eased(complaint)
        return super()._service_log_phase(before, reason)

    def action_service_complaint_ease(self):
        """Open the dialog in which a second person is asked."""
        self.ensure_one()
        return self._service_complaint_dialog(
            "helpdesk.ticket.complaint.ease", self.env._("Lower or Cancel")
        )

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
