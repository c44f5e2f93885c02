"""Tells of the customer surveys: last year's is fed back, this year's in the field."""

import logging

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.tools.period import Period

from .reports import cancel_mails

_logger = logging.getLogger(__name__)

LAST_DAYS, THIS_DAYS = 330, 5
"""So many days ago each of the surveys was started."""

SCORES = {
    "bank": {"decision": 8, "contact": 9, "user": 7},
    "hospital": {"decision": 6, "contact": 5},
    "logistics": {"decision": 8, "contact": 8},
}
"""What the people of each customer gave last year, by their role."""

WORDS = {
    "bank": "夜间响应很快，希望工程师到场前先打电话。",
    "hospital": "周末找不到人，等待时间太长。",
    "logistics": "Good engineers. We would like one list of open tickets a week.",
}

CHANNELS = ("link", "paper", "phone", "qr", "portal")

ANALYSIS = "周末排班人手不足，客户等待时间长于工作日。"
MEASURE = "每个周末增加一名值班工程师，并在月报中列出周末的首次响应时间。"
NO_MEASURE = "客户对承诺均表示满意，无需采取措施。"
BECAME = "自三月起周末有两人值班，首次响应时间已降到二十分钟以内。"
TOLD = (
    "Thank you for your answers. Customers were content with our engineers, and less "
    "with weekends. Two engineers are on duty on weekends now."
)


def tell_surveys(demo):
    """Make both surveys by the steps of the client; only days are set back."""
    demo = demo.with_context(mail_activity_quick_update=True)
    company = demo.env.ref("base.main_company")
    year = Period.around("year", company._service_day())
    last = _field(demo, year.previous(), LAST_DAYS)
    _answer_last(demo, last)
    _feed_back(demo, last)
    running = _field(demo, year, THIS_DAYS)
    _answer_running(demo, running)
    demo._name_records("survey", {"last": last, "running": running})
    cancel_mails(demo)


def _field(demo, year, days):
    """Make a survey of a year, and start it so many days ago."""
    wu = demo._ref("user", "wu")
    began = fields.Datetime.now() - relativedelta(days=days)
    survey = (
        demo.env["service.quality.survey"]
        .with_user(wu)
        .create(
            {
                "period_kind": "year",
                "date_from": year.start,
                "interviewer_ids": [(6, 0, demo._ref("user", "yue").ids)],
            }
        )
    )
    survey.action_propose()
    survey.action_freeze()
    survey.action_propose_questions()
    survey.action_start()
    # the story takes place in the past
    people = survey.contact_ids.filtered("is_drawn")
    people.action_link_sent()
    told = people.sudo()  # the story takes place in the past
    told._write_as_step({"invited_at": began})
    told.survey_id.sending_ids._write_as_step({"sent_at": began})
    survey._write_as_step(
        {"frozen_at": began - relativedelta(days=3), "started_at": began}
    )
    return survey.with_env(demo.env)


def _answer_last(demo, survey):
    """Have everybody answer last year's but one, by every channel."""
    people = survey.contact_ids.sorted("id")
    for number, contact in enumerate(people):
        key = next(
            (one for one in SCORES if demo._ref("partner", one) == contact.customer_id),
            "bank",
        )
        score = SCORES[key].get(contact.role, 7)
        channel = CHANNELS[number % len(CHANNELS)]
        if channel == "paper":
            channel = "phone"  # the scan of a paper would be a picture of nothing
        _answer(demo, contact, score, WORDS[key] if number % 2 else "", channel)
        contact._write_as_step(
            {"answered_at": survey.started_at + relativedelta(days=2 + number)}
        )


def _answer(demo, contact, score, words, channel):
    """Save what a person answers: scores around one, and a few words."""
    values = {}
    for number, question in enumerate(contact._questions()):
        if question.question_type == "scale":
            low, high = question.scale_min, question.scale_max
            part = min(score + number % 2, 10) / 10
            values[question.id] = str(max(low, round(high * part)))
        elif question.service_block == "call":
            values[question.id] = str(question.suggested_answer_ids[-1:].id)
        elif words:
            values[question.id] = words
    user = demo._ref("user", "yue") if channel == "phone" else None
    wrong = contact._save_answers(values, channel, user=user)
    if wrong:
        _logger.warning("The demo's answer is not taken: %s", wrong)


def _feed_back(demo, survey):
    """Close last year's survey, hand out its parts, have them answered, and report."""
    wu, he, zhou = (demo._ref("user", name) for name in ("wu", "he", "zhou"))
    own = survey.with_user(wu)
    own.action_close()
    closed = survey.started_at + relativedelta(days=30)
    survey._write_as_step({"closed_at": closed, "close_date": closed.date()})
    own.action_make_parts()
    for number, part in enumerate(survey.part_ids):  # batched: a few parts
        mine = part.with_user(part.user_id)
        answer = {"analysis": ANALYSIS, "no_measure_reason": NO_MEASURE}
        if not number:
            until = (closed + relativedelta(days=40)).date()
            answer = {
                "analysis": ANALYSIS,
                "measure": MEASURE,
                "measure_until": until,
            }
        mine.write(answer)
        mine.action_answer()
        _judge(part, wu, he)
    try:
        with demo.env.cr.savepoint():
            _report(own, zhou)
    except UserError as error:
        _logger.warning("The demo's survey is not fed back: %s", error)


def _judge(part, *people):
    """Have somebody who may accept what was answered."""
    judge = next((one for one in people if part.with_user(one).may_decide), None)
    if not judge:
        return
    part.with_user(judge).action_accept()
    if part.state == "accepted":
        # the story fills in what its judge would
        part.with_user(judge).sudo().follow_up = BECAME
        part.with_user(judge).action_done()


def _report(survey, reviewer):
    """Send the report, tell the customers, and state that all is fed back."""
    survey.told_text = TOLD
    survey.action_tell_customers()
    survey.action_report()
    report = survey.sudo().report_ids  # the story sends what others review
    report.with_user(reviewer).review()
    report.with_user(reviewer).send()
    survey.action_finish()
    ended = survey.closed_at + relativedelta(days=45)
    # the story takes place in the past
    survey.sudo()._write_as_step({"finished_at": ended})


def _answer_running(demo, survey):
    """Have some answer this year's: by link, by telephone, one half-way, one not."""
    people = survey.contact_ids.sorted("id")
    for contact, score, channel in zip(people, (9, 4), ("link", "phone"), strict=False):
        _answer(demo, contact, score, WORDS["bank"], channel)
    for contact in people[2:3]:
        first = contact._questions()[:1]
        contact._save_answers({first.id: "8"}, "link", is_whole=False)
    if len(people) > 4:
        people[3]._refuse("没有时间")
