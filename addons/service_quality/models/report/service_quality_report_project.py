from odoo import api, fields, models

CONTRIBUTIONS = [
    ("sent", "There"),
    ("draft", "Not finished"),
    ("missing", "Missing"),
]


class ServiceQualityReportProject(models.Model):
    """A service project in force, with its tickets or without, in the month's report.

    Regulation A4.2.1: the report is about all service projects; whose contribution is
    missing is named.
    """

    _name = "service.quality.report.project"
    _description = "Service Project in a Report"
    _inherit = ["service.quality.report.part"]
    _order = "report_id, name, id"

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
