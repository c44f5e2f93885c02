import base64
import hashlib
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import file_open

from ..models.service_quality_webhook import PRIVATE
from ..models.service_quality_webhook_delivery import WAITS
from .escalation_common import EscalationCase

REPLIES = {
    "/ok": (200, b'{"errcode": 0, "errmsg": "ok"}'),
    "/feishu": (200, b'{"code": 0, "msg": "success"}'),
    "/refused": (200, b'{"errcode": 93000, "errmsg": "invalid key S3cretKey"}'),
    "/broken": (502, b"<html>Bad gateway</html>"),
    "/empty": (204, b""),
    "/long": (200, b"x" * 3_000_000),
    "/slow": (204, b""),
}


class Listener(BaseHTTPRequestHandler):
    """A chat service on this machine, which writes down what it is told."""

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        path = urlsplit(self.path).path
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/ok")
            self.end_headers()
            return
        if path == "/slow":
            self.server.waited.wait(30)
        status, reply = REPLIES[path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_arguments):
        """Be quiet."""


@tagged("post_install", "-at_install")
class TestChannel(EscalationCase):
    """Messages to chat services: what is sent, and what is made of the reply."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        cls.server.heard = []
        cls.server.waited = threading.Event()
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.env["ir.config_parameter"].set_param(PRIVATE, "1")

    def setUp(self):
        super().setUp()
        self.server.heard.clear()

    def _channel(self, kind="json", path="/ok", query="", **values):
        port = self.server.server_address[1]
        return self.env["service.quality.webhook"].create(
            {
                "name": "Desk",
                "kind": kind,
                "url": f"http://127.0.0.1:{port}{path}{query}",
                **values,
            }
        )

    def _alarm(self, channel):
        """Raise an alarm that goes to a channel; return its message."""
        self._rule({"amount": 50, "action": "webhook", "webhook_id": channel.id})
        self._ticket("2026-03-02 09:00:00", name="Secret project", priority="2")
        [alarm] = self._sweep("2026-03-02 13:00:00")
        return alarm.delivery_ids

    def _deliver(self, moment="2026-03-02 13:00:01"):
        """Send what waits, as the job does."""
        done = []
        with freeze_time(moment):
            self.env["service.quality.webhook.delivery"]._deliver(
                lambda: done.append(True) or True
            )
        return len(done)

    def heard(self):
        """Return path, headers and JSON of the one message that was heard."""
        [(path, headers, body)] = self.server.heard
        return path, headers, json.loads(body)

    # ------------------------------------------------------------------
    # Formats
    # ------------------------------------------------------------------

    def test_wecom(self):
        """A robot of WeCom gets a text; its key is in the address."""
        delivery = self._alarm(self._channel("wecom", query="?key=S3cretKey"))
        self.assertEqual(self._deliver(), 1)
        path, _headers, content = self.heard()
        self.assertEqual(path, "/ok?key=S3cretKey")
        self.assertEqual(content["msgtype"], "text")
        self.assertEqual(content["text"]["content"], delivery.text)
        self.assertEqual(delivery.state, "delivered")
        self.assertEqual(delivery.result, "HTTP 200 0 ok")

    def test_dingtalk(self):
        """DingTalk: milliseconds and secret, signed by the secret, in the address."""
        self._alarm(self._channel("dingtalk", query="?access_token=T", secret="SEC1"))
        self._deliver()
        path, _headers, content = self.heard()
        query = parse_qs(urlsplit(path).query)
        [stamp], [signature] = query["timestamp"], query["sign"]
        self.assertEqual(len(stamp), 13)
        expected = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256)
        self.assertEqual(base64.b64decode(signature), expected.digest())
        self.assertEqual(query["access_token"], ["T"])
        self.assertEqual(content["msgtype"], "text")

    def test_feishu(self):
        """Feishu: nothing is signed by seconds and secret, in the body."""
        delivery = self._alarm(self._channel("feishu", "/feishu", secret="SEC2"))
        self._deliver()
        _path, _headers, content = self.heard()
        key = f"{content['timestamp']}\nSEC2".encode()
        expected = hmac.new(key, b"", hashlib.sha256).digest()
        self.assertEqual(base64.b64decode(content["sign"]), expected)
        self.assertEqual(content["msg_type"], "text")
        self.assertEqual(content["content"]["text"], delivery.text)
        self.assertEqual(delivery.state, "delivered")

    def test_other_program(self):
        """A program gets facts, and a signature over the body that it can check."""
        delivery = self._alarm(self._channel(path="/empty", secret="SEC3"))
        self._deliver()
        _path, headers, content = self.heard()
        body = self.server.heard[0][2]
        expected = hmac.new(b"SEC3", body, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-Service-Quality-Signature"], f"sha256={expected}")
        alarm = delivery.alarm_id
        self.assertEqual(content["ticket"], alarm.ticket_id.number)
        self.assertEqual(content["metric"], "resolution")
        self.assertEqual(content["deadline"], "2026-03-02 17:00:00")
        self.assertEqual(delivery.state, "delivered")

    def test_nothing_of_the_customer_leaves_the_house(self):
        """Another company's chat service learns neither title nor customer."""
        self._alarm(self._channel())
        self._deliver()
        body = self.server.heard[0][2].decode()
        for word in ("Secret project", "Acme", "Ann", "Since this morning"):
            self.assertNotIn(word, body)

    # ------------------------------------------------------------------
    # What goes wrong
    # ------------------------------------------------------------------

    def test_refused_with_status_200(self):
        """What the service refuses in words did not arrive, whatever the status."""
        delivery = self._alarm(
            self._channel("wecom", "/refused", query="?key=S3cretKey")
        )
        self._deliver()
        self.assertEqual(delivery.state, "pending")
        self.assertEqual(delivery.result, "HTTP 200 93000 invalid key ***")

    def test_tried_again_ever_later(self):
        """A message that does not arrive is tried again with growing distances."""
        delivery = self._alarm(self._channel(path="/broken"))
        moments = []
        moment = "2026-03-02 13:00:01"
        for _attempt in range(len(WAITS)):
            self.assertEqual(self._deliver(moment), 1)
            self.assertEqual(self._deliver(moment), 0)
            moments.append(delivery.next_try_at - delivery.last_try_at)
            moment = str(delivery.next_try_at)
        self.assertEqual(moments, WAITS)
        self.assertEqual(self._deliver(moment), 1)
        self.assertEqual(delivery.state, "failed")
        self.assertEqual(delivery.attempts, len(WAITS) + 1)
        self.assertEqual(delivery.result, "HTTP 502")
        # somebody hears of it all the same
        told = self.activities(delivery.alarm_id.ticket_id)
        self.assertIn(self.manager, told.user_id)
        self.assertIn("No message reached the channel Desk", told[0].summary)

    def test_tried_again_by_hand(self):
        """A service manager has a message tried again that had failed."""
        delivery = self._alarm(self._channel(path="/broken"))
        delivery.write({"state": "failed", "attempts": 7, "next_try_at": False})
        with freeze_time("2026-03-03 09:00:00"):
            delivery.with_user(self.manager).action_retry()
        self.assertEqual((delivery.state, delivery.attempts), ("pending", 0))
        self.assertEqual(self._deliver("2026-03-03 09:00:01"), 1)
        with self.assertRaises(AccessError):
            delivery.with_user(self.agent).action_retry()

    def test_nobody_listens(self):
        """Where nobody listens the attempt is written down, without the address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        channel = self._channel()
        channel.url = f"http://127.0.0.1:{port}/send?key=S3cretKey"
        delivery = self._alarm(channel)
        with self.assertNoLogs("odoo.addons.service_quality_escalation", "DEBUG"):
            self._deliver()
        self.assertEqual(delivery.state, "pending")
        self.assertEqual(
            delivery.result, "The service cannot be reached (ConnectionError)."
        )

    def test_redirections_are_not_followed(self):
        """A service that sends us elsewhere has not taken the message."""
        delivery = self._alarm(self._channel(path="/moved"))
        self._deliver()
        self.assertEqual(len(self.server.heard), 1)
        self.assertEqual(delivery.result, "HTTP 302")
        self.assertEqual(delivery.state, "pending")

    def test_long_replies(self):
        """Of a reply without end only the beginning is read."""
        self._alarm(self._channel("wecom", path="/long"))
        self.assertEqual(self._deliver(), 1)

    def test_slow_channel_delays_itself(self):
        """SLA case 33: while one service takes its time the others are told."""
        slow, quick = self._alarm(self._channel(path="/slow")), self._channel()
        others = slow.copy({"webhook_id": quick.id}) | slow.copy(
            {"webhook_id": quick.id}
        )
        (slow | others).next_try_at = "2026-03-02 13:00:00"
        states = []

        def note():
            states.append((slow | others).mapped("state"))
            if len(states) == len(others):
                self.server.waited.set()
            return True

        with freeze_time("2026-03-02 13:00:01"):
            self.env["service.quality.webhook.delivery"]._deliver(note)
        self.assertEqual(states[1], ["pending", "delivered", "delivered"])
        self.assertEqual(states[2], ["delivered"] * 3)

    def test_no_faster_than_the_service_takes_it(self):
        """More messages than a channel takes in a minute wait for the next one."""
        channel = self._channel(per_minute=2)
        delivery = self._alarm(channel)
        for _more in range(2):
            delivery.copy({"text": "More"})
        self.env["service.quality.webhook.delivery"].search(
            []
        ).next_try_at = "2026-03-02 13:00:00"
        self.assertEqual(self._deliver("2026-03-02 13:00:01"), 2)
        self.assertEqual(self._deliver("2026-03-02 13:00:40"), 0)
        self.assertEqual(self._deliver("2026-03-02 13:01:02"), 1)

    def test_channel_that_was_archived(self):
        """An alarm for a channel that is archived says that it failed."""
        channel = self._channel()
        self._rule({"amount": 50, "action": "webhook", "webhook_id": channel.id})
        channel.active = False
        self._ticket("2026-03-02 09:00:00")
        [alarm] = self._sweep("2026-03-02 13:00:00")
        self.assertEqual(alarm.outcome, "failed")
        self.assertFalse(alarm.delivery_ids)

    def test_by_the_scheduler(self):
        """The job sends what waits."""
        delivery = self._alarm(self._channel())
        with freeze_time("2026-03-02 13:00:05"), self.enter_registry_test_mode():
            self.env.ref(
                "service_quality_escalation.ir_cron_deliver"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(delivery.state, "delivered")

    def test_test_message(self):
        """A test says at once whether the message has arrived."""
        for path, kind in (("/ok", "success"), ("/broken", "danger")):
            channel = self._channel(path=path).with_user(self.manager)
            action = channel.action_test()
            self.assertEqual(action["params"]["type"], kind)
        self.assertEqual(len(self.server.heard), 2)

    # ------------------------------------------------------------------
    # Addresses
    # ------------------------------------------------------------------

    def test_addresses_that_are_none(self):
        """Only an address over HTTPS is taken, unless the own network is allowed."""
        self.env["ir.config_parameter"].set_param(PRIVATE, False)
        for url in (
            "http://example.com/x",
            "ftp://example.com/x",
            "file:///etc/passwd",
            "https://",
            "https://user:word@example.com/",
            "https://exa mple.com/",
            "https://example.com:99999/",
            "javascript:alert(1)",
            "example.com/x",
        ):
            with self.subTest(url), self.assertRaises(ValidationError):
                self.env["service.quality.webhook"].create({"name": "X", "url": url})
        with self.assertRaises(ValidationError):
            self.env["service.quality.webhook"].create({"name": "X"})

    def test_own_network_is_out_of_reach(self):
        """Nobody reaches this machine or its network by way of a channel."""
        channel = self._channel()
        delivery = self._alarm(channel)
        self.env["ir.config_parameter"].set_param(PRIVATE, False)
        port = self.server.server_address[1]
        channel.sudo().stored_url = f"https://localhost:{port}/ok"
        self._deliver()
        self.assertEqual(delivery.result, "The address is not on the public internet.")
        self.assertFalse(self.server.heard)

    # ------------------------------------------------------------------
    # Secrets
    # ------------------------------------------------------------------

    def test_secrets_are_not_shown_again(self):
        """Neither address nor secret is read again: by form, list, RPC or search."""
        channel = self._channel(query="?key=S3cretKey", secret="S3cretSign")
        for user in (self.manager, self.env.ref("base.user_admin")):
            mine = channel.with_user(user)
            mine.invalidate_recordset()
            self.assertFalse(mine.url)
            self.assertFalse(mine.secret)
            self.assertTrue(mine.has_secret)
            for field in ("stored_url", "stored_secret"):
                self.assertNotIn(field, mine.fields_get())
                for attempt in (
                    lambda m=mine, f=field: m.read([f]),
                    lambda m=mine, f=field: m.search([(f, "like", "S3c%")]),
                    lambda m=mine, f=field: m.search([], order=f),
                    lambda m=mine, f=field: m.formatted_read_group([], [f]),
                    lambda m=mine, f=field: m.export_data([f]),
                    lambda m=mine, f=field: m.write({f: "https://example.org/"}),
                ):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        attempt()
            every = mine.read()[0]
            self.assertNotIn("S3cret", repr(every))

    def test_secrets_are_not_in_the_reply_of_a_save(self):
        """What was typed does not come back with the record that was saved."""
        Webhook = self.env["service.quality.webhook"].with_user(self.manager)
        values = {"name": "X", "url": "https://example.com/S3cret", "secret": "S3cret"}
        specification = {"url": {}, "secret": {}, "host": {}, "has_secret": {}}
        [saved] = Webhook.web_save(values, specification)
        self.assertNotIn("S3cret", repr(saved))
        self.assertEqual(saved["host"], "example.com")
        channel = Webhook.browse(saved["id"])
        [saved] = channel.web_save({"secret": "S3cret2"}, specification)
        self.assertNotIn("S3cret", repr(saved))
        self.assertEqual(channel.sudo().stored_secret, "S3cret2")
        self.assertEqual(channel.sudo().stored_url, "https://example.com/S3cret")
        channel.web_save({"secret": " "}, specification)
        self.assertFalse(channel.has_secret)

    def test_secrets_stay_out_of_the_log(self):
        """Nothing that is logged names the key, also when all goes wrong."""
        channel = self._channel(path="/broken", query="?key=S3cretKey", secret="S3c2")
        self._alarm(channel)
        with (
            self.assertNoLogs("odoo.addons.service_quality_escalation", "DEBUG"),
            self.assertNoLogs("urllib3", "INFO"),
            self.assertNoLogs("odoo.http", "INFO"),
        ):
            self._deliver()

    def test_copy_of_the_database_is_silent(self):
        """A neutralised copy of the database writes to no channel."""
        channel = self._channel()
        with file_open("service_quality_escalation/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        channel.invalidate_recordset()
        self.assertFalse(channel.active)
