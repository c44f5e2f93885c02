from odoo import api, models
from odoo.tools import ormcache

from ...tools.core.matching import Matcher, Target
from ...tools.core.metrics import PAUSES


class ServiceQualityTarget(models.Model):
    """Targets as matching and folding read them."""

    _inherit = "service.quality.target"

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
