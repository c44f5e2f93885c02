from datetime import timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.core.isolation import run_isolated
from ...tools.core.period import Period
from ..core.evidence import Window
from .obligation_data import COMPARED, Verdict, judge

YEARS_BACK = 2
"""So far back obligations are judged when a regulation is put in force later."""

SAMPLE = 10
"""So many ids of each kind a judgement keeps."""


class ServiceQualityObligation(models.Model):
    """How obligations stand: by company and period, from what is counted."""

    _inherit = "service.quality.obligation"

    # ------------------------------------------------------------------
    # Windows
    # ------------------------------------------------------------------

    def _window(self, company, period):
        """Return the part of a period in which the regulation was in force, or None."""
        self.ensure_one()
        terms = self.regulation_id.sudo().term_ids  # whoever asks
        return self._windows(company, period, terms)

    def _windows(self, company, period, terms):
        """Return the :class:`Window` of a period, from the terms of the regulation."""
        terms = terms.filtered(
            lambda term: (
                term.company_id == company
                and term.date_start < period.end
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
        )

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
                    cell = cells.get((obligation, period.start))
                    if only and period != only:
                        continue
                    if cell and not everything and cell._is_settled():
                        continue
                    window = obligation._windows(company, period, own)
                    found[obligation, period] = obligation._values(window, period, held)
        return self._store(company, found, cells)

    def _values(self, window, period, waivers):
        """Return how one obligation stands in a window: values of a judgement."""
        waiver = next((one for one in waivers if one._covers(period)), None)
        evidence = None
        if waiver:
            verdict = Verdict("not_applicable", "decided", 0, 0)
        elif not self._is_carried():
            verdict = Verdict("not_supported", "not_installed", 0, 0)
        else:
            evidence = self._evidence(window)
            verdict = self._verdict(window, evidence)
        return {
            "state": verdict.state,
            "why": verdict.why,
            "note": waiver.reason if waiver else False,
            "decided_by_id": waiver.decided_by_id.id if waiver else False,
            "due_count": verdict.due,
            "done_count": verdict.done,
            "missing_count": max(verdict.due - verdict.done, 0),
            "sample": evidence and self._sample(evidence),
        }

    def _verdict(self, window, evidence):
        """Count what is due and done, and judge it."""
        if evidence is None:
            return Verdict("not_supported", "no_evidence", 0, 0)
        Model = self.env[evidence.model].with_context(active_test=False)
        done = Model.search_count(evidence.done)
        rule, due = "minimum", self.minimum_count
        if self.rule == "every" and evidence.due is not None:
            rule, due = "every", Model.search_count(evidence.due)
        state, why = judge(
            rule,
            due,
            done,
            self.minimum_count,
            self.goal_percent,
            window.end <= window.now,
        )
        return Verdict(state, why, due, done)

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
        due = period.end + timedelta(days=self.grace_days - 1)
        return {
            "obligation_id": self.id,
            "role": self.role,
            "company_id": company.id,
            "kind": period.kind,
            "date_from": period.start,
            "date_to": period.last,
            "date_due": due,
            "label": period.label,
            "judged_at": now,
        }

    def _judge_and_remind(self, company):
        """Judge obligations of a company, and remind of what comes due."""
        self._judge(company)._remind()

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_judge(self):
        """Judge what is in force, regulation by regulation, and remind people."""
        terms = self.env["service.quality.regulation.term"].search([], order="id")
        pairs = list(dict.fromkeys((t.company_id, t.regulation_id) for t in terms))
        for number, (company, regulation) in enumerate(pairs, 1):
            work = partial(regulation.obligation_ids._judge_and_remind, company)
            run_isolated(self.env.cr, f"{regulation.code} of {company.name}", work)
            remaining = len(pairs) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                return
