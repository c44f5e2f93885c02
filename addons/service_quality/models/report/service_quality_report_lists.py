from odoo import api, models
from odoo.fields import Domain

from .service_quality_report_filling import SCOPES


class ServiceQualityReport(models.Model):
    """What a report lists by name: missed targets, and service projects in force."""

    _inherit = "service.quality.report"

    # ------------------------------------------------------------------
    # Missed targets
    # ------------------------------------------------------------------

    def _prepare_misses(self, as_of):
        """Return each missed target of the period, as the figures count them.

        :param as_of: figure; what the ledger knew when it was taken counts
        """
        counting = self.env["service.quality.counting"]
        indicator, period = self._attainment(), self._period()
        subjects = self._versions() or self.project_id
        missed, excluded = set(), set()
        for subject in subjects:  # the versions of one agreement, or one project
            scope = (indicator, self.company_id, period, SCOPES[self.kind], subject.id)
            missed.update(counting._row_ids(*scope, "not_hit", as_of))
            excluded.update(counting._row_ids(*scope, "excluded", as_of))
        clocks = self.env["service.quality.clock"].browse(missed)
        return [
            self._prepare_miss(clock) | {"is_excluded": clock.id in excluded}
            for clock in clocks.sorted(
                lambda clock: (clock.process_id.id, clock.started_at, clock.id)
            )
        ]

    def _listed_misses(self):
        """Return the missed targets that are named to all who read the report.

        A ticket that is kept from some counts in the figures, and is not among them:
        they read the same page.
        """
        return self.miss_ids.filtered(
            # as superuser, as the page is made
            lambda miss: not any(miss.ticket_id.sudo()._service_about())
        )

    def _prepare_miss(self, clock):
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
            "over_seconds": max(clock.elapsed_seconds - clock.target_seconds, 0),
            "engineer": clock.user_id.name,
        }

    # ------------------------------------------------------------------
    # Service projects
    # ------------------------------------------------------------------

    def _prepare_projects(self):
        """Return a row for each service project in force, also without tickets."""
        projects = self._projects_in_force()
        opened = self._figures_of_projects(projects, self._opened())
        attained = self._figures_of_projects(projects, self._attainment())
        none = self.env["service.quality.figure"]
        contributions = self._contributions(projects)
        return [
            {
                "project_id": project.id,
                "name": project.name,
                "partner_name": project.partner_id.commercial_partner_id.name,
                "manager_name": project.user_id.name,
                "opened_id": opened.get(project.id, none).id,
                "ticket_count": opened.get(project.id, none).value,
                "attained_id": attained.get(project.id, none).id,
                "judged_count": attained.get(project.id, none).denominator,
                "met_count": attained.get(project.id, none).numerator,
                "contribution": _contribution(contributions.get(project)),
                "contribution_id": contributions.get(project, self.browse()).id,
            }
            for project in projects
        ]

    def _projects_in_force(self):
        """Return the service projects that were in force on a day of the period."""
        return self.env["service.quality.project"].search(
            Domain("company_id", "=", self.company_id.id)
            & (
                Domain("date_start", "=", False)
                | Domain("date_start", "<=", self.date_to)
            )
            & (
                Domain("date_end", "=", False)
                | Domain("date_end", ">=", self.date_from)
            ),
            order="name, id",
        )

    def _contributions(self, projects):
        """Return the newest report of each project on the same period."""
        reports = self.search(
            self._of_period(self.company_id, "project", self._period())
            & Domain("project_id", "in", projects.ids),
            order="revision",
        )
        return {report.project_id: report for report in reports}

    def _figures_of_projects(self, projects, indicator):
        """Return an indicator's figure of each project in the period, by its id."""
        figures = self._figures(
            self.date_from,
            Domain("scope", "=", "project")
            & Domain("scope_id", "in", projects.ids)
            & Domain("indicator_id", "=", indicator.id),
        )
        return {figure.scope_id: figure for figure in figures}

    @api.model
    def _opened(self):
        """Return the indicator of the tickets that were opened."""
        return self.env["service.quality.indicator"].search(
            [("formula", "=", "opened")], limit=1
        )

    @api.model
    def _attainment(self):
        """Return the indicator of all that was agreed with customers, of any metric."""
        Indicator = self.env["service.quality.indicator"]
        found = Indicator.search(
            [("formula", "=", "attainment"), ("metric", "=", False)]
        )
        return found.filtered(lambda one: one.clock_kind == "sla")[:1] or found[:1]


def _contribution(report):
    if not report:
        return "missing"
    return "draft" if report.state == "draft" else "sent"
