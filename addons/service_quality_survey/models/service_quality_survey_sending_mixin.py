from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .service_quality_survey_message import STUCK

PATH = "/service/survey/%s"
"""Where a person answers, with their token."""

LEAST_GAP = timedelta(days=3)
"""Nobody is written to twice within so long."""


class ServiceQualitySurveySendingMixin(models.AbstractModel):
    """Is a person asked, as one who is invited and reminded."""

    _name = "service.quality.survey.sending.mixin"
    _description = "Person Who Is Written To"

    sending_ids = fields.One2many(
        "service.quality.survey.message",
        "contact_id",
        string="Messages",
        readonly=True,
        groups="service_quality_core.service_quality_group_quality",
    )
    recall_ids = fields.One2many(
        "service.quality.survey.recall",
        "contact_id",
        string="Calls",
        readonly=True,
        groups="service_quality_core.service_quality_group_quality",
    )
    link = fields.Char(
        string="Personal Link",
        compute="_compute_link",
        groups="service_quality_core.service_quality_group_quality",
        help="To be copied into a message. Whoever has it can answer for this person.",
    )
    double_of_id = fields.Many2one(
        "service.quality.survey.contact",
        string="Same Person As",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="Two contacts were merged, who were both to be asked.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("survey_id.state", "is_drawn", "state")
    def _compute_link(self):
        """Show the link to the quality department, but not to who was rated."""
        for contact in self:
            contact.link = (
                contact.survey_id.state == "field"
                and contact._is_open_to_ask()
                and not contact._is_rated(self.env.user)
                and contact.sudo()._answer_url()  # the secret of this person
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_link_sent(self):
        """Enter that the user has sent people their link, as by WeChat.

        :return: True
        :raise UserError: for who is not to be asked, or has answered
        """
        return self._ensure_some()._give("link")

    def action_handed_over(self):
        """Enter that account managers have handed people their letter.

        :return: True
        :raise UserError: for who is not to be asked, or has answered
        """
        return self._ensure_some()._give("handed")

    def action_send_again(self):
        """Send what was not delivered once more, to the present address of each.

        :return: True
        :raise UserError: where nothing failed, or the address is still the same
        """
        self._ensure_some()
        self.survey_id._check_quality()
        self.survey_id._check_sending()
        # who leads the survey need not write what its steps write
        return self.sudo()._send_again()

    # ------------------------------------------------------------------
    # To whom
    # ------------------------------------------------------------------

    @api.model
    def _sending_domain(self):
        """Return the domain of people whom their survey may write to at present."""
        return (
            Domain("is_drawn", "=", True)
            & Domain("is_excluded", "=", False)
            & Domain("survey_id.state", "=", "field")
            & Domain("survey_id.sending_stopped_at", "=", False)
            & self.env["res.company"]._service_day_domain(
                lambda day: Domain("survey_id.close_date", ">=", day)
            )
            & self._address_domain()
        )

    @api.model
    def _address_domain(self):
        """Return the domain of people with an address of the way that is used."""
        by = "survey_id.invite_by"
        mail, phone = Domain("email", "!=", False), Domain("phone", "!=", False)
        return (
            Domain(by, "in", ("mail_sms", "sms_mail")) & (mail | phone)
            | Domain(by, "=", "mail") & mail
        )

    @api.model
    def _to_invite_domain(self):
        """Return the domain of people to invite who have no invitation yet."""
        invited = Domain("kind", "=", "invitation") & Domain("state", "!=", "withdrawn")
        return (
            self._sending_domain()
            & Domain("state", "=", "not_asked")
            & ~Domain("sending_ids", "any", invited)
        )

    @api.model
    def _awaited_domain(self):
        """Return the domain of people who can be reminded: SLA case 24.

        Only who has not answered: neither half-way nor refused nor not reached. And
        nobody to whom something is under way, or who was written to of late.
        """
        late = fields.Datetime.now() - LEAST_GAP
        return (
            self._sending_domain()
            & Domain("state", "=", "asked")
            & Domain("invited_at", "<=", late)
            & (Domain("reminded_at", "=", False) | Domain("reminded_at", "<=", late))
            & ~Domain("sending_ids", "any", [("state", "in", STUCK)])
        )

    @api.model
    def _to_remind_domain(self):
        """Return the domain of people to remind now, by rule or as was asked for."""
        surveys = self.env["service.quality.survey"].search(
            [("state", "=", "field"), ("sending_stopped_at", "=", False)]
        )
        due = Domain.OR(survey._reminder_domain() for survey in surveys)
        return self._awaited_domain() & due

    def _is_open_to_ask(self):
        """Return True if one person is to be asked, or was and has not answered."""
        return (
            self.is_drawn
            and not self.is_excluded
            and self.state in ("not_asked", "asked", "bounced")
        )

    def _is_awaited(self, kind):
        """Return True if one person is still to get a message of a kind."""
        state = "asked" if kind == "reminder" else "not_asked"
        return (
            self.survey_id.state == "field"
            and self.state == state
            and not self.is_excluded
            and self.partner_id.active
        )

    def _is_rated(self, user):
        """Return True if a user looks after the customer of one person."""
        agreements = self.sudo().agreement_ids  # whoever asks
        return user in agreements.manager_id | agreements.salesperson_id

    # ------------------------------------------------------------------
    # How
    # ------------------------------------------------------------------

    def _way(self):
        """Return by which way one person is written to, and the address."""
        ways = {"mail": self.email, "sms": self.phone}
        order = {
            "sms_mail": ("sms", "mail"),
            "mail": ("mail",),
            "hand": (),
        }.get(self.survey_id.invite_by, ("mail", "sms"))
        return next(((way, ways[way]) for way in order if ways[way]), (False, False))

    def _answer_url(self):
        """Return where one person answers; in superuser mode, which reads secrets."""
        return self.survey_id.get_base_url() + PATH % self.token

    def _written_lang(self):
        """Return the language in which one person is written to."""
        installed = dict(self.env["res.lang"].get_installed())
        if self.lang in installed:
            return self.lang
        return self.company_id._service_lang(self.partner_id)

    def _text_message(self):
        """Return the text message to one person, in their language."""
        own = self.with_context(lang=self._written_lang())
        return own.env._(
            "%(company)s asks how satisfied you are with our service. About 3 minutes, "
            "until %(day)s. Your answer goes to our quality department, by name and "
            "confidentially: %(url)s",
            company=self.company_id.name,
            day=own.survey_id._told_close_date(),
            url=self._answer_url(),
        )

    # ------------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------------

    def _note_written(self, kind, number, moment):
        """Enter that a message has left.

        :param number: of the reminder
        """
        if kind == "reminder":
            self._write_as_step({"reminded_at": moment, "reminder_count": number})
            return
        new = self.filtered(lambda one: one.state in ("not_asked", "bounced"))
        new._write_as_step({"state": "asked"})
        first = self.filtered(lambda one: not one.invited_at)
        first._write_as_step({"invited_at": moment})

    def _note_bounced(self):
        lost = self.filtered(lambda one: one.state in ("not_asked", "asked"))
        lost._write_as_step({"state": "bounced"})

    def _note_expected(self):
        """Expect again that people who were not reached are."""
        lost = self.filtered(lambda one: one.state == "bounced")
        asked = lost.filtered("invited_at")
        # a reminder that came back: they were asked all the same
        reminded = asked.filtered(
            lambda one: any(
                message.kind == "reminder" and message.state in STUCK
                for message in one.sending_ids
            )
        )
        reminded._write_as_step({"state": "asked"})
        (lost - reminded)._write_as_step({"state": "not_asked"})

    def _send_again(self):
        stuck = self.sending_ids.filtered(
            lambda one: one.state in ("failed", "bounced")
        )
        if not stuck:
            raise UserError(self.env._("Nothing failed here that could be sent again."))
        for contact in stuck.contact_id:
            person = contact.partner_id
            # batched: written to the database in one go
            contact._write_as_step(
                {"email": person.email_normalized, "phone": person.phone}
            )
        for message in stuck.filtered(lambda one: one.state == "bounced"):
            contact = message.contact_id
            if not contact.partner_id.active:
                raise UserError(
                    self.env._(
                        "%s is archived. Ask them in another way, or restore the "
                        "contact.",
                        contact.name,
                    )
                )
            if contact._way() in ((message.channel, message.address), (False, False)):
                raise UserError(
                    self.env._(
                        "%s has no other address. Enter one at the contact, or give "
                        "them the link in another way.",
                        contact.name,
                    )
                )
        # of each person the last alone: what went before is over
        last = stuck.browse(
            messages.sorted("id")[-1].id
            for messages in stuck.grouped("contact_id").values()
        )
        last._send_again()
        return True

    def _give(self, channel):
        """Enter that people got their link or letter by hand."""
        self.survey_id._check_quality()
        for contact in self:
            if contact.survey_id.state != "field" or not contact._is_open_to_ask():
                raise UserError(
                    self.env._("%s is not to be asked any more.", contact.display_name)
                )
        given = self.sudo()  # what steps write
        now = fields.Datetime.now()
        waiting = given.sending_ids.filtered(lambda one: one.state in STUCK)
        waiting.filtered(lambda one: one.state != "bounced")._note_withdrawn(
            lambda own: own.env._("Given by hand instead.")
        )
        messages = given.sending_ids._create_as_step(
            [one._prepare_given(channel, now) for one in given]
        )
        for (kind, number), some in messages.grouped(
            lambda one: (one.kind, one.round)
        ).items():
            some.contact_id._note_written(kind, number, now)
        return True

    def _prepare_given(self, channel, moment):
        """Return the message of what one person was given, the first or a reminder."""
        is_reminder = self.state == "asked"
        managers = self.agreement_ids.manager_id | self.agreement_ids.salesperson_id
        giver = managers[:1] if channel == "handed" else self.env.user
        return {
            "contact_id": self.id,
            "kind": "reminder" if is_reminder else "invitation",
            "round": self.reminder_count + 1 if is_reminder else 0,
            "channel": channel,
            "state": "handed",
            "sent_at": moment,
            "user_id": (giver or self.env.user).id,
        }

    # ------------------------------------------------------------------
    # Contacts that are merged
    # ------------------------------------------------------------------

    @api.model
    def _join_doubles(self, partners):
        """Leave all but one out of each survey that asks several of the same person.

        Who has answered stays, or else who is furthest; the others get nothing more.

        :param partners: contacts that are about to become one
        """
        people = self.sudo().search(  # surveys of every company
            [("partner_id", "in", partners.ids), ("double_of_id", "=", False)],
            order="id",
        )
        for survey, some in people.grouped("survey_id").items():
            kept = some.sorted(lambda one: (one.is_excluded, -one._progress(), one.id))
            doubles = kept[1:]
            own = survey.with_context(lang=survey.company_id._service_lang())
            # batched: a merge is of a few contacts, in a survey or two
            doubles._write_as_step(
                {
                    "double_of_id": kept[0].id,
                    "is_excluded": True,
                    "words": own.env._("The same person as %s.", kept[0].display_name),
                }
            )
        people.filtered("double_of_id").sending_ids._withdraw_lapsed()

    def _progress(self):
        """Return how far one person is, the further the higher."""
        order = ("bounced", "wrong_person", "not_asked", "asked", "refused", "partial")
        return order.index(self.state) if self.state in order else len(order)
