"""Follow-up calls are counted by one rule, that of Regulation A5.1.2.

Only the telephone counts, and *in time* is the deadline of the call's own clock.
"""

from odoo.tools import SQL

from odoo.addons.service_quality_core.tools.phone import LEAST_LOCAL

ATTEMPTED = SQL("COALESCE(call.first_attempt_at <= clock.deadline, FALSE)")
"""The customer was called in time, whether or not somebody answered."""

REACHED = SQL("COALESCE(call.reached_at <= clock.deadline, FALSE)")
"""The customer was reached in time; one who refused to answer was reached."""

WITHIN_24_HOURS = SQL(
    "COALESCE(call.reached_at <= clock.started_at + interval '24 hours', FALSE)"
)
"""The customer was reached within 24 hours, closed days or not."""

SAID_BY_CUSTOMER = SQL("call.is_self_graded IS NOT TRUE")
"""A customer says how it was, not who handled the ticket: one may be both."""

LEAST_TALK = "1 minute"
"""Who has two customers tell how it was takes longer."""

CALL_OF_CLOCK = SQL(
    """
    SELECT one.*
      FROM service_quality_callback AS one
     WHERE one.ticket_id = clock.ticket_id
       AND one.opened_at = clock.started_at
     ORDER BY one.result = 'cancelled', one.id DESC
     LIMIT 1
    """
)
"""The call that a clock was started by."""

CLOCK_OF_CALL = SQL(
    """
    SELECT one.deadline, one.state, one.verdict, one.judged_at
      FROM service_quality_clock AS one
     WHERE one.ticket_id = call.ticket_id
       AND one.metric = 'callback'
       AND one.started_at = call.opened_at
     ORDER BY one.state = 'cancelled', one.counted DESC, one.id DESC
     LIMIT 1
    """
)
"""The clock that a call started; one that replaced another comes first."""


def call_of_clock_then(known, reached):
    """Return :data:`CALL_OF_CLOCK` with its attempts as the ledger knew them.

    An end that was voided takes back that the customer was reached before.

    :param known: function of an alias that gives the condition of a known row
    :param reached: list of the dispositions by which a customer was reached
    """
    return SQL(
        """
        SELECT one.id, one.resolver_id, tried.first_attempt_at, tried.reached_at
          FROM (%(call)s) AS one
          LEFT JOIN LATERAL (
               SELECT max(void.recorded_at) AS at
                 FROM service_quality_event AS ended
                 JOIN service_quality_event AS void ON void.voids_id = ended.id
                WHERE ended.ticket_id = one.ticket_id
                  AND ended.kind = 'callback_ended'
                  AND (ended.value ->> 'callback')::int = one.id
                  AND %(known_void)s
               ) AS taken_back ON TRUE
          LEFT JOIN LATERAL (
               SELECT min(tried.at) AS first_attempt_at,
                      min(tried.at) FILTER (
                          WHERE tried.value ->> 'disposition' = ANY(%(reached)s)
                            AND (taken_back.at IS NULL OR tried.at >= taken_back.at)
                      ) AS reached_at
                 FROM service_quality_event AS tried
                WHERE tried.ticket_id = one.ticket_id
                  AND tried.kind = 'callback_attempted'
                  AND (tried.value ->> 'callback')::int = one.id
                  AND %(known)s
               ) AS tried ON TRUE
        """,
        call=CALL_OF_CLOCK,
        known=known("tried"),
        known_void=known("void"),
        reached=reached,
    )


def in_doubt(reached):
    """Return the condition that an attempt makes one ask who was called.

    The number was not the contact's when the ticket was handled. Or it was one for
    several customers on one day. Or the caller had reached another customer just
    before.

    :param reached: list of the dispositions by which a customer was reached
    """
    return SQL(
        """
        (call.is_number_changed IS TRUE OR EXISTS (
            SELECT 1
              FROM service_quality_callback_attempt AS tried
             WHERE tried.callback_id = call.id
               AND (tried.is_other_number IS TRUE OR EXISTS (
                   SELECT 1
                     FROM service_quality_callback_attempt AS near
                     JOIN service_quality_callback AS other
                       ON other.id = near.callback_id
                    WHERE near.at > tried.at - interval '1 day'
                      AND near.at < tried.at + interval '1 day'
                      AND other.company_id = call.company_id
                      AND other.commercial_partner_id
                          IS DISTINCT FROM call.commercial_partner_id
                      AND (%(same_number)s
                           OR near.user_id = tried.user_id
                           AND near.at <= tried.at
                           AND near.at > tried.at - %(talk)s::interval
                           AND tried.disposition = ANY(%(reached)s)
                           AND near.disposition = ANY(%(reached)s))))))
        """,
        same_number=same_number(SQL("near.plain_number"), SQL("tried.plain_number")),
        talk=LEAST_TALK,
        reached=reached,
    )


def same_number(one, other):
    """Return the condition that two plain numbers are the same telephone number.

    It says in SQL what ``same_number`` of ``service_quality_core/tools/phone.py`` says.
    """
    return SQL(
        """
        (%(one)s = %(other)s AND %(one)s <> ''
         OR least(length(%(one)s), length(%(other)s)) >= %(least)s
            AND right(%(one)s, least(length(%(one)s), length(%(other)s)))
              = right(%(other)s, least(length(%(one)s), length(%(other)s))))
        """,
        one=one,
        other=other,
        least=LEAST_LOCAL,
    )
