"""Declares what each metric measures: which facts start, stop and end its clock.

The facts are the tokens that :mod:`.track` derives from the rows of the ledger:
the kinds of rows themselves, and *handled* (the first entry into resolved or closed
in a cycle), *cancelled* (also as a duplicate), *reopened*, *complaint* (the ticket
became one), *acknowledged_by_person* (a complaint, by no machine), and how a follow-up
call ended: *callback_ended* (the customer was
reached), *callback_failed* (could not be reached), *callback_dropped* (was not needed).
"""

from collections import namedtuple

OPEN_PHASES = frozenset({"new", "active", "waiting_customer", "waiting_third_party"})
HANDLED_PHASES = frozenset({"resolved", "closed"})
OVER_PHASES = HANDLED_PHASES | {"cancelled"}
WORKED_PHASES = HANDLED_PHASES | {"active"}
WORK_KINDS = ("responded", "updated", "arrived")
"""Somebody has begun to work on a ticket that was moved to such a phase, or that has
such a row in the ledger."""
TICKET_STARTS = frozenset({"opened", "complaint"})
"""What starts clocks that go on with a reopened ticket. A follow-up call is no such: it
is about one handling of the ticket, and a later handling opens its own."""

Metric = namedtuple(
    "Metric", "starts stops dies fails rounds any_phase pause_on on_reopen"
)
"""``fails``: ends the clock missed, however early. ``rounds``: a stop other than
*handled* starts the next round at once.
``any_phase``: the clock also runs while the ticket is resolved or closed.
``pause_on``: the default, a key of :data:`PAUSES`. A promise of an answer, a visit
or a call runs until that is done: a ticket on hold is not answered.
``on_reopen``: the default; see :data:`ON_REOPEN`."""

ON_REOPEN = ("continue", "restart", "never")
"""``continue``: the same clock goes on, its verdict is cleared and the time resolved
does not count. ``restart``: the verdict stands and a clock of the next cycle starts.
``never``: the first verdict stands; a clock that ended without one goes on."""


def declare(
    starts, stops, dies, *, fails="", rounds=False, any_phase=False,
    pause_on="nothing", on_reopen,
):  # fmt: skip
    """Return a :class:`Metric` from words: each argument names tokens, with spaces.

    >>> sorted(declare("opened", "arrived handled", "", on_reopen="never").stops)
    ['arrived', 'handled']
    """
    return Metric(
        frozenset(starts.split()),
        frozenset(stops.split()),
        frozenset(dies.split()),
        frozenset(fails.split()),
        rounds,
        any_phase,
        pause_on,
        on_reopen,
    )


METRICS = {
    # A visit or the solution itself is a response as well, and so is what a person
    # says to a complaint.
    "first_response": declare(
        "opened",
        "responded arrived handled acknowledged_by_person answered",
        "cancelled",
        on_reopen="never",
    ),
    # What is solved from afar needs no visit any more.
    "arrival": declare("opened", "arrived", "cancelled handled", on_reopen="never"),
    "resolution": declare(
        "opened", "handled", "cancelled", pause_on="customer", on_reopen="continue"
    ),
    "update": declare(
        "opened",
        "responded updated handled",
        "cancelled",
        rounds=True,
        pause_on="customer",
        on_reopen="continue",
    ),
    "callback": declare(
        "callback_opened",
        "callback_ended",
        # cancelled after work, the customer is called all the same
        "callback_dropped reopened",
        fails="callback_failed",
        any_phase=True,
        on_reopen="restart",
    ),
    "complaint_acknowledge": declare(
        "complaint", "acknowledged", "cancelled", any_phase=True, on_reopen="never"
    ),
    "complaint_answer": declare(
        # a refused answer starts the next round; the first one's verdict stands
        "complaint answer_refused",
        "answered",
        "cancelled",
        any_phase=True,
        on_reopen="never",
    ),
}

CALLBACK_ENDS = {
    "completed": "callback_ended",
    "refused": "callback_ended",
    "answered": "callback_ended",
    "unreachable": "callback_failed",
    "exempt": "callback_dropped",
    "declined": "callback_dropped",
    "cancelled": "callback_dropped",
}
"""What the result of a follow-up call means for its clock. Who refuses was reached;
``answered`` is an answer by another way that the agreement takes for a call."""

STATE_OF_COMPLAINT_AFTER = {
    "complaint": "registered",
    "acknowledged": "acknowledged",
    "investigating": "investigating",
    "answered": "answered",
    "answer_refused": "investigating",
    "complaint_closed": "closed",
}
"""To which state of a complaint a token leads, in the order of :class:`Track`.

A second refusal, *refused_again*, leads nowhere: the answer stands, and who handles the
complaint closes it with reasons."""

PAUSES = {
    "nothing": frozenset(),
    "customer": frozenset({"waiting_customer"}),
    "third_party": frozenset({"waiting_third_party"}),
    "both": frozenset({"waiting_customer", "waiting_third_party"}),
}
"""The choices of a target's *paused while*, as phases."""
