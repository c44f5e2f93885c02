from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._service_calendars()._service_mark_stale()
        return leaves

    def write(self, vals):
        calendars = self._service_calendars()
        result = super().write(vals)
        (calendars | self._service_calendars())._service_mark_stale()
        return result

    def unlink(self):
        calendars = self._service_calendars()
        result = super().unlink()
        calendars._service_mark_stale()
        return result

    def _service_calendars(self):
        """Return the calendars whose working time these leaves change."""
        public = self.filtered(lambda leave: not leave.resource_id)
        if not public:
            return self.env["resource.calendar"]
        general = public.filtered(lambda leave: not leave.calendar_id)
        calendars = public.calendar_id
        if general:
            calendars |= self.env["resource.calendar"].search(
                [("service_timetable_id", "!=", False)]
            )
        return calendars
