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
    ("not_fulfilled", "Not fulfilled"),
    ("overdue", "Overdue"),
    ("due", "Due"),
    ("corrected", "Not fulfilled, corrected"),
    ("fulfilled_late", "Fulfilled late"),
    ("fulfilled", "Fulfilled"),
    ("nothing", "Nothing to do"),
    ("not_applicable", "Not applicable"),
    ("not_supported", "Not yet supported"),
]
"""How an obligation stands in a period, the worst first."""

OPEN = ("due", "overdue")
"""What can still be done: people are reminded of it."""

MISSED = ("overdue", "not_fulfilled")

PROVED = ("fulfilled", "fulfilled_late")

COUNTED = (*MISSED, "corrected", "due", *PROVED, "nothing")
"""What follows from counting cases, and from no decision."""

SETTLED = (*PROVED, "not_fulfilled", "corrected", "nothing", "not_applicable")
"""What is not judged again once its period is over."""

REPAIRS = [
    ("always", "At any time"),
    ("days", "For a number of days"),
    ("never", "Not at all"),
]

REASONS = [
    ("enough", "There is as much evidence as is asked for."),
    ("late", "All was done, and some of it after its time."),
    ("running", "The time for it is not over."),
    ("too_few", "The period is over, and there is less evidence than is asked for."),
    ("missing", "Something that fell due was not done."),
    ("lost", "It was not done in its time, and cannot be made good any more."),
    ("corrected", "It was not fulfilled. Why was found, and is put right."),
    ("nothing_due", "There was no case in the period."),
    ("withdrawn", "What was missing is no case any more. It was missed all the same."),
    ("decided", "It was decided that it does not apply."),
    ("not_installed", "The addon that carries it is not installed."),
    ("no_evidence", "No rule says yet what proves it."),
]
"""Why an obligation stands as it does, in a word."""

COUNTS = ("due_count", "done_count", "missing_count", "late_count", "lost_count")

COMPARED = ("state", "why", "note", "remark", "decided_by_id", "late_on", *COUNTS)
"""A judgement is written when one of these is another than before."""

RULES = (
    "rule", "minimum_count", "goal_percent", "grace_days", "repair", "repair_days",
    "evidence", "evidence_model", "evidence_date", "evidence_domain", "evidence_due",
)  # fmt: skip
"""The fields of an obligation by which it is judged: a cell keeps those it began with.
"""

FORESEEN = (
    "annual_reports_reviewed", "calls_graded", "calls_in_time", "calls_made",
    "clauses_audited", "complaints_acknowledged", "complaints_all_passed_on",
    "complaints_answered", "complaints_passed_on", "complaints_settled",
    "department_reports", "deviations_analysed", "digests_answered", "event_reports",
    "feedback_answered", "feedback_sent", "figures_reviewed", "hotlines_tested",
    "improvement_plans_approved", "improvements_approved", "major_called",
    "major_handled", "management_reviews_closed", "management_reviews_held",
    "measures_checked", "measures_done", "monthly_reports",
    "nonconformities_tracked", "project_deviations_analysed", "project_reports",
    "quarterly_reports", "reports_acknowledged", "reports_assessed", "service_reports",
    "statistics_sent", "survey_parts_answered", "surveys_fed_back", "surveys_made",
    "surveys_matching", "visits_signed",
)  # fmt: skip
"""The rules of evidence of addons above this one that shipped obligations ask for.

Until the addon is there such an obligation is not supported, and can be kept.
"""

Tally = namedtuple("Tally", "due done late open lost", defaults=(0, 0, 0))
"""How many cases there are, were done, were done late, have time, or are lost."""

Verdict = namedtuple("Verdict", "state why tally")


def judge(rule, tally, minimum, goal_percent, is_over, is_lost):
    """Return how an obligation stands, from what was counted: its worst case.

    :param rule: ``every``: each case; ``all``: each, and ``minimum`` of them at least;
        ``minimum``: a number in the period
    :param tally: a :class:`Tally`
    :param goal_percent: the share of the cases that has to be done
    :param is_over: whether the period and its grace are over
    :param is_lost: whether what is missing cannot be made good any more
    :return: (state, why)

    >>> judge("every", Tally(4, 4), 1, 100, False, False)
    ('fulfilled', 'enough')
    >>> judge("every", Tally(4, 4, late=1), 1, 100, False, False)
    ('fulfilled_late', 'late')
    >>> judge("every", Tally(4, 3, open=1), 1, 100, False, False)
    ('due', 'running')
    >>> judge("every", Tally(4, 2, open=1), 1, 100, False, False)
    ('overdue', 'missing')
    >>> judge("every", Tally(4, 1, open=1, lost=1), 1, 100, False, False)
    ('not_fulfilled', 'lost')
    >>> judge("every", Tally(100, 95, lost=5), 1, 95, True, True)
    ('fulfilled', 'enough')
    >>> judge("every", Tally(0, 0), 1, 100, True, True)
    ('nothing', 'nothing_due')
    >>> judge("all", Tally(0, 0), 1, 100, True, False)
    ('overdue', 'too_few')
    >>> judge("minimum", Tally(0, 0), 1, 100, False, True)
    ('due', 'running')
    >>> judge("minimum", Tally(0, 1), 2, 100, True, True)
    ('not_fulfilled', 'lost')
    """
    due, done, late, open_, lost = tally
    if rule == "minimum" or (rule == "all" and due < minimum):
        return _judge_number(done, late, minimum, is_over, is_lost)
    if not due:
        return "nothing", "nothing_due"

    def is_enough(count):
        return 100 * count >= goal_percent * due

    if is_enough(done):
        return _proved(is_enough(done - late))
    if is_enough(done + open_):
        return "due", "running"
    if is_lost or not is_enough(due - lost):
        return "not_fulfilled", "lost"
    return "overdue", "missing"


def _judge_number(done, late, minimum, is_over, is_lost):
    if done >= minimum:
        return _proved(done - late >= minimum)
    if not is_over:
        return "due", "running"
    return ("not_fulfilled", "lost") if is_lost else ("overdue", "too_few")


def _proved(is_in_time):
    return ("fulfilled", "enough") if is_in_time else ("fulfilled_late", "late")
