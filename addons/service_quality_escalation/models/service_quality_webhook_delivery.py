import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta

import requests

from odoo import api, fields, models

from ..tools.channel import accepted, build, redact
from ..tools.outbound import NotPublic, post

WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
"""How long it takes until the next attempt, after each that failed."""

MINUTE = timedelta(minutes=1)

MOST_AT_ONCE = 8
"""Channels that are spoken to at the same time."""


class ServiceQualityWebhookDelivery(models.Model):
    """A delivery is one message to a channel, and keeps what became of it.

    It is made in the transaction of its alarm and sent by a job, at least once: where
    the server dies between sending and writing it down, it is sent again.
    """

    _name = "service.quality.webhook.delivery"
    _description = "Message to a Channel"
    _order = "id desc"
    _rec_name = "webhook_id"

    webhook_id = fields.Many2one(
        "service.quality.webhook",
        string="Channel",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="webhook_id.company_id", store=True)
    alarm_id = fields.Many2one(
        "service.quality.escalation.alarm",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    text = fields.Text(string="Message", required=True, readonly=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("delivered", "Delivered"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="pending",
    )
    attempts = fields.Integer(string="Times Tried", readonly=True)
    next_try_at = fields.Datetime(
        string="Next Attempt", readonly=True, default=fields.Datetime.now
    )
    last_try_at = fields.Datetime(string="Last Attempt", readonly=True)
    result = fields.Char(readonly=True, help="What the channel said last.")

    _pending_idx = models.Index("(next_try_at) WHERE state = 'pending'")
    _tried_idx = models.Index("(last_try_at) WHERE last_try_at IS NOT NULL")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        deliveries = super().create(vals_list)
        self.env.ref("service_quality_escalation.ir_cron_deliver")._trigger()
        return deliveries

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_retry(self):
        """Try again what has failed."""
        self._ensure_some()
        self.webhook_id.check_access("write")
        failed = self.filtered(lambda delivery: delivery.state == "failed")
        # nobody writes the record of what was sent
        failed.sudo().write(
            {
                "state": "pending",
                "attempts": 0,
                "next_try_at": fields.Datetime.now(),
            }
        )
        self.env.ref(
            "service_quality_escalation.ir_cron_deliver"
        ).sudo()._trigger()  # as a job
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _attempt(self):
        """Send one message, and write down what came of it."""
        self._note(_send(*self._prepare_post()))

    def _prepare_post(self):
        """Return the arguments of :func:`_send`."""
        self.ensure_one()
        webhook, now = self.webhook_id, int(time.time())
        url, secret = webhook.stored_url or "", webhook.stored_secret or ""
        request = build(webhook.kind, url, secret, self.text, self._facts(), now)
        return request, webhook._private_allowed()

    def _note(self, reply):
        """Write down what came of an attempt.

        :param reply: what :func:`_send` returned
        """
        now, webhook = fields.Datetime.now(), self.webhook_id
        url, secret = webhook.stored_url or "", webhook.stored_secret or ""
        delivered, result = self._read_reply(reply)
        values = {
            "attempts": self.attempts + 1,
            "last_try_at": now,
            "result": redact(result, url, *_keys(url), secret)[:200],
        }
        if delivered:
            values |= {"state": "delivered", "next_try_at": False}
        elif self.attempts < len(WAITS):
            values["next_try_at"] = now + WAITS[self.attempts]
        else:
            values |= {"state": "failed", "next_try_at": False}
        self.write(values)
        if self.state == "failed":
            self._give_up()

    def _read_reply(self, reply):
        """Return whether the channel took the message, and what it said.

        What goes wrong is named by its kind: its own words may hold the address.
        """
        if isinstance(reply, NotPublic):
            return False, self.env._("The address is not on the public internet.")
        if isinstance(reply, requests.exceptions.SSLError):
            return False, self.env._("The certificate of the service is not valid.")
        if isinstance(reply, requests.exceptions.Timeout):
            return False, self.env._("The service did not answer in time.")
        if isinstance(reply, Exception):
            return False, self.env._(
                "The service cannot be reached (%s).", type(reply).__name__
            )
        status, body = reply
        taken, code, text = accepted(self.webhook_id.kind, status, body)
        return taken, " ".join(filter(None, (f"HTTP {status}", code, text)))

    def _facts(self):
        """Return what a program reads: no title, no customer, nothing that was said."""
        alarm = self.alarm_id
        if not alarm:
            return {"test": True}
        deadline = alarm.deadline and fields.Datetime.to_string(alarm.deadline)
        return {
            "id": alarm.id,
            "ticket": alarm.ticket_id.number,
            "metric": alarm.metric,
            "trigger": alarm.trigger,
            "amount": alarm.amount,
            "deadline": deadline or None,
            "fired_at": fields.Datetime.to_string(alarm.fired_at),
        }

    def _give_up(self):
        """Have service managers do what the channel did not."""
        alarm = self.alarm_id
        if alarm:
            name = self.webhook_id.name
            alarm._tell_managers(
                lambda own: own.env._("No message reached the channel %s", name)
            )

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_deliver(self):
        """Send what waits, as fast as each channel takes it."""
        progress = self.env["ir.cron"]._commit_progress
        if self._deliver(lambda: progress(1, remaining=1)):
            self._arm_next()
            progress(remaining=0)

    @api.model
    def _deliver(self, go_on):
        """Send what waits, to several channels at a time: a slow one delays itself.

        :param go_on: called after each message; False where the time is up
        :return: whether all was sent in time; otherwise the job is run again at once
        """
        sent, under_way, in_time = self._sent_lately(), {}, True
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            while True:
                while in_time and len(under_way) < MOST_AT_ONCE:
                    delivery = self._next_pending(sent, under_way.values())
                    if not delivery:
                        break
                    future = pool.submit(_send, *delivery._prepare_post())
                    under_way[future] = delivery
                    sent[delivery.webhook_id] += 1
                if not under_way:
                    return in_time
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    delivery = under_way.pop(future)
                    lang = delivery.company_id._service_lang()
                    delivery.with_context(lang=lang)._note(future.result())
                    in_time = bool(go_on()) and in_time

    @api.model
    def _sent_lately(self):
        """Return how many messages each channel got within the last minute."""
        since = fields.Datetime.now() - MINUTE
        groups = self._read_group(
            [("last_try_at", ">", since)], ["webhook_id"], ["__count"]
        )
        return Counter(dict(groups))

    @api.model
    def _next_pending(self, sent, under_way):
        """Lock and return the next message of a channel that takes one, if any does.

        :param sent: how many messages each channel got within the last minute
        :param under_way: the messages that are being sent
        """
        full = [hook.id for hook, count in sent.items() if count >= hook.per_minute]
        full += [delivery.webhook_id.id for delivery in under_way]
        pending = self.search(
            [
                ("state", "=", "pending"),
                ("next_try_at", "<=", fields.Datetime.now()),
                ("webhook_id", "not in", full),
                ("webhook_id.active", "=", True),
            ],
            order="next_try_at, id",
            limit=10,
        )
        return pending.try_lock_for_update(limit=1)

    @api.model
    def _arm_next(self):
        """Have the job run for the next attempt, or when a channel takes more."""
        [(moment,)] = self._read_group(
            [("state", "=", "pending"), ("webhook_id.active", "=", True)],
            [],
            ["next_try_at:min"],
        )
        if moment:
            soonest = fields.Datetime.now() + MINUTE
            cron = self.env.ref("service_quality_escalation.ir_cron_deliver")
            cron._trigger(max(moment, soonest))


def _send(request, private):
    """Return the status and text of a reply, or the error that came in its place.

    It runs in a thread of its own, and knows of no records.
    """
    try:
        return post(*request, private=private)
    except (NotPublic, requests.RequestException) as error:
        return error


def _keys(url):
    """Return the parts of an address that may be keys."""
    path, _mark, query = url.partition("?")
    values = [pair.partition("=")[2] for pair in query.split("&")]
    return [part for part in (*values, path.rpartition("/")[2]) if len(part) > 5]
