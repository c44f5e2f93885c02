from odoo import api, models
from odoo.tools import SQL

from odoo.addons.service_quality_indicator.tools.formula import Formula

from .callback_counting import (
    ATTEMPTED,
    CALL_OF_CLOCK,
    REACHED,
    SAID_BY_CUSTOMER,
    WITHIN_24_HOURS,
    call_of_clock_then,
    in_doubt,
)

CALL = "service.quality.callback"


class ServiceQualityFormula(models.AbstractModel):
    """The formulas over follow-up calls have a section of reports of their own."""

    _inherit = "service.quality.formula"

    @api.model
    def _formulas(self):
        _ = self.env._
        told = {"section": "callback", "is_for_customers": True}
        timed = told | {"is_excludable": True}
        return super()._formulas() | {
            "call_attempted": Formula(_("Called in time"), CALL, headline=20, **timed),
            "call_reached": Formula(_("Reached in time"), CALL, **timed),
            "call_within_day": Formula(_("Reached within 24 hours"), CALL, **told),
            "call_solved": Formula(_("Solved at the call"), CALL, **told),
            "call_grade": Formula(_("Satisfaction"), CALL, headline=30, **told),
            "exemptions": Formula(_("Exempt calls"), CALL, section="callback"),
            "declined": Formula(_("Declined calls"), CALL, section="callback"),
            "call_cancelled": Formula(_("Cancelled calls"), CALL, section="callback"),
            "call_in_doubt": Formula(_("Calls in doubt"), CALL, section="callback"),
            "own_calls": Formula(
                _("Calls about own work"), CALL, section="callback", is_personal=True
            ),
        }

    @api.model
    def _sections(self):
        own = {"callback": (40, self.env._("Follow-up calls"))}
        return super()._sections() | own

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------

    @api.model
    def _rows_call_attempted(self, indicator, context):
        """Count the customers called within 24 hours (Regulation A5.1.2)."""
        return self._rows_calls(indicator, context, ATTEMPTED)

    @api.model
    def _rows_call_reached(self, indicator, context):
        """Count the customers reached within 24 hours (Regulation A5.1.2)."""
        return self._rows_calls(indicator, context, REACHED)

    @api.model
    def _rows_call_within_day(self, indicator, context):
        """Count the customers reached within 24 hours, closed days or not.

        It stands beside the figure by the deadlines of the calls, which an executive
        may have let count until noon of the next open day (Regulation A5.1.2).
        """
        return self._rows_calls(indicator, context, WITHIN_24_HOURS)

    @api.model
    def _rows_call_solved(self, indicator, context):
        """Count the customers who said that it was solved, of those who said whether.

        Regulation A5.1.2 asks them; partly is not solved.
        """
        return self._ended_calls(
            context,
            SQL("call.solved IS NOT NULL AND %s", SAID_BY_CUSTOMER),
            hit=SQL("call.solved = 'yes'"),
        )

    @api.model
    def _rows_call_grade(self, indicator, context):
        """Average what customers gave from 1 to 5; 4 and 5 are good (top-two-box)."""
        return self._ended_calls(
            context,
            SQL("call.satisfaction IS NOT NULL AND %s", SAID_BY_CUSTOMER),
            hit=SQL("call.satisfaction::int >= 4"),
            value=SQL("call.satisfaction::float"),
        )

    @api.model
    def _rows_exemptions(self, indicator, context):
        """Count the calls that were exempt in the period, which are in no rate."""
        return self._ended_calls(context, SQL("call.result = 'exempt'"))

    @api.model
    def _rows_declined(self, indicator, context):
        """Count the calls of customers who do not want to be called."""
        return self._ended_calls(context, SQL("call.result = 'declined'"))

    @api.model
    def _rows_call_cancelled(self, indicator, context):
        """Count the calls cancelled before they were made; they are in no rate.

        A ticket that is reopened and handled again has a new call, with time anew.
        """
        return self._ended_calls(context, SQL("call.result = 'cancelled'"))

    @api.model
    def _rows_call_in_doubt(self, indicator, context):
        """Count the calls of which one would ask who was called."""
        reached = self.env["service.quality.callback.attempt"]._codes("reached")
        return self._ended_calls(context, in_doubt(reached))

    @api.model
    def _rows_own_calls(self, indicator, context):
        """Return the calls completed by telephone; hit are those about own work.

        The caller had handled the ticket as well. Engineer is the caller.
        """
        return self._ended_calls(
            context,
            SQL("call.result = 'completed'"),
            hit=SQL("call.is_own_work IS TRUE"),
            user_id=SQL("call.ended_by_id"),
        )

    @api.model
    def _entered_kinds(self):
        return (*super()._entered_kinds(), "callback_attempted")

    # ------------------------------------------------------------------
    # Parts of queries
    # ------------------------------------------------------------------

    @api.model
    def _rows_calls(self, indicator, context, hit):
        """Count calls when their 24 hours are over, or when they ended before.

        Only the telephone counts, whatever the clock itself says: the rule stands in
        ``callback_counting``. Exempt and cancelled calls have cancelled clocks.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM (%(clocks)s) AS clock
             CROSS JOIN LATERAL (%(call)s) AS call
            """,
            clocks=self._judged_clocks(indicator, context, ["callback"]),
            call=self._call_of_clock(context),
            columns=self._row_columns(
                "clock",
                res_id=SQL("call.id"),
                state=SQL("clock.part"),
                hit=SQL("clock.part <> 'open' AND %s", hit),
                excluded=SQL("clock.excluded"),
                user_id=SQL("COALESCE(call.resolver_id, clock.user_id)"),
            ),
        )

    @api.model
    def _ended_calls(self, context, condition, **own):
        """Return the rows of calls that ended in the period; see :meth:`_row_columns`.

        Their end counts as far as the ledger knew it: what was entered later is not
        in a figure that was taken before.
        """
        own = {"user_id": SQL("call.resolver_id")} | own
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
            known=self._end_known(context),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            columns=self._row_columns(
                "call",
                without=("category_id", "process_id", "target_id"),
                project_id=SQL("agreement.project_id"),
                partner_id=SQL("call.commercial_partner_id"),
                **own,
            ),
        )

    @api.model
    def _call_of_clock(self, context):
        """Return the query of the call that started ``clock``, as it was known."""
        if not context.past:
            return CALL_OF_CLOCK
        attempts = self.env["service.quality.callback.attempt"]
        return call_of_clock_then(context.known, attempts._codes("reached"))

    @api.model
    def _end_known(self, context):
        """Return the condition that the ledger knew of the end of a call."""
        if context.past is None:
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
            context.known("event"),
        )
