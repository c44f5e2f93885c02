from odoo import api, models
from odoo.tools import SQL

from .counting_context import NOTHING


class ServiceQualityCounting(models.AbstractModel):
    """What is counted of no ticket: measured values and patrols.

    In the past they count as they were known then: what was corrected or reported
    later does not.
    """

    _inherit = "service.quality.counting"

    @api.model
    def _rows_measured(self, indicator, context):
        """Values whose last day lies in the period; met where they reach their goal."""
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_measurement AS measurement
             WHERE measurement.indicator_id = %(indicator)s
               AND measurement.company_id = %(company)s
               AND measurement.date_to >= %(first)s AND measurement.date_to < %(end)s
               AND date_trunc('second', measurement.create_date) <= %(known)s
               AND (measurement.superseded_at IS NULL
                    OR measurement.superseded_at > %(known)s)
            """,
            indicator=indicator.id,
            company=context.company.id,
            first=context.period.start,
            end=context.period.end,
            known=context.known_at,
            columns=self._row_columns(
                "measurement",
                hit=SQL("NOT measurement.is_missed"),
                value=SQL("measurement.value::float"),
                goal=SQL("NULLIF(measurement.goal, 0)::float"),
                ticket_id=NOTHING,
                **dict.fromkeys(
                    ("team_id", "category_id", "process_id", "user_id", "target_id"),
                    NOTHING,
                ),
            ),
        )

    @api.model
    def _entered_measured(self, indicators, company, period):
        """Return when values were entered last; see :meth:`_entered_at`."""
        found = self.env["service.quality.measurement"]._read_group(
            [
                ("company_id", "=", company.id),
                ("indicator_id", "in", indicators.ids),
                ("date_to", ">=", period.start),
                ("date_to", "<", period.end),
            ],
            ["indicator_id"],
            ["create_date:max"],
        )
        return dict(found)

    @api.model
    def _rows_patrols(self, indicator, context):
        """Patrols planned in the period; in time where made on their day or before.

        Dropped ones count as not made; those still ahead stand apart.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_patrol AS patrol
              JOIN service_quality_project AS project ON project.id = patrol.project_id
             WHERE patrol.company_id = %(company)s
               AND patrol.date_planned >= %(first)s AND patrol.date_planned < %(end)s
            """,
            company=context.company.id,
            first=context.period.start,
            end=context.period.end,
            columns=self._row_columns(
                "patrol",
                ticket_id=NOTHING,
                state=self._patrol_state(context),
                hit=SQL(
                    "COALESCE(patrol.in_time AND patrol.done_at <= %s, FALSE)",
                    context.known_at,
                ),
                partner_id=SQL("project.partner_id"),
                **dict.fromkeys(
                    (
                        "team_id",
                        "agreement_id",
                        "category_id",
                        "process_id",
                        "target_id",
                    ),
                    NOTHING,
                ),
            ),
        )

    @api.model
    def _entered_patrols(self, indicators, company, period):
        """Return when patrols were reported last; see :meth:`_entered_at`."""
        [(reported_at,)] = self.env["service.quality.patrol"]._read_group(
            [
                ("company_id", "=", company.id),
                ("date_planned", ">=", period.start),
                ("date_planned", "<", period.end),
            ],
            [],
            ["write_date:max"],
        )
        return dict.fromkeys(indicators, reported_at) if reported_at else {}

    @api.model
    def _patrol_state(self, context):
        """Return the expression of whether a patrol counts, as it was known then."""
        return SQL(
            """
            CASE WHEN patrol.done_at <= %(known)s
                   OR patrol.drop_reason IS NOT NULL THEN 'counted'
                 WHEN patrol.date_planned < %(today)s THEN 'late'
                 ELSE 'open' END
            """,
            known=context.known_at,
            today=context.today,
        )
