from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import GRACE


class ServiceQualityDuty(models.Model):
    """A shift says who looks after a team's tickets from when to when.

    Several people may share a shift, and shifts may overlap while one is handed over.
    Handovers are counted by shifts, so one that has begun stays as it was, and none
    lasts for more than a day. Each change is told in its messages.
    """

    _name = "service.quality.duty"
    _description = "Shift on Duty"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="On Duty",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        check_company=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date_from = fields.Datetime(
        string="From", required=True, default=fields.Datetime.now, tracking=True
    )
    date_to = fields.Datetime(
        string="Until",
        required=True,
        tracking=True,
        help="24 hours after the shift begins at the latest.",
    )
    note = fields.Char()
    is_now = fields.Boolean(
        string="On Duty Now", compute="_compute_is_now", search="_search_is_now"
    )

    _order_check = models.Constraint(
        "CHECK (date_to > date_from)",
        "A shift ends after it begins. Correct one of the times.",
    )
    _length_check = models.Constraint(
        "CHECK (date_to <= date_from + interval '24 hours')",
        "A shift lasts for 24 hours at most. End it earlier, and enter the next one.",
    )
    # ranges of one number each, as numbers alone would need an extension
    _overlap_excl = models.Constraint(
        "EXCLUDE USING gist (int4range(team_id, team_id, '[]') WITH &&, "
        "int4range(user_id, user_id, '[]') WITH &&, "
        "tsrange(date_from, date_to) WITH &&)",
        "This person is on duty for the team at that time already. Change the shift "
        "that is there, or choose other times.",
    )
    _now_idx = models.Index("(team_id, date_from, date_to)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("team_id.company_id")
    def _compute_company_id(self):
        for shift in self:
            shift.company_id = (
                shift.team_id.company_id or shift.company_id or self.env.company
            )

    @api.depends("user_id", "team_id")
    def _compute_display_name(self):
        for shift in self:
            names = (shift.team_id.name, shift.user_id.name)
            shift.display_name = " · ".join(filter(None, names))

    @api.depends("date_from", "date_to")
    def _compute_is_now(self):
        now = fields.Datetime.now()
        for shift in self:
            shift.is_now = (
                bool(shift.date_to) and shift.date_from <= now < shift.date_to
            )

    def _search_is_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        return [("date_from", "<=", now), ("date_to", ">", now)]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse to rewrite shifts that have begun; their end moves while ahead."""
        if not self.env.su and vals.keys() - {"note"}:
            begun = self._begun()
            end = fields.Datetime.to_datetime(vals.get("date_to"))
            now = fields.Datetime.now()
            ahead = [end, *begun.mapped("date_to")]
            moves_end = vals.keys() <= {"note", "date_to"} and all(
                moment and moment > now for moment in ahead
            )
            if begun and not moves_end:
                raise UserError(self._begun_refusal())
        return super().write(vals)

    @api.model
    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        """Write no mail to whoever is put on duty: the roster says it."""
        return []

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if not self.env.su and self._begun():
            raise UserError(self._begun_refusal())

    def _begun(self):
        """Return the shifts that have begun, but for a slip of who just entered it."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda shift: (
                shift.date_from <= now
                and not (
                    shift.create_uid == self.env.user
                    and now - shift.create_date <= GRACE
                )
            )
        )

    @api.model
    def _begun_refusal(self):
        return self.env._(
            "A shift that has begun stays in the roster as it was. Only its end is "
            "moved, while that is ahead."
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _on_duty(self, teams, moment=None):
        """Return who is on duty for each team at a moment, who came first before.

        :param moment: naive UTC, now unless told
        :return: dict of team id to users; teams without a shift are left out
        """
        moment = moment or fields.Datetime.now()
        shifts = self.search(
            [
                ("team_id", "in", teams.ids),
                ("date_from", "<=", moment),
                ("date_to", ">", moment),
                ("user_id.active", "=", True),
            ],
            order="date_from, id",
        )
        return {
            team.id: found.user_id for team, found in shifts.grouped("team_id").items()
        }
