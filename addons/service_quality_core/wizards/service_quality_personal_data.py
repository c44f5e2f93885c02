import base64
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import email_normalize

QUALITY = "service_quality_core.service_quality_group_quality"

TICKET = "helpdesk.ticket"

CORRECTION = "service.quality.rectification"


class ServiceQualityPersonalData(models.TransientModel):
    """Exports or erases what is kept in words about a contact, on request.

    Rows of the ledger, dates, grades and results stay, and with them all figures. Only
    what the user may see is reached, so that no user erases a complaint about oneself.
    """

    _name = "service.quality.personal.data"
    _description = "Personal Data"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True)
    request = fields.Char(string="Requested By", required=True)
    replacement = fields.Char(
        required=True, default=lambda self: self.env._("Erased on request")
    )
    ticket_count = fields.Integer(compute="_compute_counts", string="Tickets")
    message_count = fields.Integer(compute="_compute_counts", string="Messages")
    file_count = fields.Integer(compute="_compute_counts", string="Files")
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_counts(self):
        for wizard in self:
            wizard.update(wizard._counts(wizard._kept()))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_export(self):
        """Give a file of everything that is kept in words about the contact."""
        kept, texts = self._kept_for_request(), self._texts()
        corrections = self._corrections(kept)
        content = {
            records._description: [
                dict(record.read(texts[records._name], load=False)[0])
                for record in records
            ]
            for records in (*kept.values(), corrections)
        }
        text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
        self.write(
            {
                "file": base64.b64encode(text.encode()),
                "file_name": f"personal-data-{self.partner_id.id}.json",
            }
        )
        self._log("exported", kept)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Personal Data"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_erase(self):
        """Replace what is kept in words about the contact; figures stay as they are."""
        kept = self._kept_for_request()
        self._log("erased", kept)
        self._corrections(kept)._erase()
        kept["file"].sudo().unlink()  # the request is checked
        for records in kept.values():
            if records._name != "ir.attachment":
                self._replace(records)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    @api.model
    def _texts(self):
        """Return what is kept of a person in words; addons add their fields.

        Nothing of it is in a figure.

        :return: dict of model to a tuple of names
        """
        return {
            TICKET: (
                "name", "description", "partner_name", "partner_email",
                "service_work_done",
            ),
            "mail.message": ("subject", "body", "email_from"),
            "ir.attachment": ("name",),
            CORRECTION: ("old_text", "new_text", "reason"),
        }  # fmt: skip

    @api.model
    def _identifying(self):
        """Return the fields that are emptied; addons add theirs.

        Other texts are replaced, to show that there was one.
        """
        return {"partner_name", "partner_email", "email_from"}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _kept_for_request(self):
        self.ensure_one()
        if not self.env.user.has_group(QUALITY):
            raise AccessError(
                self.env._(
                    "The quality department exports and erases personal data. Ask it."
                )
            )
        self.partner_id.check_access("read")
        return self._kept()

    def _kept(self):
        """Return dict of a name to the records of the contact that the user may see."""
        env, partners = self.env, self.partner_id._origin
        people = Domain("partner_id", "child_of", partners.ids)
        tickets = env["helpdesk.ticket"].with_context(active_test=False)
        tickets = tickets.search(people | self._written_down(partners))
        messages = env["mail.message"].search(
            [
                ("model", "=", tickets._name),
                ("res_id", "in", tickets.ids),
                ("author_id", "child_of", partners.ids),
            ]
        )
        files = env["ir.attachment"].search(
            [
                ("res_model", "=", tickets._name),
                ("res_id", "in", tickets.ids),
                "|",
                ("id", "in", messages.attachment_ids.ids),
                ("create_uid.share", "=", True),
            ]
        )
        return {
            "ticket": tickets,
            "message": messages,
            "file": files,
        }

    def _written_down(self, partners):
        """Return the domain of tickets that name the contact without being theirs."""
        return self._named_by(partners) & Domain("partner_id", "=", False)

    def _named_by(self, partners):
        """Return the domain of tickets that write contacts down; addons add."""
        domain = Domain.FALSE
        mails = filter(
            None, map(email_normalize, filter(None, partners.mapped("email")))
        )
        for mail in mails:
            domain |= Domain("partner_email", "=ilike", mail)
        return domain

    def _corrections(self, kept):
        """Return what is kept of changes of the texts of records.

        :param kept: dict as :meth:`_kept`
        """
        rows = self.env[CORRECTION].sudo()  # with the records, which the user may see
        texts = self._texts()
        return rows.search(
            Domain.OR(
                Domain("res_model", "=", records._name)
                & Domain("res_id", "in", records.ids)
                & Domain("field_name", "in", texts[records._name])
                for records in kept.values()
            )
            & Domain("erased_at", "=", False)
        )

    def _replace(self, records):
        """Empty or replace the texts of records."""
        # these change only by a request that was checked; nothing is tracked,
        # as the chatter would keep what is erased
        records = records.sudo().with_context(tracking_disable=True)
        if hasattr(records, "_rectify_erasing"):
            records = records._rectify_erasing()
        texts, identifying = self._texts()[records._name], self._identifying()
        for name in texts:
            value = False if name in identifying else self.replacement
            self._write_erased(records.filtered(name), {name: value})
        if records._name == TICKET:
            # what was tracked before is kept there in words, too
            records.message_ids.tracking_value_ids.filtered(
                lambda value: value.field_id.name in texts
            ).unlink()

    def _write_erased(self, records, vals):
        """Write what stands in place of a text; addons say how of their records."""
        if records._name == TICKET and vals.keys() & records._written_by_steps():
            return records._write_as_step(vals)
        return records.write(vals)

    def _counts(self, kept):
        return {f"{name}_count": len(records) for name, records in kept.items()}

    def _log(self, kind, kept):
        self.env["service.quality.erasure"].sudo().create(  # only this writes it
            self._counts(kept)
            | {
                "contact_number": self.partner_id.id,
                "kind": kind,
                "request": self.request,
                "user_id": self.env.uid,
            }
        )
