from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import (
    APPLIED,
    MODE,
)
from odoo.addons.service_quality_core.models.severity import RANK
from odoo.addons.service_quality_core.tools.form_text import weigh
from odoo.addons.service_quality_core.tools.metrics import HANDLED_PHASES

MANAGERS = (
    "service_quality_core.service_quality_group_service_manager",
    "service_quality_core.service_quality_group_quality",
)
"""Who may cancel a complaint, call it a duplicate or lower its severity."""


class ServiceQualityComplaintChecklist(models.AbstractModel):
    """The checklist of a complaint names what it needs before it is closed.

    Regulation C2.3: what would let a complaint go without an answer is refused. The
    model is asked, so that it holds for stages dragged in kanban, for changes of many
    tickets, for other programs and for the portal.
    """

    _name = "service.quality.complaint.checklist"
    _description = "Checklist of Complaints"

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends(
        "service_complaint_state",
        "service_severity",
        "service_root_cause",
        "service_handling",
        "service_closing_reason",
        "service_work_done",
        "service_cause_id",
        "service_solution_id",
        "team_id",
        "stage_id",
    )
    def _compute_service_complaint_checklist(self):
        qweb = self.env["ir.qweb"]
        for ticket in self:
            ticket.service_complaint_checklist = ticket.service_is_complaint and (
                qweb._render(
                    "service_quality_complaint.complaint_checklist",
                    {"items": ticket._service_complaint_items()},
                )
            )

    def _service_complaint_items(self):
        """Return what closing it asks for; addons add: ``[(label, done)]``."""
        missing = self._service_missing_to_resolve()
        missing += self._service_missing_of_complaint("closed")
        asked = [
            name
            for name, required in self._service_asked_to_resolve().items()
            if required
        ]
        asked += self._service_asked_of_complaint("closed")
        return [(self._service_labels([name]), name not in missing) for name in asked]

    @api.depends("service_about_ticket_id")
    @api.depends_context("uid")
    def _compute_service_about_summary(self):
        # who may see the complaint need not see the ticket
        about = self.service_about_ticket_id._filtered_access("read")
        qweb = self.env["ir.qweb"]
        for ticket in self:
            shown = ticket.service_about_ticket_id & about
            ticket.service_about_summary = (
                qweb._render(
                    "service_quality_complaint.complaint_about_ticket",
                    {"ticket": shown},
                )
                if shown
                else False
            )

    # ------------------------------------------------------------------
    # What is asked for
    # ------------------------------------------------------------------

    def _service_missing_of_complaint(self, phase):
        """Return the fields that a handled phase asks for and that are empty."""
        return [
            name
            for name in self._service_asked_of_complaint(phase)
            if not self._service_complaint_has(name)
        ]

    def _service_asked_of_complaint(self, phase):
        """Return the fields that a complaint needs for a handled phase."""
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
        return weigh(self[name]) >= LEAST_REASON

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

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
            if old.company != new.company and ticket._service_complaint_is_open():
                raise UserError(
                    self.env._(
                        "Complaint %s stays in its company until it is closed. Enter it"
                        " in the other company, and have it cancelled here.",
                        ticket.number,
                    )
                )
            eased = _eased(old, new)
            if eased or ticket._service_leaves_centre(old, new) or _shown(old, new):
                self._service_check_complaint_manager(ticket)
            if eased:
                self._service_check_complaint_eased(ticket)

    def _service_check_becomes_complaint(self, phase):
        """Refuse to make a complaint of a handled ticket: it would get no answer."""
        if phase in (*HANDLED_PHASES, "cancelled"):
            raise UserError(
                self.env._(
                    "Ticket %s is finished. Enter a new complaint about it, with the "
                    "button Customer complains about this.",
                    self.number,
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

    def _service_check_complaint_eased(self, ticket):
        """Refuse that one person alone ends what is owed to a complainant."""
        if self.env.user._is_superuser() or self.env.context.get(MODE) is APPLIED:
            return
        raise UserError(
            self.env._(
                "Less would be owed for complaint %s: that needs a second person. "
                "Choose Lower or Cancel on its form, and enter the reason; until it is "
                "decided all stays as it is.",
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


def _eased(old, new):
    """Return True if less is owed for a complaint than before, or nothing more."""
    return (
        RANK[new.severity] < RANK[old.severity]
        or new.phase == "cancelled" != old.phase
        or bool(new.duplicate_of and not old.duplicate_of)
    )


def _shown(old, new):
    """Return True if a complaint is shown to people whom it was hidden from."""
    return any(
        before and before != after
        for before, after in zip(old.about, new.about, strict=True)
    )
