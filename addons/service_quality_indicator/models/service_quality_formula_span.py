"""Gives the rows of tickets; the model has this second file because of its length."""

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.service_quality_ledger import HISTORICAL
from odoo.addons.service_quality_core.tools.metrics import (
    HANDLED_PHASES,
    WORK_KINDS,
    WORKED_PHASES,
)

OPEN = SQL("('new', 'active', 'waiting_customer', 'waiting_third_party')")
"""The open phases, said as the partial index of spans says them."""

LOOKED_UP = ("project_id", "agreement_id", "partner_id", "category_id", "process_id")
"""The labels that a span has not itself."""

HANDLED = SQL("%s", tuple(sorted(HANDLED_PHASES)))

SAID_BEFORE = SQL("interval '1 hour'")
"""So long before a pause a message still says why the customer is waited for."""


class ServiceQualityFormula(models.AbstractModel):
    """Counts tickets by their spans: phase, team and engineer.

    The first span begins with the ticket, one of another phase with a change of it.
    """

    _inherit = "service.quality.formula"

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------

    @api.model
    def _rows_opened(self, indicator, context):
        """Return the tickets opened in the period."""
        return self._span_rows(context, self._opened(context))

    @api.model
    def _rows_no_agreement(self, indicator, context):
        """Return the tickets opened in the period; hit are those without an agreement.

        They are legal and listed (DESIGN 3.4): nothing was promised about them.
        """
        asked = context._replace(columns=context.columns | {"agreement_id"})
        return self._span_rows(
            asked, self._opened(context), hit=SQL("span.agreement_id IS NULL")
        )

    @api.model
    def _rows_handled(self, indicator, context):
        """Return tickets handled in the period, as often as they were (DESIGN 3.1)."""
        return self._span_rows(context, self._handled(context))

    @api.model
    def _rows_reopened(self, indicator, context):
        """Return the tickets handled; hit are those reopened in the period.

        A ticket that was handled in a period before counts in the one in which it is
        taken up again, so that each reopening is in the figure of one period.
        """
        again = SQL(
            """
            EXISTS (SELECT 1
                      FROM %(span)s AS later
                     WHERE later.ticket_id = span.ticket_id
                       AND later.seq > span.seq
                       AND later.date_from < %(cut)s
                       AND later.phase IN %(open)s)
            """,
            span=context.table("span"),
            cut=context.cut,
            open=OPEN,
        )
        spans = SQL(
            """
            SELECT span.*, %(again)s AS is_reopened FROM (%(handled)s) AS span
             UNION ALL
            SELECT span.*, TRUE FROM (%(earlier)s) AS span
            """,
            again=again,
            handled=self._handled(context),
            earlier=self._handled_before(context),
        )
        return self._span_rows(context, spans, hit=SQL("span.is_reopened"))

    @api.model
    def _rows_reopenings(self, indicator, context):
        """Return the tickets reopened in the period, the hit ones of *reopened*."""
        return SQL(
            "SELECT tickets.* FROM (%s) AS tickets WHERE tickets.hit",
            self._rows_reopened(indicator, context),
        )

    @api.model
    def _handled_before(self, context):
        """Return the query of spans of tickets handled before the period.

        They were taken up again in it. A ticket may have been closed in between.
        """
        return SQL(
            """
            SELECT span.*
              FROM %(span)s AS again
              JOIN %(span)s AS span
                ON span.ticket_id = again.ticket_id AND span.seq = again.seq - 1
             WHERE again.company_id = %(company)s AND again.phase IN %(open)s
               AND again.date_from >= %(start)s AND again.date_from < %(cut)s
               AND span.phase IN %(handled)s
               AND COALESCE(
                       (SELECT max(worked.date_to)
                          FROM %(span)s AS worked
                         WHERE worked.ticket_id = span.ticket_id
                           AND worked.seq < span.seq
                           AND worked.phase NOT IN %(handled)s),
                       (SELECT min(first.date_from)
                          FROM %(span)s AS first
                         WHERE first.ticket_id = span.ticket_id)
                   ) < %(start)s
            """,
            span=context.table("span"),
            company=context.company.id,
            open=OPEN,
            handled=HANDLED,
            start=context.start,
            cut=context.cut,
        )

    @api.model
    def _rows_first_contact(self, indicator, context):
        """Return the tickets handled first in the period; hit were solved at once.

        Who took the ticket solved it: it had one team and one engineer, and did not
        wait (first contact resolution as HDI defines it, told from the ledger).
        """
        facts = SQL(
            """
            SELECT count(DISTINCT earlier.team_id) <= 1
                   AND count(DISTINCT earlier.user_id) <= 1
                   AND count(*) FILTER (
                       WHERE starts_with(earlier.phase, 'waiting_')
                   ) = 0 AS simple,
                   count(*) FILTER (WHERE earlier.phase IN %(handled)s) = 0 AS first
              FROM %(span)s AS earlier
             WHERE earlier.ticket_id = span.ticket_id AND earlier.seq < span.seq
            """,
            span=context.table("span"),
            handled=HANDLED,
        )
        spans = SQL(
            """
            SELECT span.*, facts.simple
              FROM (%(handled)s) AS span
             CROSS JOIN LATERAL (%(facts)s) AS facts
             WHERE facts.first
            """,
            handled=self._handled(context),
            facts=facts,
        )
        return self._span_rows(context, spans, hit=SQL("span.simple"))

    @api.model
    def _rows_silent_pauses(self, indicator, context):
        """Return pauses for the customer to whom nothing was said, by when they ended.

        A pause is the time without a break in which a ticket waits for its customer,
        whoever holds it; a ticket may have several. Something was said if from an hour
        before the pause to its end the ledger has a response, or an update of the
        customer, that was not voided. Each public message of an agent is a response;
        notes, automatic mails and what customers write are none. A telephone call that
        was planned as an activity and done is one, and so is what was recorded by hand.
        What was before an import or takeover of the ticket is not counted: messages of
        then are not all known here.
        """
        spans = SQL(
            """
            SELECT span.*
              FROM (%(pauses)s) AS span
             WHERE NOT EXISTS (
                   SELECT 1
                     FROM service_quality_event AS event
                    WHERE event.ticket_id = span.ticket_id
                      AND event.kind IN ('responded', 'updated')
                      AND event.at >= span.paused_at - %(before)s
                      AND event.at <= span.date_to
                      AND %(stands)s)
               AND NOT EXISTS (
                   SELECT 1
                     FROM service_quality_event AS event
                    WHERE event.ticket_id = span.ticket_id
                      AND event.kind = 'opened'
                      AND event.origin = ANY(%(historical)s)
                      AND event.recorded_at > span.paused_at)
            """,
            pauses=self._pauses_ended(context),
            before=SAID_BEFORE,
            stands=self._stands(context),
            historical=list(HISTORICAL),
        )
        return self._span_rows(context, spans)

    @api.model
    def _rows_cancelled_worked(self, indicator, context):
        """Return tickets cancelled in the period after work, or late in a promise.

        After work is: the ticket was in progress or handled, or the ledger has a
        response, an update or an arrival. Late is: at least half of the time of one of
        its promises to the customer had run; then a duplicate of another ticket counts
        as well, and without that it does not.
        """
        spans = SQL(
            """
            SELECT span.*
              FROM %(span)s AS span
             WHERE span.company_id = %(company)s AND span.phase = 'cancelled'
               AND span.date_from >= %(start)s AND span.date_from < %(cut)s
               AND ((%(cancelled)s AND %(worked)s)
                    OR ((%(cancelled)s OR %(doubled)s) AND %(late)s))
            """,
            span=context.table("span"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
            cancelled=self._ended_by(
                context,
                SQL("event.kind = 'phase' AND event.value ->> 'phase' = 'cancelled'"),
            ),
            doubled=self._ended_by(
                context,
                SQL("event.kind = 'duplicated' AND event.value ->> 'of' IS NOT NULL"),
            ),
            worked=self._worked_before(context),
            late=self._half_used(context),
        )
        return self._span_rows(context, spans)

    @api.model
    def _ended_by(self, context, condition):
        """Return the condition that a row of the ledger began a span."""
        return SQL(
            """
            EXISTS (
                SELECT 1
                  FROM service_quality_event AS event
                 WHERE event.ticket_id = span.ticket_id AND event.at = span.date_from
                   AND %s AND %s)
            """,
            condition,
            self._stands(context),
        )

    @api.model
    def _worked_before(self, context):
        """Return the condition that somebody had begun to work before a span."""
        return SQL(
            """
            EXISTS (
                SELECT 1
                  FROM service_quality_event AS event
                 WHERE event.ticket_id = span.ticket_id
                   AND event.at <= span.date_from
                   AND (event.kind = ANY(%(kinds)s)
                        OR event.kind = 'phase'
                       AND event.value ->> 'phase' = ANY(%(phases)s))
                   AND %(stands)s)
            """,
            stands=self._stands(context),
            kinds=list(WORK_KINDS),
            phases=sorted(WORKED_PHASES),
        )

    @api.model
    def _half_used(self, context):
        """Return the condition that half of a promise was used when a span began."""
        return SQL(
            """
            EXISTS (
                SELECT 1
                  FROM %s AS clock
                 WHERE clock.ticket_id = span.ticket_id AND clock.kind = 'sla'
                   AND clock.state = 'cancelled' AND clock.stopped_at = span.date_from
                   AND 2 * clock.elapsed_seconds >= clock.target_seconds)
            """,
            context.table("clock"),
        )

    @api.model
    def _rows_backlog(self, indicator, context):
        """Return the tickets open at the cut-off, and their age in days."""
        spans = SQL(
            """
            SELECT span.*,
                   (SELECT first.date_from
                      FROM %(span)s AS first
                     WHERE first.ticket_id = span.ticket_id AND first.seq = 1
                   ) AS opened_at
              FROM (SELECT span.* FROM %(span)s AS span
                     WHERE span.company_id = %(company)s AND span.phase IN %(open)s
                       AND span.date_to IS NULL AND span.date_from < %(cut)s
                     UNION ALL
                    SELECT span.* FROM %(span)s AS span
                     WHERE span.company_id = %(company)s AND span.phase IN %(open)s
                       AND span.date_to >= %(cut)s AND span.date_from < %(cut)s
                   ) AS span
            """,
            span=context.table("span"),
            company=context.company.id,
            open=OPEN,
            cut=context.cut,
        )
        age = SQL("extract(epoch FROM %s - span.opened_at)::float / 86400", context.cut)
        return self._span_rows(context, spans, value=age)

    @api.model
    def _rows_wall_time(self, indicator, context):
        """Return the hours for which tickets were held, by their end (SLA case 18).

        Time per holder adds up: that of all holders is that of the company.
        """
        return self._held(context, SQL("span.wall_seconds / 3600.0::float"))

    @api.model
    def _rows_working_time(self, indicator, context):
        """Return the part of the time by holder that was agreed working time."""
        return self._held(
            context, SQL("COALESCE(span.open_seconds, 0) / 3600.0::float")
        )

    # ------------------------------------------------------------------
    # Parts of queries
    # ------------------------------------------------------------------

    @api.model
    def _held(self, context, value):
        spans = SQL(
            """
            SELECT span.*
              FROM %(span)s AS span
             WHERE span.company_id = %(company)s AND span.phase IN %(open)s
               AND span.date_to >= %(start)s AND span.date_to < %(cut)s
            """,
            span=context.table("span"),
            company=context.company.id,
            open=OPEN,
            start=context.start,
            cut=context.cut,
        )
        return self._span_rows(context, spans, value=value)

    @api.model
    def _pauses_ended(self, context):
        """Return the query of the last spans of pauses for customers that ended.

        ``paused_at`` is when the pause began, maybe with an earlier span.
        """
        return SQL(
            """
            SELECT span.*,
                   COALESCE(
                       (SELECT max(worked.date_to)
                          FROM %(span)s AS worked
                         WHERE worked.ticket_id = span.ticket_id
                           AND worked.seq < span.seq
                           AND worked.phase <> 'waiting_customer'),
                       (SELECT min(first.date_from)
                          FROM %(span)s AS first
                         WHERE first.ticket_id = span.ticket_id)
                   ) AS paused_at
              FROM %(span)s AS span
              JOIN %(span)s AS next
                ON next.ticket_id = span.ticket_id AND next.seq = span.seq + 1
             WHERE span.company_id = %(company)s AND span.phase = 'waiting_customer'
               AND span.date_to >= %(start)s AND span.date_to < %(cut)s
               AND next.phase <> 'waiting_customer'
            """,
            span=context.table("span"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
        )

    @api.model
    def _opened(self, context):
        """Return the query of the first spans of tickets opened in the period."""
        return SQL(
            """
            SELECT span.*
              FROM %(span)s AS span
             WHERE span.company_id = %(company)s AND span.seq = 1
               AND span.date_from >= %(start)s AND span.date_from < %(cut)s
            """,
            span=context.table("span"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
        )

    @api.model
    def _handled(self, context):
        """Return the query of the spans by which tickets were handled in the period.

        Resolved to closed is not a second handling.
        """
        return SQL(
            """
            SELECT span.*
              FROM %(span)s AS span
              LEFT JOIN %(span)s AS before
                ON before.ticket_id = span.ticket_id AND before.seq = span.seq - 1
             WHERE span.company_id = %(company)s AND span.phase IN %(handled)s
               AND span.date_from >= %(start)s AND span.date_from < %(cut)s
               AND COALESCE(before.phase, 'new') NOT IN %(handled)s
            """,
            span=context.table("span"),
            company=context.company.id,
            handled=HANDLED,
            start=context.start,
            cut=context.cut,
        )

    @api.model
    def _span_rows(self, context, spans, **own):
        """Return rows of spans with the labels that their tickets had then.

        Team and engineer are those of the span; customer, category and process are
        what the ledger says of the ticket, so that later changes of contacts or
        tickets change no figure that was taken before. See :meth:`_row_columns`.
        """
        without, joins = {"target_id", *LOOKED_UP}, SQL()
        if not context.columns.isdisjoint(LOOKED_UP):
            # to look up whose tickets they are takes time: only where it is asked for
            spans = self._labelled(context, spans)
            without, own["project_id"] = {"target_id"}, SQL("agreement.project_id")
            joins = SQL(
                "LEFT JOIN service_quality_agreement AS agreement"
                " ON agreement.id = span.agreement_id"
            )
        return SQL(
            """
            SELECT %(columns)s
              FROM (%(spans)s) AS span
              %(joins)s
            """,
            spans=spans,
            joins=joins,
            columns=self._row_columns("span", without, **own),
        )

    @api.model
    def _labelled(self, context, spans):
        """Return spans with the labels that their tickets have.

        The fence lets what was found for a ticket be kept for its other spans.
        """
        return SQL(
            """
            SELECT span.*, label.*, promise.agreement_id
              FROM (%(spans)s) AS span
              LEFT JOIN LATERAL (%(attributes)s) AS label ON TRUE
              LEFT JOIN LATERAL (%(promise)s) AS promise ON TRUE
            OFFSET 0
            """,
            spans=spans,
            attributes=self._attributes(context),
            promise=self._promise(context),
        )

    @api.model
    def _attributes(self, context):
        """Return the query of what a ticket was classified as last, from the ledger."""
        return SQL(
            """
            SELECT COALESCE(
                       merge.partner_id, (event.value ->> 'customer')::int
                   ) AS partner_id,
                   (event.value -> 'category_path' ->> -1)::int AS category_id,
                   (event.value ->> 'process')::int AS process_id
              FROM service_quality_event AS event
              LEFT JOIN service_quality_partner_merge AS merge
                ON merge.old_partner = (event.value ->> 'customer')::int
             WHERE event.ticket_id = span.ticket_id
               AND event.kind IN ('opened', 'reclassified')
               AND %(stands)s
             ORDER BY event.at DESC, event.seq DESC, event.id DESC
             LIMIT 1
            """,
            stands=self._stands(context),
        )

    @api.model
    def _stands(self, context):
        """Return the condition that ``event``, a row of the ledger, was not voided."""
        return SQL(
            """
            (%(known)s AND NOT EXISTS (
                   SELECT 1 FROM service_quality_event AS void
                    WHERE void.voids_id = event.id AND %(known_void)s))
            """,
            known=context.known("event"),
            known_void=context.known("void"),
        )

    @api.model
    def _promise(self, context):
        """Return the query of the agreement that a ticket is under, if it is."""
        return SQL(
            """
            SELECT clock.agreement_id
              FROM %(clock)s AS clock
             WHERE clock.ticket_id = span.ticket_id
               AND clock.kind = 'sla' AND clock.state <> 'cancelled'
             ORDER BY clock.metric = 'resolution' DESC, clock.counted DESC,
                      clock.target_id, clock.cycle, clock.round
             LIMIT 1
            """,
            clock=context.table("clock"),
        )

    # ------------------------------------------------------------------
    # On what rows rest
    # ------------------------------------------------------------------

    @api.model
    def _brought_later(self, context):
        """Return the query of the tickets that were brought in afterwards."""
        return SQL(
            """
            SELECT event.ticket_id
              FROM service_quality_event AS event
             WHERE event.origin IN ('import', 'migration') AND event.kind = 'opened'
               AND %s AND %s
            """,
            self._is_late_entry(context),
            context.known("event"),
        )

    @api.model
    def _is_noted_offline(self, context):
        """Return the condition that a phone noted offline when a clock ended."""
        return SQL(
            """
            (clock.ticket_id, clock.stopped_at) IN
            (SELECT event.ticket_id, event.at
               FROM service_quality_event AS event
              WHERE event.origin = 'offline' AND %s)
            """,
            context.known("event"),
        )
