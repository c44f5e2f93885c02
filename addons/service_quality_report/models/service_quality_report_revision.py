from odoo import Command, api, models

from .report_data import TEXTS
from .service_quality_report_workbook import plain_text

ABOUT_RECORDS = ("company_id", "user_id")

REVISED = ("kind", "period_kind", "date_from", "event_text", *TEXTS)
"""The simple fields that a revision takes over from the report before."""


class ServiceQualityReportRevision(models.AbstractModel):
    """Makes the next revision of a report, and finds out what it changed."""

    _name = "service.quality.report.revision"
    _description = "Revision of a Report"

    @api.model
    def _make(self, report, reason):
        """Make the next revision with figures that are taken again, and say why."""
        if report._has_figures():
            self.env["service.quality.figure"]._take(
                report.company_id,
                report._period(),
                reason=f"{report.display_name}: {reason}",
            )
        about = {*ABOUT_RECORDS, *report._subjects().values()}
        read_by = report.delivery_ids.filtered(lambda one: one._is_open()).partner_id
        return report._create_as_step(
            {name: report[name] for name in REVISED}
            | {name: report[name].id for name in about}
            | {
                "also_partner_ids": [
                    Command.set((report.also_partner_ids & read_by).ids)
                ],
                "previous_id": report.id,
                "revision": report.revision + 1,
                "revision_reason": reason,
                "trigger": report.trigger,
                "event_key": report.event_key,
                "event_ticket_id": report.event_ticket_id.id,
            }
        )

    @api.model
    def _list_changes(self, report):
        """Compare a report with the revision before.

        :return: list of dicts ``{"what", "before", "after"}`` of texts
        """
        report = report.with_context(lang=report._lang())
        before = report.previous_id
        changes = self._changed_texts(before, report)
        for rows in self.env["service.quality.report.part"]._lists():
            changes += _compare(
                rows._of(before)._compared(), rows._of(report)._compared()
            )
        return changes + _compare(_by_subject(before), _by_subject(report))

    @api.model
    def _changed_texts(self, before, report):
        labels = report.fields_get(TEXTS, ["string"])
        return [
            {
                "what": labels[name]["string"],
                "before": plain_text(before[name]),
                "after": plain_text(report[name]),
            }
            for name in TEXTS
            if (before[name] or "") != (report[name] or "")
        ]


def _by_subject(report):
    """Return what the measures of a report say, by what they are about."""
    names = ("action", "owner", "state")
    return {
        measure["about"]: (
            measure["about"],
            " · ".join(measure[name] for name in names if measure[name]),
        )
        for measure in report.measures or []
    }


def _compare(before, after):
    """Return what two tables of texts by a key do not agree on."""
    return [
        {
            "what": (after.get(key) or before[key])[0],
            "before": before[key][1] if key in before else "–",
            "after": after[key][1] if key in after else "–",
        }
        for key in [*before, *(key for key in after if key not in before)]
        if before.get(key) != after.get(key)
    ]
