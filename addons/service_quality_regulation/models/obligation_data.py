"""The terms in which obligations are written and judged."""

from collections import namedtuple

ANSWERABLE = {"staff": "service_manager"}
"""Who is reminded in place of a role that is too many people."""

PERIODS = [
    ("month", "Every month"),
    ("quarter", "Every quarter"),
    ("half", "Every half-year"),
    ("year", "Every year"),
    ("continuous", "At all times"),
    ("trigger", "Whenever it happens"),
]

JUDGED_BY_MONTH = ("continuous", "trigger")
"""What has no period of its own is judged by the month."""

STATES = [
    ("fulfilled", "Fulfilled"),
    ("due", "Still due"),
    ("overdue", "Overdue"),
    ("not_applicable", "Not applicable"),
    ("not_supported", "Not yet supported"),
]

SETTLED = ("fulfilled", "not_applicable")

REASONS = [
    ("enough", "There is as much evidence as is asked for."),
    ("running", "The period, or the grace after it, is not over."),
    ("too_few", "The period is over, and there is less evidence than is asked for."),
    ("missing", "Something that fell due was not done, or not in time."),
    ("nothing_due", "Nothing fell due in the period."),
    ("decided", "It was decided that it does not apply."),
    ("not_installed", "The addon that carries it is not installed."),
    ("no_evidence", "No rule says yet what proves it."),
]
"""Why an obligation stands as it does, in a word."""

COMPARED = (
    "state", "why", "note", "decided_by_id", "due_count", "done_count",
    "missing_count",
)  # fmt: skip
"""A judgement is written when one of these is another than before."""

FORESEEN = (
    "annual_reports_reviewed", "calls_graded", "calls_in_time", "calls_made",
    "complaints_acknowledged", "complaints_all_passed_on", "complaints_answered",
    "complaints_passed_on", "complaints_settled", "department_reports",
    "deviations_analysed", "digests_answered", "event_reports", "feedback_answered",
    "feedback_sent", "figures_taken", "hotlines_tested", "major_called",
    "major_handled", "monthly_reports", "project_reports", "quarterly_reports",
    "reports_acknowledged", "service_reports", "statistics_sent", "visits_signed",
)  # fmt: skip
"""The rules of evidence of addons above this one that shipped obligations ask for.

Until the addon is there such an obligation is not supported, and can be kept.
"""

Verdict = namedtuple("Verdict", "state why due done")


def judge(rule, due, done, minimum, goal_percent, is_over):
    """Return how an obligation stands, from what was counted.

    :param rule: ``every``: all that fell due; ``minimum``: a number in the period
    :param due: how many fell due, of ``every``
    :param done: how many of them were done, or how many there are
    :param goal_percent: the share of ``every`` that has to be done
    :param is_over: whether the period and its grace are over
    :return: (state, why)

    >>> judge("every", 4, 4, 1, 100, False)
    ('fulfilled', 'enough')
    >>> judge("every", 4, 3, 1, 100, False)
    ('overdue', 'missing')
    >>> judge("every", 100, 95, 1, 95, True)
    ('fulfilled', 'enough')
    >>> judge("every", 0, 0, 1, 100, True)
    ('not_applicable', 'nothing_due')
    >>> judge("minimum", 0, 0, 1, 100, False)
    ('due', 'running')
    >>> judge("minimum", 0, 1, 2, 100, True)
    ('overdue', 'too_few')
    """
    if rule == "every":
        if not due:
            return "not_applicable", "nothing_due"
        if 100 * done >= goal_percent * due:
            return "fulfilled", "enough"
        return "overdue", "missing"
    if done >= minimum:
        return "fulfilled", "enough"
    return ("overdue", "too_few") if is_over else ("due", "running")
