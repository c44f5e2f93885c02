from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.models.arguments import Arguments

from .report_data import ROLE, TEXTS

OF_EVENTS = ("executive", "technical_centre")
"""Who discards the report of an event, which the quality department owes."""


class ServiceQualityReportDiscard(models.AbstractModel):
    """Says which drafts of reports go: none that is due, none that was reviewed.

    Who writes a report, and whom it is about, does not make it go away. The quality
    department discards a draft that was made by mistake; why, and what it said, stay.
    The report of an event is the quality department's to write, and therefore not its
    to discard.
    """

    _name = "service.quality.report.discard"
    _description = "Discarding of Reports"

    was_reviewed = fields.Boolean(
        readonly=True, copy=False, help="Also where the review was taken back."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(report.state != "draft" for report in self):
            raise UserError(
                self.env._(
                    "A report that was reviewed or sent is part of the record and is "
                    "not deleted."
                )
            )
        if self.env.su:  # a job, or a discarding that was checked
            return
        kept = self.filtered(lambda report: report._is_due() or report.was_reviewed)
        if kept:
            raise UserError(
                self.env._(
                    "%s is due, or was reviewed before, so it is not deleted. The "
                    "quality department discards what was made by mistake.",
                    kept[0].display_name,
                )
            )

    def _is_due(self):
        """Return True if a report is owed: it was planned, or its period is over."""
        self.ensure_one()
        today = self.company_id._service_day()
        days = (self.date_to, self.due_date)
        return (
            self.sudo().create_uid._is_superuser()  # the job that plans reports
            or any(day and day < today for day in days)
            or bool(self.previous_id or self.trigger)
        )

    def action_discard(self):
        """Ask why the draft is discarded."""
        self.ensure_one()
        self._check_may_discard()
        return self._action_say("discard", self.env._("Discard the Draft"))

    def _discard(self, reason):
        """Delete a draft that was made by mistake; what it said and why are kept.

        :param reason: text, not empty
        :raise AccessError: for all but the quality department; for the report of an
            event, for all but executives and the technical service centre
        :raise UserError: without a reason, or for what is no draft
        """
        self.ensure_one()
        self._check_may_discard()
        reason = Arguments(self.env).reason("reason", reason)
        if not reason:
            raise UserError(self.env._("Say why the draft is discarded."))
        if self.state != "draft":
            raise UserError(self.env._("Only a draft is discarded."))
        report = self.sudo()  # nobody deletes what is due, or writes what is kept of it
        text = report._discarded_text()
        report.env["service.quality.rectification"]._create_as_step(
            [
                {
                    "company_id": report.company_id.id,
                    "res_model": report._name,
                    "res_id": report.id,
                    "field_name": "state",
                    "kind": "discarded",
                    "state": "done",
                    "old_value": text,
                    "new_value": None,
                    "old_text": text,
                    "new_text": "",
                    "reason": reason,
                    "user_id": self.env.uid,
                    "at": fields.Datetime.now(),
                }
            ]
        )
        report.unlink()

    def _discarded_text(self):
        """Return what a draft said, in words; of a complaint no more than its name."""
        if self.event_ticket_id:
            return self.display_name
        texts = (html2plaintext(self[name] or "") for name in TEXTS)
        return "\n\n".join(filter(None, (self.display_name, *texts)))

    def _check_may_discard(self):
        self.check_access("read")
        if self._was_asked_for_by_event():  # whoever owes it does not let it go
            if not any(self.env.user.has_group(ROLE % role) for role in OF_EVENTS):
                raise AccessError(
                    self.env._(
                        "A report that an event asked for is discarded by an executive "
                        "or the technical service centre. Ask them."
                    )
                )
        elif not self.env.user.has_group(ROLE % "quality"):
            raise AccessError(
                self.env._("The quality department discards drafts. Ask it.")
            )

    def _was_asked_for_by_event(self):
        """Return True if a report is counted by the event that it is about."""
        self.ensure_one()
        return self.kind == "event" or bool(self.trigger or self.event_key)
