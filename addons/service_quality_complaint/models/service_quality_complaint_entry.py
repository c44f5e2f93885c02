import secrets

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import consteq, hmac

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

COMPLAINT_FORM = "service_quality_complaint.helpdesk_ticket_complaint_form"

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is mistaken for another when it is read out."""

RECEIPT_LENGTH, SECRET_LENGTH = 8, 12

SECRET_SCOPE = "service_quality_complaint.complaint.receipt"

REQUEST_SCOPE = "service_quality_complaint.complaint.request"

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


class ServiceQualityComplaintEntry(models.AbstractModel):
    """The entry of complaints takes them from programs, pages and people.

    Who made a complaint without a name gets a receipt to look the answer up with.
    """

    _name = "service.quality.complaint.entry"
    _description = "Entry of Complaints"

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

    def action_service_complain(self):
        """Enter a complaint about this ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_complaint.helpdesk_ticket_complaint_action"
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
            "service_quality_complaint.helpdesk_ticket_complaint_action"
        )
        return action | {
            "domain": [("service_about_ticket_id", "in", self.ids)],
            "context": {"create": False},
        }

    def action_service_receipt(self):
        """Give the complainant a receipt, once: its secret is not kept."""
        self.ensure_one()
        self.check_access("write")
        if not self.service_is_complaint or self.service_receipt:
            raise UserError(
                self.env._(
                    "There is a receipt for ticket %s, or it is no complaint.",
                    self.number,
                )
            )
        receipt = self.sudo()._service_give_receipt()  # written by steps alone
        return self._service_tell_receipt(
            receipt, {"type": "ir.actions.client", "tag": "soft_reload"}
        )

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

        One that is anonymous is entered by the public user, also for who is logged in.

        :param values: as for :meth:`service_complaint_register`, and ``unclear``
        :param receipt: dict ``{"receipt", "secret"}``; drawn when left out
        :return: tuple of the ticket, as superuser, and the secret to the receipt
        """
        tickets = self.sudo()  # who complains has no rights here
        if values.get("anonymous"):
            public = self.env.ref("base.public_user")
            # the public user has no rights either
            tickets = tickets.with_user(public).sudo().with_context(**NAMELESS)
        ticket = tickets.create(tickets._service_prepare_complaint(values))
        return ticket, ticket._service_give_receipt(receipt)["secret"]

    @api.model
    def _service_receiver(self):
        """Return the user who takes a complaint down, none for mails and pages."""
        user = self.env.user
        return user.browse() if user.share or user._is_superuser() else user

    def _service_take_down(self):
        """Note who took these complaints down, and pass them on.

        Who marks an existing ticket as a complaint has taken it down.
        """
        received = {"service_received_by_id": self._service_receiver().id}
        self.sudo()._write_as_step(received)  # not every reader may write
        self._service_complaints_arrived()

    def _service_complaints_arrived(self):
        """Tell the complainants and the people concerned that complaints came in."""
        complaints = self.sudo()  # who enters it need not see whom it goes to
        complaints.filtered(
            lambda ticket: not ticket.service_severity
        ).service_severity = "minor"
        complaints._service_complaints_raised()
        complaints._service_tell_complainant("registered")

    # ------------------------------------------------------------------
    # Receipt
    # ------------------------------------------------------------------

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
        """Give a complaint a receipt, of whose secret only a digest is kept.

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


def _draw(length):
    return "".join(secrets.choice(ALPHABET) for _index in range(length))


def _clean(text):
    """Return a receipt or secret as it was drawn, however it was typed."""
    return "".join(char for char in str(text or "").upper() if char in ALPHABET)
