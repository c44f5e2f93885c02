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

SURVEY = "service.quality.survey"
PART = "service.quality.survey.part"


class ServiceQualityEvidence(models.AbstractModel):
    """Adds the yearly survey: that it was made, matches the contracts, is fed back."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "surveys_made": _("Customer surveys with answers"),
            "surveys_matching": _(
                "Customer surveys that match the agreements and cover them"
            ),
            "surveys_fed_back": _("Customer surveys that were fed back"),
            "survey_parts_answered": _("Parts of customer surveys that were answered"),
        }

    @api.model
    def _evidence_surveys_made(self, obligation, window):
        """Regulations A3.2.4 and A5.1.1: closed then, and somebody answered."""
        closed = self._surveys_closed(window)
        return Evidence(
            SURVEY,
            closed & Domain("contact_ids.state", "=", "answered"),
            candidates=self._surveys_running(window),
            day="closed_at",
        )

    @api.model
    def _evidence_surveys_matching(self, obligation, window):
        """Regulation A5.1.3: each promise was asked about, and everybody was asked.

        Where few agreements are covered, a second person has judged the result.
        """
        surveys = self.env[SURVEY].search(self._surveys_closed(window))
        return Evidence(
            SURVEY,
            these(surveys.filtered(lambda one: one._is_proper())),
            candidates=self._surveys_running(window),
            day="closed_at",
        )

    @api.model
    def _evidence_surveys_fed_back(self, obligation, window):
        """Regulation A4.2.4: all whom it concerns have got their part and answered."""
        return Evidence(
            SURVEY,
            self._surveys_closed(window) & Domain("state", "=", "done"),
            candidates=self._surveys_running(window) | self._surveys_closed(window),
            late=Domain("finished_at", ">=", window.closes()),
            day="finished_at",
        )

    @api.model
    def _evidence_survey_parts_answered(self, obligation, window):
        """Regulation A3.4.2: whom a survey concerns has said why, and what is done."""
        due = of_company(window) & on_days("late_after", window)
        done = due & Domain("answered_at", "!=", False)
        late = done_late(
            self.env[PART].search(done), "answered_at", "late_after", window
        )
        return Evidence(
            PART,
            done,
            due,
            late=these(late),
            open=Domain("late_after", ">=", window.today()),
            day="answered_at",
        )

    @api.model
    def _surveys_closed(self, window):
        return (
            of_company(window)
            & within("closed_at", window)
            & Domain("state", "in", ("closed", "done"))
        )

    @api.model
    def _surveys_running(self, window):
        return of_company(window) & Domain("state", "in", ("ready", "field"))
