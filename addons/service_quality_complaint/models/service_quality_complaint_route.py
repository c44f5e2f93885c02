from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_quality_core.models.severity import RANK, SEVERITIES


class ServiceQualityComplaintRoute(models.Model):
    """A route passes some complaints on to some people at once (A3.5.3).

    Every route that fits is followed: those told add up.
    """

    _name = "service.quality.complaint.route"
    _description = "Route of Complaints"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    severity = fields.Selection(
        SEVERITIES,
        string="From Severity",
        required=True,
        default="important",
        help="Complaints of this severity and of graver ones.",
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        help="With the categories under it. Empty: of any category.",
        check_company=True,
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="About Outlet or Team",
        help="With the teams under it. Empty: about any.",
        check_company=True,
        ondelete="restrict",
    )
    told_team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        "service_quality_complaint_route_team_rel",
        string="Departments Told",
        help="The quality officer of each, or its leader.",
        ondelete="restrict",
    )
    told_user_ids = fields.Many2many(
        "res.users",
        "service_quality_complaint_route_user_rel",
        string="Persons Told",
        domain=[("share", "=", False)],
        ondelete="restrict",
    )

    @api.constrains("name", "told_team_ids", "told_user_ids")
    def _check_told(self):
        for route in self:
            if not (route.told_team_ids or route.told_user_ids):
                raise ValidationError(
                    self.env._(
                        "Route %s tells nobody. Enter a department or a person.",
                        route.name,
                    )
                )

    def _fits(self, ticket):
        """Return True if a complaint goes this way.

        :param ticket: a complaint of this route's company
        """
        self.ensure_one()
        team = ticket._service_team_concerned()
        return (
            RANK[ticket._service_severity()] >= RANK[self.severity]
            and (
                not self.category_id
                or self.category_id.id in ticket._service_category_path()
            )
            and (not self.team_id or self.team_id in team._service_line())
        )
