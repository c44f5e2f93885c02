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
        known = Shift.search(
            around
            & Domain("date_to", ">", window.start - AFTER)
            & Domain("date_from", "<", window.end + FOLLOWS)
        )
        others = known.grouped("team_id")
        followed = known.filtered(
            lambda shift: _is_followed(shift, others[shift.team_id])
        )
        missing = (shifts & followed) - _covered(followed, handovers)
        due = these(missing)
        return Evidence(Shift._name, Domain.FALSE, due, lost=due)


def _covered(shifts, handovers):
    """Return the shifts that were handed over, each by a handover of its own.

    Who hands over was on that shift. Of several shifts it is the one whose end is
    nearest, and one handover is of no second shift.
    """
    covered = shifts.browse()
    own = shifts.grouped(lambda shift: (shift.team_id, shift.user_id))
    for handover in handovers.sorted(lambda one: (one.at, one.id)):
        ended = [
            shift
            for shift in own.get((handover.team_id, handover.from_user_id), ())
            if shift not in covered
            and shift.date_from < handover.at <= shift.date_to + AFTER
        ]
        if ended:
            covered |= min(ended, key=lambda one: abs(one.date_to - handover.at))
    return covered


def _is_followed(shift, others):
    """Return True if somebody else comes on duty when a shift ends, or soon after.

    Who stays on duty by a shift of their own hands over at the end of that one.
    """
    stays = any(
        other.user_id == shift.user_id
        and other.date_from <= shift.date_to < other.date_to
        for other in others
    )
    return not stays and any(
        other.user_id != shift.user_id
        and other.date_to > shift.date_to
        and other.date_from <= shift.date_to + FOLLOWS
        for other in others
    )
