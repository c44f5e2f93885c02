from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceQualityService(models.Model):
    """Says of a service of the catalogue what a customer gets and when (A4.1.1)."""

    _name = "service.quality.service"
    _description = "Service of the Catalogue"
    _inherit = ["service.quality.steps.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    outcome = fields.Text(
        string="Service Outcome", translate=True, help="What the customer has of it."
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
        ondelete="restrict",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        check_company=True,
        help="Empty: 24 × 7.",
        ondelete="restrict",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        check_company=True,
        help="Empty: offered to everyone.",
        ondelete="restrict",
    )
    status = fields.Selection(
        [
            ("planned", "In preparation"),
            ("live", "Offered"),
            ("retired", "No longer offered"),
        ],
        required=True,
        default="planned",
        tracking=True,
    )
    category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Categories",
        check_company=True,
        help="Tickets of these categories are about this service.",
        ondelete="restrict",
    )
    review_date = fields.Date(
        string="Next Review",
        readonly=True,
        copy=False,
        tracking=True,
        help="The last review of the service says when it is reviewed again.",
    )
    offered_until = fields.Date(
        readonly=True,
        copy=False,
        tracking=True,
        help="The last day on which it was offered. Empty while it is.",
    )
    review_ids = fields.One2many(
        "service.quality.service.review", "service_id", string="Reviews", readonly=True
    )
    is_review_overdue = fields.Boolean(
        string="Review Overdue",
        compute="_compute_is_review_overdue",
        search="_search_is_review_overdue",
    )
    note = fields.Html(sanitize_style=True)

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another service of the catalogue has this code.",
    )

    @api.depends("status", "review_date")
    def _compute_is_review_overdue(self):
        overdue = self.filtered_domain(self._overdue_domain())
        for service in self:
            service.is_review_overdue = service in overdue

    def _search_is_review_overdue(self, operator, value):
        return self._overdue_domain() if operator == "in" else NotImplemented

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse to take from the offer what has missed its review."""
        before = self.filtered_domain(self._offered_domain())
        overdue = before.filtered_domain(self._overdue_domain())
        companies = {service: service.company_id for service in overdue}
        result = super().write(vals)
        gone = before - before.filtered_domain(self._offered_domain())
        left = (gone & overdue) | overdue.filtered(
            lambda service: service.company_id != companies[service]
        )
        # a review may have withdrawn it
        left = left.filtered(lambda service: not service._is_withdrawn())
        if left:
            raise UserError(
                self.env._(
                    "The review of %s is overdue. Review it: the result may be that it "
                    "is offered no longer.",
                    left[:1].display_name,
                )
            )
        for company, services in gone.grouped("company_id").items():
            day = company._service_day()
            # no user writes it by hand
            services.sudo()._write_as_step({"offered_until": day})
        back = (self - before).filtered_domain(self._offered_domain())
        back = back.filtered("offered_until").sudo()  # likewise
        if back:
            back._write_as_step({"offered_until": False})
        return result

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _offered_domain(self):
        return Domain("active", "=", True) & Domain("status", "=", "live")

    def _is_withdrawn(self):
        """Return True if the last review says that it is offered no longer."""
        self.ensure_one()
        return self.review_ids[:1].result == "withdraw"

    @api.model
    def _step_refusal(self, label):
        return self.env._("%s is not written by hand. Use Review.", label)

    def action_review(self):
        """Ask for the result of a review, and when the next one is."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review the service"),
            "res_model": "service.quality.service.review",
            "view_mode": "form",
            "target": "new",
            "context": {"default_service_id": self.id},
        }

    @api.model
    def _overdue_domain(self):
        """Return the domain of services that are offered and have no review ahead."""
        return Domain("status", "=", "live") & self.env[
            "res.company"
        ]._service_day_domain(
            lambda day: (
                Domain("review_date", "=", False) | Domain("review_date", "<", day)
            )
        )
