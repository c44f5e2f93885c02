from odoo import api, fields, models

from odoo.addons.service_quality_core.models.roles import STAFF

PLANNED = "service_planned_at"


class CalendarEvent(models.Model):
    """Notes when somebody set its beginning: what is entered afterwards is not held."""

    _inherit = "calendar.event"

    service_planned_at = fields.Datetime(
        string="Beginning Set On", readonly=True, copy=False, groups=STAFF
    )

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        return super().create([vals | {PLANNED: now} for vals in vals_list])

    def write(self, vals):
        """Note when the beginning is moved; nobody writes that moment by hand."""
        vals = {name: value for name, value in vals.items() if name != PLANNED}
        if "start" in vals:
            start = fields.Datetime.to_datetime(vals["start"])
            if any(event.start != start for event in self):
                vals[PLANNED] = fields.Datetime.now()
        return super().write(vals)

    def _service_plan_as_step(self, moment):
        """Note another moment for events that a step enters later."""
        return super().write({PLANNED: moment})

    def _service_was_held(self):
        """Return True if the event has begun, and was planned before it did."""
        self.ensure_one()
        # those from before the addon was installed are as old as they are
        planned = self.service_planned_at or self.create_date
        return planned <= self.start <= fields.Datetime.now()
