from odoo import models
from odoo.exceptions import AccessError, UserError

from ...tools.core.metrics import HANDLED_PHASES
from ..core.severity import RANK

MANAGERS = (
    "service_quality.service_quality_group_service_manager",
    "service_quality.service_quality_group_quality",
)
"""Who may cancel a complaint, call it a duplicate or lower its severity."""


class HelpdeskTicket(models.Model):
    """Regulation C2.3: what would let a complaint go without an answer is refused.

    Asked of the model, so that it holds for stages dragged in kanban, for changes of
    many tickets, for other programs and for the portal.
    """

    _inherit = "helpdesk.ticket"

    def _service_check_complaints(self, before):
        """Refuse what would let a complaint go without an answer.

        :param before: what :meth:`_service_complaint_facts` gave before the write
        """
        after = self._service_complaint_facts()
        for ticket in self.sudo():  # also what the user may not read is refused
            old, new = before[ticket.id], after[ticket.id]
            if old == new or not (old.severity or new.severity):
                continue
            if not old.severity:
                ticket._service_check_becomes_complaint(new.phase)
                continue
            if not new.severity:
                raise UserError(
                    self.env._(
                        "Ticket %s stays a complaint until it is answered and closed.",
                        ticket.number,
                    )
                )
            if old.active and not new.active and ticket._service_complaint_is_open():
                raise UserError(
                    self.env._(
                        "Complaint %s is not closed yet, so it is not archived.",
                        ticket.number,
                    )
                )
            if (
                RANK[new.severity] < RANK[old.severity]
                or (new.phase == "cancelled" != old.phase)
                or (new.duplicate_of and not old.duplicate_of)
                or ticket._service_leaves_centre(old, new)
                or _shown(old, new)
            ):
                self._service_check_complaint_manager(ticket)

    def _service_check_becomes_complaint(self, phase):
        """What is handled already would be a complaint that nobody answers."""
        if phase in (*HANDLED_PHASES, "cancelled"):
            raise UserError(
                self.env._(
                    "Ticket %s is finished. Enter a new complaint about it, with the "
                    "button Customer complains about this.",
                    self.number,
                )
            )

    def _service_check_void(self, event):
        """Refuse to take back the answer by which a complaint was handled.

        :param event: row of the ledger that is being voided, of any kind
        """
        ticket = self.sudo()  # the rule is for everybody
        phase = ticket.stage_id._service_phase()
        if (
            event.kind == "answered"
            and ticket.service_is_complaint
            and phase in HANDLED_PHASES
        ):
            raise UserError(
                self.env._(
                    "Complaint %s would be handled without an answer. Take it up again "
                    "first, then void the answer.",
                    ticket.number,
                )
            )

    def _service_check_complaint_manager(self, ticket):
        user = self.env.user
        if user._is_superuser() or any(user.has_group(group) for group in MANAGERS):
            return
        raise AccessError(
            self.env._(
                "Only the service manager and the quality department cancel complaint "
                "%s, mark it as a duplicate, lower its severity, say that it is about "
                "somebody else or take a major one from the technical service centre. "
                "Ask one of them.",
                ticket.number,
            )
        )

    def _service_leaves_centre(self, old, new):
        """Return True if a major complaint leaves the centre before it is over."""
        centre = self.company_id.service_technical_centre_id
        return (
            new.severity == "major"
            and old.team == centre != new.team
            and self._service_is_open_to(centre)
            and self._service_complaint_is_open()
        )

    def _service_complaint_is_open(self):
        """Return True if something is still owed to the complainant."""
        return (
            self.service_complaint_state != "closed"
            and self.stage_id._service_phase() != "cancelled"
            and not self.duplicate_id
        )

    def _service_asked_for_work(self):
        """Ask for the answer of a complaint whoever it is that closes it."""
        asked = super()._service_asked_for_work()
        complaints = self.sudo().filtered("service_is_complaint")  # as super does
        return asked | complaints

    def _service_missing(self, before, phase):
        """Regulation C2.3: no complaint is handled without its answer."""
        missing = super()._service_missing(before, phase)
        if self.service_is_complaint and phase != before and phase in HANDLED_PHASES:
            missing += self._service_missing_of_complaint(phase)
        return missing

    def _service_missing_of_complaint(self, phase):
        """List the fields of a complaint that a handled phase asks for in vain."""
        return [
            name
            for name in self._service_asked_of_complaint(phase)
            if not self._service_complaint_has(name)
        ]

    def _service_asked_of_complaint(self, phase):
        """List the fields that a complaint needs for a handled phase."""
        asked = ["service_answer"]
        if self._service_severity() == "major":
            asked += ["service_root_cause", "service_handling"]
        refused = self.service_refused == "twice"
        if phase == "closed" and refused and self.service_answer_verdict == "refused":
            asked.append("service_closing_reason")
        return asked

    def _service_complaint_has(self, name):
        """Return True if what is asked for is there; an answer counts once given."""
        if name == "service_answer":
            return self.service_complaint_state in ("answered", "closed")
        return bool((self[name] or "").strip())

    def _service_missing_error(self, missing, phase):
        """Say so plainly to a customer, who has no dialog to enter it in."""
        if self.env.user.share:
            return UserError(
                self.env._(
                    "Your complaint %s stays open until you have had our answer.",
                    self.number,
                )
            )
        return super()._service_missing_error(missing, phase)


def _shown(old, new):
    """Return True if a complaint comes before the eyes of whom it was hidden from."""
    return any(
        before and before != after
        for before, after in zip(old.about, new.about, strict=True)
    )
