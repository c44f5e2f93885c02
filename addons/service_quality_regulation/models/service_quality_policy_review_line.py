from odoo import api, fields, models

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.tools.form_text import weigh

from .service_quality_policy_review import RESULTS, SUBJECTS


class ServiceQualityPolicyReviewLine(models.Model):
    """Says of one item of a periodic review what came of it."""

    _name = "service.quality.policy.review.line"
    _description = "Item of a Periodic Review"
    _inherit = ["service.quality.decision.line.mixin"]
    _decision_record = "review_id"
    _order = "review_id desc, sequence, id"

    review_id = fields.Many2one(
        "service.quality.policy.review", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="review_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    subject = fields.Selection(SUBJECTS, required=True)
    name = fields.Char(string="Item", required=True)
    policy_id = fields.Many2one(
        "service.quality.policy", index="btree_not_null", ondelete="restrict"
    )
    service_id = fields.Many2one(
        "service.quality.service", index="btree_not_null", ondelete="restrict"
    )
    regulation_id = fields.Many2one(
        "service.quality.regulation", index="btree_not_null", ondelete="restrict"
    )
    result = fields.Selection(RESULTS, copy=False)
    note = fields.Text(string="Why", copy=False)
    action = fields.Text(string="What Is Done", copy=False)
    user_id = fields.Many2one(
        "res.users", string="By Whom", copy=False, domain=[("share", "=", False)]
    )
    deadline = fields.Date(string="Until", copy=False)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.review_id._check_open({"line_ids"})
        return lines

    def write(self, vals):
        """Change only items of a review that is not closed."""
        self.review_id._check_open({"line_ids"})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self.review_id._check_open({"line_ids"})

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _says_what_is_done(self):
        """Return True if the item says what is done, in words, and by whom."""
        return weigh(self.action) >= LEAST_REASON and bool(self.user_id)

    def _follow_up(self):
        """Plan what is to be done, and the next review of what was reviewed."""
        self.env["mail.activity"]._service_plan(
            [
                (
                    line.review_id,
                    line.user_id,
                    line.deadline or line.review_id.next_date,
                    lambda own, line=line: line.name,
                    {"note": line.action},
                )
                for line in self
                if line.result != "keep"
            ],
            mails=True,
        )
        for review, lines in self.grouped("review_id").items():
            kept = lines.filtered(lambda line: line.result != "withdraw")
            kept.policy_id._write_as_step({"review_date": review.next_date})
        self._enter_service_reviews()

    def _enter_service_reviews(self):
        """Enter what came of each service of the catalogue as a review of it."""
        Review = self.env["service.quality.service.review"]
        Review._enter(
            [
                {
                    "service_id": line.service_id.id,
                    "review_id": line.review_id.id,
                    "result": line.result,
                    "note": line.note or line.action,
                    "next_date": line.result != "withdraw" and line.review_id.next_date,
                }
                for line in self
                if line.service_id
            ]
        )
