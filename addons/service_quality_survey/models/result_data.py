"""The words that the figures of a survey share."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

RESULT_KINDS = [
    ("total", "Total"),
    ("question", "Question"),
    ("promise", "Promise"),
    ("customer", "Customer"),
    ("agreement", "Agreement"),
    ("team", "Department"),
    ("user", "Account manager"),
    ("role", "Role"),
    ("stratum", "Stratum"),
    ("channel", "Channel"),
    ("team_promise", "Promise by department"),
    ("user_promise", "Promise by account manager"),
    ("silence", "Who did not answer"),
]
"""What a figure is of."""

INDEX_BLOCKS = ("overall", "expectation", "ideal")
"""What the satisfaction index is made of."""

NAMING = {
    "question": "question_id",
    "promise": "promise_id",
    "customer": "customer_id",
    "agreement": "agreement_id",
    "team": "team_id",
    "user": "user_id",
}
"""The field that says what a figure is of."""

OPEN_TYPES = ("text_box", "char_box")
"""Answers in people's own words."""

GAP = 10
"""So many points that what is felt lies from what is measured are worth a look."""

CLEAR = 1.5
"""So many times as much is a clear difference between those who are silent and not."""

FEEDBACK_DAYS = 14
"""Within so many days after it was handed out a part is answered."""

MOST_OPEN = 20
"""So many answers in people's own words stand on the page; the rest is a list."""

TICKETS, OWN_TICKETS, MISSED = "tickets", "own_tickets", "missed"

FACTS = {
    TICKETS: _lt("Tickets of the customer"),
    OWN_TICKETS: _lt("Tickets of the person"),
    MISSED: _lt("Missed service targets of the customer"),
}
"""What the helpdesk knows of everybody, whether they answered or not."""
