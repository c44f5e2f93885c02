from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from .obligation_data import FORESEEN, JUDGED_BY_MONTH, PERIODS, ROLES


class ServiceQualityObligation(models.Model):
    """What somebody has to do under a clause, how often, and what proves it."""

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
    lead_days = fields.Integer(
        string="Remind (Days Before)",
        default=14,
        help="So long before its period ends whoever has to do it is reminded.",
    )
    carried_by = fields.Char(
        string="Addon",
        help="The technical name of the addon that carries it. Until that is installed "
        "the register says that the obligation is not yet supported.",
    )

    # what proves it
    rule = fields.Selection(
        [("minimum", "So many in the period"), ("every", "Each one that falls due")],
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
        "CHECK (grace_days >= 0 AND lead_days >= 0)",
        "Days of grace and days of notice are not negative.",
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
        codes = dict.fromkeys((*FORESEEN, *self._evidences_in_use()))
        return [*known.items(), *((code, code) for code in codes if code not in known)]

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
        """What somebody writes is tried as they may read, before a cron counts it."""
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
        """Return whether the addon that carries it is here."""
        self.ensure_one()
        if not self.carried_by:
            return True
        # which addons are here is no secret
        return self.carried_by in self.env["ir.module.module"].sudo()._installed()

    def _evidence(self, window):
        """Return the :class:`Evidence` in a window; None where no rule says what.

        A rule of an addon that is not here proves nothing.
        """
        self.ensure_one()
        if not self.evidence or not self._is_carried():
            return None
        rules = self.env["service.quality.evidence"]
        return rules._find(self.evidence, self, window)
