from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.tools.form_text import weigh

SUBJECTS = [
    ("policy", "Policy"),
    ("service", "Service catalogue"),
    ("indicators", "Control targets"),
    ("organisation", "Organisation"),
    ("regulation", "Regulation"),
]

RESULTS = [
    ("keep", "Keep"),
    ("change", "Change"),
    ("withdraw", "Withdraw"),
]

CLOSED = {"closed_by_id", "closed_at"}
"""What closing a review enters."""


class ServiceQualityPolicyReview(models.Model):
    """Records how executives review what they have set out, item by item (A4.1.1).

    A review looks at what has changed in the market, in technology and in the company,
    and has a result for each item. A closed review stays as it is.
    """

    _name = "service.quality.policy.review"
    _description = "Periodic Review"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    _second_roles = ("executive",)
    _not_authored = frozenset({"conclusion", "next_date"})

    name = fields.Char(
        required=True,
        default=lambda self: self.env._(
            "Review %s", self.env.company._service_day().year
        ),
    )
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._service_day(),
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Prepared By",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    participant_ids = fields.Many2many(
        "res.users",
        string="Took Part",
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    market = fields.Text(string="Change in the Market")
    technology = fields.Text(string="Change in Technology")
    company_change = fields.Text(string="Change in the Company")
    conclusion = fields.Text()
    line_ids = fields.One2many(
        "service.quality.policy.review.line", "review_id", string="Items", copy=True
    )
    open_count = fields.Integer(string="Without Result", compute="_compute_open_count")
    next_date = fields.Date(string="Next Review")
    state = fields.Selection(
        [("draft", "Being reviewed"), ("done", "Closed")],
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
    )
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    closed_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("line_ids.result")
    def _compute_open_count(self):
        for review in self:
            review.open_count = len(
                review.line_ids.filtered(lambda line: not line.result)
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """List what there is to review where nothing was listed."""
        reviews = super().create(vals_list)
        for review in reviews.filtered(lambda review: not review.line_ids):
            review.line_ids = [
                Command.create(values) for values in review._prepare_lines()
            ]
        return reviews

    def write(self, vals):
        """Change only what is not closed."""
        self._check_open(vals)
        return super().write(vals)

    def _check_open(self, vals):
        if self.env.su:
            return
        written = {n for n in vals if not n.startswith(("message_", "activity_"))}
        closed = self.filtered(lambda review: review.state == "done")
        if closed and written:
            raise UserError(
                self.env._(
                    "%s is closed, and stays as it is. Hold a new review.",
                    closed[0].name,
                )
            )

    @api.model
    def _step_refusal(self, label):
        return self.env._("Use Close to close a review.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if any(review.state == "done" for review in self):
            raise UserError(self.env._("A closed review stays in the record."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _prepare_lines(self):
        """Return the items of a review: what is in force, and the rest in general."""
        self.ensure_one()
        policies = self.env["service.quality.policy"].search(
            [("company_id", "=", self.company_id.id), ("is_in_force", "=", True)]
        )
        services = self.env["service.quality.service"].search(
            [("company_id", "=", self.company_id.id), ("status", "!=", "retired")]
        )
        # before the terms: what follows them in brackets is exported with them
        regulations = [
            {"subject": "regulation", "regulation_id": one.id, "name": one.display_name}
            for one in self.company_id._service_regulations()
        ]
        _ = self.env._
        return [
            *(
                {"subject": "policy", "policy_id": one.id, "name": one.display_name}
                for one in policies
            ),
            *(
                {"subject": "service", "service_id": one.id, "name": one.name}
                for one in services
            ),
            {"subject": "indicators", "name": _("Indicators and their targets")},
            {"subject": "organisation", "name": _("Organisation and responsibilities")},
            *regulations,
        ]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_close(self):
        """Close the review: what is to change becomes an activity of its owner.

        :raise AccessError: for who is no executive, or has prepared it
        :raise ValidationError: with all that is missing
        """
        self.ensure_one()
        self.check_access("read")
        refusal = self.env._(
            "Only an executive closes the review of what they set out."
        )
        self._check_second_person(refusal)
        missing = self._missing()
        if missing:
            raise ValidationError(
                self.env._(
                    "The review cannot be closed yet:\n%s",
                    "\n".join(f"• {text}" for text in missing),
                )
            )
        self._decide_as_second_person(self.env._("Closed"), refusal)
        closed = {
            "state": "done",
            "closed_by_id": self.env.uid,
            "closed_at": fields.Datetime.now(),
        }
        self.sudo()._write_as_step(closed)  # executives do not write
        self.sudo().line_ids._follow_up()  # services are their owners' to write
        return True

    def _missing(self):
        """List what keeps the review from being closed, in words."""
        _ = self.env._
        missing = []
        if self.state == "done":
            return [_("It is closed already.")]
        if not self.line_ids:
            missing.append(_("There is no item to review."))
        for line in self.line_ids:
            if not line.result:
                missing.append(_("%s has no result.", line.name))
            elif weigh(line.note) < LEAST_REASON and not line._says_what_is_done():
                missing.append(_("%s: say why.", line.name))
            elif line.result != "keep" and not line._says_what_is_done():
                missing.append(_("%s: say what is done, and by whom.", line.name))
        changes = (self.market, self.technology, self.company_change)
        if any(weigh(text) < LEAST_REASON for text in changes):
            missing.append(
                _("Say what has changed in the market, technology and the company.")
            )
        today = self.company_id._service_day()
        if not self.next_date or self.next_date <= today:
            missing.append(_("Set the day of the next review."))
        if self.date > today:
            missing.append(_("A review that is still to come is not closed."))
        return missing
