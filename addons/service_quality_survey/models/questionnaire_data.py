"""The words of the questions that a survey proposes, and how many it may ask."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MOST_QUESTIONS = 15
"""Of more than this many people answer fewer, and not as carefully."""

KINDS = (
    "scale", "simple_choice", "multiple_choice", "text_box", "char_box",
    "numerical_box",
)  # fmt: skip
"""The types of questions that our page, the paper and the interviewer ask."""

CHOOSING = ("simple_choice", "multiple_choice")

INDEX_BLOCKS = ("overall", "expectation", "ideal")
"""The three questions of the satisfaction index, all from 1 to 10."""

SATISFIED = (_lt("Very dissatisfied"), _lt("Very satisfied"))

STANDARD = {
    "overall": {
        "title": _lt("Overall, how satisfied are you with our service?"),
        "question_type": "scale",
        "scale": (1, 10, *SATISFIED),
        "constr_mandatory": True,
    },
    "expectation": {
        "title": _lt("How does our service compare with what you expected?"),
        "question_type": "scale",
        "scale": (1, 10, _lt("Far below it"), _lt("Far above it")),
        "constr_mandatory": True,
    },
    "ideal": {
        "title": _lt(
            "Imagine an ideal service of this kind. How close does ours come to it?"
        ),
        "question_type": "scale",
        "scale": (1, 10, _lt("Very far from it"), _lt("Very close to it")),
        "constr_mandatory": True,
    },
    "nps": {
        "title": _lt("How likely would you recommend us to a business partner?"),
        "question_type": "scale",
        "scale": (0, 10, _lt("Not at all likely"), _lt("Extremely likely")),
    },
    "effort": {
        "title": _lt("How easy is it for you to get help from us?"),
        "question_type": "scale",
        "scale": (1, 7, _lt("Very difficult"), _lt("Very easy")),
    },
    "open": {
        "title": _lt("What should we do better, and what should stay as it is?"),
        "question_type": "text_box",
    },
    "call": {
        "title": _lt("Shall we call you about your answers?"),
        "question_type": "simple_choice",
        "comments_allowed": True,
        "comments_message": _lt("On which number?"),
    },
}
"""The questions of every survey, by what they are about."""

WISHES = ((True, _lt("Yes, please call me")), (False, _lt("No, thank you")))

BEFORE = INDEX_BLOCKS
AFTER = ("nps", "effort", "open", "call")
"""What is asked before and after the promises."""

PROMISES = {
    "first_response": (
        _lt("An answer to your call within the time that we agreed"),
        _lt(
            "How satisfied are you that your calls are answered within the time that "
            "we agreed?"
        ),
    ),
    "arrival": (
        _lt("Somebody is with you on site within the time that we agreed"),
        _lt(
            "How satisfied are you that somebody is with you on site within the time "
            "that we agreed?"
        ),
    ),
    "resolution": (
        _lt("Your matter is solved within the time that we agreed"),
        _lt(
            "How satisfied are you that your matters are solved within the time that "
            "we agreed?"
        ),
    ),
    "update": (
        _lt("You are told how your matter stands, as often as we agreed"),
        _lt(
            "How satisfied are you that you are told how your matters stand, as often "
            "as we agreed?"
        ),
    ),
    "callback": (
        _lt("After your matter was handled we call you within the time that we agreed"),
        _lt(
            "How satisfied are you with our calls after your matters were handled, "
            "within the time that we agreed?"
        ),
    ),
    "complaint_acknowledge": (
        _lt("We confirm your complaint within the time that we agreed"),
        _lt(
            "How satisfied are you that your complaints are confirmed within the time "
            "that we agreed?"
        ),
    ),
    "complaint_answer": (
        _lt("We answer your complaint within the time that we agreed"),
        _lt(
            "How satisfied are you that your complaints are answered within the time "
            "that we agreed?"
        ),
    ),
}
"""Of each metric the promise and the question, in the words of a customer."""

OTHER_PROMISE = _lt("%s within the time that we agreed")
OTHER_QUESTION = _lt("%s: how satisfied are you that we keep the time that we agreed?")
OF_SERVICE = _lt("%(service)s: %(text)s")


def promise_words(metric, label, service, lang):
    """Return a promise and the question about it, in a language.

    :param metric: code
    :param label: the metric's label in that language, for one without words here
    :param service: what the promise is about, or nothing
    :return: tuple of two texts
    """
    if metric in PROMISES:
        texts = [words._translate(lang) for words in PROMISES[metric]]
    else:
        texts = [
            OTHER_PROMISE._translate(lang) % label,
            OTHER_QUESTION._translate(lang) % label,
        ]
    if service:
        form = OF_SERVICE._translate(lang)
        texts = [form % {"service": service, "text": text} for text in texts]
    return tuple(texts)
