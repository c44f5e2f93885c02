from odoo import api, fields, models
from odoo.fields import Domain

CONTRIBUTIONS = [
    ("sent", "There"),
    ("draft", "Not finished"),
    ("missing", "Missing"),
    ("none", "Not due"),
]


class ServiceQualityReportProject(models.Model):
    """Regulation A4.2.1: the report lists all service projects in force.

    Those without tickets are listed too, and those whose contribution is missing named.
    """

    _name = "service.quality.report.project"
    _description = "Service Project in a Report"
    _inherit = ["service.quality.report.part"]
    _order = "report_id, name, id"

    _list_sequence = 30
    _list_kinds = ("organisation",)
    _list_template = "service_quality_report.report_page_projects"
    _row_key = ("project_id",)
    _row_kept = ("note",)

    project_id = fields.Many2one(
        "service.quality.project", readonly=True, index=True, ondelete="restrict"
    )
    name = fields.Char(string="Service Project", readonly=True)
    partner_name = fields.Char(string="Customer", readonly=True)
    manager_name = fields.Char(string="Project Manager", readonly=True)
    opened_id = fields.Many2one(
        "service.quality.figure",
        string="Figure of Tickets Opened",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    ticket_count = fields.Integer(string="Tickets Opened", readonly=True)
    attained_id = fields.Many2one(
        "service.quality.figure",
        string="Figure of Targets Met",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    judged_count = fields.Integer(string="Targets Judged", readonly=True)
    met_count = fields.Integer(string="Targets Met", readonly=True)
    contribution = fields.Selection(CONTRIBUTIONS, required=True, readonly=True)
    contribution_id = fields.Many2one(
        "service.quality.report",
        string="Project's Report",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    note = fields.Char(string="Remark")

    @api.model
    def _step_refusal(self, label):
        return self.env._("Only the remark is written by hand.")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_tickets(self):
        """Open the tickets that were opened under the project's agreements."""
        self.ensure_one()
        return self.opened_id.action_open_rows()

    def action_open_judged(self):
        """Open the targets that were judged."""
        self.ensure_one()
        return self.attained_id.action_open_rows()

    # ------------------------------------------------------------------
    # What the list says
    # ------------------------------------------------------------------

    @api.model
    def _prepare_rows(self, report, figures):
        """Return a row for each service project in force, also without tickets."""
        projects = self._in_force(report.company_id, report._period())
        opened = self._figures_by_project(report, projects, self._opened())
        attainment = self.env["service.quality.report.content"]._attainment()
        attained = self._figures_by_project(report, projects, attainment)
        none = self.env["service.quality.figure"]
        contributions = self._contributions(report, projects)
        creation = self.env["service.quality.report.creation"]
        is_due = creation._is_due(report.company_id, "project", report._period())
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
                "contribution": _contribution(contributions.get(project), is_due),
                "contribution_id": contributions.get(project, report.browse()).id,
            }
            for project in projects
        ]

    @api.model
    def _in_force(self, company, period):
        """Return the service projects that were in force on a day of a period."""
        return self.env["service.quality.project"].search(
            Domain("company_id", "=", company.id)
            & (Domain("date_start", "=", False) | Domain("date_start", "<", period.end))
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", period.start)),
            order="name, id",
        )

    @api.model
    def _contributions(self, report, projects):
        """Return the newest report of each project on the same period."""
        creation = self.env["service.quality.report.creation"]
        reports = report.search(
            creation._of_period(report.company_id, "project", report._period())
            & Domain("project_id", "in", projects.ids),
            order="revision",
        )
        return {found.project_id: found for found in reports}

    @api.model
    def _figures_by_project(self, report, projects, indicator):
        """Return an indicator's figure of each project in the period, by its id."""
        figures = self.env["service.quality.report.content"]._figures(
            report,
            report.date_from,
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

    def _sheet(self):
        _ = self.env._
        head = [
            _("Service Project"), _("Customer"), _("Project Manager"),
            _("Tickets Opened"), _("Targets Judged"), _("Targets Met"),
            _("Contribution"), _("Remark"),
        ]  # fmt: skip
        label = dict(self._fields["contribution"]._description_selection(self.env))
        rows = [
            (
                row.name,
                row.partner_name,
                row.manager_name,
                row.ticket_count,
                row.judged_count,
                row.met_count,
                label[row.contribution],
                row.note,
            )
            for row in self
        ]
        return _("Service Projects"), head, rows

    def _compared(self):
        return {
            row.project_id.id: (
                row.name,
                f"{row.ticket_count} · {row.met_count}/{row.judged_count}",
            )
            for row in self
        }


def _contribution(report, is_due):
    if not report:
        return "missing" if is_due else "none"
    return "draft" if report.state == "draft" else "sent"
