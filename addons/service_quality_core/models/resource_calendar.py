from datetime import UTC, datetime, timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.instants import to_epoch
from ..tools.timetable import Timetable

YEARS_BACK = 2
YEARS_AHEAD = 5


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    service_timetable_id = fields.Many2one(
        "service.quality.timetable", readonly=True, copy=False, ondelete="set null"
    )
    service_timetable_stale = fields.Boolean(
        readonly=True,
        copy=False,
        help="The calendar has changed since its timetable was stored.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"name", "tz"}:
            self.env.registry.clear_cache()  # of targets' _words
        if vals.keys() & {
            "tz",
            "two_weeks_calendar",
            "schedule_type",
            "flexible_hours",
        }:
            self._service_mark_stale()
        return result

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_mark_stale(self):
        """Note that the working time changed, and have open clocks planned again.

        Where a signed agreement promises in it, the change waits for an approval.
        """
        # pointers of our own, which users of the calendar may not write
        used = self.sudo().filtered("service_timetable_id")
        promised = used._service_promised()
        if promised:
            self.env["service.quality.calendar.change"]._request(promised)
        used -= promised
        if used:
            used.write({"service_timetable_stale": True})
            self.env.ref("service_quality_core.ir_cron_replan_clocks")._trigger()

    def _service_promised(self):
        """Return the calendars in which a signed agreement promises something."""
        if not self:
            return self
        # archived agreements count as well
        agreements = self.env["service.quality.agreement"].with_context(
            active_test=False
        )
        found = agreements.search(
            Domain("state", "!=", "draft")
            & (
                Domain("calendar_id", "in", self.ids)
                | Domain("target_ids.calendar_id", "in", self.ids)
            )
        )
        return self & (found.calendar_id | found.target_ids.calendar_id)

    def _service_problem(self):
        """Return in words why no promise can be made in this calendar, or False."""
        self.ensure_one()
        if self.flexible_hours:
            return self.env._(
                "The calendar %s has flexible hours. Choose one with fixed hours, or "
                "none for 24 × 7.",
                self.display_name,
            )
        if not self._service_attendances():
            return self.env._(
                "The calendar %s has no working hours. Add some, or choose no calendar "
                "for 24 × 7.",
                self.display_name,
            )
        return False

    def _service_attendances(self):
        return self.attendance_ids.filtered(
            lambda line: not line.display_type and line.day_period != "lunch"
        )

    def _service_day_seconds(self):
        """Return the seconds of the calendar's usual full day.

        :raise ValidationError: when it has no fixed hours, or its days differ in length
        """
        self.ensure_one()
        problem = self._service_problem()
        if problem:
            raise ValidationError(problem)
        lengths = {}
        for line in self._service_attendances():
            day = (line.week_type, line.dayofweek)
            seconds = round((line.hour_to - line.hour_from) * 3600)
            lengths[day] = lengths.get(day, 0) + seconds
        if len(set(lengths.values())) != 1:
            raise ValidationError(
                self.env._(
                    "The working days of the calendar %s are not equally long, so that "
                    "a working day says nothing. Give the duration in hours.",
                    self.display_name,
                )
            )
        return next(iter(lengths.values()))

    def _service_range(self, earliest):
        """Return the whole years that a timetable has to know, epoch seconds UTC."""
        year = fields.Datetime.now().year
        first = min(year - YEARS_BACK, datetime.fromtimestamp(earliest, UTC).year - 1)
        return (
            to_epoch(datetime(first, 1, 1)),
            to_epoch(datetime(year + YEARS_AHEAD + 1, 1, 1)),
        )

    def _service_timetables(self, earliest):
        """Return the current timetable of each calendar; nothing is stored.

        :param earliest: the first instant that will be asked about, epoch seconds UTC
        :return: dict of calendar id to (timetable id or None, :class:`Timetable`); no
            id where the stored one is stale or does not reach far enough
        """
        low, high = self._service_range(earliest)
        Store = self.env["service.quality.timetable"]
        found = {}
        # who promises in a calendar need not be allowed to read it
        calendars = self.sudo()
        stale = calendars.filtered("service_timetable_stale")
        # what is promised changes by an approval alone, which stores it
        stale -= stale._service_promised()
        for calendar in calendars:
            pointer, first = calendar.service_timetable_id.id, low
            if pointer:
                known = Store._timetable(pointer)
                if calendar not in stale and known.covers(low, high):
                    found[calendar.id] = (pointer, known)
                    continue
                first = min(low, known.low)
            built = calendar._service_build_timetable(first, high)
            if pointer and calendar not in stale:
                built = known.extended(built)  # what was approved stays as it was
            found[calendar.id] = (None, built)
        return found

    def _service_store_timetables(self, earliest):
        """Return what :meth:`_service_timetables` does, and store what is new.

        :return: dict of calendar id to (timetable id, :class:`Timetable`)
        """
        found = self._service_timetables(earliest)
        fresh = {
            calendar_id: timetable
            for calendar_id, (known, timetable) in found.items()
            if not known
        }
        stored = self.env["service.quality.timetable"]._store(list(fresh.values()))
        for calendar_id, timetable in fresh.items():
            timetable_id = stored[timetable.digest()]
            self.browse(calendar_id).sudo().write(  # a pointer of our own
                {
                    "service_timetable_id": timetable_id,
                    "service_timetable_stale": False,
                }
            )
            found[calendar_id] = (timetable_id, timetable)
        return found

    def _service_build_timetable(self, low, high):
        """Turn the calendar into open intervals, in its own time zone.

        Odoo keeps 24:00 as 23:59:59.999999; seconds are rounded up, so that midnight
        has no gap. Leaves of a single resource do not count; those of the company do.
        """
        self.ensure_one()
        if self._service_problem():
            return Timetable([], low, high)
        # a zone east or west of UTC must not cut the first or last day
        start = datetime.fromtimestamp(low, UTC) - timedelta(days=1)
        end = datetime.fromtimestamp(high, UTC) + timedelta(days=1)
        leaves = [
            ("time_type", "=", "leave"),
            "|",
            ("calendar_id", "=", self.id),
            ("company_id", "in", (self.company_id.id, False)),
        ]
        work = self._work_intervals_batch(start, end, domain=leaves)[False]
        return Timetable(
            [(_ceil_epoch(begin), _ceil_epoch(stop)) for begin, stop, _meta in work],
            low,
            high,
        )


def _ceil_epoch(moment):
    """Return whole epoch seconds UTC, a started second counting as a whole one."""
    seconds = to_epoch(moment.astimezone(UTC))
    return seconds + (moment.microsecond > 0)
