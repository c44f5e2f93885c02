from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceQualityProject(models.Model):
    """Describes a service for a customer, from transition in to transition out.

    What is owed to a project follows from its dates. So a first day that has come
    stays, and a last day is set ahead.
    """

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
    date_start = fields.Date(
        tracking=True, help="The first day, transition in included."
    )
    date_end = fields.Date(tracking=True, help="The last day, transition out included.")
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

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse dates by which a project would not have run on days that are over."""
        if not self.env.su and not vals.keys().isdisjoint({"date_start", "date_end"}):
            for project in self:
                project._check_dates_kept(vals)
        return super().write(vals)

    def _check_dates_kept(self, vals):
        today = self.company_id._service_day()
        start = fields.Date.to_date(vals.get("date_start", self.date_start))
        end = fields.Date.to_date(vals.get("date_end", self.date_end))
        if start != self.date_start:
            if self.date_start and self.date_start <= today:
                raise UserError(
                    self.env._(
                        "The project %(project)s has run since %(day)s, and what was "
                        "owed since then stays owed. A first day that has come is not "
                        "changed.",
                        project=self.display_name,
                        day=self.date_start,
                    )
                )
            if not self.date_start and start > today:
                raise UserError(
                    self.env._(
                        "The project %s runs already. Enter the first day, which is "
                        "not ahead.",
                        self.display_name,
                    )
                )
        if end != self.date_end and end and end < today:
            raise UserError(
                self.env._(
                    "The project %s ran until today. Enter today or a later day as "
                    "its last.",
                    self.display_name,
                )
            )

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
