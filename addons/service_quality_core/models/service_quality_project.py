from odoo import api, fields, models


class ServiceQualityProject(models.Model):
    """Describes a service for a customer, from transition in to transition out."""

    _name = "service.quality.project"
    _description = "Service Project"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(copy=False)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        tracking=True,
        index=True,
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Project Manager",
        tracking=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    date_start = fields.Date(help="The first day, transition in included.")
    date_end = fields.Date(help="The last day, transition out included.")
    note = fields.Html()
    agreement_ids = fields.One2many("service.quality.agreement", "project_id")
    agreement_count = fields.Integer(compute="_compute_agreement_count")

    _date_check = models.Constraint(
        "CHECK (date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A service project cannot end before it starts. Correct one of the dates.",
    )

    @api.depends("agreement_ids")
    def _compute_agreement_count(self):
        counts = dict(
            self.env["service.quality.agreement"]._read_group(
                [("project_id", "in", self.ids)], ["project_id"], ["__count"]
            )
        )
        for project in self:
            project.agreement_count = counts.get(project, 0)

    def action_view_agreements(self):
        """Open the agreements of the project."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_core.service_quality_agreement_action"
        )
        action["domain"] = [("project_id", "=", self.id)]
        action["context"] = {
            "default_project_id": self.id,
            "default_partner_ids": self.partner_id.ids,
        }
        return action
