from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Evidence,
    attached,
    done_late,
    of_company,
    on_days,
    these,
)

FILES = {
    "service.quality.exclusion": "document_ids",
    "service.quality.measurement": "attachment_ids",
    "service.quality.patrol": "attachment_ids",
}
"""The fields with the files that prove records of a model."""

OF_PROJECTS = ("project", "agreement")
"""The scopes of figures that a project answers for."""


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that figures are taken, deviations are analysed, and what proves values."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "figures_reviewed": _("Figures of the company judged by a person"),
            "deviations_analysed": _("Deviations analysed, with an action"),
            "project_deviations_analysed": _("Deviations of projects, with an action"),
        }

    @api.model
    def _documents(self, records):
        yield from super()._documents(records)
        if records._name in FILES:
            for record in records:
                yield from attached(record, record[FILES[records._name]])

    @api.model
    def _evidence_figures_reviewed(self, obligation, window):
        """Regulation A3.2.3: a person of the quality department judges the figures.

        That a job has taken them monitors nothing.
        """
        judged = (
            of_company(window)
            & Domain("period_kind", "=", obligation._period_kind())
            & on_days("date_to", window)
        )
        return Evidence(
            "service.quality.figure.review",
            judged,
            late=Domain("at", ">=", window.closes()),
            day="at",
        )

    @api.model
    def _evidence_deviations_analysed(self, obligation, window):
        """Regulation A4.2.2: an action of each, or why there is none."""
        return self._deviations(window)

    @api.model
    def _evidence_project_deviations_analysed(self, obligation, window):
        """Regulation A4.3.4: those of projects, their agreements among them."""
        return self._deviations(window, Domain("scope", "in", OF_PROJECTS))

    @api.model
    def _deviations(self, window, which=Domain.TRUE):
        Deviation = self.env["service.quality.deviation"]
        due = of_company(window) & on_days("late_after", window) & which
        done = due & Domain("answered_at", "!=", False)
        late = done_late(Deviation.search(done), "answered_at", "late_after", window)
        return Evidence(
            Deviation._name,
            done,
            due,
            late=these(late),
            open=Domain("late_after", ">=", window.today()),
            day="answered_at",
        )
