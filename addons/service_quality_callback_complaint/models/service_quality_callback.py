from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_callback.models.callback_data import DISSATISFIED
from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.roles import TECHNICAL_CENTRE
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.models.severity import SEVERITIES


class ServiceQualityCallback(models.Model):
    """A call shows whether a dissatisfied customer has a complaint.

    Regulation A3.3.3: the call about a major complaint is made by the technical service
    centre.
    """

    _inherit = "service.quality.callback"

    is_complaint_call = fields.Boolean(
        readonly=True,
        help="Of a major complaint: the technical service centre makes it.",
    )
    ended_by_centre = fields.Boolean(
        readonly=True,
        copy=False,
        help="Who ended the call was one of the technical service centre then.",
    )
    complaint_proposal = fields.Selection(
        [
            ("proposed", "To be decided"),
            ("confirmed", "Made a complaint"),
            ("declined", "Declined"),
        ],
        readonly=True,
        help="A customer who is dissatisfied may have a complaint.",
    )
    complaint_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    decline_reason = fields.Char(readonly=True)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_complaint(self):
        """Open the complaint that was made of what the customer said."""
        self.ensure_one()
        return self.complaint_id.get_formview_action()

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
        self.sudo().write(  # calls are written by these methods alone
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
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise ValidationError(self.env._("Give the reason."))
        self.sudo().write(  # calls are written by these methods alone
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

    # ------------------------------------------------------------------
    # Calls of the technical service centre
    # ------------------------------------------------------------------

    @api.model
    def _prepare_call(self, ticket, partner, agreement):
        """Mark the call about a major complaint."""
        values = super()._prepare_call(ticket, partner, agreement)
        return values | {"is_complaint_call": ticket._service_severity() == "major"}

    @api.model
    def _caller_groups(self):
        return (*super()._caller_groups(), TECHNICAL_CENTRE)

    def _check_caller(self):
        """Keep the calls of the centre from everybody else."""
        result = super()._check_caller()
        if not self.env.user.has_group(TECHNICAL_CENTRE) and any(
            self.mapped("is_complaint_call")
        ):
            raise AccessError(
                self.env._(
                    "Customers with a major complaint are called by the technical "
                    "service centre."
                )
            )
        return result

    @api.model
    def _role_domain(self):
        """Give the centre its own calls, and the desk all others."""
        of_centre = Domain("is_complaint_call", "=", True)
        is_centre = Domain(self.env.user.has_group(TECHNICAL_CENTRE))
        return (super()._role_domain() & ~of_centre) | (is_centre & of_centre)

    def _end(self, result, moment, reason=None):
        """Keep whether one of the centre ended the calls."""
        rows = super()._end(result, moment, reason)
        if self.env.user.has_group(TECHNICAL_CENTRE):
            self.write({"ended_by_centre": True})
        return rows

    def _who_calls(self):
        """Name the centre where its call is in nobody's hands."""
        users = super()._who_calls()
        if self.is_complaint_call and not users:
            users = self.company_id._service_role_users("technical_centre")
        return users

    def _same_call_domain(self, moment):
        """Settle calls of the centre by one of its own, and others by others."""
        return super()._same_call_domain(moment) & Domain(
            "is_complaint_call", "=", self.is_complaint_call
        )

    def _is_for_portal(self):
        """Leave what the centre asks to the centre."""
        return super()._is_for_portal() and not self.is_complaint_call

    # ------------------------------------------------------------------
    # What a call is
    # ------------------------------------------------------------------

    @api.model
    def _said(self):
        return (*super()._said(), "complaint_proposal", "ended_by_centre")

    @api.model
    def _hidden_with(self):
        """Hide a call also with the complaint that was made of it."""
        return (*super()._hidden_with(), "complaint_id")

    def _prepare_said(self, given):
        """Propose a complaint of who is dissatisfied, but with the handling of one."""
        values = super()._prepare_said(given)
        is_bad = values["satisfaction"] in DISSATISFIED and not self.is_complaint_call
        return values | {"complaint_proposal": "proposed" if is_bad else False}
