import smtplib
from email.message import EmailMessage
from unittest.mock import patch

from odoo import fields

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.sms.tools.sms_api import SmsApi

from .survey_common import SurveyCase


class Server:
    """Is a mail server in memory, which can be down and can refuse addresses."""

    def __init__(self):
        self.letters = []
        self.is_down = False
        self.breaks_at = None

    def connect(self, *_arguments, **_values):
        if self.is_down:
            raise ConnectionRefusedError("Connection refused")
        return self

    def take(self, letter):
        if self.breaks_at is not None and len(self.letters) >= self.breaks_at:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        self.letters.append(letter)

    def quit(self):
        pass

    def to(self, address):
        return [one for one in self.letters if address in one["To"]]


class SendingCase(SurveyCase):
    """A survey in the field, a mail server in memory, a queue that is run by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "quality@provider.example"
        cls.company.partner_id.lang = "en_US"
        # those of the story write to nobody meanwhile
        others = cls.env["service.quality.survey"].search([("state", "=", "field")])
        others._write_as_step({"state": "cancelled"})

    def setUp(self):
        super().setUp()
        # of others nothing waits
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).cancel()
        self.server = server = Server()

        def connect(_server, *_arguments, **_values):
            return server.connect()

        def send(_server, letter, *_arguments, **_values):
            server.take(letter)
            return letter["Message-Id"]

        self.texts = []

        def send_texts(_api, messages, delivery_reports_url=False):
            found = []
            for message in messages:
                for number in message["numbers"]:
                    self.texts.append((number["number"], message["content"]))
                    found.append({"uuid": number["uuid"], "state": self.text_state})
            return found

        self.text_state = "success"
        for owner, name, new in (
            (IrMail_Server, "_connect__", connect),
            (IrMail_Server, "send_email", send),
            (IrMail_Server, "_disable_send", lambda _server: False),
            (SmsApi, "_send_sms_batch", send_texts),
        ):
            self.startPatcher(patch.object(owner, name, new))

    @classmethod
    def _in_field(cls, **values):
        """Return a survey that has started."""
        survey = cls._frozen(**values)
        cls._question(survey)
        survey.action_start()
        return survey

    @classmethod
    def _question(cls, survey):
        """Give a survey the questions that its agreements ask for."""
        if survey.questionnaire_id:
            return
        survey.action_propose_questions()

    def _run(self):
        """Run our job until nothing is left, then the queues of Odoo."""
        Message = self.env["service.quality.survey.message"].sudo()
        Message._retry()
        Message._find_lost()
        remaining = 1
        while remaining:
            _done, remaining = Message._send_batch()
        self._run_queues()

    def _run_queues(self):
        self.env["mail.mail"].sudo().process_email_queue()
        self.env["sms.sms"].sudo().search([("state", "=", "outgoing")]).send()

    def _states(self, survey, name="state"):
        return dict(
            self.env["service.quality.survey.message"]._read_group(
                [("survey_id", "=", survey.id)], [name], ["__count"]
            )
        )

    def _contact_of(self, survey, person):
        return survey.contact_ids.filtered(lambda one: one.partner_id == person)

    def _came_back(self, message, address):
        """Let a mail come back, as a mail server reports it."""
        report = EmailMessage()
        return report, {
            "bounced_email": address,
            "bounced_partner": self.env["res.partner"],
            "bounced_msg_ids": [message.mail_reference],
            "bounced_message": self.env["mail.message"],
            "email_from": "MAILER-DAEMON@x.example",
            "to": "bounce@provider.example",
            "message_id": "<bounce@x.example>",
            "body": "No such user",
        }

    @staticmethod
    def _later(**delta):
        return fields.Datetime.add(fields.Datetime.now(), **delta)
