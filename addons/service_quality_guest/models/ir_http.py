import base64
import hashlib
import logging
import math
from pathlib import Path

from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from odoo import models
from odoo.exceptions import UserError
from odoo.http import Response, request

from ..tools.guest_log import GuestLogFilter

GUEST = "service_guest"
"""The ``auth`` of a route that anybody may open without being known."""

STYLE = Path(__file__).parents[1].joinpath("static/public/guest.css").read_text()

STYLE_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src data:; "
    f"style-src 'sha256-{STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""They keep a page for guests from running scripts, fetching anything, being kept or
framed, and telling others where the reader came from."""

for server in ("werkzeug", "longpolling"):
    logging.getLogger(server).addFilter(GuestLogFilter())


class IrHttp(models.AbstractModel):
    """Serves pages that anybody may open without being known.

    One answer holds all of a page: an image or a style sheet that is asked for by
    itself would be a line in the log with the address of the reader.
    """

    _inherit = "ir.http"

    # ------------------------------------------------------------------
    # Dispatching
    # ------------------------------------------------------------------

    @classmethod
    def _authenticate(cls, endpoint):
        if endpoint.routing["auth"] == GUEST:
            # past the check of the session, which records where a user was when
            return cls._auth_method_service_guest()
        return super()._authenticate(endpoint)

    @classmethod
    def _auth_method_service_guest(cls):
        """Use the public user, also for visitors who are logged in."""
        request.service_guest = True
        if request.session.uid:
            request.session.can_save = False
        request.update_env(user=request.env.ref("base.public_user").id)

    @classmethod
    def _pre_dispatch(cls, rule, args):
        result = super()._pre_dispatch(rule, args)
        if cls._service_is_guest():
            # nothing has a name that the database cannot hold: the page says so itself
            args.update(
                {key: part.replace("\0", "\ufffd") for key, part in args.items()}
            )
            wanted = request.httprequest.args.get("lang") or request.best_lang
            cls._service_guest_speak(wanted)
        return result

    @classmethod
    def _handle_error(cls, exception):
        if cls._service_is_guest():
            return cls._service_guest_error(exception)
        return super()._handle_error(exception)

    @classmethod
    def _service_is_guest(cls):
        return getattr(request, GUEST, False)

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    @classmethod
    def _service_guest_speak(cls, lang):
        """Use the installed language that is nearest to the one asked for, if any.

        :param lang: the code of a language, or nothing
        """
        code = request.env["ir.http"].get_nearest_lang(lang)
        if code:
            request.update_context(lang=code)

    @classmethod
    def _service_guest_page(cls, template, values, status=200):
        """Return a page for guests.

        :param template: of one that calls ``service_quality_guest.guest_layout``
        :param values: for the template; ``company`` is whose page it is
        """
        # name, logo and hotline stand on pages that everybody may read
        company = (values.get("company") or request.env.company).sudo()
        languages = request.env["res.lang"].get_installed()
        values = {"hotline": company._service_hotline_number()} | values
        values |= {
            "company": company,
            "languages": languages if len(languages) > 1 else (),
            "lang": request.env.lang,
            "path": request.httprequest.path,
            "style": Markup(STYLE),
        }
        html = request.env["ir.ui.view"]._render_template(template, values)
        response = Response(html, status=status, content_type="text/html")
        response.headers.extend(HEADERS)
        return response

    @classmethod
    def _service_guest_error(cls, exception):
        """Return a page that says what went wrong, and what to do about it."""
        if isinstance(exception, HTTPException) and not exception.code:
            return exception  # an answer that was raised
        code = 500
        if isinstance(exception, UserError):
            code = exception.http_status  # its words are for those who know the record
        elif isinstance(exception, HTTPException):
            code = exception.code
        request.env.cr.rollback()
        wait = getattr(exception, "retry_after", None) or 0
        values = {"code": code, "minutes": math.ceil(wait / 60)}
        response = cls._service_guest_page(
            "service_quality_guest.guest_error", values, status=code
        )
        if wait:
            response.headers["Retry-After"] = str(wait)
        cls._post_dispatch(response)
        return response
