from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, ormcache

from ..tools.matching import Matcher, Target
from ..tools.metrics import METRICS, PAUSES
from ..tools.selection import with_codes
from .helpdesk_ticket import EARLIEST
from .metric_words import WORDS
from .severity import SEVERITIES

UNITS = {"minute": 60, "hour": 3600}

LONGEST = {"minute": 5_256_000, "hour": 87_600, "day": 3_650}
"""Ten years: no promise is longer, and all that is reckoned with stays in range."""

MOST_TARGETS = 300


def metric_selection(records):
    """Return the metrics that a field offers, for a selection."""
    return records.env["service.quality.target"]._metric_selection()


class ServiceQualityTarget(models.Model):
    """Says what is promised: a metric, the conditions that it needs, and a duration.

    Without an agreement it is a house rule of the company, which applies where no
    agreement does. Once in force it is not changed any more.
    """

    _name = "service.quality.target"
    _inherit = ["service.quality.decision.line.mixin"]
    _description = "Service Target"
    _order = "agreement_id, sequence, id"
    _check_company_auto = True
    _decision_record = "agreement_id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="Without an agreement the target is a house rule.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    term_ids = fields.One2many("service.quality.term", "target_id")
    clock_ids = fields.One2many("service.quality.clock", "target_id")
    metric = fields.Selection(
        metric_selection, required=True, default="resolution", index=True
    )

    # conditions, empty = any
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type", index="btree_not_null", ondelete="restrict"
    )
    priority = fields.Selection(
        selection=lambda self: (
            self.env["helpdesk.ticket"]
            ._fields["priority"]
            ._description_selection(self.env)
        )
    )
    severity = fields.Selection(SEVERITIES, help="Of a complaint.")

    # promise
    duration = fields.Float(required=True, default=4, digits=(12, 2))
    unit = fields.Selection(
        [("minute", "Minutes"), ("hour", "Hours"), ("day", "Working days")],
        required=True,
        default="hour",
    )
    seconds = fields.Integer(
        compute="_compute_seconds",
        store=True,
        help="The duration in seconds of working time; a working day is the usual "
        "full day of the calendar when the agreement was signed.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Own Working Time",
        ondelete="restrict",
        check_company=True,
        help="Instead of the agreement's.",
    )
    always = fields.Boolean(string="24 × 7", help="Every hour of every day counts.")
    pause_on = fields.Selection(
        [
            ("nothing", "Never"),
            ("customer", "Waiting for customer"),
            ("third_party", "Waiting for third party"),
            ("both", "Waiting for either"),
        ],
        string="Paused While",
        compute="_compute_from_metric",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    on_reopen = fields.Selection(
        [
            ("continue", "The same clock goes on"),
            ("restart", "A new clock starts"),
            ("never", "The first verdict stands"),
        ],
        compute="_compute_from_metric",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    warning_percent = fields.Integer(
        string="Warning (%)",
        default=80,
        help="The share of the time after which the target is at risk.",
    )
    goal_percent = fields.Float(
        string="Goal (%)",
        default=95,
        digits=(5, 2),
        help="The share of tickets that must meet the target.",
    )
    is_in_force = fields.Boolean(compute="_compute_is_in_force")

    _duration_check = models.Constraint(
        "CHECK (duration > 0)",
        "A service target needs a duration longer than zero.",
    )
    _warning_check = models.Constraint(
        "CHECK (warning_percent BETWEEN 1 AND 100)",
        "The early warning of a service target is between 1 and 100 percent.",
    )
    _goal_check = models.Constraint(
        "CHECK (goal_percent > 0 AND goal_percent <= 100)",
        "The goal of a service target is above 0 and at most 100 percent.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("agreement_id.company_id")
    def _compute_company_id(self):
        for target in self:
            target.company_id = (
                target.agreement_id.company_id or target.company_id or self.env.company
            )

    @api.depends("metric")
    def _compute_from_metric(self):
        """Propose what the metric is usually promised with."""
        rules = self._metric_rules()
        for target in self:
            metric = rules.get(target.metric) or rules["resolution"]
            target.pause_on = metric.pause_on
            target.on_reopen = metric.on_reopen

    @api.depends(
        "duration", "unit", "always", "calendar_id", "agreement_id.calendar_id"
    )
    def _compute_seconds(self):
        for target in self:
            # whatever is typed or sent; the check of the duration refuses the rest
            fits = 0 < target.duration <= LONGEST.get(target.unit, 0)
            seconds = target.duration * target._unit_seconds() if fits else 0
            target.seconds = round(seconds)

    @api.depends("agreement_id.is_in_force", "term_ids")
    def _compute_is_in_force(self):
        for target in self:
            if target.agreement_id:
                target.is_in_force = target.agreement_id.is_in_force
            else:
                target.is_in_force = bool(target.term_ids) and not target._last_end()

    @api.depends("metric", "duration", "unit", "always", "agreement_id.name")
    def _compute_display_name(self):
        for target in self:
            target.display_name = f"{target._label('metric')} {target._promise()}"

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("metric", "agreement_id")
    def _check_metric(self):
        """Refuse other metrics than resolution where time by holder is summed up."""
        for target in self:
            kind = target.agreement_id.kind
            if kind in ("ola", "uc") and target.metric != "resolution":
                raise ValidationError(
                    self.env._(
                        "An agreement between teams or with a supplier measures the "
                        "time that they hold a ticket. Choose the metric Resolution."
                    )
                )

    @api.constrains("duration", "unit")
    def _check_duration(self):
        for target in self:
            target._check_amount(target.duration, LONGEST[target.unit])

    @api.constrains("always", "calendar_id", "agreement_id")
    def _check_calendar(self):
        for target in self:
            problem = target.calendar_id and target.calendar_id._service_problem()
            if problem:
                raise ValidationError(problem)

    @api.constrains("agreement_id")
    def _check_agreement_id(self):
        self.agreement_id._service_check_most("target_ids", MOST_TARGETS)

    # ------------------------------------------------------------------
    # Metrics
    # ------------------------------------------------------------------

    @api.model
    def _metrics(self):
        """Return the metrics that can be promised; addons add theirs.

        :return: dict of code to label
        """
        _ = self.env._
        return {
            "first_response": _("First response"),
            "arrival": _("Arrival on site"),
            "resolution": _("Resolution"),
            "update": _("Customer update"),
        }

    @api.model
    def _metric_rules(self):
        """Return what starts, stops and ends the clock of each metric; addons add.

        :return: dict of code to :class:`~..tools.metrics.Metric`
        """
        return METRICS

    @api.model
    def _course_words(self):
        """Return what the tokens of rules mean in the words of a contract; addons add.

        :return: dict of token to a text in the user's language
        """
        lang = self.env.lang or "en_US"
        return {token: words._translate(lang) for token, words in WORDS.items()}

    @api.model
    def _metric_selection(self):
        """Return the metrics as a selection: one whose addon is gone shows its code."""
        return with_codes(self._metrics(), self._metrics_in_use())

    @api.model
    @ormcache()
    def _metrics_in_use(self):
        """Return the codes of the metrics of all targets there are."""
        found = self.env.execute_query(
            SQL("SELECT DISTINCT metric FROM service_quality_target ORDER BY metric")
        )
        return tuple(code for (code,) in found)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_amount(vals.get("duration"))
        targets = super().create(vals_list)
        targets._check_draft()
        # one that is archived comes into force with its first day as an active one
        rules = targets.filtered(lambda one: one.active and not one.agreement_id)
        if rules:
            rules._enter_house_rules()
        return targets

    def write(self, vals):
        self._check_amount(vals.get("duration"))
        changed = vals.keys() - {"term_ids", "clock_ids"}
        if changed:
            self._check_draft()
        if changed - {"active"}:
            self._check_house_rules_unchanged(vals)
            self._check_attached(vals)
        result = super().write(vals)
        if changed - {"active"}:
            self.env.registry.clear_cache()  # of _words
        if "agreement_id" in vals:
            self._check_draft()  # neither does it move to a signed one
        if "active" in vals:
            self.filtered(lambda target: not target.agreement_id)._enter_archived(
                vals["active"]
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        self._check_draft()
        if any(not target.agreement_id for target in self):
            raise UserError(
                self.env._(
                    "A house rule that was in force is part of the record. Archive it "
                    "instead; tickets opened from then on do without it."
                )
            )

    def _check_draft(self):
        signed = self.agreement_id.filtered(
            lambda agreement: agreement.state != "draft"
        )
        if signed:
            raise UserError(
                self.env._(
                    "The agreement %s is signed, so its targets stay as they are. "
                    "Amend it to make its next version.",
                    signed[:1].display_name,
                )
            )

    def _check_house_rules_unchanged(self, vals):
        if vals.keys() <= {"sequence"} and not self.term_ids:
            return
        if any(not target.agreement_id for target in self):
            raise UserError(
                self.env._(
                    "A house rule in force is not changed: what was judged by it would "
                    "change as well. Archive it and make a new one."
                )
            )

    def _check_attached(self, vals):
        """Refuse to make a target of an agreement a house rule, in force at once."""
        if "agreement_id" in vals and not vals["agreement_id"] and self.agreement_id:
            raise UserError(
                self.env._(
                    "A target does not leave its agreement to become a house rule. "
                    "Delete it here and make a house rule of its own."
                )
            )

    def _check_amount(self, amount, longest=LONGEST["minute"]):
        """Refuse what is no duration, before the database stumbles over it."""
        # an integer may be too long for a float; "not a number" is below nothing
        size = abs(amount if isinstance(amount, int) else float(amount or 0))
        if not size <= longest:
            raise ValidationError(
                self.env._("A service target cannot be longer than ten years.")
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _unit_seconds(self):
        """Return the seconds of the duration's unit."""
        if self.unit != "day":
            return UNITS.get(self.unit, 0)
        calendar = self._calendar()
        return calendar._service_day_seconds() if calendar else 24 * 3600

    def _calendar(self):
        """Return the calendar in which the target's time is counted; none: 24 × 7."""
        if self.always:
            return self.env["resource.calendar"]
        return self.calendar_id or self.agreement_id.calendar_id

    def _covers(self, path):
        """Return True if the target holds for a category, as matching tells it.

        :param path: ids from the root to the category
        """
        self.ensure_one()
        named = self.agreement_id.category_ids.ids
        return (not named or not set(named).isdisjoint(path)) and (
            not self.category_id or self.category_id.id in path
        )

    def _last_end(self):
        return self._last_term().date_end

    def _last_term(self):
        return self.term_ids.sorted("number")[-1:]

    def _label(self, name):
        """Return a selection's label in the reader's language."""
        field = self._fields[name]
        return dict(field._description_selection(self.env)).get(self[name], "")

    def _condition_text(self):
        """Return the conditions in words, as *High · Network*, or *Any*."""
        parts = [
            self._label("priority"),
            self.process_id.name,
            self.category_id.complete_name,
            self.team_id.name,
            self._label("severity"),
        ]
        return " · ".join(filter(None, parts)) or self.env._("Any")

    @ormcache("self.id", "self.env.lang")
    def _words(self):
        """Return what the ticket's form says of the target, kept in memory.

        Forms ask for it each time they open. What is promised stays as it was signed;
        a calendar that is renamed empties the memory, as does any change of a draft.

        :return: dict of texts; ``zone`` False where no calendar has one
        """
        target = self.sudo()  # shown with the ticket
        calendar = target._calendar()
        return {
            "name": target._label("metric"),
            "promise": target._promise(),
            "agreement": target.agreement_id.display_name or False,
            "calendar": calendar.name or "24 × 7",
            "zone": calendar.tz,
        }

    def _promise(self):
        """Return the duration and its working time in words, as *4 h · 24 × 7*."""
        amount = f"{self.duration:g}"
        durations = {
            "minute": self.env._("%s min", amount),
            "hour": self.env._("%s h", amount),
            "day": self.env._("%s d", amount),
        }
        calendar = self._calendar()
        hours = calendar.name if calendar else "24 × 7"
        return f"{durations.get(self.unit, amount)} · {hours}"

    # ------------------------------------------------------------------
    # House rules
    # ------------------------------------------------------------------

    @api.model
    def _house_rules(self):
        """Return what a company promises where no agreement says otherwise; addons add.

        :return: list of (metric, severity or False, hours on 24 × 7)
        """
        return []

    def _register_hook(self):
        """Ship the house rules of addons that were installed or updated just now."""
        super()._register_hook()
        if self.pool.updated_modules:
            self._ship_house_rules()

    @api.model
    def _ship_house_rules(self):
        """Give each company the house rules that it never had.

        They hold for tickets of any age: one that was open before this addon came is
        called back as well. A company archives what it does not want and makes its
        own, which is not taken from it by an update.
        """
        found = self.with_context(active_test=False)._read_group(
            [("agreement_id", "=", False)], ["company_id", "metric"]
        )
        known = {(company.id, metric) for company, metric in found}
        rules = self.create(
            [
                {
                    "company_id": company.id,
                    "metric": metric,
                    "severity": severity,
                    "duration": hours,
                    "unit": "hour",
                    "always": True,
                }
                for company in self.env["res.company"].search([])
                for metric, severity, hours in self._house_rules()
                if (company.id, metric) not in known
            ]
        )
        rules._enter_house_rules(EARLIEST)

    def _enter_house_rules(self, since=None):
        """Put house rules in force for tickets opened from a moment on, or from now."""
        since = since or fields.Datetime.now()
        self.env["service.quality.term"].sudo().create(  # no user writes the register
            [{"target_id": target.id, "date_start": since} for target in self]
        )

    def _enter_archived(self, active):
        """Note in the register when house rules end, or come into force again."""
        now = fields.Datetime.now()
        self.env["service.quality.term"].sudo().create(  # no user writes the register
            [
                {
                    "target_id": target.id,
                    # of the newest term, which ends: those before have ended
                    "date_start": now if active else target._last_term().date_start,
                    "date_end": False if active else now,
                }
                for target in self
            ]
        )

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    @api.model
    def _matcher(self):
        """Return the :class:`Matcher` over every target that was ever in force.

        It knows just what this transaction sees of the register of validity; rows
        written with it carry its watermark.
        """
        return self._matcher_at(self.env["service.quality.term"]._watermark())

    @ormcache("watermark")
    def _matcher_at(self, watermark):
        """Return the :class:`Matcher` for a state of the register, kept in memory."""
        terms = self.env["service.quality.term"]._terms_by_owner()
        # replays need the targets of all companies, archived ones too
        targets = self.sudo().with_context(active_test=False).search([])
        rules = self._metric_rules()
        known = targets.filtered(lambda target: target.metric in rules)
        return Matcher(
            [
                target._prepare_matching(found)
                for target in known
                if (found := terms.get(target._term_owner()))
            ],
            passed_over=(targets - known).ids,
        )

    def _term_owner(self):
        if self.agreement_id:
            return ("agreement", self.agreement_id.id)
        return ("target", self.id)

    def _prepare_matching(self, terms):
        """Return the :class:`Target` that matching and folding read."""
        agreement = self.agreement_id
        kind = agreement.kind or "house"
        customers = frozenset(agreement.partner_ids.ids)
        if customers:
            customers = customers.union(*(partners for *_term, partners in terms))
        return Target(
            id=self.id,
            agreement=agreement.id or None,
            kind=kind,
            metric=self.metric,
            rule=self._metric_rules()[self.metric],
            seconds=self.seconds,
            calendar=self._calendar().id or None,
            pause_on=PAUSES[self.pause_on],
            on_reopen=self.on_reopen,
            warning_seconds=self.seconds * self.warning_percent // 100,
            company=self.company_id.id,
            customers=frozenset() if kind == "uc" else customers,
            suppliers=customers if kind == "uc" else frozenset(),
            teams=frozenset(agreement.team_ids.ids),
            categories=frozenset(agreement.category_ids.ids),
            category=self.category_id.id or None,
            team=self.team_id.id or None,
            process=self.process_id.id or None,
            priority=self.priority or None,
            severity=self.severity or None,
            agreement_rank=(
                agreement.sequence,
                -agreement.date_start.toordinal() if agreement.date_start else 0,
            ),
            rank=(self.sequence, self.id),
            terms=tuple(terms),
        )
