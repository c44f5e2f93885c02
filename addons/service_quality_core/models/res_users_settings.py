from odoo import fields, models

from .roles import ROLES


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    service_desk_scope = fields.Selection(
        [("mine", "My"), ("team", "My team's"), ("all", "All")],
        string="Desk Shows",
        help="Whose tickets the desk showed last.",
    )
    service_overview_role = fields.Selection(
        ROLES,
        string="First Page Of",
        help="The role whose first page was shown last.",
    )
