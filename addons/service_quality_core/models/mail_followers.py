from odoo import models


class MailFollowers(models.Model):
    """Hides followers, who tell who complained and who knows of a complaint."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "service.quality.hidden.mixin"]
