from odoo import api, models
from odoo.tools import SQL

from odoo.addons.service_quality_indicator.tools.formula import Formula

NONCONFORMITY = "mgmtsystem.nonconformity"

NOT_OF_THEM = (
    "ticket_id", "agreement_id", "partner_id", "category_id", "process_id", "user_id",
    "target_id",
)  # fmt: skip
"""The labels that nonconformities do not have."""

STEPS = {
    "nonconformity_time": ("service_raised_at", "closing_date"),
    "nonconformity_plan_time": ("service_raised_at", "service_submitted_at"),
    "nonconformity_approval_time": ("service_submitted_at", "service_approved_at"),
    "nonconformity_action_time": ("service_approved_at", "service_done_at"),
}
"""From when until when a time of nonconformities is; it counts when it ends."""


class ServiceQualityFormula(models.AbstractModel):
    """Adds what nonconformities tell: how long, how often again, whether it worked."""

    _inherit = "service.quality.formula"

    @api.model
    def _formulas(self):
        _ = self.env._
        model, own = NONCONFORMITY, {"section": "improvement"}
        check, line = "service.quality.effect.check", "service.quality.cause.line"
        return super()._formulas() | {
            "nonconformities": Formula(_("Nonconformities raised"), model, **own),
            "nonconformity_time": Formula(
                _("Days until a nonconformity was closed"), model, **own
            ),
            "nonconformity_plan_time": Formula(
                _("Days until actions were handed in"), model, **own
            ),
            "nonconformity_approval_time": Formula(
                _("Days until actions were approved"), model, **own
            ),
            "nonconformity_action_time": Formula(
                _("Days until actions were done"), model, **own
            ),
            "effective_at_first": Formula(
                _("Effective at the first check"), check, **own
            ),
            "effect_overruled": Formula(
                _("Checks of the effect overruled"), check, **own
            ),
            "repeated_causes": Formula(_("Causes found before"), line, **own),
            "actions_overdue": Formula(
                _("Measures not done in time"), "mgmtsystem.action", **own
            ),
        }

    @api.model
    def _sections(self):
        return super()._sections() | {"improvement": (80, self.env._("Improvement"))}

    # ------------------------------------------------------------------
    # Nonconformities
    # ------------------------------------------------------------------

    @api.model
    def _rows_nonconformities(self, indicator, context):
        """Return what was raised in the period; what was cancelled is none."""
        return self._nonconformities(context, SQL("service_raised_at"))

    @api.model
    def _rows_nonconformity_time(self, indicator, context):
        """Return the days from raising to closing, by when it was closed."""
        return self._step_time("nonconformity_time", context)

    @api.model
    def _rows_nonconformity_plan_time(self, indicator, context):
        """Return the days from raising until actions were handed in."""
        return self._step_time("nonconformity_plan_time", context)

    @api.model
    def _rows_nonconformity_approval_time(self, indicator, context):
        """Return the days that an approval took."""
        return self._step_time("nonconformity_approval_time", context)

    @api.model
    def _rows_nonconformity_action_time(self, indicator, context):
        """Return the days from the approval until the actions were done."""
        return self._step_time("nonconformity_action_time", context)

    @api.model
    def _step_time(self, code, context):
        since, until = (SQL.identifier("nc", name) for name in STEPS[code])
        days = SQL("EXTRACT(EPOCH FROM %s - %s) / 86400.0::float", until, since)
        return self._nonconformities(
            context, SQL.identifier(STEPS[code][1]), value=SQL("(%s)::float", days)
        )

    @api.model
    def _nonconformities(self, context, column, **own):
        """Return nonconformities under a regulation, by a moment in the period."""
        return SQL(
            """
            SELECT %(columns)s
              FROM mgmtsystem_nonconformity AS nc
             WHERE nc.company_id = %(company)s AND nc.state <> 'cancel'
               AND nc.service_step_since IS NOT NULL
               AND nc.%(column)s >= %(start)s AND nc.%(column)s < %(cut)s
            """,
            column=column,
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "nc", without=NOT_OF_THEM, **self._labels("nc"), **own
            ),
        )

    @api.model
    def _labels(self, alias):
        """Return the department and the project of a nonconformity or a measure."""
        return {
            "team_id": SQL.identifier(alias, "service_team_id"),
            "project_id": SQL.identifier(alias, "service_project_id"),
        }

    # ------------------------------------------------------------------
    # Effects, causes, measures
    # ------------------------------------------------------------------

    @api.model
    def _rows_effective_at_first(self, indicator, context):
        """Return first checks that ended in the period; hit: it said *reached*.

        What the check itself has said counts, also where it was overruled.
        """
        reached = SQL(
            "(effect.state = 'reached') <> COALESCE(effect.is_overruled, FALSE)"
        )
        return self._effects(context, SQL("effect.round = 1"), reached)

    @api.model
    def _rows_effect_overruled(self, indicator, context):
        """Return checks that ended in the period; hit: it was overruled."""
        overruled = SQL("COALESCE(effect.is_overruled, FALSE)")
        return self._effects(context, SQL("TRUE"), overruled)

    @api.model
    def _effects(self, context, condition, hit):
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_effect_check AS effect
              JOIN mgmtsystem_nonconformity AS nc ON nc.id = effect.nonconformity_id
             WHERE nc.company_id = %(company)s AND %(condition)s
               AND effect.ended_at >= %(start)s AND effect.ended_at < %(cut)s
            """,
            condition=condition,
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "effect",
                without=NOT_OF_THEM,
                hit=hit,
                company_id=SQL("nc.company_id"),
                **self._labels("nc"),
            ),
        )

    @api.model
    def _rows_repeated_causes(self, indicator, context):
        """Return root causes handed in in the period; hit: found before, a year back.

        Each nonconformity and kind of cause counts once.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM (SELECT DISTINCT ON (line.nonconformity_id, line.cause_id) line.*,
                           nc.service_analysed_at, nc.service_project_id
                      FROM service_quality_cause_line AS line
                      JOIN mgmtsystem_nonconformity AS nc
                        ON nc.id = line.nonconformity_id
                       AND nc.service_round = line.round
                     WHERE line.company_id = %(company)s AND line.is_root
                       AND nc.state <> 'cancel'
                       AND nc.service_analysed_at >= %(start)s
                       AND nc.service_analysed_at < %(cut)s
                     ORDER BY line.nonconformity_id, line.cause_id, line.id) AS cause
            """,
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "cause",
                without=NOT_OF_THEM,
                hit=SQL(
                    """
                    EXISTS (SELECT 1
                              FROM service_quality_cause_line AS other
                              JOIN mgmtsystem_nonconformity AS before
                                ON before.id = other.nonconformity_id
                             WHERE other.is_root AND before.state <> 'cancel'
                               AND other.cause_id = cause.cause_id
                               AND other.company_id = cause.company_id
                               AND other.nonconformity_id <> cause.nonconformity_id
                               AND before.service_analysed_at
                                   < cause.service_analysed_at
                               AND before.service_analysed_at
                                   >= cause.service_analysed_at - INTERVAL '1 year')
                    """
                ),
                **self._labels("cause"),
            ),
        )

    @api.model
    def _rows_actions_overdue(self, indicator, context):
        """Return measures that fell due in the period; hit: not done by their day.

        By the last day that was set before it passed; what was not approved by then, or
        was cancelled, is not asked for.
        """
        zone = context.company._service_tz()
        return SQL(
            """
            SELECT %(columns)s
              FROM mgmtsystem_action AS action
             WHERE action.company_id = %(company)s
               AND action.service_state IN ('open', 'done', 'closed')
               AND action.late_after >= %(first)s AND action.late_after < %(end)s
               AND action.late_after < %(today)s
            """,
            company=context.company.id,
            first=context.period.start,
            end=context.period.end,
            today=context.today,
            columns=self._row_columns(
                "action",
                without=NOT_OF_THEM,
                hit=SQL(
                    "action.service_done_at IS NULL OR (action.service_done_at"
                    " AT TIME ZONE 'UTC' AT TIME ZONE %s)::date > action.late_after",
                    zone,
                ),
                **self._labels("action"),
            ),
        )
