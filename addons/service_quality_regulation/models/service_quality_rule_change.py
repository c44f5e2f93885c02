from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_quality_core.tools.period import Period

from .obligation_data import RULES

WHATS = [
    ("begin", "Put a regulation in force"),
    ("end", "Take a regulation out of force"),
    ("value", "Change an obligation"),
    ("rule", "Put a house rule in force"),
    ("no_rule", "Take a house rule out of force"),
]

ABOUT = {
    "begin": "regulation_id",
    "end": "regulation_id",
    "value": "obligation_id",
    "rule": "target_id",
    "no_rule": "target_id",
}
"""The field with what each kind of change is about."""


class ServiceQualityRuleChange(models.Model):
    """Asks to change a rule by which the company is judged, once it is in use.

    It says what, from what to what, why, who asked, who approved, and from which day it
    holds. That day is never before the approval: what was judged, or has fallen due,
    keeps the rule that it was judged by.
    """

    _name = "service.quality.rule.change"
    _description = "Change of a Rule"
    _inherit = ["service.quality.asked.mixin"]
    _order = "id desc"

    what = fields.Selection(WHATS, required=True, default="value")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    regulation_id = fields.Many2one(
        "service.quality.regulation", index="btree_not_null", ondelete="restrict"
    )
    obligation_id = fields.Many2one(
        "service.quality.obligation", index="btree_not_null", ondelete="restrict"
    )
    target_id = fields.Many2one(
        "service.quality.target",
        string="House Rule",
        domain=[("agreement_id", "=", False)],
        context={"active_test": False},
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    field_name = fields.Selection(selection="_selection_field_name", string="Value")
    new_value = fields.Char(
        string="To", help="A number, a code, or a domain, as the obligation has it."
    )
    old_value = fields.Char(string="From", readonly=True)
    date_from = fields.Date(
        string="Wanted From",
        help="It holds from its approval on, or from this day where that is later.",
    )
    in_force_from = fields.Date(readonly=True, copy=False)

    @api.model
    def _selection_field_name(self):
        labels = self.env["service.quality.obligation"].fields_get(RULES, ["string"])
        return [(name, labels[name]["string"]) for name in RULES]

    @api.depends("what", "regulation_id", "obligation_id", "target_id", "field_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        whats = dict(self._fields["what"]._description_selection(self.env))
        names = dict(self._fields["field_name"]._description_selection(self.env))
        for change in self:
            # who reads the change reads what it is about
            about = change.what and change[ABOUT[change.what]].sudo().display_name
            parts = (whats.get(change.what), about, names.get(change.field_name))
            change.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("what", "regulation_id", "obligation_id", "target_id", "new_value")
    def _check_about(self):
        for change in self:
            if not change[ABOUT[change.what]]:
                raise ValidationError(self.env._("Choose what is to be changed."))
            if change.what == "value":
                change._check_value()

    def _check_value(self):
        regulation = self.obligation_id.regulation_id
        if regulation.company_id != self.company_id:
            raise ValidationError(
                self.env._(
                    "%s comes with the product. Make a new version of it, and ask to "
                    "put that one in force.",
                    regulation.display_name,
                )
            )
        if not self.field_name:
            raise ValidationError(self.env._("Choose which value is to be changed."))
        self._parsed()

    def _parsed(self):
        """Return the new value as the obligation's field holds it."""
        self.ensure_one()
        field = self.obligation_id._fields[self.field_name]
        try:
            if field.type in ("integer", "float"):
                return {"integer": int, "float": float}[field.type](self.new_value)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.env._("Enter a number.")) from error
        if field.type == "selection":
            codes = field.get_values(self.env)
            if self.new_value not in codes:
                raise ValidationError(
                    self.env._("Enter one of these: %s", ", ".join(codes))
                )
        return self.new_value or False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Keep what was in force before."""
        for vals in vals_list:
            self._check_by_hand(vals)
        changes = super().create(vals_list)
        asked = changes.filtered(  # an approval at once has changed it already
            lambda change: change.obligation_id and change.state == "asked"
        )
        for change in asked.sudo():  # no user writes what was
            old = change.obligation_id[change.field_name]
            change._write_as_step({"old_value": str(old or "")})
        return changes

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _apply(self):
        """Change the rule, for what is judged from now on."""
        self.ensure_one()
        today = self.company_id._service_day()
        day = max(self.date_from or today, today)
        self._write_as_step(
            {"in_force_from": getattr(self, f"_apply_{self.what}")(day)}
        )

    def _apply_begin(self, day):
        self.env["service.quality.regulation.term"].create(
            {
                "regulation_id": self.regulation_id.id,
                "company_id": self.company_id.id,
                "date_start": day,
            }
        )
        return day

    def _apply_end(self, day):
        self.regulation_id._open_terms(self.company_id, day).write({"date_end": day})
        return day

    def _apply_value(self, day):
        """Judge all periods that have begun, which keeps their rules; then change."""
        obligation = self.obligation_id
        obligation._judge(self.company_id, everything=True)
        obligation.write({self.field_name: self._parsed()})
        period = Period.around(obligation._period_kind(), day - timedelta(days=1))
        return max(day, period.end)

    def _apply_rule(self, day):
        self.target_id.active = True
        return day

    def _apply_no_rule(self, day):
        self.target_id.active = False
        return day
