from datetime import timedelta

from odoo import models
from odoo.fields import Domain

from ..tools.period import local_day
from .metric_words import course_of


class ServiceQualityAgreementPrintMixin(models.AbstractModel):
    """Puts what an agreement says on paper into words of the reader's language."""

    _name = "service.quality.agreement.print.mixin"
    _description = "Agreement on Paper"

    def _prepare_matrix(self):
        """Return rows (conditions) and columns (metrics) of the targets.

        :return: dict with ``metrics``, a list of labels, and ``rows``, a list of
            ``(condition in words, list of lists of targets)``
        """
        self.ensure_one()
        targets = self.target_ids
        metrics = list(dict.fromkeys(targets.mapped("metric")))
        rows = {}
        for target in targets:
            cells = rows.setdefault(
                target._condition_text(), {metric: [] for metric in metrics}
            )
            cells[target.metric].append(target)
        labels = dict(targets._metric_selection())
        return {
            "agreement": self,
            "metrics": [labels[metric] for metric in metrics],
            "rows": [
                (condition, [cells[metric] for metric in metrics])
                for condition, cells in rows.items()
            ],
        }

    def _print_lang(self):
        """Return the language of the other side, the company's where it has none."""
        self.ensure_one()
        return self.company_id._service_lang(self.partner_ids[:1])

    def _print_clauses(self):
        """Return of each metric in use when its time starts, stops and pauses.

        :return: list of ``(metric, [(what, text)])``
        """
        self.ensure_one()
        return [
            (targets[0]._label("metric"), self._print_clause(metric, targets))
            for metric, targets in self.target_ids.grouped("metric").items()
        ]

    def _print_clause(self, metric, targets):
        _ = self.env._
        course = self._print_course(metric)
        lines = [
            (_("Starts"), course.get("starts")),
            (_("Stops"), course.get("stops")),
            (_("Paused"), _joined(target._label("pause_on") for target in targets)),
            (
                _("When reopened"),
                _joined(target._label("on_reopen") for target in targets),
            ),
            (_("Without a verdict"), course.get("dies")),
            (_("Missed, however early"), course.get("fails")),
        ]
        return [line for line in lines if line[1]]

    def _print_course(self, metric):
        """Return in words what starts, what stops and what annuls a metric's time."""
        _ = self.env._
        cancelled = _("When the ticket is cancelled or is a duplicate.")
        if self.kind == "ola":
            return {
                "starts": _("Whenever one of the teams takes the ticket over."),
                "stops": _(
                    "When the ticket is passed on or resolved; the times are summed up."
                ),
                "dies": cancelled,
            }
        if self.kind == "uc":
            return {
                "starts": _("Whenever the ticket starts to wait for the supplier."),
                "stops": _(
                    "When it no longer waits for the supplier; the times are summed up."
                ),
                "dies": cancelled,
            }
        targets = self.target_ids
        rule = targets._metric_rules().get(metric)
        return course_of(rule, targets._course_words()) if rule else {}

    def _print_hours(self):
        """Return for each calendar the hours of the week in words.

        :return: list of ``(calendar, [(weekdays, hours)])``
        """
        self.ensure_one()
        calendars = self.target_ids.mapped(lambda target: target._calendar())
        return [(calendar, _week_in_words(calendar)) for calendar in calendars]

    def _print_holidays(self, calendar):
        """Return the holidays of a calendar within a year: ``[(name, from, to)]``."""
        start = max(self.company_id._service_day(), self.date_start)
        domain = (
            Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & Domain("calendar_id", "in", (calendar.id, False))
            & Domain("company_id", "in", (self.company_id.id, False))
            & Domain("date_to", ">=", start)
            & Domain("date_from", "<", start + timedelta(days=366))
        )
        # who may read the agreement is told what days it does not count
        leaves = self.env["resource.calendar.leaves"].sudo()
        leaves = leaves.search(domain, order="date_from")
        return [
            (
                leave.name,
                local_day(leave.date_from, calendar.tz),
                local_day(leave.date_to, calendar.tz),
            )
            for leave in leaves
        ]


def _joined(texts):
    return "; ".join(dict.fromkeys(texts))


def _week_in_words(calendar):
    """Return ``[(weekdays, hours)]``, days with the same hours together."""
    days = {}  # (week, day): [[from, to], ...]
    lines = calendar._service_attendances()
    for line in lines.sorted("week_type, dayofweek, hour_from, id"):
        hours = days.setdefault((line.week_type, line.dayofweek), [])
        if hours and hours[-1][1] == line.hour_from:
            hours[-1][1] = line.hour_to
        else:
            hours.append([line.hour_from, line.hour_to])
    weeks = []  # (week, [day, ...], hours in words)
    for (week, day), hours in days.items():
        text = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in hours)
        last = weeks[-1] if weeks else (None, [0], None)
        if (week, text) == last[::2] and int(day) == int(last[1][-1]) + 1:
            last[1].append(day)
        else:
            weeks.append((week, [day], text))
    return [(_weekdays(lines, week, found), text) for week, found, text in weeks]


def _clock(hour):
    minutes = round(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _weekdays(lines, week, days):
    """Return days as *Monday – Friday*, with their week where there are two."""
    labels = dict(lines._fields["dayofweek"]._description_selection(lines.env))
    text = " – ".join(dict.fromkeys((labels[days[0]], labels[days[-1]])))
    if not week:
        return text
    weeks = dict(lines._fields["week_type"]._description_selection(lines.env))
    return f"{text} ({weeks[week]})"
