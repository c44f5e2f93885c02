from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_callback.models.callback_data import COUNTED_OUT
from odoo.addons.service_quality_callback.models.service_quality_evidence import CALLED
from odoo.addons.service_quality_complaint.models.service_quality_evidence import MAJOR
from odoo.addons.service_quality_core.models.evidence import Evidence

BURNING = ("running", "at_risk", "paused", "unreachable")
"""How the clock of a call stands that is not late."""


class ServiceQualityEvidence(models.AbstractModel):
    """Evidence shows that the centre calls the customers of major complaints."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "major_called": _("Major complaints with a call of the centre"),
        }

    @api.model
    def _evidence_major_called(self, obligation, window):
        """Regulation A3.3.3: the technical service centre calls the customer itself.

        A complaint that nobody called about is not done, whether there is a call to be
        made or none; it has time while its answer, or its call, is not late.
        """

        def any_call(domain):
            call = Domain("is_complaint_call", "=", True) & domain
            return Domain("ticket_id", "any", [("service_callback_ids", "any", call)])

        due = self._complaints(window, MAJOR) & ~any_call(
            Domain("result", "in", COUNTED_OUT)
        )
        done = due & any_call(
            Domain("result", "in", CALLED) & Domain("ended_by_centre", "=", True)
        )
        in_time = Domain("metric", "=", "callback") & Domain("burning", "in", BURNING)
        has_time = any_call(
            Domain("state", "=", "open")
            & Domain("ticket_id.service_clock_ids", "any", in_time)
        )
        return Evidence(
            "service.quality.complaint.report",
            done,
            due,
            open=self._has_time() | has_time,
        )
