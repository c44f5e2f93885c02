from odoo import api, fields, models

from .roles import ROLES

CAPACITIES = [
    ("role", "Of the role"),
    ("executive", "Executive"),
    ("deputy", "Deputy"),
    ("outsider", "Outsider"),
]
"""As what somebody is the second person of an act, in the order of preference."""


class ServiceQualityDecision(models.Model):
    """Records each act of a second person: what, by whom, as what, on whose work.

    Rows are added by the decision mixin alone, and never changed.
    """

    _name = "service.quality.decision"
    _description = "Decision by a Second Person"
    _inherit = ["service.quality.steps.mixin"]
    _order = "decided_at desc, id desc"

    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record",
        model_field="res_model",
        required=True,
        readonly=True,
        index=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    name = fields.Char(string="Decision", required=True, readonly=True)
    record_name = fields.Char(string="On", readonly=True)
    role = fields.Selection(ROLES, required=True, readonly=True)
    capacity = fields.Selection(
        CAPACITIES, string="Decided As", required=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Decided By",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    author_ids = fields.Many2many(
        "res.users",
        "service_quality_decision_author_rel",
        string="Authors",
        readonly=True,
    )
    deputy_id = fields.Many2one(
        "service.quality.deputy", readonly=True, ondelete="restrict"
    )
    paper_id = fields.Many2one(
        "service.quality.outsider.paper",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    decided_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    text = fields.Char(string="Decided By and As", compute="_compute_text")

    @api.depends("capacity", "user_id", "deputy_id", "paper_id", "role")
    @api.depends_context("lang")
    def _compute_text(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for decision in self:
            # who reads the decision reads who took it
            decision.text = decision.sudo()._words(roles[decision.role])

    def _words(self, role):
        """Return by whom and as what it was decided, as it is printed."""
        _ = self.env._
        if self.capacity == "executive":
            return _(
                "%(name)s, as executive: nobody else is %(role)s",
                name=self.user_id.name,
                role=role,
            )
        if self.capacity == "deputy":
            return _(
                "%(name)s, as deputy of %(role)s, named by %(executive)s until %(day)s",
                name=self.user_id.name,
                role=role,
                executive=self.deputy_id.named_by_id.name,
                day=self.deputy_id.date_to,
            )
        if self.capacity == "outsider":
            return _(
                "%(name)s, %(organisation)s, outside the company: signed paper of "
                "%(day)s, entered by %(user)s",
                name=self.paper_id.name,
                organisation=self.paper_id.organisation,
                day=self.paper_id.signed_on,
                user=self.user_id.name,
            )
        return _("%(name)s, %(role)s", name=self.user_id.name, role=role)
