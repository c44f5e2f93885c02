from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_engineer_figures = fields.Boolean(
        string="Figures per Engineer",
        help="Take figures for each engineer, too. Ask the works council or whoever "
        "speaks for the staff first: they measure persons.",
    )

    def _service_tz(self):
        """Return the name of the zone in which the company's days and months begin."""
        self.ensure_one()
        return self.partner_id.tz or self.resource_calendar_id.tz or "UTC"
