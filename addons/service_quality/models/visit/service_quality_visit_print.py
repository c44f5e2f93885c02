import base64
import io
from typing import NamedTuple

from PIL import Image

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import split_every
from odoo.tools.image import image_data_uri, image_process

from ..core.printing import FONTS

PRINTED_METRICS = ("arrival", "resolution")

PHOTOS_A_ROW = 2
PHOTO_SIZE = (900, 900)
PHOTO_QUALITY = 75


MARGIN = 10


class Signing(NamedTuple):
    """The signature that goes on a sheet while it is being signed.

    A type of its own, as values of a report can come from the address of a page: what
    comes from there is never one of these.
    """

    revision: int
    revision_reason: str
    signed_name: str
    signed_at: object
    signature: bytes


class ServiceQualityVisit(models.Model):
    """What the service sheet says, for the customer's eyes."""

    _inherit = "service.quality.visit"

    def _print_lang(self):
        """Return the language of the customer, the reader's where it has none."""
        self.ensure_one()
        partner = self.sudo().partner_id  # its language only
        lang = partner.lang or partner.commercial_partner_id.lang
        installed = dict(self.env["res.lang"].get_installed())
        return lang if lang in installed else self.env.lang

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
