import base64
import io
import secrets

import qrcode

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .service_quality_complaint_entry import ALPHABET

STAFF = "base.group_user"

CODE_LENGTH = 10

HOTLINE_PATH = "/service/hotline"

RENEWERS = (
    "service_quality_core.service_quality_group_service_manager",
    "service_quality_core.service_quality_group_quality",
    "base.group_system",
)


class ServiceQualityHotline(models.AbstractModel):
    """A place has a hotline of its own, at which people complain about it (C2.3).

    The notice that hangs there leads to a page of its own: by a random code, so that
    nothing is said of what else there is.
    """

    _name = "service.quality.hotline"
    _description = "Supervision Hotline"

    service_hotline_code = fields.Char(
        string="Hotline Code",
        compute="_compute_service_hotline_code",
        store=True,
        copy=False,
        groups=STAFF,
    )
    service_hotline_url = fields.Char(
        string="Hotline Page",
        compute="_compute_service_hotline_url",
        groups=STAFF,
        help="Where people complain about this place, also without a name.",
    )
    service_hotline_qr = fields.Binary(
        string="QR Code",
        compute="_compute_service_hotline_qr",
        attachment=False,
        groups=STAFF,
    )

    _service_hotline_code_uniq = models.UniqueIndex("(service_hotline_code)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name")
    def _compute_service_hotline_code(self):
        """Draw a code for each place as soon as there is one; it stays."""
        for place in self:
            place.service_hotline_code = place.service_hotline_code or _draw()

    @api.depends("service_hotline_code")
    def _compute_service_hotline_url(self):
        for place in self:
            place.service_hotline_url = (
                f"{place.get_base_url()}{HOTLINE_PATH}/{place.service_hotline_code}"
            )

    @api.depends("service_hotline_url")
    def _compute_service_hotline_qr(self):
        for place in self:
            image = io.BytesIO()
            qrcode.make(place.service_hotline_url, box_size=8).save(image, "PNG")
            place.service_hotline_qr = base64.b64encode(image.getvalue())

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_hotline_notice(self):
        """Print the notice that hangs where people complain."""
        self._ensure_some()
        return self.env.ref(
            f"service_quality_complaint.{self._table}_hotline_report"
        ).report_action(self, data={}, config=False)

    def action_service_hotline_renew(self):
        """Draw new codes, so that notices with the former ones lead nowhere."""
        self._ensure_some()
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in RENEWERS):
            raise AccessError(
                self.env._(
                    "Only the service manager and the quality department renew the "
                    "code of the hotline. Ask one of them."
                )
            )
        for place in self.sudo():  # they need not write companies and teams
            place.service_hotline_code = _draw()
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _service_hotline_place(self, code):
        """Return the team or company of a code, as superuser, an empty one if none is.

        :param code: whatever stood in the address
        """
        code = code.upper() if isinstance(code, str) and code else "-"
        domain = [("service_hotline_code", "=", code)]
        # the code on a notice is for everybody
        env = self.sudo().env
        return env["helpdesk.ticket.team"].search(domain, limit=1) or env[
            "res.company"
        ].search(domain, limit=1)


def _draw():
    return "".join(secrets.choice(ALPHABET) for _index in range(CODE_LENGTH))
