from datetime import UTC
from zoneinfo import ZoneInfo

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

    def _service_day(self, moment=None):
        """Return the day that it is in the company's zone.

        :param moment: naive UTC, empty for now
        """
        moment = (moment or fields.Datetime.now()).replace(tzinfo=UTC)
        return moment.astimezone(ZoneInfo(self._service_tz())).date()
