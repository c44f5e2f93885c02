from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    service_desk_scope = fields.Selection(
        [("mine", "My"), ("team", "My team's"), ("all", "All")],
        string="Desk Shows",
        help="Whose tickets the desk showed last.",
    )
    service_overview_role = fields.Selection(
        [
            ("executive", "Executive"),
            ("quality", "Quality Department"),
            ("technical_centre", "Technical Service Centre"),
            ("service_manager", "Service Manager"),
            ("project_manager", "Project Manager"),
            ("desk", "Service Desk"),
            ("staff", "Service Staff"),
            ("sales", "Sales"),
        ],
        string="First Page Of",
        help="The role whose first page was shown last.",
    )
