from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.evidence import (
    Document,
    Evidence,
    done_late,
    of_company,
    these,
    within,
)


class ServiceQualityEvidence(models.AbstractModel):
    """Adds that visits have a signed sheet, and those sheets."""

    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        _ = self.env._
        return super()._evidences() | {
            "visits_signed": _("Visits with a signed sheet, or the reason why not"),
        }

    @api.model
    def _documents(self, records):
        yield from super()._documents(records)
        if records._name == "service.quality.visit":
            for visit in records:
                for sheet in visit.sheet_ids:
                    yield Document(visit, sheet.filename, sheet._content())

    @api.model
    def _remarks(self, evidence, window):
        remarks = super()._remarks(evidence, window)
        if evidence.model != "service.quality.visit":
            return remarks
        rows = Domain("origin", "=", "offline")
        Visit = self.env["service.quality.visit"].with_context(active_test=False)
        visits = Visit.search(
            evidence.done & Domain("ticket_id.service_event_ids", "any", rows)
        )
        if noted := visits.filtered("noted_offline"):
            own = self.with_context(lang=window.company._service_lang())
            remarks.append(
                own.env._(
                    "of what was done, %s noted on a phone without a connection",
                    len(noted),
                )
            )
        return remarks

    @api.model
    def _evidence_visits_signed(self, obligation, window):
        """Regulation A3.6.1: each visit has a signed sheet, or says why not.

        What counts is when that was entered, not what time was given for it. A visit
        that nobody has ended is one of the period of its arrival, and not done.
        """
        lasts = Domain("left_at", "=", False)
        due = of_company(window) & (
            within("left_at", window) | (lasts & within("arrived_at", window))
        )
        settled = Domain("sheet_id", "!=", False) | Domain(
            "unsigned_reason", "!=", False
        )
        done = due & ~lasts & settled
        Visit = self.env["service.quality.visit"].with_context(active_test=False)
        return Evidence(
            Visit._name,
            done,
            due,
            late=these(done_late(Visit.search(done), "settled_at", "left_at", window)),
            open=Domain("left_at", ">=", window.now)
            | (lasts & Domain("arrived_at", ">=", window.now)),
            day="settled_at",
        )
