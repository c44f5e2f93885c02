from odoo import api, fields, models

from .mgmtsystem_action import OPEN
from .service_quality_raised_mixin import ENDED

OUTPUTS = [
    ("improvement", "Opportunity to improve"),
    ("change", "Change of the service management"),
    ("resources", "Resources that are needed"),
]


class MgmtsystemReviewLine(models.Model):
    """A decision of a management review is a measure with an owner and a day."""

    _name = "mgmtsystem.review.line"
    _inherit = [
        "service.quality.measure.source.mixin",
        "service.quality.decision.line.mixin",
        "mgmtsystem.review.line",
    ]
    _decision_record = "review_id"

    service_output = fields.Selection(
        OUTPUTS, string="What It Is", default="improvement"
    )
    service_owner_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    service_deadline = fields.Date(string="Until")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create decisions in the company of their review, which is not closed."""
        reviews = self.env["mgmtsystem.review"]
        made = []
        for vals in vals_list:
            review = reviews.browse(vals.get("review_id"))
            made.append(vals | {"company_id": review.company_id.id} if review else vals)
        lines = super().create(made)
        lines.review_id._check_open({"line_ids"})
        return lines

    def write(self, vals):
        """Change only decisions of a review that is not closed."""
        self.review_id._check_open({"line_ids"})
        result = super().write(vals)
        self.review_id._check_open({"line_ids"})  # of the one that it came to
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self.review_id._check_open({"line_ids"})

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _is_promised(self):
        """Return True if somebody does it until a day, or it is on record already."""
        self.ensure_one()
        line = self.sudo()  # what it is about may be kept from the reader
        if line.action_id or line.nonconformity_id or line._standing_measures():
            return True
        return bool(line.service_owner_id and line.service_deadline)

    def _is_over(self):
        """Return True if it names what is on record, and nothing of that is open."""
        self.ensure_one()
        line = self.sudo()  # what it is about may be kept from the reader
        measures = line.action_id | line._standing_measures()
        found = line.nonconformity_id
        if not (measures or found):
            return False
        return not (
            any(one.service_state in OPEN for one in measures)
            or any(one.state not in ENDED for one in found)
        )

    def _signed(self):
        """Return what is signed of a decision, as JSON holds it."""
        return [
            self.name,
            self.service_output or "",
            self.decision or "",
            self.service_owner_id.id,
            fields.Date.to_string(self.service_deadline) or "",
            self.action_id.id,
            self.nonconformity_id.id,
        ]

    def _measure_values(self):
        is_known = self.action_id or self.nonconformity_id
        return {
            "name": "" if is_known else self.decision or self.name,
            "type_action": "improvement",
            "company_id": self.company_id.id,
            "user_id": self.service_owner_id.id,
            "date_deadline": self.service_deadline,
            "service_about_on": self.review_id.company_id._service_day(
                self.review_id.date
            ),
        }

    def _measure_name(self):
        return f"{self.review_id.reference} · {self.name}"

    def _measure_approval(self):
        return self.review_id.service_signed_by_id, self.review_id.service_signed_at

    def _carry_out(self):
        """Make measures of decisions that were signed."""
        measures = self._commit_measures()
        made = {measure.service_source_id: measure for measure in measures}
        for line in self.filtered(lambda one: one.id in made):
            line.action_id = made[line.id]
