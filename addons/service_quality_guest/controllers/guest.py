from odoo.http import Controller, request, route

from odoo.addons.service_quality_core.controllers.limits import (
    MOST_BYTES,
    count_request,
)

from ..models.ir_http import GUEST


def guest_route(path, **values):
    """Declare a page that anybody may open without being known.

    The token against forged requests is checked by :meth:`GuestController._refusal`,
    which gives the visitors their words back instead of losing them.
    """
    return route(
        path,
        type="http",
        auth=GUEST,
        csrf=False,
        max_content_length=MOST_BYTES,
        **values,
    )


class GuestController(Controller):
    """Does what all pages for guests have in common."""

    def _page(self, template, values, status=200):
        guests = request.registry["ir.http"]
        return guests._service_guest_page(template, values, status)

    def _count(self, kind):
        count_request(kind)

    def _refusal(self, given):
        """Return why a form that was sent is not taken, None when it is.

        :param given: dict of what was sent
        """
        _ = request.env._
        token = given.get("csrf_token")
        if not isinstance(token, str) or not request.validate_csrf(token):
            return _(
                "This page was open for too long, or your browser keeps no cookies. "
                "Nothing is lost: please press the button once more."
            )
        if given.get("website"):
            return _(
                "Your browser filled in a field that nobody sees. Nothing is lost: "
                "please press the button once more."
            )
        return None
