from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_REASON

from .service_quality_policy_review import RESULTS

YEARS_AHEAD = 3
"""In how many years at most a service is looked at again."""


class ServiceQualityServiceReview(models.Model):
    """Records who reviewed a service of the catalogue, with what result (A4.1.1).

    It says when the next one is; nobody sets that day otherwise. A periodic review of
    the executives enters one for each service that is an item of it.
    """

    _name = "service.quality.service.review"
    _description = "Review of a Service"
    _inherit = ["service.quality.steps.mixin"]
    _order = "reviewed_at desc, id desc"
    _rec_name = "service_id"

    service_id = fields.Many2one(
        "service.quality.service", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="service_id.company_id", store=True)
    review_id = fields.Many2one(
        "service.quality.policy.review",
        string="Periodic Review",
        readonly=True,
        ondelete="restrict",
    )
    result = fields.Selection(RESULTS, required=True)
    note = fields.Text(string="Why", help="What was looked at, and what is to be done.")
    next_date = fields.Date(
        string="Next Review", help="None where the service is withdrawn."
    )
    reviewed_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    reviewed_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Enter reviews, as who may write the services."""
        for vals in vals_list:
            self._check_by_hand(vals)
        services = self.env["service.quality.service"].browse(
            [vals.get("service_id") for vals in vals_list]
        )
        services.check_access("write")
        return super().create([]) | self._enter(vals_list)  # entered by a step

    def write(self, vals):
        if vals:
            raise UserError(self.env._("A review stays as it was. Hold a new one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_entered(self):
        raise UserError(self.env._("A review stays in the record."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _enter(self, vals_list):
        """Enter reviews; each says when its service is reviewed again, or ends it."""
        reviews = self._create_as_step(vals_list)
        for review in reviews:
            review._check_next_date()
        for day, some in reviews.grouped("next_date").items():
            # the next review follows from this one, whoever holds it
            some.service_id.sudo()._write_as_step({"review_date": day})
        withdrawn = reviews.filtered(lambda review: review.result == "withdraw")
        live = withdrawn.service_id.sudo().filtered(  # likewise
            lambda service: service.status == "live"
        )
        live.write({"status": "retired"})
        return reviews

    def _check_next_date(self):
        today = self.company_id._service_day()
        if self.result != "withdraw" and (
            not self.next_date or self.next_date <= today
        ):
            raise ValidationError(
                self.env._("Say on which day after today the next review is.")
            )
        if self.next_date and self.next_date > fields.Date.add(
            today, years=YEARS_AHEAD
        ):
            raise ValidationError(
                self.env._(
                    "A service is reviewed again within %s years. Choose an earlier "
                    "day.",
                    YEARS_AHEAD,
                )
            )
        if not (self.note or self.review_id):
            raise ValidationError(self.env._("Say what was looked at, and why."))
        self._service_check_says(["note"], LEAST_REASON)
