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
        changes = report._changed_texts(before)
        for rows in self.env["service.quality.report.part"]._lists():
            changes += _compare(
                rows._of(before)._compared(), rows._of(report)._compared()
            )
        return changes

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
