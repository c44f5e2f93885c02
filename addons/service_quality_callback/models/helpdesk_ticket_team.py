from odoo import fields, models


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    service_close_after_callback = fields.Boolean(
        string="Close After Follow-up Call",
        help="A ticket of this team is closed only when its follow-up call has ended.",
    )
    service_answer_link = fields.Selection(
        [
            ("no", "Only when sent by hand"),
            ("handled", "When the ticket is handled"),
            ("unreachable", "When the customer cannot be reached"),
        ],
        string="Link to Answer in Writing",
        default="no",
        help="The customer is sent a link with the questions of the follow-up call. It "
        "ends the call only where the agreement says so.",
    )
    service_answer_link_by = fields.Selection(
        [("mail", "E-mail"), ("sms", "Text message")],
        string="Sent by",
        default="mail",
        help="Who has no such address is sent the link by the other way.",
    )
