from odoo import api, fields, models

from .report_data import DETAILED, SCOPE_OF_KIND, says


class ServiceQualityReportMiss(models.Model):
    """Regulation A4.3.3: a report names each ticket that missed a target, and why."""

    _name = "service.quality.report.miss"
    _description = "Missed Target of a Report"
    _inherit = ["service.quality.report.part"]
    _order = "report_id, over_seconds desc, due_at, id"

    _list_sequence = 20
    _list_kinds = DETAILED
    _list_template = "service_quality_report.report_page_misses"
    _row_key = ("ticket_id", "target_id", "due_at")
    _row_kept = ("reason", "taken_from")

    ticket_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type", readonly=True, ondelete="restrict"
    )
    target_id = fields.Many2one(
        "service.quality.target", readonly=True, ondelete="restrict"
    )
    number = fields.Char(readonly=True)
    name = fields.Char(string="Subject", readonly=True)
    target = fields.Char(string="Service Target", readonly=True)
    opened_at = fields.Datetime(string="Reported", readonly=True)
    due_at = fields.Datetime(string="Due", readonly=True)
    done_at = fields.Datetime(string="Done", readonly=True)
    over_seconds = fields.Integer(
        readonly=True, help="Used beyond the promise, in its own working time."
    )
    engineer = fields.Char(readonly=True)
    is_excluded = fields.Boolean(string="Excluded", readonly=True)
    reason = fields.Text(help="Why it was missed, as the customer will read it.")

    taken_from = fields.Char(
        string="Taken Over From",
        readonly=True,
        help="The figure of the report that says so; nobody wrote it here.",
    )

    def write(self, vals):
        """Note that people write themselves what was taken over before."""
        result = super().write(vals)
        if "reason" in vals and "taken_from" not in vals:
            # no longer what the figure says
            self.sudo().filtered("taken_from")._write_as_step({"taken_from": False})
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._("Only the reason of a missed target is written by hand.")

    # ------------------------------------------------------------------
    # What the list says
    # ------------------------------------------------------------------

    @api.model
    def _prepare_rows(self, report, figures):
        """Return each missed target of the period, as the figures count them."""
        content = self.env["service.quality.report.content"]
        as_of = content._newest(figures)
        if not as_of:
            return []
        counting = self.env["service.quality.counting"]
        indicator, period = content._attainment(), report._period()
        subjects = report._versions() or report.project_id
        kind, missed, excluded = SCOPE_OF_KIND[report.kind], set(), set()
        for subject in subjects:  # the versions of one agreement, or one project
            scope = (indicator, report.company_id, period, kind, subject.id)
            missed.update(counting._row_ids(*scope, "not_hit", as_of))
            excluded.update(counting._row_ids(*scope, "excluded", as_of))
        clocks = self.env["service.quality.clock"].browse(missed)
        return [
            self._prepare_row(clock) | {"is_excluded": clock.id in excluded}
            for clock in clocks.sorted(
                lambda clock: (-_over(clock), clock.started_at, clock.id)
            )
        ]

    @api.model
    def _fill(self, report, figures):
        result = super()._fill(report, figures)
        self._of(report)._take_over_causes()
        return result

    def _take_over_causes(self):
        """Write into drafts what a report says of the figure of a missed target.

        Who explains a figure need not explain each ticket in it with the same words.
        What people wrote at a ticket stays.
        """
        rows = self.sudo()  # people do not write that it was taken over
        silent = rows.filtered(
            lambda miss: (
                miss.report_id.state == "draft" and (miss.taken_from or not miss.reason)
            )
        )
        said = {
            (line.report_id, line.target_id, line.process_id): line.explained_by_id
            for line in silent.report_id.line_ids.filtered("target_id")
            if says(line.explained_by_id.cause)
        }
        places = silent.grouped(lambda m: (m.report_id, m.target_id, m.process_id))
        for place, misses in places.items():
            line = said.get(place)
            taken = {"reason": line and line.cause, "taken_from": line and line.name}
            misses._write_as_step(taken)  # batched: once for each target

    @api.model
    def _prepare_row(self, clock):
        ticket = clock.ticket_id
        # what somebody complains about is not for everybody who reads a report
        name = self.env._("Complaint") if ticket.service_is_complaint else ticket.name
        return {
            "ticket_id": ticket.id,
            "process_id": clock.process_id.id,
            "target_id": clock.target_id.id,
            "number": ticket.number,
            "name": name,
            "target": clock.target_id.display_name,
            "opened_at": ticket.service_opened_at,
            "due_at": clock.deadline,
            "done_at": clock.stopped_at,
            "over_seconds": _over(clock),
            "engineer": clock.user_id.name,
        }

    def _listed(self):
        """Leave out tickets that are kept from some: all readers read the same page.

        They count in the figures all the same.
        """
        return self.filtered(
            # as superuser, as the page is made
            lambda miss: not any(miss.ticket_id.sudo()._service_about())
        )

    def _sheet(self):
        _ = self.env._
        report = self.report_id
        names = report._shows_engineers()
        head = [
            _("Ticket"), _("Title"), _("Process"), _("Service Target"), _("Reported"),
            _("Due"), _("Done"), _("Minutes Over"), _("Excluded"), _("Reason"),
            _("Taken Over From"), *([_("Engineer")] if names else []),
        ]  # fmt: skip
        rows = [
            (
                miss.number,
                miss.name,
                miss.process_id.name,
                miss.target,
                report._local(miss.opened_at),
                report._local(miss.due_at),
                report._local(miss.done_at),
                round(miss.over_seconds / 60),
                _("yes") if miss.is_excluded else _("no"),
                miss.reason,
                miss.taken_from,
                *([miss.engineer] if names else []),
            )
            for miss in self
        ]
        return _("Missed Targets"), head, rows

    def _compared(self):
        return {
            (miss.number, miss.target): (
                f"{miss.number} {miss.target}",
                miss.reason or "✗",
            )
            for miss in self
        }


def _over(clock):
    """Return how many seconds of its working time a clock used beyond its promise."""
    return max(clock.elapsed_seconds - clock.target_seconds, 0)
