from odoo import fields, models
from odoo.exceptions import AccessError

from ..core.service_quality_hidden_mixin import SEEN


class HelpdeskTicketTeam(models.Model):
    """An outlet or department as complaints see it."""

    _inherit = "helpdesk.ticket.team"

    ticket_ids = fields.One2many(domain=SEEN)
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
        """Let others say that the user works in a team no more.

        What is reported about a team is hidden from who works there. Whoever changes
        teams would read it by leaving for a moment.
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

    def _service_contacts(self, allowed=None):
        """Return who answers for a team: its quality officer, its leader, or all.

        Where nobody of a team is allowed, the next level up answers for it.

        :param allowed: function of users that gives those who may be told
        """
        for team in self._service_line():
            for users in (
                team.service_quality_officer_id,
                team.user_id,
                team.user_ids,
            ):
                users = users.filtered("active")
                found = allowed(users) if allowed else users
                if found:
                    return found
        return self.env["res.users"]

    def _service_line(self):
        """Return the teams with all above them, each one before those above it."""
        ids = []
        for team in self:
            path = [int(part) for part in (team.parent_path or "").split("/") if part]
            ids += reversed(path or team.ids)
        return self.browse(dict.fromkeys(ids))
