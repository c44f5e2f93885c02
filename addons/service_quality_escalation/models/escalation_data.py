"""Declares what the steps of escalation rules may be; addons declare more."""

from collections import namedtuple

from odoo.addons.service_quality_core.tools.selection import with_codes

PROMISE = "promise"
"""What has a clock; all else is due until a day."""

Trigger = namedtuple(
    "Trigger",
    "label by_day is_counted metric subject",
    defaults=(False, True, None, None),
)
"""When a step comes.

``by_day``: it is for what has a due day, else for what has a clock. ``is_counted``: the
step has an amount. ``metric``: it is for the clocks of this metric alone, and comes
when they start. ``subject``: it is for nothing else."""

Action = namedtuple(
    "Action",
    "label is_personal by_day once_a_ticket needs_channel hands_over reach",
    defaults=(True, False, False, False, False, None),
)
"""What a step does, by the method ``_do_<code>`` of alarms and reminders.

``is_personal``: people are chosen for it. ``by_day``: it is also for what has a due
day. ``once_a_ticket``: it is done to a ticket once in a cycle, for whichever of its
promises: a raised priority promises something else, for which the step would fire
again. ``needs_channel``: the step names a channel. ``hands_over``: one person gets the
ticket, and sees it then. ``reach``: a function that returns those of some users who can
be reached this way."""

Recipient = namedtuple(
    "Recipient", "label stand_in by_day", defaults=("service_manager", True)
)
"""Who is told: the people that the method ``_people_<code>`` of alarms and reminders
returns, or else the members of the role of this code.

``stand_in``: who is told where there is nobody of the kind. ``by_day``: it is also for
what has a due day."""

Shipped = namedtuple(
    "Shipped", "sequence name subject steps conditions", defaults=[None]
)
"""A rule that each company starts with: its place, its name in the user's language,
what it is about, its steps as tuples of trigger, amount, recipient and action, and its
other values by field."""


def options(known, used):
    """Return declarations as a selection, in which a code that is not known is itself.

    :param known: dict of code to what has a ``label``
    :param used: the codes that records have
    """
    return with_codes({code: one.label for code, one in known.items()}, used)
