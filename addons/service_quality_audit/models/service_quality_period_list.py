from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import Measure


class ServiceQualityPeriodList(models.AbstractModel):
    """Tell the measures of a period, with their owner, day and status."""

    _inherit = "service.quality.period.list"

    @api.model
    def _untold(self, records):
        """Leave out what stands in the list of measures, be it as cancelled."""
        records = super()._untold(records)
        return records.filtered(lambda one: not one.service_measure_ids)

    @api.model
    def _measures(self, about):
        """Add the measures that concern the period."""
        measures = self.env["mgmtsystem.action"].search(
            self._measure_domain(about), order="date_deadline, id"
        )
        return [
            *super()._measures(about),
            *(self._measure_told(measure) for measure in measures),
        ]

    @api.model
    def _measure_domain(self, about):
        """Return the domain of the measures that concern a period."""
        domain = (
            Domain("company_id", "=", about.company.id)
            & Domain("service_about_on", ">=", str(about.period.start))
            & Domain("service_about_on", "<", str(about.period.end))
        )
        if about.scope == "department":
            domain &= Domain("service_team_id", "=", about.record.id)
        elif about.scope == "project":
            domain &= Domain("service_project_id", "=", about.record.id)
        return domain

    @api.model
    def _measure_told(self, measure):
        worked = self._label(measure, "service_is_effective")
        became = (
            measure.service_check
            or measure.service_result
            or measure.service_cancel_reason
        )
        return Measure(
            measure.service_source_name or measure.name,
            measure._words(),
            measure.user_id.name or "",
            measure.late_after or measure.date_deadline,
            self._label(measure, "service_state"),
            ": ".join(filter(None, (worked, became))),
            measure.service_ticket_id.id,
        )
