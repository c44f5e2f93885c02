from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.roles import STAFF

PLANNED = "service_planned_at"

ASKED = {"partner_ids", "attendee_ids"}

HELD = {*ASKED, "name", "start", "stop", "duration", "allday", "active"}
"""What stays of a meeting that was held."""


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
        if not self.env.su and vals.keys() & HELD:
            self._service_check_held(vals.keys() & ASKED)
        vals = {name: value for name, value in vals.items() if name != PLANNED}
        if "start" in vals:
            start = fields.Datetime.to_datetime(vals["start"])
            if any(event.start != start for event in self):
                vals[PLANNED] = fields.Datetime.now()
        return super().write(vals)

    def _service_check_held(self, is_about_people):
        """Refuse to change what was a meeting of an audit or a management review.

        :param is_about_people: True where who was asked changes: that stays as soon as
            the meeting begins
        """
        now = fields.Datetime.now()
        for event, record, is_over in self._service_meetings():
            if is_over or (is_about_people and event.start <= now):
                raise UserError(
                    self.env._(
                        "%(event)s was a meeting of %(record)s. It stays in the "
                        "calendar as it was held, and who was asked to it.",
                        event=event.display_name,
                        record=record.display_name,
                    )
                )

    def _service_meetings(self):
        """Yield which of the events are meetings of an audit or a management review.

        Each with its record, under a regulation, and whether that meeting is over.
        """
        Audit = self.env["mgmtsystem.audit"].sudo()  # whoever may read them
        for name in ("service_opening_event_id", "service_closing_event_id"):
            for audit in Audit.search([(name, "in", self.ids)]):  # batched: twice
                if audit.service_is_gated:
                    yield audit[name].sudo(False), audit, audit.state == "done"
        Review = self.env["mgmtsystem.review"].sudo()  # likewise
        for review in Review.search([("service_event_id", "in", self.ids)]):
            yield (
                review.service_event_id.sudo(False),
                review,
                bool(review.service_frozen_at),
            )

    def _service_plan_as_step(self, moment):
        """Note another moment for events that a step enters later."""
        return super().write({PLANNED: moment})

    def _service_was_held(self):
        """Return True if the event has begun, and was planned before it did."""
        self.ensure_one()
        # those from before the addon was installed are as old as they are
        planned = self.service_planned_at or self.create_date
        return planned <= self.start <= fields.Datetime.now()
