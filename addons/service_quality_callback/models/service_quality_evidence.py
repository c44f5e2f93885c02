from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    done_late,
    of_company,
    on_days,
    these,
    within,
)

CALLED = ("completed", "refused", "unreachable")
"""How a call ends that was made, also in vain, time and again."""


class ServiceQualityEvidence(models.AbstractModel):
    """Evidence shows that customers are called and bad results are answered."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "calls_made": _("Follow-up calls made"),
            "calls_in_time": _("Follow-up calls by telephone, in time"),
            "calls_graded": _("Follow-up calls in which satisfaction was asked"),
            "digests_answered": _("Weekly call results answered"),
        }

    @api.model
    def _calls(self, window, done, **more):
        """Return the calls that were done; those that have time are open."""
        counted = of_company(window) & within("counted_at", window)
        pending = Domain("due", "=", 0) & Domain("result", "=", "open")
        due = counted & (Domain("due", "=", 1) | pending)
        return Evidence(
            "service.quality.callback.report", due & done, due, open=pending, **more
        )

    @api.model
    def _evidence_calls_made(self, obligation, window):
        """Regulation A3.5.2: a call is made for each handled ticket, once it is due."""
        late = Domain("attempted_rate", "!=", 100)
        return self._calls(window, Domain("result", "in", CALLED), late=late)

    @api.model
    def _evidence_calls_in_time(self, obligation, window):
        """Regulation A5.1.2: customers are reached by telephone before the deadline."""
        return self._calls(
            window,
            Domain("in_time_rate", "=", 100),
            lost=Domain("due", "=", 1),  # 24 hours are over only once
        )

    @api.model
    def _evidence_calls_graded(self, obligation, window):
        """Regulations A4.3.3 and A5.1.1: who takes the call is asked for a grade."""
        asked = (
            of_company(window)
            & within("opened_at", window)
            & Domain("result", "=", "completed")
            & Domain("is_self_graded", "!=", True)
        )
        done = asked & Domain("satisfaction", "!=", False)
        # the call is over, and nobody asks in it any more
        return Evidence("service.quality.callback", done, asked, lost=asked)

    @api.model
    def _evidence_digests_answered(self, obligation, window):
        """Regulation A3.4.2: each week's bad results are answered when that is due."""
        due = (
            of_company(window)
            & on_days("late_after", window)
            & Domain("line_ids", "!=", False)
        )
        done = due & Domain("missing_count", "=", 0)
        Digest = self.env["service.quality.callback.digest"]
        late = done_late(
            Digest.search(done).line_ids, "answered_at", "late_after", window
        )
        return Evidence(
            Digest._name,
            done,
            due,
            late=these(late.digest_id),
            open=Domain("late_after", ">=", window.today()),
        )
