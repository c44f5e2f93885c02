"""The words of follow-up calls say how they end, and what customers answer."""

RESULTS = [
    ("completed", "Completed"),
    ("refused", "Refused to answer"),
    ("unreachable", "Unreachable"),
    ("answered", "Answered in writing"),
    ("exempt", "Exempt"),
    ("declined", "Declined by the customer"),
    ("cancelled", "Cancelled"),
]

COUNTED_OUT = ("exempt", "declined", "cancelled")
"""Results that are in no rate; they are counted by themselves."""

ASIDE = [("exempt", "Exempt"), ("declined", "Declined by the customer")]
"""Why a call is set aside that nobody is to make."""

WRITTEN_CHANNELS = [("link", "Link"), ("portal", "Portal")]

CHANNELS = [("telephone", "Telephone"), *WRITTEN_CHANNELS]

SOLVED = [("yes", "Yes"), ("partly", "Partly"), ("no", "No")]

SATISFACTION = [
    ("5", "Very satisfied"),
    ("4", "Satisfied"),
    ("3", "Neither"),
    ("2", "Dissatisfied"),
    ("1", "Very dissatisfied"),
]

DISSATISFIED = ("1", "2")
"""Of them a reason is asked, and the department says what it does about it."""
