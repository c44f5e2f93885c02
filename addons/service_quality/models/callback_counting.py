"""How follow-up calls are counted: the one rule of Regulation A5.1.2.

Only the telephone counts, and *in time* is the deadline of the call's own clock.
"""

from odoo.tools import SQL

ATTEMPTED = SQL("COALESCE(call.first_attempt_at <= clock.deadline, FALSE)")
"""The customer was called in time, whether or not somebody answered."""

REACHED = SQL("COALESCE(call.reached_at <= clock.deadline, FALSE)")
"""The customer was reached in time; one who refused to answer was reached."""

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
    SELECT one.deadline
      FROM service_quality_clock AS one
     WHERE one.ticket_id = call.ticket_id
       AND one.metric = 'callback'
       AND one.started_at = call.opened_at
     ORDER BY one.state = 'cancelled', one.counted DESC, one.id DESC
     LIMIT 1
    """
)
"""The clock that a call started; one that replaced another comes first."""
