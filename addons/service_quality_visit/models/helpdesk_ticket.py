from odoo import api, fields, models

from odoo.addons.service_quality_core.models.roles import group_of

from .service_quality_visit_times import TIMES

STAFF = group_of("staff")


class HelpdeskTicket(models.Model):
    """Adds who is at the customer's, and the service sheets that were signed there."""

    _inherit = "helpdesk.ticket"

    service_visit_ids = fields.One2many(
        "service.quality.visit", "ticket_id", string="Visits", groups="base.group_user"
    )
    service_visit_count = fields.Integer(
        compute="_compute_service_counts", groups="base.group_user"
    )
    service_on_site = fields.Boolean(
        string="On Site", compute="_compute_service_on_site", groups="base.group_user"
    )

    @api.model
    def _service_counted(self):
        return super()._service_counted() | {"service_visit_count": "service_visit_ids"}

    def _compute_service_on_site(self):
        # every reader of the ticket sees that somebody is there
        visits = self.env["service.quality.visit"].sudo()
        there = visits.search(
            [("ticket_id", "in", self.ids), ("state", "=", "on_site")]
        ).ticket_id
        for ticket in self:
            ticket.service_on_site = ticket._origin in there

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_visits(self):
        """Open the visits of the ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_visit.service_quality_visit_action"
        )
        action["domain"] = [("ticket_id", "=", self.id)]
        action["context"] = {"default_ticket_id": self.id}
        return action

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_engineer(self):
        """Return the engineer for whom an arrival or departure is recorded."""
        self.ensure_one()
        caller = self.env.user
        return caller if caller.has_group(STAFF) else self.user_id or caller

    def _service_record_fact(self, kind, moment, reason, external_ref):
        """Record arriving and leaving as facts about a visit."""
        if kind not in TIMES:
            return super()._service_record_fact(kind, moment, reason, external_ref)
        # a user who writes the ticket records who goes there and comes back
        tickets = self.sudo()
        visits = tickets.env["service.quality.visit"]._of_tickets(tickets, kind)
        return visits._record(kind, moment, external_ref, reason)

    def _service_portal_sheets(self):
        """Return the signed service sheets that the ticket's customer is shown.

        :return: list of dicts ``{"id", "number", "revision", "signed_name",
            "signed_at", "is_current"}``, newest first
        """
        return [
            {
                "id": sheet.id,
                "number": sheet.visit_id.number,
                "revision": sheet.revision,
                "signed_name": sheet.signed_name,
                "signed_at": sheet.signed_at,
                "is_current": sheet.is_current,
            }
            for sheet in self._service_signed_sheets()
        ]

    def _service_portal_sheet(self, sheet_id):
        """Return one of the signed sheets of the ticket, empty for another one."""
        return self._service_signed_sheets().filtered(lambda one: one.id == sheet_id)

    def _service_signed_sheets(self):
        self.ensure_one()
        # asked by who may see the ticket's page in the portal; visits are for staff
        sheets = self.env["service.quality.visit.sheet"].sudo()
        return sheets.search([("ticket_id", "=", self.id)])
