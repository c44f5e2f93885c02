import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceQualityVisitSheet(models.Model):
    """Keeps the page that a customer signed as it was printed then.

    A correction is a further sheet of the same visit, signed again; it says why, and
    the one before stays.
    """

    _name = "service.quality.visit.sheet"
    _description = "Signed Service Sheet"
    _order = "visit_id desc, revision desc"
    _rec_name = "filename"

    visit_id = fields.Many2one(
        "service.quality.visit",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket", related="visit_id.ticket_id", store=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", related="visit_id.company_id", store=True
    )
    revision = fields.Integer(required=True, readonly=True)
    revision_reason = fields.Char(
        string="What Was Corrected", readonly=True, help="Empty on the first sheet."
    )
    signed_name = fields.Char(string="Signed By", required=True, readonly=True)
    signed_at = fields.Datetime(string="Signed On", required=True, readonly=True)
    signature = fields.Binary(required=True, readonly=True, attachment=True)
    pdf = fields.Binary(
        string="Service Sheet", required=True, readonly=True, attachment=True
    )
    filename = fields.Char(compute="_compute_filename")
    digest = fields.Char(
        string="SHA-256", required=True, readonly=True, help="Of the PDF when signed."
    )
    is_intact = fields.Boolean(
        string="Unchanged since It Was Signed", compute="_compute_is_intact"
    )
    is_current = fields.Boolean(compute="_compute_is_current")
    external_ref = fields.Char(
        readonly=True, help="The phone's own key of the signature, unique per visit."
    )

    _revision_uniq = models.UniqueIndex(
        "(visit_id, revision)", "The visit has this revision of its sheet already."
    )
    _external_ref_uniq = models.UniqueIndex(
        "(visit_id, external_ref) WHERE external_ref IS NOT NULL",
        "This signature was sent already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("visit_id.number", "revision")
    def _compute_filename(self):
        for sheet in self:
            number = (sheet.visit_id.number or "").replace("/", "-")
            revision = f"-r{sheet.revision}" if sheet.revision > 1 else ""
            sheet.filename = f"{number}{revision}.pdf"

    @api.depends("pdf", "digest")
    def _compute_is_intact(self):
        for sheet in self:
            sheet.is_intact = (
                sheet.digest == hashlib.sha256(sheet._content()).hexdigest()
            )

    @api.depends("visit_id.sheet_ids")
    def _compute_is_current(self):
        for sheet in self:
            newest = max(sheet.visit_id.sheet_ids.mapped("revision"), default=0)
            sheet.is_current = sheet.revision == newest

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_repeated(self, signed_name, signature):
        """Refuse a key under which another signature was stored.

        :param signature: as given by a caller, base64
        :raise ValidationError: for another name or another drawing
        """
        drawn = self.visit_id._signature_content(signature)
        if self.signed_name != signed_name or (
            base64.b64decode(self.signature) != drawn
        ):
            self.env["service.quality.request"]._refuse_other_content(self.external_ref)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if self and vals:
            raise UserError(
                self.env._(
                    "A signed service sheet is not changed. Revise it to have a "
                    "corrected one signed."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(
            self.env._("A signed service sheet is part of the record and stays.")
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_download(self):
        """Download the page as it was signed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/pdf?download=true"
            f"&filename={self.filename}",
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _content(self):
        """Return the bytes of the stored PDF."""
        self.ensure_one()
        # the web client asks for sizes instead of contents
        return self._attachment().with_context(bin_size=False).raw or b""

    def _attachment(self):
        """Return the attachment that holds the PDF."""
        # a user who may read the sheet may read its content
        Attachment = self.env["ir.attachment"].sudo()
        return Attachment.search(
            [
                ("res_model", "=", self._name),
                ("res_field", "=", "pdf"),
                ("res_id", "=", self.id),
            ],
            limit=1,
        )
