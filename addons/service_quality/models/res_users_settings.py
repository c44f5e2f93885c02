from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    service_desk_scope = fields.Selection(
        [("mine", "My"), ("team", "My team's"), ("all", "All")],
        string="Desk Shows",
        help="Whose tickets the desk showed last.",
    )
