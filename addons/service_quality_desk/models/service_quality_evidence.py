from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    done_late,
    of_company,
    these,
    within,
)

FOLLOWS = timedelta(hours=24)
"""A shift that begins within this time after another one takes over from it."""

AFTER = timedelta(hours=12)
"""So long after a shift its handover is still taken for its own."""


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that shifts are handed over."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "handovers_taken": _("Shift handovers taken over"),
        }

    @api.model
    def _evidence_handovers_taken(self, obligation, window):
        """Regulation A3.5.1: each shift is handed over, and taken over by the next."""
        Handover = self.env["service.quality.handover"]
        due = of_company(window) & within("at", window)
        done = due & Domain("state", "=", "taken_over")
        taken = Handover.search(done)
        return Evidence(
            Handover._name,
            done,
            due,
            late=these(done_late(taken, "taken_at", "at", window)),
            open=Domain("at", ">=", window.now),
            day="taken_at",
            also=self._shifts_not_handed_over(window),
        )

    @api.model
    def _shifts_not_handed_over(self, window):
        """Return planned shifts, followed by another, of which nobody wrote a handover.

        That can never be made good: what was open then is not known any more.
        """
        Shift = self.env["service.quality.duty"]
        ended = within("date_to", window) & Domain("date_to", "<", window.now)
        shifts = Shift.search(of_company(window) & ended)
        around = Domain("team_id", "in", shifts.team_id.ids)
        handovers = self.env["service.quality.handover"].search(
            around
            & Domain("at", ">=", window.start - FOLLOWS)
            & Domain("at", "<", window.end + AFTER)
        )
        later = Shift.search(
            around
            & Domain("date_to", ">", window.start)
            & Domain("date_from", "<", window.end + FOLLOWS)
        )
        handovers = handovers.grouped("team_id")
        later = later.grouped("team_id")
        missing = shifts.filtered(
            lambda shift: (
                _is_followed(shift, later[shift.team_id])
                and not any(
                    shift.date_from < one.at <= shift.date_to + AFTER
                    for one in handovers.get(shift.team_id, ())
                )
            )
        )
        due = these(missing)
        return Evidence(Shift._name, Domain.FALSE, due, lost=due)


def _is_followed(shift, others):
    """Return True if somebody else comes on duty when a shift ends, or soon after."""
    return any(
        other.user_id != shift.user_id
        and other.date_to > shift.date_to
        and other.date_from <= shift.date_to + FOLLOWS
        for other in others
    )
