"""What escalation rules are about, and which steps fit it."""

PROMISE = "promise"
"""What has a clock; all else is due until a day."""

TRIGGERS = [
    ("percent", "% of the time used"),
    ("before", "Minutes before the deadline"),
    ("after", "Minutes after the deadline"),
    ("complaint", "A complaint arrives"),
    ("days", "Days after the due day"),
]

RECIPIENTS = [
    ("assignee", "Assignee"),
    ("duty", "Whoever is on duty"),
    ("leader", "Team leader"),
    ("project_manager", "Project manager"),
    ("service_manager", "Service manager"),
    ("quality", "Quality department"),
    ("technical_centre", "Technical service centre"),
    ("executive", "Executives"),
    ("user", "A certain user"),
]

ACTIONS = [
    ("activity", "Activity"),
    ("mail", "E-mail"),
    ("sms", "SMS"),
    ("webhook", "Message to a channel"),
    ("reassign", "Reassign"),
    ("raise_priority", "Raise the priority"),
]

IMPERSONAL = ("webhook", "raise_priority")
"""Actions that are done without anybody being chosen."""

BY_DAY = {
    "trigger": ("days",),
    # there is no team whose roster would be asked
    "recipient": (
        "assignee", "project_manager", "service_manager", "quality",
        "technical_centre", "executive", "user",
    ),
    "action": ("activity", "mail"),
}  # fmt: skip
"""What a step may be for something with a due day."""

BY_CLOCK = {
    "trigger": ("percent", "before", "after", "complaint"),
    "recipient": tuple(code for code, _name in RECIPIENTS),
    "action": tuple(code for code, _name in ACTIONS),
}
"""What a step may be for a promise."""


def fitting(subject):
    """Return what a step may be under a rule about something, by field."""
    return BY_CLOCK if subject == PROMISE else BY_DAY
