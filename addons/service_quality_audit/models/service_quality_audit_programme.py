from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

FIRST_YEAR, LAST_YEAR = 2000, 2100

COVERED = {
    "clause_ids": ("service_clause_id", "uncovered_clause_ids", "unplanned_clause_ids"),
    "process_ids": (
        "service_process_id", "uncovered_process_ids", "unplanned_process_ids",
    ),
    "team_ids": ("service_team_id", "uncovered_team_ids", "unplanned_team_ids"),
}  # fmt: skip
"""What is to be covered: the field of a question that covers it, and what is not."""


class ServiceQualityAuditProgramme(models.Model):
    """The audits of a year (regulation A4.2.3), and what none of them covers yet.

    Each clause in force, each link of delivery and each department is looked at once
    a year. Only a question of a closed audit covers it, by a verdict that says that it
    was looked at. What is in no audit's checklist is not even planned.
    """

    _name = "service.quality.audit.programme"
    _description = "Audit Programme"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "year desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    year = fields.Integer(
        required=True,
        default=lambda self: self.env.company._service_day().year,
        tracking=True,
        aggregator=None,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    objective = fields.Text(help="What the audits of the year are to find out.")
    process_ids = fields.Many2many(
        "helpdesk.ticket.type",
        string="Links of Delivery",
        default=lambda self: self.env["helpdesk.ticket.type"].search([]),
        ondelete="restrict",
    )
    team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        string="Departments",
        default=lambda self: self.env["helpdesk.ticket.team"].search(
            [("company_id", "in", (self.env.company.id, False))]
        ),
        check_company=True,
        ondelete="restrict",
    )
    clause_ids = fields.Many2many(
        "service.quality.clause", string="Clauses", compute="_compute_clause_ids"
    )
    audit_ids = fields.One2many(
        "mgmtsystem.audit", "service_programme_id", string="Audits"
    )
    audit_count = fields.Integer(string="Number of Audits", compute="_compute_counts")
    review_date = fields.Date(
        string="Management Review", help="When the review of the year is planned."
    )
    review_count = fields.Integer(
        string="Reviews Planned or Held", compute="_compute_counts"
    )
    uncovered_clause_ids = fields.Many2many(
        "service.quality.clause",
        string="Clauses Not Looked At",
        compute="_compute_coverage",
    )
    unplanned_clause_ids = fields.Many2many(
        "service.quality.clause",
        string="Clauses in No Audit",
        compute="_compute_coverage",
    )
    uncovered_process_ids = fields.Many2many(
        "helpdesk.ticket.type",
        string="Links Not Looked At",
        compute="_compute_coverage",
    )
    unplanned_process_ids = fields.Many2many(
        "helpdesk.ticket.type", string="Links in No Audit", compute="_compute_coverage"
    )
    uncovered_team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        string="Departments Not Looked At",
        compute="_compute_coverage",
    )
    unplanned_team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        string="Departments in No Audit",
        compute="_compute_coverage",
    )
    uncovered_count = fields.Integer(string="Not Covered", compute="_compute_coverage")
    covered_percent = fields.Float(string="Covered", compute="_compute_coverage")
    missing = fields.Text(string="What Is Missing", compute="_compute_missing")

    _year_uniq = models.UniqueIndex(
        "(company_id, year)", "There is a programme of this year already."
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("year")
    def _compute_name(self):
        for programme in self:
            lang = programme.company_id._service_lang()
            own = programme.with_context(lang=lang)
            programme.name = own.env._("Audit programme %s", programme.year)

    @api.depends("company_id", "year")
    def _compute_clause_ids(self):
        """Take the clauses of what was in force on a day of the year."""
        # which regulation is in force is no secret
        terms = self.env["service.quality.regulation.term"].sudo()
        found = terms.search([("company_id", "in", self.company_id.ids)])
        for programme in self:
            first, last = programme._days()
            own = found.filtered(
                lambda term, own=programme, first=first, last=last: (
                    term.company_id == own.company_id
                    and term.date_start <= last
                    and (not term.date_end or term.date_end > first)
                )
            )
            programme.clause_ids = own.regulation_id.clause_ids

    @api.depends("audit_ids", "company_id", "year")
    def _compute_counts(self):
        Review = self.env["mgmtsystem.review"].sudo()  # how many, no more
        reviews = Review.search([("company_id", "in", self.company_id.ids)])
        for programme in self:
            programme.audit_count = len(programme.audit_ids)
            programme.review_count = len(
                reviews.filtered(
                    lambda one, own=programme: (
                        one.company_id == own.company_id
                        and one.date
                        and one.company_id._service_day(one.date).year == own.year
                    )
                )
            )

    @api.depends(
        "clause_ids",
        "process_ids",
        "team_ids",
        "audit_ids.line_ids",
        "audit_ids.service_phase",
    )
    def _compute_coverage(self):
        for programme in self:
            lines = programme._lines_looked()
            planned = lines | programme._lines_planned()
            due = covered = 0
            for name, (asked, uncovered, unplanned) in COVERED.items():
                wanted = programme[name]
                found = self._covered(wanted, lines[asked])
                due += len(wanted)
                covered += len(found)
                programme[uncovered] = wanted - found
                programme[unplanned] = wanted - self._covered(wanted, planned[asked])
            programme.uncovered_count = due - covered
            programme.covered_percent = 100 * covered / due if due else 0

    @api.depends("audit_ids", "review_date", "uncovered_count", "team_ids")
    @api.depends_context("lang")
    def _compute_missing(self):
        _ = self.env._
        words = {
            "unplanned_clause_ids": lambda names: _("Clauses in no audit: %s", names),
            "unplanned_process_ids": lambda names: _(
                "Links of delivery in no audit: %s", names
            ),
            "unplanned_team_ids": lambda names: _("Departments in no audit: %s", names),
        }
        for programme in self:
            missing = []
            if not programme.audit_ids:
                missing.append(_("No audit is planned. There are one or two a year."))
            if not programme.review_date and not programme.review_count:
                missing.append(_("No management review is planned."))
            for name, say in words.items():
                if programme[name]:
                    field = "code" if name == "unplanned_clause_ids" else "display_name"
                    missing.append(say(", ".join(programme[name].mapped(field))))
            programme.missing = "\n".join(missing)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("year")
    def _check_year(self):
        for programme in self:
            if not FIRST_YEAR <= programme.year <= LAST_YEAR:
                raise ValidationError(
                    self.env._("Enter the year with four digits, for example 2026.")
                )

    @api.constrains("review_date", "year")
    def _check_review_date(self):
        for programme in self:
            if programme.review_date and programme.review_date.year != programme.year:
                raise ValidationError(
                    self.env._("The management review is held in the year itself.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Keep the year of a programme with audits: they would count for another."""
        if "year" in vals and any(
            one.year != vals["year"] and one.audit_ids for one in self
        ):
            raise UserError(
                self.env._("The programme has audits. Make one of the other year.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        if self.audit_ids:
            raise UserError(self.env._("The programme has audits, and stays."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_audits(self):
        """List the audits of the programme."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_audit.mgmtsystem_audit_action"
        )
        return action | {
            "domain": [("service_programme_id", "=", self.id)],
            "context": {
                "default_service_programme_id": self.id,
                "default_service_process_ids": self.process_ids.ids,
                "default_service_team_ids": self.team_ids.ids,
            },
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _answerable(self, members):
        """Return who looks after the programme where its responsible has left."""
        return members("quality")

    def _days(self):
        """Return the first and the last day of the year."""
        self.ensure_one()
        year = min(max(self.year or FIRST_YEAR, FIRST_YEAR), LAST_YEAR)
        return date(year, 1, 1), date(year, 12, 31)

    def _lines_looked(self):
        """Return the questions that were looked at in audits closed in the year."""
        first, _last = self._days()
        company = self.company_id
        Line = self.env["mgmtsystem.verification.line"].sudo()  # whose audit it is
        return Line.search(  # batched: a company has one programme a year
            Line._looked_domain(
                company,
                company._service_midnight(first),
                company._service_midnight(first.replace(year=first.year + 1)),
            )
        )

    def _lines_planned(self):
        """Return the questions of audits of the programme that are not closed."""
        Line = self.env["mgmtsystem.verification.line"].sudo()  # whose audit it is
        return Line.search(  # batched: as above
            Domain("audit_id", "in", self.audit_ids.ids)
            & Domain("audit_id.service_phase", "!=", "done")
        )

    @api.model
    def _covered(self, wanted, found):
        """Return what of some records is covered; a clause is so in any version."""
        if wanted._name != "service.quality.clause":
            return wanted & found
        keys = {(one.regulation_id.code, one.code) for one in found}
        return wanted.filtered(lambda one: (one.regulation_id.code, one.code) in keys)
