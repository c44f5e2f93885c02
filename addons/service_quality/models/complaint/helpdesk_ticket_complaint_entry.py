import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import consteq, hmac

from ..core.arguments import Arguments
from ..core.service_quality_request import idempotent

STAFF = "base.group_user"
QUALITY = "service_quality.service_quality_group_quality"

COMPLAINT_FORM = "service_quality.helpdesk_ticket_complaint_form"

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is mistaken for another when it is read out."""

RECEIPT_LENGTH, SECRET_LENGTH = 8, 12

SECRET_SCOPE = "service_quality.complaint.receipt"

REQUEST_SCOPE = "service_quality.complaint.request"

REGISTRATION = {
    "subject": "name",
    "description": "description",
    "severity": "service_severity",
    "anonymous": "service_is_anonymous",
    "partner_id": "partner_id",
    "partner_name": "partner_name",
    "email": "partner_email",
    "phone": "service_phone",
    "about_ticket_id": "service_about_ticket_id",
    "about_user_id": "service_about_user_id",
    "about_team_id": "service_about_team_id",
    "about_product": "service_about_product",
    "report": "service_is_report",
    "category_id": "category_id",
    "team_id": "team_id",
    "channel_id": "channel_id",
    "company_id": "company_id",
}
"""What may be said of a new complaint, and the field that it goes to."""

SUBMISSION = REGISTRATION | {"unclear": "service_is_unclear"}
"""What a page of ours says besides: that a report does not say whom it is about."""

NAMELESS = {
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "tracking_disable": True,
}
"""No follower and no message says who made an anonymous complaint."""


class HelpdeskTicket(models.Model):
    """By which ways complaints come in, and how who made one hears of it."""

    _inherit = "helpdesk.ticket"

    service_receipt = fields.Char(
        string="Receipt Number",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="With its secret, whoever made the complaint looks the answer up.",
    )
    service_receipt_digest = fields.Char(
        readonly=True, copy=False, groups="base.group_system"
    )

    _service_receipt_uniq = models.UniqueIndex(
        "(service_receipt) WHERE service_receipt IS NOT NULL",
        "Another complaint has this receipt number.",
    )

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def service_complaint_register(self, values, external_ref=None):
        """Enter a complaint, as other programs do.

        :param values: dict with ``subject``, ``description`` (HTML) and any of
            ``severity`` (minor when left out), ``anonymous``, ``partner_id`` or
            ``partner_name``, ``email``, ``phone``; ``about_ticket_id``,
            ``about_user_id``, ``about_team_id``, ``about_product``, ``report`` (a
            supervision report), ``category_id``, ``team_id``, ``channel_id``,
            ``company_id``
        :param external_ref: the caller's own key; a repeat under it enters no other
            complaint, and gives the same answer
        :return: dict ``{"id", "number"}``, and for an anonymous one ``"receipt"`` and
            ``"secret"``, with which its answer is looked up; they are not told again
            but to a repeat
        :raise AccessError: without the right to create tickets
        :raise ValidationError: for a key or a severity that is not known, a text that
            is too long, an id of nothing; it names the key, and nothing is saved
        """
        self.check_access("create")
        ref = Arguments(self.env).text("external_ref", external_ref)
        receipt = self._service_draw_receipt()
        if ref:
            key = f"{self.env.uid}:{self.env.company.id}:{ref}"
            receipt = self._service_compute_receipt(REQUEST_SCOPE, key)
        answer = self._service_enter_complaint(values, receipt, external_ref=ref)
        return answer | receipt if values.get("anonymous") else answer

    @api.model
    @idempotent
    def _service_enter_complaint(self, values, receipt, external_ref=None):
        """Enter a complaint; see :meth:`service_complaint_register`."""
        values = self._service_read_complaint(values)
        ticket = self.create(self._service_prepare_complaint(values))
        # who works under the person it is about may enter it, not see it
        ticket = ticket.sudo()
        if values.get("anonymous"):
            ticket._service_give_receipt(receipt)
        return {"id": ticket.id, "number": ticket.number}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_receipt(self):
        """Give whoever made this complaint a receipt, once: its secret is not kept."""
        self.ensure_one()
        self.check_access("write")
        if not self.service_is_complaint or self.service_receipt:
            raise UserError(
                self.env._(
                    "There is a receipt for ticket %s, or it is no complaint.",
                    self.number,
                )
            )
        receipt = self.sudo()._service_give_receipt()  # nobody writes one by hand
        return self._service_tell_receipt(
            receipt, {"type": "ir.actions.client", "tag": "soft_reload"}
        )

    def action_service_clarify(self):
        """Show reports to those who handle them: it is said whom they are about."""
        self._ensure_some()
        self.check_access("write")
        if not self.env.user.has_group(QUALITY):
            raise AccessError(
                self.env._(
                    "The quality department says whom a report is about. Ask it to do "
                    "so."
                )
            )
        # written by steps alone
        reports = self.sudo().filtered("service_is_unclear")
        reports._write_as_step({"service_is_unclear": False})
        reports._service_complaints_raised()
        return True

    @api.model
    def _service_tell_receipt(self, receipt, next_action):
        """Return the notification from which a receipt is read out to a caller."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("Tell the caller, it is not shown again"),
                "message": self.env._(
                    "Receipt %(receipt)s, secret %(secret)s",
                    receipt=receipt["receipt"],
                    secret=receipt["secret"],
                ),
                "next": next_action,
            },
        }

    def action_service_complain(self):
        """Enter a complaint about this ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality.helpdesk_ticket_complaint_action"
        )
        return action | {
            "views": [(self.env.ref(COMPLAINT_FORM).id, "form")],
            "context": {
                "default_service_is_complaint": True,
                "default_service_severity": "minor",
                "default_name": self.env._("Complaint about %s", self.number),
                "default_service_about_ticket_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_partner_name": self.partner_name,
                "default_partner_email": self.partner_email,
                "default_category_id": self.category_id.id,
                "default_team_id": (
                    self.company_id.service_complaint_team_id or self.team_id
                ).id,
            },
        }

    def action_service_complaints(self):
        """List the complaints about this ticket."""
        self._ensure_some()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality.helpdesk_ticket_complaint_action"
        )
        return action | {
            "domain": [("service_about_ticket_id", "in", self.ids)],
            "context": {"create": False},
        }

    def get_formview_id(self, access_uid=None):
        """Show complaints on their own form, from wherever they are opened."""
        # that there is a complaint is a secret from who may not see the ticket
        reader = self.with_user(access_uid or self.env.uid)
        if (
            len(self) == 1
            and reader.has_access("read")
            and reader.sudo().service_is_complaint  # a field of staff
        ):
            return self.env.ref(COMPLAINT_FORM).id
        return super().get_formview_id(access_uid=access_uid)

    # ------------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------------

    @api.model
    def _service_read_complaint(self, values):
        """Return what another program passed, each value of its kind.

        :raise ValidationError: for what is unknown or of another kind
        """
        given = Arguments(self.env)
        values = {
            key: given.field(key, value, self._fields[REGISTRATION[key]])
            for key, value in given.mapping("values", values, REGISTRATION).items()
        }
        for key, value in values.items():
            field = self._fields[REGISTRATION[key]]
            if value and field.type == "many2one":
                self.env[field.comodel_name].browse(value).check_access("read")
        return values

    @api.model
    def _service_prepare_complaint(self, values):
        """Return the values of the ticket that a complaint becomes.

        Its team is the one named, else the company's for complaints, else that of the
        ticket or outlet it is about; where it may not be that one, the next above.
        """
        vals = {SUBMISSION[key]: value for key, value in values.items()}
        vals["service_is_complaint"] = True
        vals["name"] = vals.get("name") or self.env._("Complaint")
        vals["description"] = vals.get("description") or vals["name"]
        draft = self.sudo().new(vals)  # only to ask to whom it may go
        company = draft.company_id or self.env.company
        team = (
            draft.team_id
            or company.service_complaint_team_id
            or draft.service_about_ticket_id.team_id
            or draft.service_about_team_id
        )
        vals["team_id"] = draft._service_open_team(team).id
        vals["user_id"] = False
        return vals

    @api.model
    def _service_complaint_submit(self, values, receipt=None):
        """Enter a complaint from a page of the web, and give a receipt for it.

        One that is anonymous is entered by nobody in particular, whoever is logged in.

        :param values: as for :meth:`service_complaint_register`, and ``unclear``
        :param receipt: dict ``{"receipt", "secret"}``; drawn when left out
        :return: tuple of the ticket, as superuser, and the secret to the receipt
        """
        tickets = self.sudo()  # who complains has no rights here
        if values.get("anonymous"):
            public = self.env.ref("base.public_user")
            # as nobody: the public user has no rights either
            tickets = tickets.with_user(public).sudo().with_context(**NAMELESS)
        ticket = tickets.create(tickets._service_prepare_complaint(values))
        return ticket, ticket._service_give_receipt(receipt)["secret"]

    @api.model
    def _service_draw_receipt(self):
        return {"receipt": _draw(RECEIPT_LENGTH), "secret": _draw(SECRET_LENGTH)}

    @api.model
    def _service_compute_receipt(self, scope, key):
        """Return the receipt for a key: computed and not stored, so that a repeat gets
        the same one.

        :param scope: what the key is of, so that no other kind of key gives it
        :return: dict ``{"receipt", "secret"}``
        """
        rest, letters = int(hmac(self.env(su=True), scope, key), 16), []
        while len(letters) < RECEIPT_LENGTH + SECRET_LENGTH:
            rest, letter = divmod(rest, len(ALPHABET))
            letters.append(ALPHABET[letter])
        text = "".join(letters)
        return {"receipt": text[:RECEIPT_LENGTH], "secret": text[RECEIPT_LENGTH:]}

    def _service_give_receipt(self, receipt=None):
        """Give a complaint a receipt, whose secret is kept by nobody but the caller.

        :param receipt: dict ``{"receipt", "secret"}``; drawn when left out
        :return: the receipt
        """
        self.ensure_one()
        receipt = receipt or self._service_draw_receipt()
        self._write_as_step(
            {
                "service_receipt": receipt["receipt"],
                "service_receipt_digest": self._service_receipt_digest(**receipt),
            }
        )
        self.flush_recordset()  # a receipt is given once
        return receipt

    @api.model
    def default_get(self, fields):
        """Offer a new complaint to the team that has complaints first."""
        defaults = super().default_get(fields)
        complaint = defaults.get("service_is_complaint")
        if complaint and "team_id" in fields and not defaults.get("team_id"):
            team = self.env.company.service_complaint_team_id
            defaults["team_id"] = team.id
        return defaults

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make a complaint of what a person writes to an address for complaints.

        What a program writes there is a ticket like others: it is seen, and no more.
        """
        custom_values = dict(custom_values or {})
        team = self.env["helpdesk.ticket.team"].browse(custom_values.get("team_id"))
        by_itself = self.env.context.get("service_automatic")
        # whoever runs the mail gateway
        if team.sudo().service_mail_is_complaint and not by_itself:
            custom_values.setdefault("service_is_complaint", True)
        return super().message_new(msg_dict, custom_values=custom_values)

    # ------------------------------------------------------------------
    # Receipt
    # ------------------------------------------------------------------

    @api.model
    def _service_receipt_digest(self, receipt, secret):
        return hmac(self.env(su=True), SECRET_SCOPE, f"{receipt}:{secret}")

    @api.model
    def _service_complaint_by_receipt(self, receipt, secret):
        """Return the complaint of a receipt, as superuser, an empty one if none is.

        It takes as long for a number that is known as for one that is not.
        """
        receipt, secret = _clean(receipt), _clean(secret)
        digest = self._service_receipt_digest(receipt, secret)
        tickets = self.sudo()  # the secret is the right to read it
        domain = [("service_receipt", "=", receipt or "-")]
        found = tickets.search_fetch(domain, ["service_receipt_digest"], limit=1)
        known = found.service_receipt_digest or ""
        return found if consteq(known, digest) else tickets.browse()

    # ------------------------------------------------------------------
    # Hotline
    # ------------------------------------------------------------------

    def _service_hotline(self):
        """Return the number of the hotline for a ticket: the outlet's or company's."""
        ticket = self.sudo()  # printed on what customers get
        line = ticket._service_team_concerned()._service_line()
        return next(
            (team.service_hotline for team in line if team.service_hotline),
            ticket.company_id.service_hotline or "",
        )


def _draw(length):
    return "".join(secrets.choice(ALPHABET) for _index in range(length))


def _clean(text):
    """Return a receipt or secret as it was drawn, however it was typed."""
    return "".join(char for char in str(text or "").upper() if char in ALPHABET)
