from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.period_list import PeriodList, Row


class ServiceQualityPeriodList(models.AbstractModel):
    """Tells what became of the last customer survey, until it is done."""

    _inherit = "service.quality.period.list"

    @api.model
    def _lists(self, about):
        lists = super()._lists(about)
        if about.scope in ("company", "department"):
            lists.append(self._list_of_survey_parts(about))
        return lists

    @api.model
    def _parts_told(self, parts):
        """Return the parts whose own text says what is done.

        An addon leaves out those whose measures it tells itself.
        """
        return parts

    @api.model
    def _list_of_survey_parts(self, about):
        """Return the parts of surveys that were open, or ended, in a period."""
        _ = self.env._
        domain = (
            Domain("company_id", "=", about.company.id)
            & Domain("create_date", "<", about.end)
            & (Domain("done_at", "=", False) | Domain("done_at", ">=", about.start))
        )
        if about.scope == "department":
            domain &= Domain("team_id", "=", about.record.id)
        parts = self.env["service.quality.survey.part"].search(
            domain, order="survey_id, measure_until, id"
        )
        rows = [
            Row(
                (
                    one.display_name,
                    one._measure_text(),
                    one.user_id.name,
                    (one.measure_until if one.answered_at else one.deadline) or "–",
                    self._label(one, "state"),
                    one.follow_up or "–",
                ),
                state=one._standing(about),
            )
            for one in self._parts_told(parts)
        ]
        heads = (
            _("What it is about"), _("Measure"), _("Owner"), _("Until"), _("Status"),
            _("Result"),
        )  # fmt: skip
        # where there was no survey nothing is said of it
        return PeriodList("survey_parts", 147, _("Feedback of the customer survey"),
                          heads, rows)  # fmt: skip
