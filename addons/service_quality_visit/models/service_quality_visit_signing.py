import base64
import binascii
import hashlib
import io
from typing import NamedTuple

from PIL import Image

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import split_every
from odoo.tools.image import image_data_uri, image_process

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.printing import FONTS
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.form_text import MOST_IN_LINE

REPORT = "service_quality_visit.service_quality_visit_report"

REVISERS = tuple(map(group_of, ("desk", "service_manager")))

WORK = ("work_done", "parts", "unsigned_reason")
"""The arguments of ``save_work``."""

MAX_SIGNATURE_BYTES = 1_000_000
MAX_SIGNATURE_PIXELS = 8_000_000

PRINTED_METRICS = ("arrival", "resolution")

PHOTOS_A_ROW = 2
PHOTO_SIZE = (900, 900)
PHOTO_QUALITY = 75

MARGIN = 10


class Signing(NamedTuple):
    """Holds the signature that goes on a sheet while it is being signed.

    It is a type of its own because values of a report can come from the address of a
    page: what comes from there is never one of these.
    """

    revision: int
    revision_reason: str
    signed_name: str
    signed_at: object
    signature: bytes


class ServiceQualityVisitSigning(models.AbstractModel):
    """Adds to a visit its service sheet, which is printed, signed and then kept."""

    _name = "service.quality.visit.signing"
    _description = "Signing of a Visit"

    revision_reason = fields.Char(
        string="To Be Corrected",
        readonly=True,
        copy=False,
        help="Why the signed sheet was opened again.",
    )
    settled_at = fields.Datetime(
        string="Signed or Explained",
        readonly=True,
        copy=False,
        help="When the signature, or the reason why there is none, came in: as a phone "
        "noted it without a connection, otherwise when it was entered.",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("unsigned_reason")
    def _check_unsigned_reason(self):
        """Refuse a full stop for a reason."""
        self._service_check_says(["unsigned_reason"], LEAST_REASON)

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    def sign(
        self,
        signed_name,
        signature,
        at=None,
        seconds_ago=0,
        external_ref=None,
        work=None,
    ):
        """Have the customer sign the service sheet.

        An engineer who is still on site leaves with that: the customer signs for both
        times.
        What the customer was shown is written down and signed in one go.

        :param signed_name: who signs
        :param signature: the drawn signature, a PNG, base64
        :param at: when it was signed, and ``seconds_ago`` the same; see
            :meth:`record_arrival`
        :param external_ref: the caller's own key; a second call with it does nothing,
            and is refused for another name or drawing
        :param work: dict of arguments of :meth:`save_work`, as shown to the customer
        :return: the id of the signed sheet
        """
        self.ensure_one()
        self.check_access("read")
        given = Arguments(self.env)
        external_ref = given.key("external_ref", external_ref) or None
        signed_name = given.text("signed_name", signed_name, MOST_IN_LINE)
        known = self.sheet_ids.filtered(
            lambda sheet: external_ref and sheet.external_ref == external_ref
        )
        if known:
            known._check_repeated(signed_name, signature)
            return known.id
        self._check_may_write()
        if work:
            self.save_work(**given.mapping("work", work, WORK))
        moment = self._moment(at, seconds_ago)
        waited = self._waited(at, moment)
        if self.state == "on_site":
            self._record("departed", moment, waited=waited)
        self._check_signable(signed_name, moment)
        return self._store_sheet(
            moment if waited else fields.Datetime.now(),
            {
                "visit_id": self.id,
                "revision": len(self.sheet_ids) + 1,
                "revision_reason": self.revision_reason,
                "signed_name": signed_name,
                "signed_at": moment,
                "signature": base64.b64encode(self._signature_content(signature)),
                "external_ref": external_ref,
            },
        ).id

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_revise(self):
        """Ask why the signed sheet is to be corrected."""
        self.ensure_one()
        self._check_may_revise()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revise the service sheet"),
            "res_model": "service.quality.visit.revise",
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_id": self.id},
        }

    def action_print(self):
        """Print the sheet: as it was signed, or a draft of it."""
        self._ensure_some()
        return self.env.ref(REPORT).report_action(self, data={})

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _revise(self, reason):
        """Open a signed visit again; what was signed stays beside it."""
        self.ensure_one()
        self._check_may_revise()
        if not self.sheet_id:
            raise UserError(
                self.env._("The service sheet is not signed: change it right here.")
            )
        # no user writes what is signed, and this opens it
        self.sudo()._write_as_step(
            {"sheet_id": False, "settled_at": False, "revision_reason": reason}
        )

    def _note_reason(self):
        """Keep when it was first said why nobody signed."""
        told = self.filtered("unsigned_reason")
        fresh = told.filtered(lambda visit: not visit.settled_at)
        fresh._write_as_step({"settled_at": fields.Datetime.now()})
        (self - told).filtered("settled_at")._write_as_step({"settled_at": False})

    def _store_sheet(self, settled_at, vals):
        """Print the sheet with the signature on it, and keep exactly that.

        :param settled_at: when the signature came in
        :param vals: values of the sheet
        """
        signing = Signing(*(vals[name] for name in Signing._fields))
        report = self.env["ir.actions.report"]
        content, _type = report._render_qweb_pdf(REPORT, self.ids, {"signing": signing})
        visit = self.sudo()  # no user writes what was signed
        sheet = visit.env["service.quality.visit.sheet"].create(
            vals
            | {
                "pdf": base64.b64encode(content),
                "digest": hashlib.sha256(content).hexdigest(),
            }
        )
        visit._write_as_step(
            {
                "sheet_id": sheet.id,
                "revision_reason": False,
                "settled_at": visit.settled_at or settled_at,
            }
        )
        return sheet

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_may_revise(self):
        self.check_access("read")
        if not self.env.su and not any(map(self.env.user.has_group, REVISERS)):
            raise AccessError(
                self.env._(
                    "Only the service desk or a service manager opens a signed "
                    "service sheet for a correction."
                )
            )

    def _check_signable(self, signed_name, moment):
        """Refuse to have a sheet signed that does not say what was done."""
        _ = self.env._
        missing = []
        if not self.arrived_at:
            missing.append(_("Record the arrival."))
        if not (self.work_done or "").strip():
            missing.append(_("Write down what was done."))
        if not signed_name:
            missing.append(_("Enter the name of who signs."))
        if missing:
            raise ValidationError(
                _(
                    "The service sheet cannot be signed yet:\n%s",
                    "\n".join(f"• {text}" for text in missing),
                )
            )
        # the same rules as for a row of the ledger
        self.sudo().ticket_id._service_check_moment([self._row("departed", moment)])
        if moment < self.left_at:
            raise ValidationError(
                _("The sheet is signed after the engineer has left, not before.")
            )

    def _signature_content(self, signature):
        """Return the bytes of a drawn signature.

        :raise ValidationError: for what is no PNG, too big, or blank
        """
        try:
            content = base64.b64decode(signature, validate=True)
            if len(content) > MAX_SIGNATURE_BYTES:
                raise ValueError("too big")
            image = Image.open(io.BytesIO(content), formats=["PNG"])
            if image.width * image.height > MAX_SIGNATURE_PIXELS:
                raise ValueError("too big")
            bands = image.convert("RGBA").getextrema()
        except (binascii.Error, TypeError, ValueError, OSError, SyntaxError) as error:
            raise ValidationError(
                self.env._("The signature has not come whole. Sign once more.")
            ) from error
        if all(low == high for low, high in bands):
            raise ValidationError(
                self.env._("Nobody has signed yet: the field is blank.")
            )
        return content

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------

    def _print_lang(self):
        """Return the language of the customer, the company's where it has none."""
        self.ensure_one()
        partner = self.sudo().partner_id  # its language only
        return self.company_id._service_lang(partner, partner.commercial_partner_id)

    def _prepare_page(self, signing=None):
        """Return what the template prints of a visit, in the language of the context.

        :param signing: the :class:`Signing` that is under way
        :return: dict of what the page shows
        :raise AccessError: for who may not read the visit
        """
        self.ensure_one()
        self.check_access("read")
        # an engineer is sent to tickets of others as well, and prints their sheets
        visit = self.sudo().with_context(bin_size=False)
        if not isinstance(signing, Signing):
            signing = visit._last_signing()
        return {
            "visit": visit,
            "ticket": visit.ticket_id,
            "company": visit.company_id,
            "signing": signing,
            "reason": signing.revision_reason if signing else visit.revision_reason,
            "signature": signing and _cropped(signing.signature),
            "fonts": f"'{visit.company_id.font or 'Lato'}', {FONTS}, sans-serif",
            "minutes": visit._print_minutes(),
            "tz": visit._print_tz(),
            "targets": visit.ticket_id._service_portal_targets(PRINTED_METRICS),
            "photos": visit._print_photos(),
            "hotline": (visit.team_id or visit.company_id)._service_hotline_number(),
        }

    def _last_signing(self):
        sheet = self.sheet_id
        if not sheet:
            return None
        return Signing(*(sheet[name] for name in Signing._fields))

    def _print_tz(self):
        """Return the zone of the times on the sheet: that of the customer's clock."""
        return self.partner_id._service_tz(self.company_id)

    def _print_minutes(self):
        """Return how long it took by the times as they are printed."""
        if not self.left_at:
            return 0
        stayed = self.left_at.replace(second=0) - self.arrived_at.replace(second=0)
        return int(stayed.total_seconds() // 60)

    def _print_photos(self):
        """Return the photos in the rows in which they are printed."""
        photos = [self._print_photo(photo) for photo in self.photo_ids]
        return list(split_every(PHOTOS_A_ROW, filter(None, photos)))

    def _print_photo(self, photo):
        """Return a photo as the address of a picture, small enough for paper."""
        if not photo.mimetype.startswith("image/"):
            return None  # kept as a file, as it is too large to be opened
        try:
            content = image_process(photo.raw, PHOTO_SIZE, quality=PHOTO_QUALITY)
        except UserError:  # a file that is no picture: it stays on the visit
            return None
        return image_data_uri(base64.b64encode(content))


def _cropped(signature):
    """Return a signature as the address of a picture without the blank around it."""
    image = Image.open(io.BytesIO(base64.b64decode(signature))).convert("RGBA")
    left, top, right, bottom = image.getbbox(alpha_only=True)
    box = (
        max(left - MARGIN, 0),
        max(top - MARGIN, 0),
        min(right + MARGIN, image.width),
        min(bottom + MARGIN, image.height),
    )
    buffer = io.BytesIO()
    image.crop(box).save(buffer, "PNG")
    return image_data_uri(base64.b64encode(buffer.getvalue()))
