from odoo import api, fields, models

from odoo.addons.service_quality_core.models.base import CarriedJson

from ..tools.digest import digest


class ServiceQualitySignature(models.Model):
    """Keeps who signed what and when, with the digest of exactly what was signed.

    Rows are added by the signature mixin alone. When what was signed is changed later
    its digest is another one: the signature is shown as broken, with what was changed.
    """

    _name = "service.quality.signature"
    _description = "Signature"
    _inherit = ["service.quality.steps.mixin", "service.quality.hidden.mixin"]
    _order = "at, id"

    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record",
        model_field="res_model",
        required=True,
        readonly=True,
        index=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    meaning = fields.Char(required=True, readonly=True)
    part = fields.Integer(string="Round", readonly=True)
    name = fields.Char(string="Signed For", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Signed By",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    at = fields.Datetime(
        string="Signed On", required=True, readonly=True, default=fields.Datetime.now
    )
    content = CarriedJson(readonly=True)
    digest = fields.Char(required=True, readonly=True)
    is_intact = fields.Boolean(string="Unbroken", compute="_compute_is_intact")
    changed = fields.Char(
        string="Changed Since",
        compute="_compute_is_intact",
        help="What was changed after it was signed.",
    )
    is_replaced = fields.Boolean(
        string="Signed Again",
        compute="_compute_is_replaced",
        help="A later signature for the same stands in its place.",
    )

    @api.depends("content", "digest")
    @api.depends_context("lang")
    def _compute_is_intact(self):
        """Compare what was signed with what the record says now."""
        for signature in self:
            # whoever reads a signature reads whether it holds
            record = signature.sudo()._record()
            now = record._signed_content(signature.meaning, signature.part)
            # likewise
            then = signature.sudo().content or {}
            signature.is_intact = digest(now)[0] == signature.digest
            differing = [key for key in {*now, *then} if now.get(key) != then.get(key)]
            labels = record._signed_labels()
            signature.changed = ", ".join(
                sorted(labels.get(key, key) for key in differing)
            )

    @api.depends("res_model", "res_id", "meaning", "part")
    def _compute_is_replaced(self):
        self.is_replaced = True
        for signature in self:
            # whoever reads a signature reads whether it still stands
            record = signature.sudo()._record()
            if signature.id in record._standing_signatures().ids:
                signature.is_replaced = False

    def _record(self):
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)


class ServiceQualitySignatureMixin(models.AbstractModel):
    """Is signed for: a model says what is signed, and its steps call :meth:`_sign`."""

    _name = "service.quality.signature.mixin"
    _description = "Something That Is Signed For"

    signature_ids = fields.One2many(
        "service.quality.signature", "res_id", string="Signatures", readonly=True
    )
    is_signature_broken = fields.Boolean(
        string="Changed After It Was Signed", compute="_compute_is_signature_broken"
    )

    @api.depends("signature_ids")
    def _compute_is_signature_broken(self):
        for record in self:
            # whoever reads the record reads whether its signatures hold
            signatures = record.sudo()._standing_signatures()
            record.is_signature_broken = not all(signatures.mapped("is_intact"))

    def _standing_signatures(self):
        """Return the signatures of one record that count: the last of each kind.

        What was changed after it was signed is signed again.
        """
        self.ensure_one()
        last = {(one.meaning, one.part): one.id for one in self.signature_ids}
        return self.signature_ids.browse(last.values())

    def _signed_content(self, meaning, part):
        """Return exactly what is signed: a dict of what JSON holds.

        :param meaning: a code of the model, as ``approved``
        :param part: a number of the model, as of a round
        """
        raise NotImplementedError

    def _signed_labels(self):
        """Return what the keys of the content are called, in the user's language."""
        return {}

    def _sign(self, meaning, name, part=0):
        """Let the user sign for what the records say now.

        :param name: what is signed for, for people
        :return: the signatures
        """
        rows = []
        for record in self.sudo():  # nobody writes signatures
            content = record._signed_content(meaning, part)
            company = record.company_id if "company_id" in record._fields else None
            rows.append(
                {
                    "res_model": record._name,
                    "res_id": record.id,
                    "company_id": company and company.id,
                    "meaning": meaning,
                    "part": part,
                    "name": name,
                    "user_id": self.env.uid,
                    "content": content,
                    "digest": digest(content)[0],
                }
            )
        # nobody writes signatures
        signatures = self.env["service.quality.signature"].sudo()._create_as_step(rows)
        self.invalidate_recordset(["signature_ids", "is_signature_broken"])
        return signatures
