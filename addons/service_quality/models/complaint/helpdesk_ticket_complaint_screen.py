from odoo import api, fields, models

STAFF = "base.group_user"


class HelpdeskTicket(models.Model):
    """What the screen of a complaint says beside what was entered."""

    _inherit = "helpdesk.ticket"

    service_complaint_checklist = fields.Html(
        string="To Close It",
        compute="_compute_service_complaint_checklist",
        sanitize=False,  # our own template
        groups=STAFF,
    )
    service_about_summary = fields.Html(
        string="The Ticket",
        compute="_compute_service_about_summary",
        sanitize=False,  # our own template
        groups=STAFF,
    )
    service_complaint_count = fields.Integer(
        string="Complaints", compute="_compute_service_complaint_count", groups=STAFF
    )

    @api.depends(
        "service_complaint_state",
        "service_severity",
        "service_root_cause",
        "service_handling",
        "service_closing_reason",
        "service_work_done",
        "service_cause_id",
        "service_solution_id",
        "team_id",
        "stage_id",
    )
    def _compute_service_complaint_checklist(self):
        qweb = self.env["ir.qweb"]
        for ticket in self:
            ticket.service_complaint_checklist = ticket.service_is_complaint and (
                qweb._render(
                    "service_quality.complaint_checklist",
                    {"items": ticket._service_complaint_items()},
                )
            )

    def _service_complaint_items(self):
        """Return what closing it asks for; addons add: ``[(label, done)]``."""
        missing = self._service_missing_to_resolve()
        missing += self._service_missing_of_complaint("closed")
        asked = [
            name
            for name, required in self._service_asked_to_resolve().items()
            if required
        ]
        asked += self._service_asked_of_complaint("closed")
        return [(self._service_labels([name]), name not in missing) for name in asked]

    @api.depends("service_about_ticket_id")
    @api.depends_context("uid")
    def _compute_service_about_summary(self):
        # who may see the complaint need not see the ticket
        about = self.service_about_ticket_id._filtered_access("read")
        qweb = self.env["ir.qweb"]
        for ticket in self:
            shown = ticket.service_about_ticket_id & about
            ticket.service_about_summary = (
                qweb._render(
                    "service_quality.complaint_about_ticket", {"ticket": shown}
                )
                if shown
                else False
            )

    @api.depends("service_complaint_ids")
    @api.depends_context("uid")
    def _compute_service_complaint_count(self):
        counts = dict(
            self._read_group(
                [("service_about_ticket_id", "in", self.ids)],
                ["service_about_ticket_id"],
                ["__count"],
            )
        )
        for ticket in self:
            ticket.service_complaint_count = counts.get(ticket._origin, 0)
