import time
from collections import Counter
from datetime import timedelta

import requests

from odoo import api, fields, models

from ..tools.channel import accepted, build, redact
from ..tools.outbound import NotPublic, post

WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
"""How long it takes until the next attempt, after each that failed."""

MINUTE = timedelta(minutes=1)


class ServiceQualityWebhookDelivery(models.Model):
    """One message to a channel, and what became of it.

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
        self.env.ref("service_quality.ir_cron_deliver")._trigger()
        return deliveries

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_retry(self):
        """Try again what has failed."""
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
        self.env.ref("service_quality.ir_cron_deliver").sudo()._trigger()  # as a job

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _attempt(self):
        """Send one message, and write down what came of it."""
        self.ensure_one()
        now = fields.Datetime.now()
        webhook = self.webhook_id
        url, secret = webhook.stored_url or "", webhook.stored_secret or ""
        delivered, result = self._post(webhook, url, secret)
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

    def _post(self, webhook, url, secret):
        """Return whether the channel took the message, and what it said.

        What goes wrong is named by its kind: its own words may hold the address.
        """
        now = int(time.time())
        request = build(webhook.kind, url, secret, self.text, self._facts(), now)
        try:
            status, body = post(*request, private=webhook._private_allowed())
        except NotPublic:
            return False, self.env._("The address is not on the public internet.")
        except requests.exceptions.SSLError:
            return False, self.env._("The certificate of the service is not valid.")
        except requests.exceptions.Timeout:
            return False, self.env._("The service did not answer in time.")
        except requests.RequestException as error:
            return False, self.env._(
                "The service cannot be reached (%s).", type(error).__name__
            )
        taken, code, text = accepted(webhook.kind, status, body)
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
            alarm._tell_managers(
                self.env._("No message reached the channel %s", self.webhook_id.name)
            )

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_deliver(self):
        """Send what waits, as fast as each channel takes it."""
        progress = self.env["ir.cron"]._commit_progress
        sent = self._sent_lately()
        while delivery := self._next_pending(sent):
            delivery._attempt()
            sent[delivery.webhook_id] += 1
            if not progress(1, remaining=1):
                return  # time is up; the job is run again at once
        self._arm_next()
        progress(remaining=0)

    @api.model
    def _sent_lately(self):
        """Return how many messages each channel got within the last minute."""
        since = fields.Datetime.now() - MINUTE
        groups = self._read_group(
            [("last_try_at", ">", since)], ["webhook_id"], ["__count"]
        )
        return Counter(dict(groups))

    @api.model
    def _next_pending(self, sent):
        """Lock and return the next message of a channel that takes one, if any does."""
        full = [hook.id for hook, count in sent.items() if count >= hook.per_minute]
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
            cron = self.env.ref("service_quality.ir_cron_deliver")
            cron._trigger(max(moment, soonest))


def _keys(url):
    """Return the parts of an address that may be keys."""
    path, _mark, query = url.partition("?")
    values = [pair.partition("=")[2] for pair in query.split("&")]
    return [part for part in (*values, path.rpartition("/")[2]) if len(part) > 5]
