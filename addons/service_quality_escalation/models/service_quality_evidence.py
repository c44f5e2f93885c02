from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    of_company,
    these,
    within,
)

GAP = timedelta(hours=1)
"""How long rules may be gone in a period, all in all, while others take their place."""


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that early warnings reach somebody."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "alarms_delivered": _("Early warnings that reached somebody"),
        }

    @api.model
    def _evidence_alarms_delivered(self, obligation, window):
        """Regulation A4.3.4: early warnings that were raised, and reached somebody.

        Without a rule that warns early nothing was raised, which is not nothing to do.
        """
        due = of_company(window) & within("fired_at", window)
        done = due & Domain("outcome", "not in", ("nobody", "failed"))
        gaps = self._times_without_warnings(window)
        return Evidence(
            "service.quality.escalation.alarm",
            done,
            due,
            also=Evidence(gaps._name, Domain.FALSE, these(gaps)),
            note=self._note_of_gaps(gaps),
        )

    @api.model
    def _times_without_warnings(self, window):
        """Return the times in a window without a rule that warns early.

        They are named in the language of the company. They count together: many short
        times leave as much unwarned as a long one.
        """
        gaps = self.env["service.quality.escalation.gap"].search(
            of_company(window)
            & Domain("date_start", "<", window.end)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", window.start))
        )
        if gaps._time_within(window.start, min(window.end, window.now)) < GAP:
            gaps = gaps.browse()
        return gaps.with_context(lang=window.company._service_lang())

    @api.model
    def _note_of_gaps(self, gaps):
        """Return which times were without warnings, and what ends one that runs."""
        if not gaps:
            return None
        note = ", ".join(gaps.mapped("display_name"))
        if all(gap.date_end for gap in gaps):
            return note
        advice = gaps.env._(
            "Have one rule without conditions that warns before the deadline."
        )
        return f"{note}. {advice}"
