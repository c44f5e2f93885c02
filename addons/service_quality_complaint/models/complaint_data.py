"""The words of complaints name their states, their steps and the ways to answer."""

from collections import namedtuple

from odoo.fields import Domain

COMPLAINT_STATES = [
    ("registered", "Registered"),
    ("acknowledged", "Acknowledged"),
    ("investigating", "Investigating"),
    ("answered", "Answered"),
    ("closed", "Closed"),
]

ANSWER_WAYS = [
    ("mail", "By mail"),
    ("phone", "By telephone"),
    ("in_person", "In person"),
    ("published", "Published"),
]

ADMITTED = [
    ("yes", "Admitted"),
    ("partly", "Partly admitted"),
    ("no", "Not admitted"),
]

Step = namedtuple("Step", "sources acknowledges template")
"""``sources``: the states from which it may be taken. ``acknowledges``: who does this
has acknowledged the complaint as well. ``template``: what the complainant is sent."""

STEPS = {
    "registered": Step((), False, "registered"),
    "acknowledged": Step(("registered",), False, "acknowledged"),
    "investigating": Step(("registered", "acknowledged"), True, "investigating"),
    "answered": Step(
        ("registered", "acknowledged", "investigating", "answered"), True, "answered"
    ),
    "answer_accepted": Step(("answered", "closed"), False, None),
    "answer_refused": Step(("answered", "closed"), False, "reopened"),
    "refused_again": Step(("answered", "closed"), False, None),
    "complaint_closed": Step(("answered",), False, "closed"),
}
"""The state machine of a complaint. The state itself follows from the ledger."""

RECORDED = (
    Domain("service_is_complaint", "=", True)
    & Domain("service_answered_at", "!=", False)
    & Domain("service_root_cause", "!=", False)
    & (
        Domain("service_handling", "!=", False)
        | Domain("service_redress", "!=", False)
        | Domain("service_admitted", "=", "no")
    )
)
"""The complaints that say what was done about them: answer, cause, and the handling or
the redress. Where nothing is admitted there is neither."""

COMPLAINT_KINDS = (
    "opened",
    *(step for step in STEPS if step not in ("registered", "refused_again")),
)
"""The rows of the ledger that say how a complaint goes on; two steps have no kind."""
