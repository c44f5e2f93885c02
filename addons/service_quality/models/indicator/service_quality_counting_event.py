from odoo import api, models
from odoo.tools import SQL

from .counting_context import NOTHING


class ServiceQualityCounting(models.AbstractModel):
    """Formulas over alarms and voided rows."""

    _inherit = "service.quality.counting"

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------

    @api.model
    def _rows_escalations(self, indicator, context):
        """Alarms raised in the period to people, of one level or all."""
        level = SQL("alarm.recipient IS NOT NULL")
        if recipient := indicator._chosen("recipient"):
            level = SQL("alarm.recipient = %s", recipient)
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_escalation_alarm AS alarm
              JOIN helpdesk_ticket AS ticket ON ticket.id = alarm.ticket_id
              LEFT JOIN service_quality_agreement AS agreement
                ON agreement.id = alarm.agreement_id
             WHERE alarm.company_id = %(company)s
               AND alarm.fired_at >= %(start)s AND alarm.fired_at < %(cut)s
               AND alarm.outcome <> 'repeated' AND %(level)s
            """,
            level=level,
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "alarm",
                project_id=SQL("agreement.project_id"),
                category_id=NOTHING,
                process_id=NOTHING,
                user_id=NOTHING,
            ),
        )

    @api.model
    def _rows_voids(self, indicator, context):
        """Rows of the ledger voided in the period: each is a correction to explain."""
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_event AS event
             WHERE event.company_id = %(company)s AND event.kind = 'voided'
               AND event.recorded_at >= %(start)s AND event.recorded_at < %(cut)s
               AND %(known)s
            """,
            known=context.known("event"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "event",
                **dict.fromkeys(
                    (
                        "project_id", "agreement_id", "partner_id", "category_id",
                        "process_id", "target_id",
                    ),
                    NOTHING,
                ),
            ),
        )  # fmt: skip
