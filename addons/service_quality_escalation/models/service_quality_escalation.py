from odoo import Command, api, fields, models
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.models.service_quality_clock import KINDS
from odoo.addons.service_quality_core.models.service_quality_target import (
    metric_selection,
)
from odoo.addons.service_quality_core.models.severity import SEVERITIES
from odoo.addons.service_quality_core.tools.selection import with_codes

from ..tools.alerts import Rule, RuleSet
from .escalation_data import PROMISE, Shipped

CONDITIONS = (
    "kind", "metric", "agreement_id", "team_id", "category_id", "process_id",
    "priority", "severity",
)  # fmt: skip
"""The fields by which a rule chooses clocks; empty: any."""

MOST_STEPS = 50

PLANNED = {*CONDITIONS, "subject", "active", "company_id"}
"""The fields that make a rule another one, which counts from then on."""


LEVELS = [
    # when, at, whom, what
    ("percent", 80, "assignee", "activity"),
    ("percent", 100, "duty", "activity"),
    ("percent", 100, "leader", "mail"),
    ("percent", 150, "service_manager", "activity"),
    ("percent", 150, "service_manager", "mail"),
]
"""Three levels: for the person at work, for the team, for its manager."""


def subject_selection(records):
    """Return what rules may be about, for a selection."""
    return records.env["service.quality.escalation"]._subject_selection()


