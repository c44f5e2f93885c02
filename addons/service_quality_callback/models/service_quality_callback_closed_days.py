from zoneinfo import ZoneInfo

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.tools.instants import to_epoch, to_text
from odoo.addons.service_quality_core.tools.timetable import OutOfRange

from ..tools.calling import instant_of, noon_after

DAY = 24 * 60


class ServiceQualityCallbackClosedDays(models.Model):
    """Lets calls that fall due on closed days count until noon of the next open day.

    An executive decides it, who did not ask for it. It holds for the calls of house
    rules that fall due from then on, until an executive ends it. The ledger has a row
    for each deadline that it moves, and the 24-hour figure stands beside.
    """

    _name = "service.quality.callback.closed.days"
    _description = "Follow-up Calls on Closed Days"
    _inherit = ["service.quality.approval.mixin"]
    _order = "id desc"
    _second_roles = ("executive",)

    name = fields.Char(
        string="Why", required=True, help="For example: nobody works in these weeks."
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("requested", "To Approve"), ("approved", "In Force"), ("ended", "Ended")],
        required=True,
        default="requested",
        readonly=True,
        copy=False,
    )
    approved_at = fields.Datetime(string="In Force From", readonly=True, copy=False)
    ended_at = fields.Datetime(readonly=True, copy=False)

    _in_force_uniq = models.UniqueIndex(
        "(company_id) WHERE state = 'approved'",
        "Calls on closed days count until noon already.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        self._check_requested()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_requested()

    def _check_requested(self):
        if any(rule.state != "requested" for rule in self):
            raise UserError(
                self.env._("What an executive has decided stays on record. End it.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_end(self):
        """Let it hold no longer; what was moved stays.

        :return: True
        :raise AccessError: for users who are no executives, or asked for it
        :raise UserError: for what is not in force
        """
        return self._take_decision("ended", self.env._("Ended"))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _refusal(self):
        return self.env._("An executive decides about calls on closed days.")

    def _check_decidable(self, state):
        if state == "approved":
            self._check_requested()
        elif any(rule.state != "approved" for rule in self):
            raise UserError(self.env._("This is not in force."))

    def _prepare_decided(self, state):
        moment = "approved_at" if state == "approved" else "ended_at"
        return {"state": state, moment: fields.Datetime.now()}

    def _decide(self, state):
        result = super()._decide(state)
        self.env.registry.clear_cache()  # of _since
        return result

    @api.model
    @tools.ormcache()
    def _since(self):
        """Return from when it holds, by the id of each company where it does."""
        # asked whenever a call opens, for every company
        rules = self.sudo().search_fetch([("state", "=", "approved")], ["approved_at"])
        return {rule.company_id.id: rule.approved_at for rule in rules}

    @api.model
    def _move_deadlines(self, ticket_ids):
        """Move the deadlines of new calls that fall due on closed days.

        :param ticket_ids: tickets with a new clock of a call under a house rule
        """
        clocks = self.env["service.quality.clock"].search(
            [
                ("ticket_id", "in", ticket_ids),
                ("company_id", "in", list(self._since())),
                ("metric", "=", "callback"),
                ("kind", "=", "house"),
                ("state", "=", "running"),
                ("deadline_set", "=", False),
            ]
        )
        rows = []
        for company, some in clocks.grouped("company_id").items():
            since = self._since()[company.id]
            due = some.filtered(
                lambda clock, since=since: clock.deadline and clock.started_at >= since
            )
            rows += due and self._rows_moving(company, due)
        if rows:
            self.env["service.quality.ledger"]._append(rows)

    @api.model
    def _rows_moving(self, company, clocks):
        """Return the rows that move the deadlines which lie on a closed day."""
        calendar = company.sudo().resource_calendar_id  # whoever resolves a ticket
        zone = ZoneInfo(company._service_tz())
        first = to_epoch(min(clocks.mapped("started_at")))
        if not calendar:  # who has no working time has no closed day
            return []
        _id, timetable = calendar._service_timetables(first)[calendar.id]
        is_open = self._open_days(timetable, zone)
        own = self.with_context(lang=company._service_lang())
        reason = own.env._("Falls due on a closed day")
        rows = []
        for clock in clocks:
            deadline = to_epoch(clock.deadline)
            moved = noon_after(deadline, zone, is_open)
            if moved != deadline:
                value = {"metric": "callback", "deadline": to_text(moved)}
                rows.append(
                    clock.ticket_id._service_row(
                        "deadline_set", value, clock.started_at
                    )
                    | {"reason": reason}
                )
        return rows

    @api.model
    def _open_days(self, timetable, zone):
        """Return the function that tells whether a day has working time."""

        def is_open(day):
            start, end = instant_of(day, 0, zone), instant_of(day, DAY, zone)
            try:
                return timetable.open_seconds(start, end) > 0
            except OutOfRange:  # a day that no calendar knows is like any other
                return True

        return is_open
