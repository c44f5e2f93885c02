"""Says what starts, stops and ends the time of a metric, in the words of a contract.

There is one sentence for each token of :data:`..tools.metrics.METRICS`, and one for a
clock that starts again: what is printed follows from what is counted.
"""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "opened": _lt("When the customer reports it."),
    "complaint": _lt("When the complaint is made."),
    "callback_opened": _lt(
        "When the ticket is resolved, or cancelled after work on it."
    ),
    "answer_refused": _lt("When the answer is refused, once more."),
    "responded": _lt(
        "When a person answers the customer; automatic answers and internal notes do "
        "not count."
    ),
    "updated": _lt("When the customer is told how it stands."),
    "arrived": _lt("When somebody arrives on site."),
    "handled": _lt("When the ticket is resolved."),
    "acknowledged": _lt("When its receipt is confirmed."),
    "acknowledged_by_person": _lt(
        "When a person confirms the receipt of a complaint; automatic confirmations do "
        "not count."
    ),
    "answered": _lt("When a complaint is answered."),
    "callback_ended": _lt("When the customer is reached by the follow-up call."),
    "callback_dropped": _lt("When no call is needed."),
    "callback_failed": _lt("When the customer cannot be reached."),
    "reopened": _lt("When the ticket is reopened."),
    "cancelled": _lt("When the ticket is cancelled or is a duplicate."),
    "next_round": _lt("Each time but the last, the time starts again."),
}


def course_of(rule, words):
    """Return in words what starts, stops, annuls and fails the time of a metric.

    :param rule: :class:`~..tools.metrics.Metric`
    :param words: dict of token to text, in the order in which they are said
    :return: dict of the parts of a metric to a text; parts that it does not have are
        left out
    """
    course = {
        part: [text for token, text in words.items() if token in tokens]
        for part, tokens in rule._asdict().items()
        if part in ("starts", "stops", "dies", "fails")
    }
    if rule.rounds:
        course["stops"].append(words["next_round"])
    return {part: " ".join(texts) for part, texts in course.items() if texts}