class ServiceQualityEscalation(models.Model):
    """A rule tells people step by step of what is late, or about to be.

    A rule is about the promises of tickets, which have clocks, or about something that
    is to be done until a day. All rules that fit apply, in their order, up to one that
    is the last.
    """

    _name = "service.quality.escalation"
    _description = "Escalation Rule"
    _inherit = ["service.quality.steps.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )

    subject = fields.Selection(
        subject_selection,
        string="About",
        required=True,
        default=PROMISE,
        index=True,
        tracking=True,
        help="Promises have a clock, of which steps are a share or some minutes. All "
        "else is to be done until a day, and steps come some days before or after it.",
    )

    # conditions of promises, empty = any
    kind = fields.Selection(KINDS, string="Promised By", tracking=True)
    metric = fields.Selection(metric_selection, tracking=True)
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
        check_company=True,
        help="In all its versions.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
        help="The team that has the ticket, or whose time is measured.",
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
        help="This category and those below it.",
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    priority = fields.Selection(
        selection=lambda self: (
            self.env["helpdesk.ticket"]
            ._fields["priority"]
            ._description_selection(self.env)
        ),
        tracking=True,
    )
    severity = fields.Selection(SEVERITIES, tracking=True)
    is_last = fields.Boolean(
        string="No Further Rules",
        tracking=True,
        help="Rules further down are not looked at for what this rule fits.",
    )

    step_ids = fields.One2many("service.quality.escalation.step", "rule_id", copy=True)
    since = fields.Datetime(
        string="Counts From",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="What came due before is not told: a new rule does not wake the past.",
    )
    alarm_count = fields.Integer(compute="_compute_alarm_count")
    reminder_count = fields.Integer(compute="_compute_reminder_count")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    def _compute_alarm_count(self):
        counts = dict(
            self.env["service.quality.escalation.alarm"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.alarm_count = counts.get(rule, 0)

    def _compute_reminder_count(self):
        counts = dict(
            self.env["service.quality.escalation.reminder"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.reminder_count = counts.get(rule, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("step_ids")
    def _check_step_ids(self):
        self._service_check_most("step_ids", MOST_STEPS)

    @api.constrains("subject")
    def _check_subject(self):
        self.with_context(active_test=False).step_ids._check_fits()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create([self._without_conditions(vals) for vals in vals_list])
        rules._plan_again()
        rules._follow_gaps(rules.company_id)
        return rules

    def write(self, vals):
        hidden, companies = self._hidden(), self.company_id
        result = super().write(self._without_conditions(vals))
        if PLANNED & vals.keys():
            self._count_from(fields.Datetime.now())
        if vals.keys() & {*PLANNED, "is_last", "sequence"}:
            hidden._count_from(fields.Datetime.now())
            self._plan_again()
            self._follow_gaps(companies | self.company_id)
        return result

    def unlink(self):
        self._hidden()._count_from(fields.Datetime.now())
        companies = self.company_id
        result = super().unlink()
        self._plan_again()
        self._follow_gaps(companies)
        return result

    @api.model
    def _follow_gaps(self, companies):
        """Record since when companies are warned of nothing, or are again."""
        self.env["service.quality.escalation.gap"]._follow(companies)

    @api.model
    def _companies_warned(self, companies):
        """Return the companies, of some, that a rule warns of every promise early.

        Such a rule has no conditions, and no rule before it keeps promises from it
        without a warning of its own.
        """
        rules = self.with_context(active_test=True).search(
            [
                ("company_id", "in", companies.ids),
                ("subject", "=", PROMISE),
                ("step_ids", "!=", False),
            ]
        )
        warned = companies.browse()
        for company, some in rules.grouped("company_id").items():
            for rule in some:
                is_early = any(step._is_early() for step in rule.step_ids)
                if is_early and not any(rule[name] for name in CONDITIONS):
                    warned |= company
                if rule.is_last and not is_early:
                    break
        return warned

    @api.model
    def _without_conditions(self, vals):
        """Return values of which those that only clocks have are left out."""
        if vals.get("subject", PROMISE) == PROMISE:
            return vals
        return vals | dict.fromkeys(CONDITIONS, False)

    def _hidden(self):
        """Return the rules that these keep from being looked at.

        They count from now on, as if they were new, when that may have changed.
        """
        last = self.filtered("is_last")
        return (
            self.search(
                [
                    ("company_id", "in", last.company_id.ids),
                    ("subject", "in", last.mapped("subject")),
                ]
            )
            - last
        )

    def _count_from(self, moment):
        return self._write_as_step({"since": moment})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fired(self):
        self.with_context(active_test=False).step_ids._unlink_except_fired()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_alarms(self):
        """Open the alarms that the rule has raised."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_escalation.service_quality_escalation_alarm_action"
        )
        return action | {"domain": [("rule_id", "=", self.id)], "context": {}}

    def action_view_reminders(self):
        """Open the reminders that the rule has sent."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_escalation.service_quality_escalation_reminder_action"
        )
        return action | {"domain": [("rule_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _plan_again(self):
        """Have open clocks planned by the rules as they are now.

        A number that no transaction can draw without waiting for the one before it
        tells which rules a clock was planned by; the sweep finds those that lag.
        """
        sequence = self.env.ref(
            "service_quality_escalation.service_quality_escalation_sequence"
        )
        sequence = sequence.sudo()  # who changes a rule need not be allowed to
        sequence._service_lock()  # drawing a number does not wait by itself
        sequence.next_by_id()
        self.env["service.quality.sweep"]._arm(fields.Datetime.now())

    @api.model
    def _follow_versions(self, agreements):
        """Have rules about agreements be about their new versions as well."""
        versions = agreements._all_versions()
        if self.search_count([("agreement_id", "in", versions.ids)], limit=1):
            self._plan_again()

    @api.model
    def _rule_set(self):
        """Return the :class:`RuleSet` for clocks, as this transaction sees it."""
        return self._rule_set_at(self._read_version())

    @api.model
    def _read_version(self):
        """Return the version of the rules, as this transaction sees it."""
        [(version,)] = self.env.execute_query(self._version())
        return version

    @api.model
    def _version(self):
        """Return the statement that reads the version of the rules."""
        sequence_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "service_quality_escalation.service_quality_escalation_sequence"
        )
        return SQL("(SELECT number_next FROM ir_sequence WHERE id = %s)", sequence_id)

    @ormcache("version")
    def _rule_set_at(self, version):
        """Return the :class:`RuleSet` of a version of the rules, kept in memory."""
        domain = [("step_ids", "!=", False), ("subject", "=", PROMISE)]
        rules = self.sudo().search(domain)  # of all companies
        return RuleSet(version, [rule._prepare_rule() for rule in rules])

    def _prepare_rule(self):
        """Return the :class:`Rule` that clocks are compared with."""
        return Rule(
            company=self.company_id.id,
            kind=self.kind or None,
            metric=self.metric or None,
            agreement=frozenset(self.agreement_id._all_versions().ids) or None,
            team=self.team_id.id or None,
            category=self.category_id.id or None,
            process=self.process_id.id or None,
            priority=self.priority or None,
            severity=self.severity or None,
            is_last=self.is_last,
            steps=tuple(step._prepare_step() for step in self._steps_by_clock()),
        )

    def _steps_by_clock(self):
        """Return the steps for clocks; one whose trigger is not known never comes."""
        triggers = self.step_ids._triggers()
        known = {code for code, trigger in triggers.items() if not trigger.by_day}
        return self.step_ids.filtered(lambda step: step.trigger in known)

    # ------------------------------------------------------------------
    # What is due until a day
    # ------------------------------------------------------------------

    @api.model
    def _models(self):
        """Return the models of what is due until a day, by subject, in their order."""
        mixin = "service.quality.due.mixin"
        due = [
            self.env[name]
            for name in self.env.registry.descendants([mixin], "_inherit")
            if self.env[name]._due_subject
        ]
        due.sort(key=lambda model: (model._due_sequence, model._due_subject))
        return {model._due_subject: model._name for model in due}

    @api.model
    def _subjects(self):
        """Return what rules may be about in the user's language, by code.

        Addons add to it by models that take up the due mixin.
        """
        return {PROMISE: self.env._("Promises of tickets")} | {
            subject: self.env[name]._due_subject_label()
            for subject, name in self._models().items()
        }

    @api.model
    def _subject_selection(self):
        """Return the subjects as a selection; whose addon is gone shows its code."""
        return with_codes(self._subjects(), self._subjects_in_use())

    @api.model
    @ormcache()
    def _subjects_in_use(self):
        """Return the codes of what all rules and reminders there are were about."""
        found = self.env.execute_query(
            SQL(
                "SELECT subject FROM service_quality_escalation UNION "
                "SELECT subject FROM service_quality_escalation_reminder ORDER BY 1"
            )
        )
        return tuple(code for (code,) in found)

    @api.model
    def _steps_by_day(self, subject):
        """Return the steps that apply to something, by company, up to the last rule."""
        found = {}
        rules = self.search([("subject", "=", subject)])
        for company, some in rules.grouped("company_id").items():
            steps = self.env["service.quality.escalation.step"]
            for rule in some:
                steps += rule.step_ids
                if rule.is_last:
                    break
            if steps:
                found[company] = steps
        return found

    # ------------------------------------------------------------------
    # What is shipped
    # ------------------------------------------------------------------

    @api.model
    def _shipped(self):
        """Return the rules that each company starts with, by code: :class:`Shipped`.

        Addons add rules about what they bring.
        """
        name = self.env._("Every promise, in three levels")
        return {"promise": Shipped(10, name, PROMISE, LEVELS)}

    def _register_hook(self):
        """Ship the rules of the addons that were installed or updated just now."""
        super()._register_hook()
        if self.pool.updated_modules:
            companies = self.env["res.company"].with_context(active_test=False)
            self._ship_rules(companies.search([]))

    @api.model
    def _ship_rules(self, companies):
        """Give companies the shipped rules that each was never given.

        What a company changed, archived or deleted stays so.
        """
        rules = {code: self.browse() for code in self._shipped()}
        for company in companies:
            given = company.service_rules_given or []
            fresh = [code for code in rules if code not in given]
            for code in fresh:
                values = self._prepare_shipped(company, code)
                rules[code] += self.create(values)  # batched: of a new company
            if fresh:
                company.service_rules_given = [*given, *fresh]
        for lang, _name in self.env["res.lang"].get_installed():
            shipped = self.with_context(lang=lang)._shipped()
            for code, some in rules.items():
                some.with_context(lang=lang).name = shipped[code].name
        return self.union(*rules.values())

    @api.model
    def _prepare_shipped(self, company, code):
        """Return the values of a shipped rule for a company."""
        rule = self.with_context(lang="en_US")._shipped()[code]
        return {
            "name": rule.name,
            "company_id": company.id,
            "sequence": rule.sequence,
            "subject": rule.subject,
            **(rule.conditions or {}),
            "step_ids": [
                Command.create(
                    {
                        "sequence": 10 * number,
                        "trigger": trigger,
                        "amount": amount,
                        "recipient": recipient,
                        "action": action,
                    }
                )
                for number, (trigger, amount, recipient, action) in enumerate(
                    rule.steps, 1
                )
            ],
        }
