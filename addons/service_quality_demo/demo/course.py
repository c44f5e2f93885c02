"""Lets a ticket of the demo take its course."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import fields

from .story import REPLY


class Course:
    """Does to one ticket what a text says: *45m reply; 1d09:30 solve network replaced*.

    A step's time is minutes, hours or working days after the opening, the last with
    the customer's local time. What lies in the future has not happened yet.
    """

    def __init__(self, demo, story):
        self.demo, self.story = demo, story
        self.env = demo.env
        self.ticket = demo._ref("ticket", story["ref"])
        self.desk = demo._ref("user", "yue")
        self.zone = self.ticket.partner_id.tz
        self.at = None

    def run(self):
        """Do what the story says, up to the present."""
        now = fields.Datetime.now()
        opened = self.ticket.service_opened_at
        for step in filter(None, self.story["course"].split(";")):
            moment, verb, *arguments = step.split()
            self.at = later(opened, moment, self.zone)
            if self.at > now:
                break
            getattr(self, f"_step_{verb}")(*arguments)

    def _by(self, user=None):
        """Return the ticket as its holder, or the desk, changes it at that time."""
        user = user or self.ticket.user_id or self.desk
        return self.ticket.with_user(user)._service_as_of(self.at, is_history=True)

    def _stage(self, *phases):
        Stage = self.env["helpdesk.ticket.stage"]
        stage = Stage._service_stage(phases, self.ticket.team_id)
        return stage.ensure_one().id

    def _say(self, author, body):
        """Post a message of that day; an answer gets a row of the ledger by itself."""
        self.env["mail.message"].with_context(service_automatic=True).create(
            {
                "model": "helpdesk.ticket",
                "res_id": self.ticket.id,
                "author_id": author.id,
                "email_from": author.email_formatted,
                "date": self.at,
                "body": body,
                "message_type": "comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
            }
        )

    def _step_assign(self, user):
        self._by(self.desk).write({"user_id": self.demo._ref("user", user).id})

    def _step_start(self):
        self._by().write({"stage_id": self._stage("active")})

    def _step_reply(self):
        language = "zh" if re.search("[一-鿿]", self.story["title"]) else "en"
        self._say((self.ticket.user_id or self.desk).partner_id, REPLY[language])
        self._by().service_record("responded", at=self.at)

    def _step_update(self):
        self._by().service_record("updated", at=self.at)

    def _step_arrive(self):
        self._by().service_record("arrived", at=self.at)

    def _step_leave(self):
        self._by().service_record("departed", at=self.at)

    def _step_ask(self):
        self._by().write({"stage_id": self._stage("waiting_customer")})

    def _step_supplier(self):
        supplier = self.demo._ref("partner", "carrier")
        self._by().write(
            {
                "service_party_id": supplier.id,
                "stage_id": self._stage("waiting_third_party"),
            }
        )

    def _step_resume(self):
        self._by().write({"stage_id": self._stage("active")})

    def _step_pass(self, team, user):
        self._by(self.desk).write(
            {
                "team_id": self.demo._ref("team", team).id,
                "user_id": self.demo._ref("user", user).id,
            }
        )

    def _step_priority(self, priority):
        self._by(self.desk).write({"priority": priority})

    def _step_solve(self, cause, solution):
        self._by().write(
            {
                "stage_id": self._stage("resolved"),
                "service_cause_id": self._code("cause", cause),
                "service_solution_id": self._code("solution", solution),
                "service_work_done": self.story["work"],
            }
        )
        self._say(self.ticket.user_id.partner_id, self.story["work"])

    def _code(self, kind, key):
        return self.env.ref(f"service_quality_core.service_quality_{kind}_{key}").id

    def _step_call(self, disposition, solved=None, satisfaction=None, reason=None):
        """Call the customer, who says whether it was solved, and how satisfied."""
        call = self.ticket.service_callback_ids.filtered(
            lambda call: call.state == "open"
        )
        said = {
            "callback_id": call.id,
            "solved": solved,
            "satisfaction": satisfaction,
            "comment": self.story["said"],
            "reason_ids": reason
            and self.env.ref(f"service_quality_callback.callback_reason_{reason}").ids,
        }
        call.with_user(self.desk).sudo()._save_call(  # a call made on another day
            self.at, disposition, [said] if solved else ()
        )

    def _step_close(self):
        self._by(self.desk).write({"stage_id": self._stage("closed")})

    def _step_reopen(self):
        self._say(self.ticket.partner_id, self.story["text"])
        self._by(self.desk).write({"stage_id": self._stage("active")})

    def _step_cancel(self):
        self._by(self.desk).write(
            {
                "service_cancel_reason": self.story["work"],
                "stage_id": self._stage("cancelled"),
            }
        )

    def _step_duplicate(self, ref):
        other = self.demo._ref("ticket", ref)
        self._by(self.desk).write({"duplicate_id": other.id})

    def _step_deadline(self, hours):
        moment = fields.Datetime.now() + timedelta(hours=int(hours))
        agreed = self.demo.env["ir.attachment"].create(
            {
                "name": "客户确认.txt",
                "raw": f"{self.ticket.number}\n{self.story['work']}".encode(),
                "res_model": self.ticket._name,
                "res_id": self.ticket.id,
            }
        )
        self.ticket.with_user(self.desk).service_set_deadline(
            "resolution", moment, self.story["work"], attachment_ids=agreed.ids
        )


def opening(text, zone):
    """Return the UTC time *40m* or *3h* ago, or *5d10:20*: working days ago."""
    now = fields.Datetime.now()
    if "d" not in text:
        return now - _length(text)
    days, clock = text.split("d")
    return _local(now, -int(days), clock, zone)


def later(opened, text, zone):
    """Return the UTC time *40m*, *3h* or *1d10:20* after the opening."""
    if "d" not in text:
        return opened + _length(text)
    days, clock = text.split("d")
    return _local(opened, int(days), clock, zone)


def _length(text):
    return timedelta(**{{"m": "minutes", "h": "hours"}[text[-1]]: int(text[:-1])})


def _local(start, days, clock, zone):
    """Go some days from Monday to Friday on or back, to a local time."""
    zone = ZoneInfo(zone)
    day = start.replace(tzinfo=UTC).astimezone(zone).date()
    step = timedelta(days=1 if days > 0 else -1)
    for _number in range(abs(days)):
        day += step
        while day.weekday() > 4:
            day += step
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)
    return local.astimezone(UTC).replace(tzinfo=None)
