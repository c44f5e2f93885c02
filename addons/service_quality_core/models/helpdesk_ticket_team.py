from odoo import api, fields, models
from odoo.exceptions import UserError

from .res_users import AREAS
from .service_quality_hidden_mixin import SEEN
from .service_quality_ticket_work_mixin import LEAST_WORK


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    ticket_ids = fields.One2many(domain=SEEN)

    service_require_work_done = fields.Boolean(
        string="Work Done Required",
        help="A ticket of this team is resolved only with a record of what was done. "
        "Where a regulation in force asks for it, that holds whatever is set here.",
    )
    service_require_work_length = fields.Integer(
        string="Work Done at Least",
        default=LEAST_WORK,
        help="Letters and digits of a record of work; a Chinese character counts as "
        "two, blanks and punctuation do not count. 0: any text does.",
    )
    service_require_cause = fields.Boolean(
        string="Cause Required",
        help="A ticket of this team is resolved only with a cause.",
    )
    service_require_solution = fields.Boolean(
        string="Solution Required",
        help="A ticket of this team is resolved only with a solution category.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        self.env.cr.cache.pop(AREAS, None)
        return teams

    def write(self, vals):
        if vals.get("company_id"):
            self._check_stays(vals["company_id"])
        result = super().write(vals)
        self.env.cr.cache.pop(AREAS, None)
        return result

    def unlink(self):
        result = super().unlink()
        self.env.cr.cache.pop(AREAS, None)
        return result

    def _check_stays(self, company_id):
        """Refuse to give another company a team that has worked for its own.

        What is owed to the team, as the figures of a month, would leave with it.
        """
        rows = self.env["service.quality.event"].sudo()  # of all companies
        for team in self:
            held = rows.search(  # batched: one team
                [("team_id", "=", team.id), ("company_id", "!=", company_id)], limit=1
            )
            if held and team.company_id.id != company_id:
                raise UserError(
                    self.env._(
                        "The team %(team)s has had tickets of %(company)s, whose "
                        "register counts it. Archive it there, and make a new team for "
                        "the other company.",
                        team=team.name,
                        company=held.company_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_line(self):
        """Return the teams with all above them, each one before those above it."""
        ids = []
        for team in self:
            path = [int(part) for part in (team.parent_path or "").split("/") if part]
            ids += reversed(path or team.ids)
        return self.browse(dict.fromkeys(ids))

    def _service_members_below(self):
        """Return who leads or works in these teams, and in those below them."""
        teams = self.with_context(active_test=False)
        below = teams.search([("id", "child_of", self.ids)]) if self else teams
        return below.user_id | below.user_ids

    def _service_contacts(self, allowed=None):
        """Return who answers for a team: the first of those who do, or all of it.

        Where no one of a team is allowed, the next level up answers for it.

        :param allowed: function of users that gives those who may be told
        """
        for team in self._service_line():
            for users in team._service_answerable():
                users = users.filtered("active")
                found = allowed(users) if allowed else users
                if found:
                    return found
        return self.env["res.users"]

    def _service_hotline_number(self):
        """Return the number at which people complain about the team, the company's."""
        return (self.company_id or self.env.company)._service_hotline_number()

    def _service_answerable(self):
        """Return who answers for a team, the nearest first; addons add people.

        :return: list of users: its leader, and all of it
        """
        return [self.user_id, self.user_ids]
