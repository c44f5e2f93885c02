from odoo import api, models
from odoo.tools import SQL

from .callback_counting import SAID_BY_CUSTOMER
from .counting_scene import NOTHING


class ServiceQualityCounting(models.AbstractModel):
    """Formulas over what was recorded of follow-up calls, alarms and voided rows."""

    _inherit = "service.quality.counting"

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------

    @api.model
    def _rows_call_solved(self, indicator, scene):
        """Of the customers who said whether it was solved, those who said yes.

        Regulation A5.1.2 asks them; partly is not solved.
        """
        return self._ended_calls(
            scene,
            SQL("call.solved IS NOT NULL AND %s", SAID_BY_CUSTOMER),
            hit=SQL("call.solved = 'yes'"),
        )

    @api.model
    def _rows_call_grade(self, indicator, scene):
        """What customers gave from 1 to 5; 4 and 5 are good (top-two-box)."""
        return self._ended_calls(
            scene,
            SQL("call.satisfaction IS NOT NULL AND %s", SAID_BY_CUSTOMER),
            hit=SQL("call.satisfaction::int >= 4"),
            value=SQL("call.satisfaction::float"),
        )

    @api.model
    def _rows_exemptions(self, indicator, scene):
        """Follow-up calls that were exempt in the period: they are in no rate."""
        return self._ended_calls(scene, SQL("call.result = 'exempt'"))

    @api.model
    def _rows_escalations(self, indicator, scene):
        """Alarms raised in the period to people, of one level or all."""
        level = SQL("alarm.recipient IS NOT NULL")
        if indicator.recipient:
            level = SQL("alarm.recipient = %s", indicator.recipient)
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
            company=scene.company.id,
            start=scene.start,
            cut=scene.cut,
            columns=self._row_columns(
                "alarm",
                project_id=SQL("agreement.project_id"),
                category_id=NOTHING,
                process_id=NOTHING,
                user_id=NOTHING,
            ),
        )

    @api.model
    def _rows_voids(self, indicator, scene):
        """Rows of the ledger voided in the period: each is a correction to explain."""
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_event AS event
             WHERE event.company_id = %(company)s AND event.kind = 'voided'
               AND event.recorded_at >= %(start)s AND event.recorded_at < %(cut)s
               AND %(known)s
            """,
            known=scene.known("event"),
            company=scene.company.id,
            start=scene.start,
            cut=scene.cut,
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

    # ------------------------------------------------------------------
    # Parts of queries
    # ------------------------------------------------------------------

    @api.model
    def _ended_calls(self, scene, condition, **own):
        """Return the rows of calls that ended in the period; see :meth:`_row_columns`.

        Their end counts as far as the ledger knew it: what was entered later is not
        in a figure that was taken before.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM service_quality_callback AS call
              LEFT JOIN service_quality_agreement AS agreement
                ON agreement.id = call.agreement_id
             WHERE call.company_id = %(company)s AND call.state = 'ended'
               AND call.ended_at >= %(start)s AND call.ended_at < %(cut)s
               AND %(condition)s AND %(known)s
            """,
            condition=condition,
            known=self._end_known(scene),
            company=scene.company.id,
            start=scene.start,
            cut=scene.cut,
            columns=self._row_columns(
                "call",
                project_id=SQL("agreement.project_id"),
                partner_id=SQL("call.commercial_partner_id"),
                category_id=NOTHING,
                process_id=NOTHING,
                user_id=SQL("call.resolver_id"),
                target_id=NOTHING,
                **own,
            ),
        )

    @api.model
    def _end_known(self, scene):
        """Return the condition that the ledger knew of the end of a call."""
        if scene.past is None:
            return SQL("TRUE")
        return SQL(
            """
            EXISTS (SELECT 1
                      FROM service_quality_event AS event
                     WHERE event.ticket_id = call.ticket_id
                       AND event.kind = 'callback_ended'
                       AND (event.value ->> 'callback')::int = call.id
                       AND event.at = call.ended_at AND %s)
            """,
            scene.known("event"),
        )
