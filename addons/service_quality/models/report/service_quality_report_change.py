from odoo import models

from .report_data import TEXTS


class ServiceQualityReport(models.Model):
    """What is different between a report and its revision."""

    _inherit = "service.quality.report"

    def _list_changes(self):
        """Compare with the revision before.

        :return: list of dicts ``{"what", "before", "after"}`` of texts
        """
        report = self.with_context(lang=self._lang())
        before = report.previous_id
        return (
            report._changed_texts(before)
            + _compare(_by_name(before.line_ids), _by_name(report.line_ids))
            + _compare(_by_ticket(before.miss_ids), _by_ticket(report.miss_ids))
            + _compare(_by_project(before), _by_project(report))
        )

    def _changed_texts(self, before):
        labels = self.fields_get(TEXTS, ["string"])
        return [
            {
                "what": labels[name]["string"],
                "before": self._plain_text(before[name]),
                "after": self._plain_text(self[name]),
            }
            for name in TEXTS
            if (before[name] or "") != (self[name] or "")
        ]


def _by_name(lines):
    return {
        (line.section, line.process_id.id, line.name): (
            line.name,
            " · ".join(
                filter(
                    None,
                    (line.value_text, line.count_text, line.goal_text, line.action,
                     line.no_action_reason),
                )
            ),
        )
        for line in lines
    }  # fmt: skip


def _by_ticket(misses):
    return {
        (miss.number, miss.target): (f"{miss.number} {miss.target}", miss.reason or "✗")
        for miss in misses
    }


def _by_project(report):
    return {
        line.project_id.id: (
            line.name,
            f"{line.ticket_count} · {line.met_count}/{line.judged_count}",
        )
        for line in report.project_line_ids
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
