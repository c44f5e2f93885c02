from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.instants import to_epoch
from ..tools.period import local_day, local_midnight

MOST_DAYS = 30
"""Days that differ, as many as a reader looks through."""

LOOK_AHEAD = 366


class ServiceQualityCalendarChange(models.Model):
    """Asks to let a changed calendar hold for the agreements that promise in it.

    Working time is part of what was signed. Whoever changes the calendar of a signed
    agreement asks by it; clocks go by the old hours until the quality department has
    approved the new ones, which hold for the days after. Days that are past move no
    clock. Old and new working time are kept.
    """

    _name = "service.quality.calendar.change"
    _description = "Change of Promised Working Time"
    _inherit = ["service.quality.approval.mixin"]
    _order = "id desc"
    _rec_name = "calendar_id"

    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Time",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    requested_by_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    requested_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    reason = fields.Char()
    difference = fields.Text(
        string="Days That Differ",
        compute="_compute_difference",
        help="Old and new hours of the days to come, in the zone of the calendar.",
    )
    decided_difference = fields.Text(
        string="Days That Were Decided", readonly=True, help="As it was decided."
    )
    old_timetable_id = fields.Many2one(
        "service.quality.timetable", readonly=True, ondelete="restrict"
    )
    new_timetable_id = fields.Many2one(
        "service.quality.timetable", readonly=True, ondelete="restrict"
    )
    holds_from = fields.Date(
        readonly=True, help="The first day on which the new hours hold."
    )
    state = fields.Selection(
        [("requested", "Requested"), ("approved", "Approved"), ("refused", "Refused")],
        required=True,
        readonly=True,
        default="requested",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(readonly=True)

    _open_uniq = models.UniqueIndex(
        "(calendar_id) WHERE state = 'requested'",
        "A change of this calendar waits for its approval already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("calendar_id", "state", "decided_difference")
    def _compute_difference(self):
        for change in self:
            if change.state == "requested":
                # who decides on the hours need not read the calendar
                change.difference = change.sudo()._differing_days()
            else:
                change.difference = change.decided_difference

    def _differing_days(self):
        """Return old and new hours of the days of a year that differ, in words."""
        calendar = self.calendar_id
        low = to_epoch(self._first_moment())
        high = low + LOOK_AHEAD * 24 * 3600
        old, new = (
            _hours_by_day(timetable, low, high, calendar.tz)
            for timetable in (self._old(), self._new())
        )
        days = sorted(
            day for day in old.keys() | new.keys() if old.get(day) != new.get(day)
        )
        lines = [
            f"{day}: {old.get(day) or '–'} → {new.get(day) or '–'}"
            for day in days[:MOST_DAYS]
        ]
        if len(days) > MOST_DAYS:
            lines.append(self.env._("… and %s days more", len(days) - MOST_DAYS))
        return "\n".join(lines)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list:
            raise AccessError(
                self.env._("Change the calendar itself: that asks for the approval.")
            )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_requested(self):
        raise UserError(self.env._("A change of working time stays on record."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refuse(self):
        """Refuse the change: clocks go on by the old hours.

        :raise AccessError: as :meth:`action_approve`
        """
        return self._take_decision("refused", self.env._("Refused"))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _request(self, calendars):
        """Ask for the approval of calendars that the user has just changed.

        A request that waits already takes up what is changed meanwhile; everyone who
        changed it is an author of it.
        """
        Change = self.sudo()  # whoever may change a calendar asks
        waiting = Change.search(
            [("calendar_id", "in", calendars.ids), ("state", "=", "requested")]
        )
        made = Change._create_as_step(
            [
                {
                    "calendar_id": calendar.id,
                    "company_id": (calendar.company_id or self.env.company).id,
                    "requested_by_id": self.env.uid,
                    "old_timetable_id": calendar.service_timetable_id.id,
                }
                for calendar in calendars - waiting.calendar_id
            ]
        )
        self.env["service.quality.author"]._enter(made | waiting, self.env.user)

    @api.model
    def _refusal(self):
        return self.env._(
            "The quality department approves changes of promised working time."
        )

    def _check_decidable(self, state):
        if any(change.state != "requested" for change in self):
            raise UserError(self.env._("This change was decided already."))

    def _decide(self, state):
        """Let new hours hold from tomorrow on."""
        if state != "approved":
            return super()._decide(state)
        for change in self:
            change._put_in_force()
        self.env.ref("service_quality_core.ir_cron_replan_clocks")._trigger()
        return True

    def _first_day(self):
        """Return the first day on which the new hours hold: the one after today."""
        today = local_day(fields.Datetime.now(), self.calendar_id.tz)
        return today + timedelta(days=1)

    def _first_moment(self):
        return local_midnight(self._first_day(), self.calendar_id.tz)

    def _old(self):
        """Return the working time by which clocks go."""
        Store = self.env["service.quality.timetable"]
        return Store._timetable(self.calendar_id.service_timetable_id.id)

    def _new(self):
        """Return the old working time until today, and the changed one after it."""
        calendar, old = self.calendar_id, self._old()
        low, high = calendar._service_range(old.low)
        changed = calendar._service_build_timetable(
            min(low, old.low), max(high, old.high)
        )
        return old.until(to_epoch(self._first_moment())).extended(changed)

    def _put_in_force(self):
        new = self._new()
        values = self._prepare_decided("approved")
        stored = self.env["service.quality.timetable"]._store([new])
        timetable_id = stored[new.digest()]
        self.calendar_id.write(
            # stale: the open clocks are still to be planned by it
            {"service_timetable_id": timetable_id, "service_timetable_stale": True}
        )
        self._write_as_step(
            values | {"new_timetable_id": timetable_id, "holds_from": self._first_day()}
        )

    def _prepare_decided(self, state):
        return super()._prepare_decided(state) | {
            "old_timetable_id": self.calendar_id.service_timetable_id.id,
            "decided_difference": self._differing_days(),
        }


def _hours_by_day(timetable, low, high, tz):
    """Return the hours of each day in words, dict of local day to text."""
    zone, found = ZoneInfo(tz), {}
    for start, end in timetable.intervals:
        if end <= low or start >= high:
            continue
        begin, stop = (datetime.fromtimestamp(one, zone) for one in (start, end))
        text = f"{begin:%H:%M}–{stop:%H:%M}"
        found[begin.date()] = ", ".join(filter(None, (found.get(begin.date()), text)))
    return found
