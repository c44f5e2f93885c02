from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .base import LEAST_REASON


class ServiceQualityOutsiderPaper(models.Model):
    """Keeps what somebody outside the company has signed about a record.

    It is the last way to a second person: nobody else of the role, no other executive
    and no deputy could decide. The next decision on the record uses it, once.
    """

    _name = "service.quality.outsider.paper"
    _description = "Paper Signed by an Outsider"
    _inherit = ["service.quality.steps.mixin"]
    _order = "id desc"

    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    name = fields.Char(string="Signed By", required=True)
    organisation = fields.Char(
        required=True, help="Where the signatory belongs; not this company."
    )
    signed_on = fields.Date(required=True)
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Signed Paper",
        required=True,
        copy=False,
        bypass_search_access=True,
    )
    entered_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    decision_ids = fields.One2many("service.quality.decision", "paper_id")

    @api.model
    def default_get(self, fields):
        """Take over the record from which the form was opened."""
        values = super().default_get(fields)
        context = self.env.context
        if "res_model" in fields and context.get("active_model"):
            values.setdefault("res_model", context["active_model"])
            values.setdefault("res_id", context.get("active_id"))
        return values

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Enter papers, as who may read the records that they are about."""
        for vals in vals_list:
            self._check_by_hand(vals)
        about = [self._about(vals) for vals in vals_list]
        papers = super()._create_as_step(
            [
                vals | {"company_id": (record.company_id or self.env.company).id}
                for vals, record in zip(vals_list, about, strict=True)
            ]
        )
        for paper in papers:
            if not paper.document_ids:
                raise ValidationError(self.env._("Attach the signed paper."))
            paper._service_check_says(["name", "organisation"], LEAST_REASON)
            # who enters it has attached it
            paper.sudo().document_ids._service_check_paper()
            paper._check_not_used()  # batched: one
            if paper.signed_on > paper.company_id._service_day():
                raise ValidationError(self.env._("Nobody has signed in the future."))
            # who may read the decision reads its paper, which nobody writes afterwards
            own = paper.sudo().document_ids.filtered(lambda one: not one.res_id)
            own.write({"res_model": self._name, "res_id": paper.id})  # batched: one
        return papers

    def _check_not_used(self):
        """Refuse a file with which something else was, or is to be, decided.

        One signature stands below one decision. What counts is the content: a file
        that is attached once more is the same.
        """
        self.ensure_one()
        papers = self.sudo()  # of records that the user does not see as well
        checksums = papers.document_ids.mapped("checksum")
        others = papers.search(
            Domain("id", "!=", self.id)
            & Domain("document_ids.checksum", "in", checksums)
        )
        about = (self.res_model, self.res_id)
        for other in others:
            if other.decision_ids or (other.res_model, other.res_id) != about:
                raise ValidationError(
                    self.env._(
                        "This paper was entered for another decision, on %s. What "
                        "somebody signed holds for one: attach what was signed about "
                        "this one.",
                        fields.Date.to_string(other.signed_on),
                    )
                )

    @api.model
    def _about(self, vals):
        """Return the record that a paper is about, which the user may read."""
        model = vals.get("res_model")
        mixin = self.env.registry["service.quality.decision.mixin"]
        if model not in self.env or not isinstance(self.env[model], mixin):
            raise UserError(self.env._("Nobody decides as a second person on this."))
        record = self.env[model].browse(vals.get("res_id"))
        record.check_access("read")
        return record

    def write(self, vals):
        if vals:
            raise UserError(self.env._("A signed paper stays as it was entered."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_entered(self):
        raise UserError(self.env._("A signed paper stays on record."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_keeping(self):
        """Return the papers whose documents stay: all of them."""
        return self

    @api.model
    def _unused(self, record):
        """Return the newest paper about a record that no decision has used."""
        return self.search(
            [
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
                ("decision_ids", "=", False),
            ],
            limit=1,
        )
