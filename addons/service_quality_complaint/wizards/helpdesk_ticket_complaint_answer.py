from odoo import api, fields, models

from ..models.complaint_data import ADMITTED, ANSWER_WAYS


class HelpdeskTicketComplaintAnswer(models.TransientModel):
    """This dialog records the answer to a complaint, written or spoken."""

    _name = "helpdesk.ticket.complaint.answer"
    _description = "Answer a Complaint"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    is_anonymous = fields.Boolean(related="ticket_id.service_is_anonymous")
    email = fields.Char(compute="_compute_email", string="Mail Address")
    description = fields.Html(related="ticket_id.description", string="Complaint")
    way = fields.Selection(
        ANSWER_WAYS,
        required=True,
        compute="_compute_way",
        store=True,
        readonly=False,
        help="By mail it is sent now; by telephone or in person it was spoken; "
        "published it is for the anonymous to look up.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Begin With",
        domain=[("model", "=", "helpdesk.ticket"), ("service_is_answer", "=", True)],
    )
    answer = fields.Html(
        required=True,
        compute="_compute_answer",
        store=True,
        readonly=False,
        sanitize_style=True,
    )
    admitted = fields.Selection(
        ADMITTED,
        string="Admitted?",
        required=True,
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
    )
    redress = fields.Text(
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        help="What the complainant gets.",
    )
    answered_at = fields.Datetime(
        string="When", help="When it was spoken, if that was earlier. Empty: now."
    )

    @api.depends("ticket_id")
    def _compute_email(self):
        for wizard in self:
            wizard.email = wizard.ticket_id._service_complainant_email()

    @api.depends("ticket_id")
    def _compute_way(self):
        for wizard in self:
            if wizard.ticket_id.service_is_anonymous:
                wizard.way = "published"
            else:
                wizard.way = "mail" if wizard.email else "phone"

    @api.depends("ticket_id")
    def _compute_from_ticket(self):
        for wizard in self:
            wizard.admitted = wizard.ticket_id.service_admitted
            wizard.redress = wizard.ticket_id.service_redress

    @api.depends("template_id")
    def _compute_answer(self):
        """Begin with the chosen text, in the complainant's language."""
        for wizard in self:
            if not wizard.template_id:
                continue
            ticket_id = wizard.ticket_id.id
            wizard.answer = wizard.template_id._render_field(
                "body_html", [ticket_id], compute_lang=True
            )[ticket_id]

    def action_confirm(self):
        """Give the answer, and show the complaint with it."""
        self.ensure_one()
        self.ticket_id.service_complaint_answer(
            self.answer,
            self.way,
            at=self.answered_at if self.way != "mail" else None,
            admitted=self.admitted,
            redress=self.redress or "",
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
