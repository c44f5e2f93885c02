from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import CarriedJson
from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_indicator.tools.statistics import judge

from .mgmtsystem_nonconformity_gates import CLEARED

KEPT = (CLEARED.keys() - {"closing_date", "service_closed_by_id"}) | {
    "severity_id", "service_level",
}  # fmt: skip
"""What a round has of its own, and gets back where its check is overruled."""

STATES = [
    ("planned", "Planned"),
    ("waiting", "Waiting for the time to pass"),
    ("extended", "Too few cases: waiting once more"),
    ("to_judge", "To be judged"),
    ("reached", "Reached"),
    ("failed", "Not reached"),
]

RUNNING = ("waiting", "extended")
ENDED = ("reached", "failed")

SCOPES = [
    ("company", "Company"),
    ("department", "Department"),
    ("project", "Service Project"),
]

JUDGING_DAYS = 10
"""Within so many days a person judges what no indicator tells."""

AFTER_A_PERIOD = timedelta(days=2)
"""So long after a period its figure has been taken in every zone."""


class ServiceQualityEffectCheck(models.Model):
    """Says beforehand by what it will be seen whether actions have worked (有效性验证).

    Indicator, figure before, a better figure wanted, the least number of cases and the
    time to wait are fixed before the approval; nobody chooses them who knows how it
    went. When the time is over the figure is read, not typed. Where no indicator fits,
    somebody other than the owner looks at what was named.
    """

    _name = "service.quality.effect.check"
    _description = "Check of the Effect"
    _inherit = ["service.quality.steps.mixin", "service.quality.decision.line.mixin"]
    _order = "round desc, id desc"
    _rec_name = "nonconformity_id"
    _decision_record = "nonconformity_id"

    nonconformity_id = fields.Many2one(
        "mgmtsystem.nonconformity", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="nonconformity_id.company_id", store=True)
    team_id = fields.Many2one(
        related="nonconformity_id.service_team_id", string="Department", store=True
    )
    project_id = fields.Many2one(
        related="nonconformity_id.service_project_id", store=True
    )
    round = fields.Integer(required=True, readonly=True, default=1)

    # fixed before the approval
    indicator_id = fields.Many2one(
        "service.quality.indicator",
        index="btree_not_null",
        ondelete="restrict",
        help="Leave it empty if none fits: then a person checks.",
    )
    scope = fields.Selection(SCOPES, required=True, default="company")
    fixed_scope_id = fields.Integer(readonly=True)  # whose figure it was then
    direction = fields.Selection(related="indicator_id.direction")
    value_before = fields.Float(string="Figure Before", readonly=True)
    has_value_before = fields.Boolean(readonly=True)
    cases_before = fields.Integer(readonly=True)
    period_before = fields.Char(string="Before: Period", readonly=True)
    wanted = fields.Float(help="A better figure than the one before.")
    least_cases = fields.Integer(
        default=10, help="With fewer cases the figure proves nothing."
    )
    wait_days = fields.Integer(
        string="Wait (Days)",
        required=True,
        default=30,
        help="Days from the end of the actions until the check. The check waits for "
        "at least one whole period of the indicator.",
    )
    look_at = fields.Text(
        string="What Is Looked At",
        help="If no indicator fits: what somebody will look at to see that it has "
        "worked.",
    )
    looker_id = fields.Many2one(
        "res.users",
        string="Who Looks",
        index="btree_not_null",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Somebody other than the owners of the actions.",
    )
    measure_ids = fields.Many2many(
        "mgmtsystem.action",
        "service_quality_effect_check_measure_rel",
        string="Actions",
        readonly=True,
        help="As they were handed in for approval.",
    )

    # how it went
    state = fields.Selection(STATES, required=True, readonly=True, default="planned")
    started_on = fields.Date(string="Since", readonly=True)
    due_on = fields.Date(string="Checked On", readonly=True, index=True)
    value_after = fields.Float(string="Figure After", readonly=True)
    has_value_after = fields.Boolean(readonly=True)
    cases_after = fields.Integer(string="Cases", readonly=True)
    period_after = fields.Char(string="After: Period", readonly=True)
    finding = fields.Text(string="What Was Found", readonly=True)
    ended_at = fields.Datetime(string="Ended On", readonly=True)
    ended_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    kept = CarriedJson(
        readonly=True, help="Values of this round that the next round began without."
    )
    is_overruled = fields.Boolean(string="Overruled", readonly=True)
    overrule_reason = fields.Text(string="Why It Was Overruled", readonly=True)
    text_before = fields.Char(string="Before", compute="_compute_texts")
    text_wanted = fields.Char(string="Wanted Then", compute="_compute_texts")
    text_after = fields.Char(string="After", compute="_compute_texts")
    text_other = fields.Char(string="Another Figure", compute="_compute_text_other")

    _round_uniq = models.UniqueIndex(
        "(nonconformity_id, round)", "There is one check of the effect in each round."
    )
    _wait_check = models.Constraint(
        "CHECK (wait_days > 0)", "Wait for a day at least before you look."
    )
    _wait_most_check = models.Constraint(
        "CHECK (wait_days <= 366)", "Wait for a year at most: 366 days."
    )
    _cases_check = models.Constraint(
        "CHECK (least_cases > 0)",
        "Without a case the figure says nothing: enter 1 or more.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("value_before", "wanted", "value_after", "indicator_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        for check in self:
            # whoever reads the check reads what its figures are in
            indicator = check.sudo().indicator_id
            told = {
                "text_before": check.has_value_before and check.value_before,
                "text_wanted": bool(indicator) and check.wanted,
                "text_after": check.has_value_after and check.value_after,
            }
            for name, value in told.items():
                known = indicator and value is not False
                check[name] = indicator._format(value) if known else False

    @api.depends("indicator_id", "nonconformity_id.service_indicator_id")
    @api.depends_context("lang")
    def _compute_text_other(self):
        """Say where a check does not read the figure that has shown what is wrong."""
        for check in self:
            # whoever reads the check reads what its figures are
            found_by = check.sudo().nonconformity_id.service_indicator_id
            read = check.sudo().indicator_id  # likewise
            check.text_other = False
            if found_by and found_by != read:
                check.text_other = self.env._(
                    "It was found by the figure %(found)s, and is judged by another "
                    "one, or by looking: %(read)s.",
                    found=found_by.display_name,
                    read=read.display_name or "–",
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        Nonconformity = self.env["mgmtsystem.nonconformity"]
        parents = [Nonconformity.browse(v.get("nonconformity_id")) for v in vals_list]
        Nonconformity.union(*parents)._check_planned()
        for vals in vals_list:
            self._check_by_hand(vals)
        checks = super()._create_as_step(
            [
                vals | {"round": parent.service_round or 1}
                for vals, parent in zip(vals_list, parents, strict=True)
            ]
        )
        checks._read_before()
        return checks

    def write(self, vals):
        self._check_open_to_plan()
        if "nonconformity_id" in vals and any(
            check.nonconformity_id.id != vals["nonconformity_id"] for check in self
        ):
            raise AccessError(self.env._("A check stays with its nonconformity."))
        result = super().write(vals)
        if vals.keys() & {"indicator_id", "scope"}:
            self._read_before()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_open_to_plan()

    def _check_open_to_plan(self):
        """Refuse to change what was fixed for an approval."""
        self.nonconformity_id._check_planned()
        for check in self:
            parent = check.nonconformity_id
            if parent.service_is_gated and check.round != parent.service_round:
                raise AccessError(
                    self.env._("The check of an earlier round stays as it is.")
                )

    # ------------------------------------------------------------------
    # Before the approval
    # ------------------------------------------------------------------

    def _scope_record(self):
        """Return the record that the figure is of, an empty one where it is missing.

        Handed in, it is the one of then, wherever the nonconformity goes.
        """
        self.ensure_one()
        now = {
            "company": self.company_id,
            "department": self.team_id,
            "project": self.project_id,
        }[self.scope]
        return now.browse(self.fixed_scope_id) if self.fixed_scope_id else now

    def _figures(self):
        """Return the domain of the closed figures that one check reads."""
        self.ensure_one()
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("indicator_id", "=", self.indicator_id.id)
            & Domain("period_kind", "=", self.indicator_id.cadence)
            & Domain("scope", "=", self.scope)
            & Domain("scope_id", "=", self._scope_record().id)
            & Domain("is_provisional", "=", False)
            & Domain("has_value", "=", True)
        )

    def _read_before(self):
        """Read the figure before: the last closed one."""
        Figure = self.env["service.quality.figure"].sudo()  # fixed for everybody
        for check in self.sudo():  # one in each round
            found = Figure
            if check.indicator_id:
                found = Figure.search(check._figures(), order="date_from desc", limit=1)
            check._write_as_step(
                {
                    "value_before": found.value,
                    "has_value_before": bool(found),
                    "cases_before": round(found.denominator),
                    "period_before": found.period,
                }
            )

    def _check_fixed(self):
        """Refuse a check by which nobody would see whether the actions have worked.

        :raise ValidationError: which says what is missing
        """
        self.ensure_one()
        self.sudo()._write_as_step({"fixed_scope_id": 0})  # it is fixed anew
        self._read_before()
        if not self.indicator_id:
            return self._check_looker()
        if self.indicator_id.source == "measured":
            raise ValidationError(
                self.env._(
                    "Check of the effect: people enter the values of %s, so it is not "
                    "read by itself. Choose another indicator, or name what somebody "
                    "looks at.",
                    self.indicator_id.display_name,
                )
            )
        if not self._scope_record():
            raise ValidationError(
                self.env._(
                    "Check of the effect: the figure is of a department or project "
                    "that the nonconformity does not name. Enter it, or take the "
                    "figure of the company."
                )
            )
        if self.direction == "range":
            raise ValidationError(
                self.env._(
                    "Check of the effect: the goal of this indicator is a range, so "
                    "neither a higher nor a lower figure is better. Choose another "
                    "indicator, or say what somebody looks at."
                )
            )
        if not self.has_value_before:
            raise ValidationError(
                self.env._(
                    "Check of the effect: there is no figure before. Choose another "
                    "indicator, or name what somebody looks at."
                )
            )
        before, wanted = self.value_before, self.wanted
        is_better = wanted > before if self.direction == "higher" else wanted < before
        is_possible = wanted >= 0 and not (
            self.indicator_id.unit == "percent" and wanted > 100
        )
        # what is shown alike is no better: chance alone moves it as far
        is_seen = self.text_wanted != self.text_before
        if not (is_better and is_seen and is_possible):
            raise ValidationError(
                self.env._(
                    "Check of the effect: the figure wanted must be better than the "
                    "one before, %s, as both are shown, and possible.",
                    self.text_before,
                )
            )
        return None

    def _check_looker(self):
        if not self.look_at or not self.looker_id:
            raise ValidationError(
                self.env._(
                    "Check of the effect: choose an indicator. If none fits, say what"
                    " is looked at, and by whom."
                )
            )
        self._service_check_says(["look_at"])
        # whoever hands it in need not read who has had it before
        if self.looker_id in self.nonconformity_id.sudo()._service_owners():
            raise ValidationError(
                self.env._(
                    "Check of the effect: nobody judges their own work. Choose "
                    "somebody who owns none of the actions."
                )
            )

    def _fix(self):
        """Fix which actions are checked, and by whose figure, as it is handed in."""
        for check in self.sudo():  # one in each round
            actions = check.nonconformity_id._service_actions()
            fixed = actions.filtered(lambda one: one.service_state != "cancelled")
            check._write_as_step(
                {
                    "measure_ids": [(6, 0, fixed.ids)],
                    "fixed_scope_id": check._scope_record().id,
                }
            )

    # ------------------------------------------------------------------
    # After the actions were done
    # ------------------------------------------------------------------

    def _start(self):
        """Let the time begin to pass, and return the day on which it is over."""
        self.ensure_one()
        today = self.company_id._service_day()
        due = self._over_on(today, today + timedelta(days=self.wait_days))
        state = "waiting" if self.indicator_id else "to_judge"
        # by this step alone
        self.sudo()._write_as_step({"state": state, "started_on": today, "due_on": due})
        return due

    def _over_on(self, since, day):
        """Return a day, or a later one by which one whole period has a figure.

        :param since: the day after which the period begins
        """
        if not self.indicator_id:
            return day
        period = Period.around(self.indicator_id.cadence, since).shifted(1)
        return max(day, period.end + AFTER_A_PERIOD)

    def _read_after(self):
        """Read the closed figures of whole periods after the actions were done.

        :return: (value or None, cases, label of the periods)
        """
        self.ensure_one()
        Figure = self.env["service.quality.figure"].sudo()  # read by the check itself
        figures = Figure.search(
            self._figures() & Domain("date_from", ">", self.started_on),
            order="date_from",
        )
        if not figures:
            return None, 0, False
        cases = sum(figures.mapped("denominator"))
        label = figures[0].period
        if len(figures) > 1:
            label = f"{label} – {figures[-1].period}"
        if self.indicator_id.summary == "share":
            value = 100 * sum(figures.mapped("numerator")) / cases if cases else None
        else:
            value = figures[-1].value
        return value, round(cases), label

    def _conclude(self):
        """Read the indicator of checks whose time is over, and say how it went."""
        for check in self:  # each is one story
            value, cases, label = check._read_after()
            found = {
                "value_after": value or 0.0,
                "has_value_after": value is not None,
                "cases_after": cases,
                "period_after": label,
            }
            check._write_as_step(found)
            if value is None or cases < check.least_cases:
                check._wait_or_ask()
                continue
            status = judge(value, check.wanted, 0.0, check.direction)
            is_reached = status == "on_target"
            check._end(is_reached, check._told(is_reached))

    def _told(self, is_reached):
        """Return in the company's language what the indicator said."""
        own = self.with_context(lang=self.company_id._service_lang())
        words = {
            "after": own.text_after,
            "before": own.text_before,
            "wanted": own.text_wanted,
        }
        if is_reached:
            return own.env._(
                "Reached: %(after)s after %(before)s; %(wanted)s was wanted.", **words
            )
        return own.env._(
            "Not reached: %(after)s after %(before)s; %(wanted)s was wanted.", **words
        )

    def _wait_or_ask(self):
        """Wait once more for cases; the second time whoever approves judges."""
        parent = self.nonconformity_id
        if self.state == "waiting":
            due = self._over_on(self.due_on, self.due_on + timedelta(self.wait_days))
            self._write_as_step({"state": "extended", "due_on": due})
            parent._wait_until(due)
            return
        self._write_as_step({"state": "to_judge"})
        parent._ask_to_judge(JUDGING_DAYS)

    def _end(self, is_reached, finding):
        """End a check; the nonconformity is closed, or begins again one level higher.

        :param finding: text, what was found
        """
        self.ensure_one()
        check = self.sudo()  # who may judge was checked
        check._write_as_step(
            {
                "state": "reached" if is_reached else "failed",
                "finding": finding,
                # overruled, it still ended when it was read
                "ended_at": check.ended_at or fields.Datetime.now(),
                "ended_by_id": self.env.uid,
            }
        )
        parent = self.nonconformity_id
        if is_reached:
            parent._close_effective(finding)
        else:
            parent._reopen_higher(finding)

    def _keep_round(self):
        """Keep what its round had, before another one begins without it."""
        self.ensure_one()
        (values,) = self.nonconformity_id.read([*KEPT], load=None)
        kept = {
            name: fields.Datetime.to_string(value)
            if isinstance(value, datetime)
            else value
            for name, value in values.items()
            if name in KEPT
        }
        self._write_as_step({"kept": kept})

    def _turn_round(self):
        """Say the opposite of its actions; of what had failed, go back to its round."""
        self.ensure_one()
        worked = "yes" if self.state == "failed" else "no"
        closed = self.measure_ids.filtered(lambda one: one.service_state == "closed")
        closed._write_as_step({"service_is_effective": worked})
        if self.state == "failed":
            parent = self.nonconformity_id
            parent._write_as_step({**self.kept, "service_round": self.round})

    def _judges(self):
        """Return who judges where no figure does: who was to look, or who approves.

        Whoever was to look does not where the work has become one's own since.
        """
        self.ensure_one()
        parent = self.nonconformity_id
        if self.indicator_id:
            return parent._second_persons().users
        looker = self.company_id._service_people(self.looker_id)
        return (looker - parent._service_owners()) or parent._second_persons().users

    def _judge(self, is_reached, finding):
        """Judge what no figure says.

        :raise AccessError: for all but who was to look, or who approves
        :raise UserError: before the time is over
        """
        self.ensure_one()
        if self.state != "to_judge":
            raise UserError(self.env._("There is nothing to judge."))
        # who judges is asked for everybody
        if not self.env.su and self.env.user not in self.sudo()._judges():
            raise AccessError(
                self.env._(
                    "The effect is judged by: %s.",
                    # likewise
                    ", ".join(self.sudo()._judges().mapped("name")) or "–",
                )
            )
        if self.due_on > self.company_id._service_day():
            raise UserError(
                self.env._("The time to wait is over on %s. Look then.", self.due_on)
            )
        if not self.indicator_id:
            return self._end(is_reached, finding)
        # too few cases twice: whoever approves judges
        parent = self.nonconformity_id
        parent._decide_as_second_person(
            self.env._("Effect judged"), parent._service_refusal()
        )
        return self._end(is_reached, finding)

    # ------------------------------------------------------------------
    # What is signed
    # ------------------------------------------------------------------

    def _signed(self):
        """Return what was fixed beforehand, as it is signed for."""
        return {
            "indicator": self.indicator_id.id,
            "scope": [self.scope, self.fixed_scope_id],
            "before": [self.has_value_before, self.value_before, self.period_before],
            "wanted": self.wanted,
            "least_cases": self.least_cases,
            "wait_days": self.wait_days,
            "look_at": self.look_at,
            "looker": self.looker_id.id,
        }

    def _signed_effect(self):
        """Return what the check has found, as it is signed for."""
        return {
            "state": self.state,
            "after": [self.has_value_after, self.value_after, self.period_after],
            "cases": self.cases_after,
            "finding": self.finding,
        }

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _due(self):
        """Return the checks whose time is over today."""
        running = Domain("state", "in", RUNNING)
        over = self.env["res.company"]._service_day_domain(
            lambda day: Domain("due_on", "<=", day)
        )
        return self.search(running & over, order="due_on, id")

    @api.model
    def _cron_conclude(self):
        """Check the effect of what has had its time, each by itself."""
        checks = self._due()
        for number, check in enumerate(checks, 1):
            run_isolated(self.env.cr, check.display_name, check._conclude)
            remaining = len(checks) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                return
