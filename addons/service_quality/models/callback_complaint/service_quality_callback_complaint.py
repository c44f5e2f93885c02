from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.arguments import Arguments
from ..core.service_quality_request import idempotent
from ..core.severity import SEVERITIES


class ServiceQualityCallback(models.Model):
    """Whether a dissatisfied customer has a complaint."""

    _inherit = "service.quality.callback"

    service_is_hidden = fields.Boolean(
        string="Hidden From Me",
        compute="_compute_service_is_hidden",
        search="_search_service_is_hidden",
        compute_sudo=True,  # it is asked before the call may be read
    )

    @api.depends("ticket_id.service_is_hidden", "complaint_id.service_is_hidden")
    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        for call in self:
            tickets = call.ticket_id | call.complaint_id
            call.service_is_hidden = any(tickets.mapped("service_is_hidden"))

    def _search_service_is_hidden(self, operator, value):
        """Find the calls from the few tickets that are hidden, by two indexes.

        One condition with *or* would have all calls looked through.
        """
        if operator != "in":
            return NotImplemented
        # what the user may not see is looked for
        Ticket = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        hidden = Ticket._search(Ticket._service_hidden_domain()).subselect()
        self.flush_model(["ticket_id", "complaint_id"])
        found = SQL(
            "(SELECT id FROM %(calls)s WHERE ticket_id IN %(hidden)s"
            " UNION SELECT id FROM %(calls)s WHERE complaint_id IN %(hidden)s)",
            calls=SQL.identifier(self._table),
            hidden=hidden,
        )
        return Domain("id", "in", found)

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def confirm_complaint(self, severity="minor", external_ref=None):
        """Make the complaint that a dissatisfied customer has.

        :param severity: ``minor``, ``important`` or ``major``
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: action that opens it
        """
        self.ensure_one()
        self._check_caller()
        self._check_proposed()
        severity = Arguments(self.env).choice("severity", severity, SEVERITIES)
        complaint = self.env["helpdesk.ticket"].create(
            self._prepare_complaint(severity)
        )
        self.sudo().write(  # nobody writes calls but through these methods
            {"complaint_proposal": "confirmed", "complaint_id": complaint.id}
        )
        return complaint.get_formview_action()

    @idempotent
    def decline_complaint(self, reason, external_ref=None):
        """Say why a dissatisfied customer has no complaint.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        """
        self._ensure_some()
        self._check_caller()
        self._check_proposed()
        reason = Arguments(self.env).text("reason", reason)
        if not reason:
            raise ValidationError(self.env._("Give the reason."))
        self.sudo().write(  # nobody writes calls but through these methods
            {"complaint_proposal": "declined", "decline_reason": reason}
        )
        return True

    def _check_proposed(self):
        if any(call.complaint_proposal != "proposed" for call in self):
            raise UserError(
                self.env._("Whether this is a complaint has been decided already.")
            )

    @api.model
    def _prepare_complaint(self, severity):
        ticket = self.ticket_id
        return {
            "name": self.env._("Complaint about %s", ticket.display_name),
            "description": self.comment or ", ".join(self.reason_ids.mapped("name")),
            "partner_id": self.partner_id.id,
            "team_id": ticket.team_id.id,
            "category_id": ticket.category_id.id,
            "company_id": ticket.company_id.id,
            "channel_id": ticket._service_channel_id("phone"),
            "service_is_complaint": True,
            "service_about_ticket_id": ticket.id,
            "service_severity": severity,
        }
