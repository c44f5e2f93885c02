from ast import literal_eval
from datetime import date, datetime, timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.models.evidence import Window
from odoo.addons.service_quality_core.models.roles import ROLES
from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_core.tools.selection import with_codes

from .obligation_data import (
    COMPARED,
    FORESEEN,
    JUDGED_BY_MONTH,
    PERIODS,
    REPAIRS,
    RULES,
    Tally,
    Verdict,
    judge,
)

YEARS_BACK = 2
"""How far back obligations are judged when a regulation is put in force later."""

SAMPLE = 10
"""How many ids of each kind a judgement keeps."""


class ServiceQualityObligation(models.Model):
    """Says what a role has to do under a clause, how often, and what proves it.

    It is judged by company and period, from what is counted.
    """

    _name = "service.quality.obligation"
    _description = "Obligation"
    _inherit = ["service.quality.regulation.part"]
    _order = "clause_id, sequence, id"

    clause_id = fields.Many2one(
        "service.quality.clause", required=True, index=True, ondelete="cascade"
    )
    regulation_id = fields.Many2one(
        related="clause_id.regulation_id", store=True, index=True
    )
    company_id = fields.Many2one(related="clause_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    role = fields.Selection(ROLES, string="Who", required=True)
    period = fields.Selection(
        PERIODS, string="How Often", required=True, default="month"
    )
    grace_days = fields.Integer(
        string="Grace (Days)", help="So long after it fell due it is not overdue yet."
    )
    repair = fields.Selection(
        REPAIRS,
        string="Can Be Made Good",
        required=True,
        default="always",
        help="Until when it can still be done after it fell due. After that it is not "
        "fulfilled, and people are no longer reminded.",
    )
    repair_days = fields.Integer(
        string="Made Good Within (Days)", help="After it fell due."
    )
    lead_days = fields.Integer(
        string="Remind (Days Before)",
        default=14,
        help="So long before it is due whoever has to do it is reminded. Where it is "
        "due some days after its period, the period has to be over.",
    )
    carried_by = fields.Char(
        string="Addon",
        help="The technical name of the addon that carries it. Until that is installed "
        "the register says that the obligation is not yet supported.",
    )

    # what proves it
    rule = fields.Selection(
        [
            ("minimum", "So many in the period"),
            ("every", "Each one that falls due"),
            ("all", "Each one that falls due, and so many at least"),
        ],
        required=True,
        default="minimum",
    )
    minimum_count = fields.Integer(string="How Many", default=1)
    goal_percent = fields.Float(
        string="Share (%)", default=100, help="Of those that fall due."
    )
    evidence = fields.Selection(
        selection="_selection_evidence",
        help="Where the register finds what proves it.",
    )
    evidence_model = fields.Char(
        string="Model", help="Technical name, as service.quality.agreement."
    )
    evidence_date = fields.Char(
        string="Date Field", help="Of that model: it says in which period a record is."
    )
    evidence_domain = fields.Char(
        string="What Was Done", help="A domain, as [('state', '=', 'signed')]."
    )
    evidence_due = fields.Char(
        string="What Fell Due",
        help="A domain. All of these have to be among what was done.",
    )

    _grace_check = models.Constraint(
        "CHECK (grace_days >= 0 AND lead_days >= 0 AND repair_days >= 0)",
        "Days are not negative.",
    )
    _count_check = models.Constraint(
        "CHECK (minimum_count >= 1)", "At least one is asked for."
    )
    _goal_check = models.Constraint(
        "CHECK (goal_percent > 0 AND goal_percent <= 100)",
        "The share lies above 0 and is at most 100 %.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "clause_id.code")
    def _compute_display_name(self):
        for obligation in self:
            parts = (obligation.clause_id.code, obligation.name)
            obligation.display_name = " ".join(filter(None, parts))

    @api.model
    def _selection_evidence(self):
        """Return the rules of evidence: one whose addon is not here shows its code."""
        known = self.env["service.quality.evidence"]._evidences()
        return with_codes(known, (*FORESEEN, *self._evidences_in_use()))

    @api.model
    @ormcache()
    def _evidences_in_use(self):
        """Return the codes of the rules that obligations name."""
        found = self.env.execute_query(
            SQL(
                "SELECT DISTINCT evidence FROM service_quality_obligation "
                "WHERE evidence IS NOT NULL ORDER BY evidence"
            )
        )
        return tuple(code for (code,) in found)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "evidence", "evidence_model", "evidence_date", "evidence_domain", "evidence_due"
    )
    def _check_domain(self):
        """Try the domains with the rights of the writer, before a cron counts them."""
        # constraints are checked as the superuser, who may read everything
        for obligation in self.sudo(False):
            if obligation.evidence == "domain":
                obligation._try_domain()

    def _try_domain(self):
        self.ensure_one()
        Model = self.env.get(self.evidence_model)
        if Model is None or Model._abstract or Model._transient:
            raise ValidationError(
                self.env._("There is no model %s.", self.evidence_model)
            )
        field = Model._fields.get(self.evidence_date)
        if field is None or field.type not in ("date", "datetime"):
            raise ValidationError(
                self.env._(
                    "%(model)s has no date %(field)s.",
                    model=self.evidence_model,
                    field=self.evidence_date,
                )
            )
        for text in (self.evidence_domain, self.evidence_due):
            domain = self._read_domain(text)
            try:
                Model.search(domain, limit=1)  # batched: one obligation is written
            except ValueError as error:
                raise ValidationError(
                    self.env._("This is no domain of the model: %s", error)
                ) from error

    @api.model
    def _read_domain(self, text):
        """Return the domain that a text holds."""
        try:
            return Domain(literal_eval(text or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise ValidationError(self.env._("This is no domain: %s", text)) from error

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _period_kind(self):
        """Return by which kind of period it is judged."""
        self.ensure_one()
        return "month" if self.period in JUDGED_BY_MONTH else self.period

    def _is_carried(self):
        """Return True if the addon that carries it is here."""
        self.ensure_one()
        if not self.carried_by:
            return True
        # which addons are here is no secret
        return self.carried_by in self.env["ir.module.module"].sudo()._installed()

    def _asks_of_each(self, evidence, company):
        """Return True if one asks today for each case that a rule of evidence counts.

        :param evidence: the code of the rule
        """
        asking = self.filtered(
            lambda one: (
                one.evidence == evidence
                and one.rule != "minimum"
                and one.goal_percent == 100
            )
        )
        today = company._service_day()
        # what does not apply is no secret
        waivers = self.env["service.quality.waiver"].sudo()._holding(asking, company)
        waived = waivers.filtered(
            lambda waiver: waiver._covers(
                Period.around(waiver.obligation_id._period_kind(), today)
            )
        )
        return bool(asking - waived.obligation_id)

    def _evidence(self, window):
        """Return the :class:`Evidence` in a window; None where no rule says what.

        A rule of an addon that is not here proves nothing.
        """
        self.ensure_one()
        if not self.evidence or not self._is_carried():
            return None
        rules = self.env["service.quality.evidence"]
        return rules._find(self.evidence, self, window)

    # ------------------------------------------------------------------
    # Windows
    # ------------------------------------------------------------------

    def _window(self, company, period):
        """Return the part of a period in which the regulation was in force, or None."""
        self.ensure_one()
        terms = self.regulation_id.sudo().term_ids  # for each reader
        return self._windows(company, period, terms)

    def _windows(self, company, period, terms):
        """Return the :class:`Window` of a period, from the terms of the regulation."""
        terms = terms.filtered(lambda term: term.company_id == company)
        since = self._in_force_since(company, terms)
        terms = terms.filtered(
            lambda term: (
                term.date_start < period.end
                and (not term.date_end or term.date_end > period.start)
            )
        )
        if not terms:
            return None
        first = max(period.start, min(terms.mapped("date_start")))
        ends = [term.date_end or period.end for term in terms]
        following = min(period.end, max(ends))
        grace = timedelta(days=self.grace_days)
        return Window(
            company,
            first,
            following,
            company._service_midnight(first),
            company._service_midnight(following),
            fields.Datetime.now() - grace,
            grace,
            since,
        )

    def _in_force_since(self, company, terms):
        """Return on which day a regulation, or its version before, began somewhere.

        :param terms: those of this version in the company
        """
        before = self.regulation_id.sudo().previous_id.term_ids  # for each reader
        terms |= before.filtered(lambda term: term.company_id == company)
        return min(terms.mapped("date_start"), default=None)

    def _periods(self, company, term, today):
        """Return the periods of a term that have begun, the oldest first.

        The one in which a term ends is judged only as far as it went.
        """
        kind = self._period_kind()
        earliest = max(term.date_start, today - relativedelta(years=YEARS_BACK))
        last = min(today, term.date_end - timedelta(days=1) if term.date_end else today)
        period, periods = Period.around(kind, earliest), []
        while period.start <= last:
            periods.append(period)
            period = period.shifted(1)
        return periods

    # ------------------------------------------------------------------
    # Judging
    # ------------------------------------------------------------------

    def _judge(self, company, everything=False, only=None):
        """Judge obligations of a company for all their periods that are open.

        A period that is over and settled is judged again only when everything is.

        :param only: the one :class:`Period` to judge; None for all of them
        :return: cells that were judged
        """
        terms = self.env["service.quality.regulation.term"].search(
            Domain("company_id", "=", company.id)
            & Domain("regulation_id", "in", self.regulation_id.ids)
        )
        Cell = self.env["service.quality.compliance"]
        cells = Cell._cells(self, company)
        waivers = self.env["service.quality.waiver"]._holding(self, company)
        waivers = waivers.grouped("obligation_id")
        today = company._service_day()
        found = {}
        for obligation in self:
            own = terms.filtered(
                lambda term, one=obligation: term.regulation_id == one.regulation_id
            )
            held = waivers.get(obligation, self.env["service.quality.waiver"])
            for term in own:
                for period in obligation._periods(company, term, today):
                    cell = cells.get((obligation, period.start), Cell)
                    if only and period != only:
                        continue
                    if cell and not everything and cell._is_settled():
                        continue
                    ruled = obligation._under(cell.rules)
                    window = ruled._windows(company, period, own)
                    before = cell._missing_before()
                    values = ruled._values(window, period, held, before)
                    found[obligation, period] = cell._remember(values, today)
        return self._store(company, found, cells)

    def _rules(self):
        """Return by which values it is judged, as a cell keeps them."""
        self.ensure_one()
        return {name: self[name] for name in RULES}

    def _under(self, rules):
        """Return the obligation as it was when a cell was first judged.

        :param rules: what ``_rules`` returned then; the present ones where empty
        """
        self.ensure_one()
        if not rules or rules == self._rules():
            return self
        return self.new(rules, origin=self)

    def _values(self, window, period, waivers, before):
        """Return how one obligation stands in a window: values of a judgement.

        :param before: what ``_missing_before`` of its cell returns
        """
        waiver = next((one for one in waivers if one._covers(period)), None)
        evidence = None
        if waiver:
            verdict = Verdict("not_applicable", "decided", Tally(0, 0))
        elif not self._is_carried():
            verdict = Verdict("not_supported", "not_installed", Tally(0, 0))
        else:
            evidence = self._evidence(window)
            verdict = self._verdict(window, evidence)
        tally = verdict.tally
        return {
            "state": verdict.state,
            "why": verdict.why,
            "note": waiver._note() if waiver else evidence and evidence.note or False,
            "remark": tally.done and self._remark(evidence, window) or False,
            "decided_by_id": waiver.decided_by_id.id if waiver else False,
            "due_count": tally.due,
            "done_count": tally.done,
            "missing_count": max(tally.due - tally.done, 0),
            "late_count": tally.late,
            "lost_count": tally.lost,
            "open_count": tally.open,
            **self._find_missing(evidence, before),
            "late_on": self._late_on(window, evidence, tally),
            "sample": evidence and self._sample(evidence),
        }

    def _remark(self, evidence, window):
        """Return in words on what the cases rest that were done, False for nothing."""
        rules = self.env["service.quality.evidence"]
        remarks = rules._brief_holders(self.role, window)
        while evidence:
            remarks += rules._remarks(evidence, window)
            evidence = evidence.also
        return "; ".join(remarks) or False

    def _find_missing(self, evidence, before):
        counted = evidence if self.rule != "minimum" else None
        return self.env["service.quality.compliance"]._find_missing(counted, before)

    def _verdict(self, window, evidence):
        """Count what is due and done, and judge it."""
        if evidence is None:
            return Verdict("not_supported", "no_evidence", Tally(0, 0))
        rule = "minimum" if evidence.due is None else self.rule
        tally = self._tally(evidence, rule)
        state, why = judge(
            rule,
            tally,
            self.minimum_count,
            self.goal_percent,
            window.end <= window.now,
            self._is_lost(window),
        )
        if rule != "every" and tally.due < self.minimum_count:
            tally = tally._replace(due=self.minimum_count)
        return Verdict(state, why, tally)

    def _tally(self, evidence, rule):
        """Count the cases, those of further models among them."""
        tally = self._tally_of(evidence, rule)
        if rule == "minimum" or not evidence.also:
            return tally
        further = self._tally(evidence.also, rule)
        return Tally(*map(sum, zip(tally, further, strict=True)))

    def _tally_of(self, evidence, rule):
        """Count the cases of one model; what cannot be is not asked for."""
        Model = self.env[evidence.model].with_context(active_test=False)
        done = Model.search_count(evidence.done)
        late = done and self._count(Model, evidence.done & evidence.late)
        if rule == "minimum":
            return Tally(self.minimum_count, done, late)
        due = Model.search_count(evidence.due)
        missing = evidence.due & ~evidence.done
        is_missing = due > done
        return Tally(
            due,
            done,
            late,
            is_missing and self._count(Model, missing & evidence.open),
            is_missing and self._count(Model, missing & evidence.lost),
        )

    @api.model
    def _count(self, Model, domain):
        domain = domain.optimize(Model)
        return 0 if domain.is_false() else Model.search_count(domain)

    def _is_lost(self, window):
        """Return True if what is missing in a window cannot be made good any more."""
        if self.repair == "days":
            return window.end + timedelta(days=self.repair_days) <= window.now
        return self.repair == "never"

    def _late_on(self, window, evidence, tally):
        """Return the day on which the last case was done late, where a rule knows it.

        :return: a date in the company's zone, or False
        """
        if not tally.late or not evidence.day:
            return False
        if isinstance(evidence.day, date):
            return evidence.day
        Model = self.env[evidence.model].with_context(active_test=False)
        late = evidence.done & evidence.late & Domain(evidence.day, "!=", False)
        newest = Model.search(late, order=f"{evidence.day} desc", limit=1)
        day = newest[evidence.day]
        if not isinstance(day, datetime):
            return day
        return window.company._service_day(day)

    def _sample(self, evidence):
        """Return some ids of what was counted, so that a judgement can be followed."""
        Model = self.env[evidence.model].with_context(active_test=False)
        sample = {
            "model": evidence.model,
            "done": Model.search(evidence.done, order="id desc", limit=SAMPLE).ids,
        }
        if evidence.due is not None:
            missing = evidence.due & ~evidence.done
            sample["missing"] = Model.search(missing, order="id desc", limit=SAMPLE).ids
        return sample

    # ------------------------------------------------------------------
    # Storing
    # ------------------------------------------------------------------

    def _store(self, company, found, cells):
        """Write what was found: the cells, and a judgement where something changed.

        :param found: dict of (obligation, period) to values
        :return: the cells
        """
        Cell = self.env["service.quality.compliance"]
        now, today = fields.Datetime.now(), company._service_day()
        fresh, judged, changed = [], Cell.browse(), []
        for (obligation, period), values in found.items():
            cell = cells.get((obligation, period.start))
            if not cell:
                made = obligation._prepare_cell(company, period, now)
                fresh.append(made | Cell._prepare_state(values, today))
                continue
            judged += cell
            if any(cell._raw(name) != values[name] for name in COMPARED):
                changed.append((cell, values))
            kept = ("open_count", "missing_cases")
            if any(cell[name] != values[name] for name in kept):
                cell.write({name: values[name] for name in kept})  # batched: few change
        judged.judged_at = now
        for cell, values in changed:
            cell.write(cell._prepare_state(values, today))
        made = Cell.create(fresh)
        by_key = {(cell.obligation_id, cell.date_from): cell for cell in made}
        changed += [
            (by_key[obligation, period.start], values)
            for (obligation, period), values in found.items()
            if (obligation, period.start) in by_key
        ]
        self.env["service.quality.judgement"].create(
            [cell._prepare_judgement(values, now) for cell, values in changed]
        )
        return judged + made

    def _prepare_cell(self, company, period, now):
        due = self._falls_due(period)
        return {
            "obligation_id": self.id,
            "role": self.role,
            "company_id": company.id,
            "kind": period.kind,
            "date_from": period.start,
            "date_to": period.last,
            "date_due": due,
            "repair_until": self._repair_until(due),
            "rules": self._rules(),
            "label": period.label,
            "judged_at": now,
        }

    def _falls_due(self, period):
        """Return the last day of a period and of the grace after it."""
        return period.last + timedelta(days=self.grace_days)

    def _repair_until(self, due):
        """Return the last day on which it can be made good, False for no such day."""
        days = {"never": 0, "days": self.repair_days}.get(self.repair)
        return False if days is None else due + timedelta(days=days)

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_judge(self):
        """Judge what is in force, regulation by regulation."""
        terms = self.env["service.quality.regulation.term"].search([], order="id")
        pairs = list(dict.fromkeys((t.company_id, t.regulation_id) for t in terms))
        for number, (company, regulation) in enumerate(pairs, 1):
            work = partial(regulation.obligation_ids._judge, company)
            run_isolated(self.env.cr, f"{regulation.code} of {company.name}", work)
            remaining = len(pairs) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                return
