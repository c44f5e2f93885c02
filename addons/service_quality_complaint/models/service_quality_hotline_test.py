from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.tools.period import Period


class ServiceQualityHotlineTest(models.Model):
    """A test call shows once in a quarter that a supervision hotline works (C2.3)."""

    _name = "service.quality.hotline.test"
    _description = "Test Call of a Hotline"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due desc, company_id, team_id, id"
    _rec_name = "number"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Outlet or Team",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: the hotline of the company.",
    )
    number = fields.Char(string="Hotline", required=True, readonly=True)
    quarter_start = fields.Date(string="Quarter", required=True, readonly=True)
    date_due = fields.Date(string="Due", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Who Calls", index="btree_not_null", ondelete="restrict"
    )
    state = fields.Selection(
        [("due", "Due"), ("overdue", "Overdue"), ("done", "Done")],
        compute="_compute_state",
        search="_search_state",
    )
    tested_at = fields.Datetime(string="Called At", readonly=True)
    tested_by_id = fields.Many2one(
        "res.users",
        string="Called By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    result = fields.Selection(
        [
            ("answered", "Answered"),
            ("not_answered", "Not answered"),
            ("wrong", "Somebody else's number"),
            ("out_of_order", "Out of order"),
        ],
        readonly=True,
        tracking=True,
    )
    note = fields.Text(help="Who answered, after how many rings, what was wrong.")

    _once_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), quarter_start)",
        "This hotline has its test call for the quarter already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("tested_at", "date_due")
    def _compute_state(self):
        for state, _label in self._fields["state"].selection:
            self.filtered_domain(self._state_domain(state)).state = state

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._state_domain(state) for state in value)

    @api.model
    def _state_domain(self, state):
        pending = Domain("tested_at", "=", False)
        operators = {"due": ">=", "overdue": "<"}
        if state in operators:
            return pending & self.env["res.company"]._service_day_domain(
                lambda day: Domain("date_due", operators[state], day)
            )
        return ~pending if state == "done" else Domain.FALSE

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _step_refusal(self, label):
        return self.env._("Record a test call by its buttons: when it was is noted.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        raise UserError(
            self.env._("A test call of the hotline is an obligation, and stays.")
        )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {"result": True, "note": False}

    def _rectify_ended(self):
        return self.filtered("tested_at")

    def _rectify_ends(self):
        return {one: End(one.tested_at, one.tested_by_id) for one in self}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_record(self, result, note=None):
        """Record that these hotlines were called just now.

        :param result: ``answered``, ``not_answered``, ``wrong`` or ``out_of_order``
        :param note: who answered, or what was wrong; left out, the note as it is
        :raise ValidationError: for a result that is not known, or without a note
        """
        self._ensure_some()
        self.check_access("write")
        given = Arguments(self.env)
        result = given.choice("result", result, self._fields["result"].selection)
        note = given.reason("note", note)
        for test in self:
            test._service_check_said("note", note or test.note, LEAST_REASON)
            if not (note or test.note):
                raise ValidationError(
                    self.env._(
                        "Enter first in the note who answered, after how many rings, "
                        "or what was wrong. Nothing was recorded."
                    )
                )
        if any(test.tested_at for test in self):
            raise UserError(self.env._("This hotline was called already."))
        values = {
            "result": result,
            "tested_at": fields.Datetime.now(),
            "tested_by_id": self.env.uid,
        }
        if note:
            values["note"] = note
        self.sudo()._write_as_step(values)  # written by steps alone
        self.activity_ids.action_feedback()
        return True

    def action_answered(self):
        """Record that the hotline answered."""
        return self.action_record("answered")

    def action_not_answered(self):
        """Record that the call was not answered."""
        return self.action_record("not_answered")

    def action_wrong(self):
        """Record that the number is somebody else's."""
        return self.action_record("wrong")

    def action_out_of_order(self):
        """Record that the line is dead."""
        return self.action_record("out_of_order")

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_plan_tests(self):
        """Plan the test calls of each hotline, also of quarters that were missed."""
        planned = {
            (company, team): starts
            for company, team, starts in self._read_group(
                [], ["company_id", "team_id"], ["quarter_start:array_agg"]
            )
        }
        teams = self.env["helpdesk.ticket.team"].search(
            [("service_hotline", "!=", False)]
        )
        companies = self.env["res.company"].search([])
        numbers = {
            (company, teams.browse()): company.service_hotline for company in companies
        }
        numbers |= {
            (team.company_id, team): team.service_hotline
            for team in teams
            if team.company_id
        }
        tests = self._create_as_step(
            [
                {
                    "company_id": company.id,
                    "team_id": team.id,
                    "number": number,
                    "quarter_start": quarter.start,
                    "date_due": quarter.end - timedelta(days=1),
                    "user_id": company._service_hotline_tester().id,
                }
                for (company, team), number in numbers.items()
                if number
                for quarter in _quarters(company, planned.get((company, team), ()))
            ]
        )
        tests._remind()

    def _remind(self):
        """Plan the call as an activity of the user who makes it."""
        month = relativedelta(months=1)
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.quarter_start + month, lambda own: own._todo())
                for one in self.filtered("user_id")
            ],
            "mail.mail_activity_data_call",
            mails=True,
        )

    def _todo(self):
        """Return what the tester is asked to do."""
        return self.env._("Call the supervision hotline %s", self.number)


def _quarters(company, planned):
    """Return the quarters whose call of a hotline is still to be planned.

    :param planned: the first days of those that are
    """
    running = Period.around("quarter", company._service_day())
    before = [start for start in planned if start < running.start]
    ended = running.ended_since(max(before)) if before else []
    return [quarter for quarter in (*ended, running) if quarter.start not in planned]
