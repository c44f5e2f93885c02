from odoo import fields, models
from odoo.exceptions import AccessError


class HelpdeskTicketTeam(models.Model):
    """An outlet or department has a quality officer, and a hotline of its own."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "service.quality.hotline"]

    service_quality_officer_id = fields.Many2one(
        "res.users",
        groups="base.group_user",
        string="Quality Officer",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Is told of complaints about this outlet or team, before its leader.",
    )
    service_hotline = fields.Char(
        string="Supervision Hotline",
        help="Printed on the forms of this outlet or team and those under it. Empty: "
        "the number of the team above, or the company's.",
    )
    service_mail_is_complaint = fields.Boolean(
        string="Mail Is a Complaint",
        help="What is written to the mail address of this team is a complaint.",
    )

    def write(self, vals):
        """Refuse to take oneself out of a team.

        What is reported about a team is hidden from who works there. Who changes teams
        would read it by leaving for a moment.
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return super().write(vals)
        before = self.env.user._service_areas()
        result = super().write(vals)
        left = before - self.env.user._service_areas()
        if left:
            raise AccessError(
                self.env._(
                    "You work in %s. Ask another helpdesk manager to take you out.",
                    ", ".join(left.mapped("display_name")),
                )
            )
        return result

    def _service_answerable(self):
        """Ask the quality officer before the leader."""
        return [self.service_quality_officer_id, *super()._service_answerable()]

    def _service_hotline_number(self):
        """Prefer the team's own number, or one's above it."""
        numbers = self._service_line().mapped("service_hotline")
        return next(filter(None, numbers), super()._service_hotline_number())
