from odoo import api, models

MOST_LINES = 500
"""Lines of a calendar: a fortnight with thirty spells of work a day has fewer."""


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.constrains("calendar_id")
    def _check_service_calendar(self):
        self.calendar_id._service_check_most("attendance_ids", MOST_LINES)

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._service_mark_stale()
        return attendances

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._service_mark_stale()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._service_mark_stale()
        return result
