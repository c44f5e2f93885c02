from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    attached,
    of_company,
    on_days,
)

FILES = {
    "service.quality.exclusion": "document_ids",
    "service.quality.measurement": "attachment_ids",
    "service.quality.patrol": "attachment_ids",
}
"""The fields with the files that prove records of a model."""


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that figures are taken, deviations are analysed, and what proves values."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "figures_taken": _("Indicators of the company, taken"),
            "deviations_analysed": _("Deviations analysed, with an action"),
        }

    @api.model
    def _documents(self, records):
        yield from super()._documents(records)
        if records._name in FILES:
            for record in records:
                yield from attached(record, record[FILES[records._name]])

    @api.model
    def _evidence_figures_taken(self, obligation, window):
        """Regulation A3.2.3: the company's own figures of the month."""
        taken = (
            of_company(window)
            & Domain("scope", "=", "company")
            & Domain("period_kind", "=", obligation._period_kind())
            & on_days("date_to", window)
        )
        final = taken & Domain("is_provisional", "=", False)
        return Evidence("service.quality.figure", final, candidates=taken)

    @api.model
    def _evidence_deviations_analysed(self, obligation, window):
        """Regulations A4.2.2 and A4.3.4: an action of each, or why there is none."""
        answered = Domain("answered_at", "!=", False)
        due = (
            of_company(window)
            & on_days("deadline", window)
            & (answered | Domain("deadline", "<", window.today()))
        )
        return Evidence("service.quality.deviation", due & answered, due)
