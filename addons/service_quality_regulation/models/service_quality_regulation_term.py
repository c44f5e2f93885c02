from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class ServiceQualityRegulationTerm(models.Model):
    """Says since when a regulation is in force in a company, and who decided so."""

    _name = "service.quality.regulation.term"
    _description = "Regulation in Force"
    _inherit = ["service.quality.steps.mixin"]
    _order = "date_start desc, id desc"
    _rec_name = "regulation_id"

    regulation_id = fields.Many2one(
        "service.quality.regulation", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._service_day(),
    )
    date_end = fields.Date(
        string="Until", help="The first day on which it is no longer in force."
    )
    decided_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )

    _date_check = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A regulation cannot go out of force before it comes into force.",
    )
    _open_uniq = models.UniqueIndex(
        "(company_id, regulation_id) WHERE date_end IS NULL",
        "This regulation is in force in the company already.",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("regulation_id", "company_id", "date_start", "date_end")
    def _check_one_version(self):
        """Refuse two versions of one regulation that are in force on the same day."""
        for term in self:
            other = self.search(term._overlapping(), limit=1)  # batched: one is made
            if other:
                raise ValidationError(
                    self.env._(
                        "%(other)s is in force from %(start)s on. End it first, or "
                        "choose days that do not overlap.",
                        other=other.regulation_id.display_name,
                        start=other.date_start,
                    )
                )

    def _overlapping(self):
        self.ensure_one()
        domain = (
            Domain("id", "!=", self.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("regulation_id.code", "=", self.regulation_id.code)
            & (
                Domain("date_end", "=", False)
                | Domain("date_end", ">", self.date_start)
            )
        )
        if self.date_end:
            domain &= Domain("date_start", "<", self.date_end)
        return domain

    @api.constrains("regulation_id", "company_id")
    def _check_owner(self):
        """Refuse to put a company's own regulation in force in another company."""
        for term in self:
            owner = term.regulation_id.company_id
            if owner and owner != term.company_id:
                raise ValidationError(
                    self.env._(
                        "%(regulation)s is the own one of %(company)s.",
                        regulation=term.regulation_id.display_name,
                        company=owner.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._end_other_versions(vals)
        self.env.registry.clear_cache()  # menus are cached
        terms = super().create(vals_list)
        terms._check_alone()
        return terms

    def _check_alone(self):
        """Refuse that one person decides by what the company is judged.

        Before anything was judged there is nothing that a decision could change.
        """
        if self.env.su:  # as when an executive approved it
            return
        if any(company._service_register_is_used() for company in self.company_id):
            raise UserError(
                self.env._(
                    "The register is in use, so an executive approves this first. Ask "
                    "for it under Compliance, Changes of Rules."
                )
            )

    def _end_other_versions(self, vals):
        """End the version that is in force where a new one begins."""
        start = fields.Date.to_date(vals.get("date_start"))
        regulation = self.env["service.quality.regulation"].browse(
            vals.get("regulation_id") or ()
        )
        company = vals.get("company_id") or self.env.company.id
        start = start or self.env["res.company"].browse(company)._service_day()
        self.search(
            [
                ("company_id", "=", company),
                ("regulation_id.code", "=", regulation.code),
                ("regulation_id", "!=", regulation.id),
                ("date_end", "=", False),
                ("date_start", "<=", start),
            ]
        ).write({"date_end": start})

    def write(self, vals):
        """Let only the end be changed: what was in force was."""
        if not self.env.su and vals.keys() - {"date_end"}:
            raise UserError(
                self.env._("Of a regulation in force only the end can be changed.")
            )
        self._check_alone()
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        self._check_alone()
        if any(term.date_start <= term.company_id._service_day() for term in self):
            raise UserError(
                self.env._(
                    "What was in force stays in the record. Set its end instead."
                )
            )
        self.env.registry.clear_cache()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _in_force(self, companies):
        """Return the terms of companies that hold today, for each reader."""
        # that a regulation is in force is no secret, and decides what one sees
        return self.sudo().search(
            Domain("company_id", "in", companies.ids)
            & companies._service_day_domain(
                lambda day: (
                    Domain("date_start", "<=", day)
                    & (Domain("date_end", "=", False) | Domain("date_end", ">", day))
                )
            )
        )
