from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.helpdesk_type.controllers.main import HelpdeskTicketControllerTypes

from ..tools.form_text import MOST_LINE, clean_line
from .limits import MOST_BYTES, count_request

MOST_TICKET_FILES = 20
"""Pictures among them are drawn smaller while the customer waits."""

MOST_TICKET_TEXT = 100_000
"""Some pages of a log may be among it."""


class ServiceQualityPortalTicket(HelpdeskTicketControllerTypes):
    """Lets customers enter tickets in the portal and close their own ones.

    A link alone does neither: a user who is logged in may be led to any link.
    """

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------

    @route(methods=["POST"])
    def support_ticket_close(self, **given):
        """Close a ticket by one of the stages that its page offers."""
        count_request("answer")
        ticket = self._service_ticket_to_close(_read_id(given.get("ticket_id")))
        if not ticket:
            return request.redirect("/my/tickets", code=302)
        stages = ticket.team_id._get_applicable_stages()
        stage = stages.filtered("close_from_portal") & stages.browse(
            _read_id(given.get("stage_id"))
        )
        if stage and not ticket.closed:
            ticket.stage_id = stage
        return request.redirect(f"/my/ticket/{ticket.id}", code=302)

    def _service_ticket_to_close(self, ticket_id):
        """Return a ticket as superuser, an empty one if it is not the visitor's."""
        ticket = request.env["helpdesk.ticket"].browse(ticket_id).exists()
        operation = "read" if request.env.user.share else "write"
        # customers may only read tickets, and close theirs all the same
        return ticket._filtered_access(operation).sudo()

    # ------------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------------

    def _get_create_new_ticket_values(self, **kw):
        """Add to the page how long the fields may be and how large the files."""
        return super()._get_create_new_ticket_values(**kw) | {
            "max_upload_size": MOST_BYTES,
            "service_most_line": MOST_LINE,
            "service_most_text": MOST_TICKET_TEXT,
        }

    @route(methods=["POST"], max_content_length=MOST_BYTES)
    def submit_ticket(self, **given):
        """Enter a ticket of what the form offers; no file comes in place of a text."""
        count_request("answer")
        if len(request.httprequest.files.getlist("attachment")) > MOST_TICKET_FILES:
            raise UserError(
                request.env._(
                    "Attach at most %s files, please. Go back and choose fewer.",
                    MOST_TICKET_FILES,
                )
            )
        subject, text = clean_line(given.get("subject")), given.get("description")
        if not subject:
            return request.redirect("/new/ticket")
        offered = {
            "team": self._get_teams(),
            "category": self._get_categories(),
            "type": self._get_types(),
        }
        given |= {
            "subject": subject,
            "description": text[:MOST_TICKET_TEXT] if isinstance(text, str) else "",
        } | {
            name: records and (records & records.browse(_read_id(given.get(name)))).id
            for name, records in offered.items()
        }
        return super().submit_ticket(**given)


def _read_id(value):
    """Return the id that a form has sent, 0 for what is none."""
    text = value if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
