import base64
import errno
import hashlib
from pathlib import Path

from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.mimetypes import guess_mimetype

from ..tools.form_text import clean_name, weigh
from ..tools.sandbox import clean, is_large, look
from ..tools.sanitizer import LEAST_SIDE, Refused
from .base import LEAST_EVIDENCE
from .image_mixin import draw_smaller

LEAST_BYTES = 500
"""A page that was scanned, photographed or printed is larger, however little it says.
"""


class IrAttachment(models.Model):
    """Keeps the files of what was sent, signed or decided as they are.

    Who may write a record may change the files at it. For a record that keeps its
    documents (``_service_keeping``), and for a field that no user enters, the file is
    written by steps alone, as the field is.
    """

    _inherit = "ir.attachment"

    def _check_access(self, operation):
        """Refuse to change the files that a record keeps."""
        result = super()._check_access(operation)
        if self.env.su or operation == "read":
            return result
        forbidden, error = result or (self.browse(), None)
        kept = (self - forbidden)._service_kept()
        if not kept:
            return result
        return forbidden | kept, error or kept._service_kept_error

    def write(self, vals):
        """Refuse to pass off another file as one that a record keeps."""
        result = super().write(draw_smaller(self.env, vals, "thumbnail"))
        if not self.env.su and vals.keys() & {"res_model", "res_id", "res_field"}:
            self.check_access("write")
        return result

    def _delete_and_notify(self, message=None):
        """Refuse to delete what a record keeps; the page deletes with all rights."""
        kept = self.sudo(False)._service_kept()
        if kept:
            raise kept._service_kept_error()
        return super()._delete_and_notify(message)

    def _check_contents(self, values):
        """Clean the name of a file, which a stranger may have given it."""
        # what has an address is the server's own
        if isinstance(values.get("name"), str) and not values.get("url"):
            values["name"] = clean_name(values["name"])
        return super()._check_contents(values)

    def _postprocess_contents(self, values):
        """Have a large picture drawn smaller, by a process of its own.

        Odoo opens each picture that is attached, and again whenever it is shown: some
        kB from the portal or by mail can take a gigabyte then. A picture that cannot
        be drawn smaller is kept as a file that is downloaded and not shown.

        :param values: dict that is changed in place, as the caller goes on with it
        """
        content = values.get("raw") or base64.b64decode(values.get("datas") or b"")
        if values.get("res_field") or not is_large(content):
            return super()._postprocess_contents(values)
        values.pop("datas", None)
        try:
            content, _extension, mimetype = clean(content)
        except Refused:
            # Odoo would look into it again for what it is
            values.update(raw=content, mimetype="application/octet-stream")
            return values
        values.update(raw=content, mimetype=mimetype)
        return super()._postprocess_contents(values)

    def _get_path(self, bin_data, sha):
        """Take away half a file, as a full disk or a crash leaves it.

        A file is named by its checksum. Odoo would take the half for another file with
        the same one, and refuse to write the whole for ever.
        """
        path = Path(self._full_path(f"{sha[:2]}/{sha}"))
        if path.is_file() and path.stat().st_size != len(bin_data):
            # a name that Odoo gave, no secret
            found = hashlib.sha1(path.read_bytes(), usedforsecurity=False)
            if found.hexdigest() != sha:
                path.unlink()
        return super()._get_path(bin_data, sha)

    def _file_write(self, bin_value, checksum):
        """Raise an error that says what to do where the disk is full."""
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise UserError(
                self.env._(
                    "The disk of the server is full. Nothing was written or sent: "
                    "have an administrator free some space, then do it again."
                )
            ) from error

    # ------------------------------------------------------------------
    # Evidence
    # ------------------------------------------------------------------

    def _service_papers(self):
        """Return the files that can show a signed paper: PDF files and pictures.

        That they show anything was checked when they were attached, and is when they
        are signed.
        """
        return self.filtered(
            lambda file: _is_scan(file.raw) and len(file.raw) >= LEAST_BYTES
        )

    def _service_check_paper(self):
        """Refuse files that show no paper as it was scanned or photographed."""
        for file in self:
            self._service_check_scan(file.name, file.raw)

    @api.model
    def _service_check_scan(self, name, content):
        """Refuse what is no paper as it was scanned or photographed.

        What it is follows from the content: a name and a type are soon given. The
        file is opened: an empty page proves nothing.

        :param content: bytes, or nothing
        :raise ValidationError: for another kind of file, and for one with next to
            nothing in it, or nothing to be seen
        """
        if not _is_scan(content):
            raise ValidationError(
                self.env._(
                    "%s is neither a PDF nor a picture. Attach the signed paper as "
                    "it was scanned or photographed.",
                    name,
                )
            )
        self._service_check_shown(name, content)

    def _service_check_evidence(self):
        """Refuse files that prove nothing: empty ones, and texts of a few letters.

        A PDF file or a picture is opened, as a paper is.

        :raise ValidationError: it names the file
        """
        for file in self:
            content = file.raw or b""
            if _is_scan(content):
                self._service_check_shown(file.name, content)
            elif weigh(content.decode(errors="ignore")) < LEAST_EVIDENCE:
                raise ValidationError(
                    self.env._(
                        "%s is empty, or says next to nothing. Attach what proves it.",
                        file.name,
                    )
                )

    @api.model
    def _service_check_first_use(self, records, field, name, content):
        """Refuse what somebody signed where it stands at another record already.

        One signature stands for one thing. What counts is the content: a file that is
        attached once more is the same.

        :param records: those at which it may stand
        :param content: bytes
        """
        files = self.sudo()  # also at records that the user does not see
        others = files.search_count(
            Domain("res_model", "=", records._name)
            & Domain("res_field", "=", field)
            & Domain("res_id", "not in", records.ids)
            & Domain("checksum", "=", self._compute_checksum(content)),
            limit=1,
        )
        if others:
            raise ValidationError(
                self.env._(
                    "%s proves something else already. Attach what was signed about "
                    "this.",
                    name,
                )
            )

    @api.model
    def _service_check_shown(self, name, content):
        self._service_check_size(name, content)
        try:
            look(content)
        except Refused as error:
            raise ValidationError(self._service_unseen(name, error.args[0])) from error

    @api.model
    def _service_unseen(self, name, reason):
        """Say why nothing can be seen on a file."""
        _ = self.env._
        if reason == "nothing":
            return _(
                "%(name)s shows nothing: there is no page with text or a picture in "
                "it, or it is a picture of one colour, or of less than %(least)s "
                "pixels. Attach it as it was scanned, photographed or saved.",
                name=name,
                least=LEAST_SIDE,
            )
        if reason == "locked":
            return _("%s asks for a password. Attach it without one.", name)
        if reason == "busy":
            return _("Too many files are being read just now. Try again.")
        if reason == "type":
            return _("%s cannot be opened: it is damaged. Save it once more.", name)
        return _(
            "%s takes too much to open. Save it smaller, or scan it more coarsely.",
            name,
        )

    @api.model
    def _service_check_size(self, name, content):
        if len(content) < LEAST_BYTES:
            raise ValidationError(
                self.env._(
                    "%(name)s has only %(size)s bytes, which is no page and no "
                    "picture. Attach it as it was scanned, photographed or saved.",
                    name=name,
                    size=len(content),
                )
            )

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def _service_kept(self):
        """Return the attachments that only steps of their record write."""
        kept = self._service_consents() | self._service_signed() | self._service_said()
        # their records are looked up for every user
        for model, some in self.sudo().grouped("res_model").items():
            if not model or model not in self.env:
                continue
            Model = self.env[model].sudo()  # likewise
            if not Model._service_keeps_files():
                continue
            records = Model.browse(set(some.mapped("res_id"))).exists()
            keeping = set(records._service_keeping().ids)
            for attachment in some:
                by_steps = Model._service_readonly([attachment.res_field or ""])
                if by_steps or attachment.res_id in keeping:
                    kept |= attachment
        return kept.sudo(self.env.su)

    def _service_consents(self):
        """Return the files by which a deadline of a ticket was set by hand."""
        everyones = self.sudo()  # also files that the user may not read are kept
        files = everyones.filtered(lambda file: file.res_model == "helpdesk.ticket")
        if not files:
            return self.browse()
        Event = self.env["service.quality.event"].sudo()  # the ledger is for everybody
        rows = Event.search(
            [
                ("ticket_id", "in", files.mapped("res_id")),
                ("kind", "=", "deadline_set"),
            ]
        )
        named = {
            file_id
            for row in rows
            for file_id, _checksum in (row.value or {}).get("files", ())
        }
        return self.filtered(lambda file: file.id in named)

    def _service_said(self):
        """Return the files that came with messages that stay as they are."""
        everyones = self.sudo()  # also files that the user may not read are kept
        messages = everyones.env["mail.message"].search(
            [("attachment_ids", "in", everyones.ids)]
        )
        kept = messages.sudo(False)._service_kept()
        # what is kept is kept for whoever may not read it, too
        return self & kept.sudo().attachment_ids.sudo(self.env.su)

    def _service_signed(self):
        """Return the papers of agreements that are signed."""
        own = "service.quality.agreement"
        everyones = self.sudo()  # also files that the user may not read are kept
        files = everyones.filtered(lambda file: file.res_model in (False, own))
        if not files:
            return self.browse()
        # whoever may see the agreement
        agreements = self.env[own].sudo().with_context(active_test=False)
        signed = agreements.search(
            [("document_ids", "in", files.ids), ("state", "!=", "draft")]
        )
        return self & signed.document_ids.sudo(self.env.su)

    def _service_kept_error(self):
        return AccessError(
            self.env._(
                "This file is part of what was sent, signed or decided, and stays as "
                "it is."
            )
        )


def _is_scan(content):
    """Return True for a PDF file or a picture, by what is in it.

    :param content: bytes, or nothing
    """
    kind = guess_mimetype(content or b"")
    is_picture = kind.startswith("image/") and not kind.startswith("image/svg")
    return kind == "application/pdf" or is_picture
