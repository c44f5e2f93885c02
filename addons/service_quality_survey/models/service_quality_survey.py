"""What a survey is; its steps are in a file of their own."""

from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_indicator.models.service_quality_period_mixin import (
    PERIOD_KINDS,
)

from ..tools.sampling import invitations, margin_reached, sample_size
from .survey_data import ADVANCED_FROM, ASKED, ENOUGH_COVERAGE, STATES, STRATA

MOST_CONFIDENCE = 99.9

PREPARED = frozenset(
    {
        "company_id", "period_kind", "date_from", "domain", "is_sampled", "confidence",
        "margin", "expected_response", "stratum_by", "minimum_per_stratum",
    }
)  # fmt: skip
"""What decides who is asked: it stays as it was when the people were frozen."""


class ServiceQualitySurvey(models.Model):
    """Asks the customers of a company once a year how satisfied they are.

    Who is asked is frozen before anybody is: by default everybody with an agreement in
    force in the period, by name. What came out is counted by agreement and customer
    first, and by person second.
    """

    _name = "service.quality.survey"
    _description = "Customer Survey"
    _inherit = [
        "service.quality.survey.questionnaire.mixin",
        "service.quality.survey.field.mixin",
        "service.quality.survey.outcome.mixin",
        "service.quality.period.mixin",
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _second_roles = ("quality",)

    name = fields.Char(
        compute="_compute_name", store=True, readonly=False, precompute=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    interviewer_ids = fields.Many2many(
        "res.users",
        "service_quality_survey_interviewer_rel",
        string="Interviewers",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="They ask by telephone and enter paper questionnaires, and nothing else. "
        "Account managers cannot be interviewers.",
    )
    # named again: Odoo looks for the words of a list in the addon that names it
    period_kind = fields.Selection(PERIOD_KINDS, default="year")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", tracking=True, index=True
    )
    previous_id = fields.Many2one(
        "service.quality.survey",
        string="Compared With",
        compute="_compute_previous_id",
        store=True,
        readonly=False,
        check_company=True,
        ondelete="restrict",
        help="The survey of the year before.",
    )
    close_date = fields.Date(
        string="Answers Until",
        compute="_compute_close_date",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The last day on which people can answer.",
    )

    # who is asked
    domain = fields.Char(
        string="Customers",
        default="[]",
        help="Which of the customers with an agreement in force in the period; empty: "
        "all of them.",
    )
    contact_ids = fields.One2many(
        "service.quality.survey.contact", "survey_id", string="People"
    )
    exclusion_ids = fields.One2many(
        "service.quality.survey.exclusion", "survey_id", string="Left Out"
    )
    agreement_ids = fields.Many2many(
        "service.quality.agreement",
        "service_quality_survey_agreement_rel",
        string="Agreements in Force",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Of these each is to be covered: at least one person has answered.",
    )
    frozen_at = fields.Datetime(readonly=True, copy=False)
    frozen_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    started_at = fields.Datetime(readonly=True, copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(string="Fed Back On", readonly=True, copy=False)

    # sample
    is_sampled = fields.Boolean(
        string="Ask a Sample",
        help="Worth its effort from about 100 people on. Off: everybody is asked.",
    )
    confidence = fields.Float(string="Confidence (%)", default=95, digits=(5, 2))
    margin = fields.Float(string="Margin (± points)", default=5, digits=(5, 2))
    expected_response = fields.Float(
        string="Expected Response (%)", default=40, digits=(5, 2)
    )
    stratum_by = fields.Selection(
        STRATA, string="Strata By", required=True, default="none"
    )
    minimum_per_stratum = fields.Integer(string="At Least of Each Stratum", default=1)
    seed = fields.Char(
        readonly=True,
        copy=False,
        help="It was recorded when the people were frozen. With it, and with the "
        "export, anybody repeats the draw.",
    )
    method = fields.Text(string="Method of the Draw", readonly=True, copy=False)
    drawn_at = fields.Datetime(string="Drawn On", readonly=True, copy=False)
    outlook = fields.Text(string="What the Result Can Say", compute="_compute_outlook")

    # how far it is
    contact_count = fields.Integer(
        string="In the Population", compute="_compute_counts"
    )
    asked_count = fields.Integer(string="Asked", compute="_compute_counts")
    answered_count = fields.Integer(string="Answered", compute="_compute_counts")
    partial_count = fields.Integer(string="Half-way", compute="_compute_counts")
    refused_count = fields.Integer(string="Refused", compute="_compute_counts")
    bounced_count = fields.Integer(string="Not Delivered", compute="_compute_counts")
    unasked_count = fields.Integer(string="To Be Asked", compute="_compute_counts")
    covered_count = fields.Integer(
        string="Agreements Covered", compute="_compute_coverage"
    )
    agreement_count = fields.Integer(
        string="Number of Agreements", compute="_compute_coverage"
    )
    coverage = fields.Float(
        string="Coverage (%)",
        compute="_compute_coverage",
        help="Of the agreements in force, the share of which somebody has answered.",
    )
    # who reads how far a survey is need not read whom it leaves out, nor questions
    next_problem = fields.Text(
        string="What Is Missing", compute="_compute_problems", compute_sudo=True
    )

    # judged where few were covered
    coverage_note = fields.Text(
        string="Why the Result Holds",
        copy=False,
        help="Where fewer than 80 % of the agreements are covered, a second person "
        "judges whether the result can be used, and says why.",
    )
    coverage_accepted_at = fields.Datetime(readonly=True, copy=False)
    coverage_accepted_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("period_kind")
    def _compute_date_from(self):
        """Propose the period that it is: a survey of a year is made within it."""
        for survey in self:
            company = survey.company_id or self.env.company
            kind = survey.period_kind or "year"
            survey.date_from = Period.around(kind, company._service_day()).start

    @api.depends("period_kind", "date_from")
    def _compute_name(self):
        for survey in self:
            period = survey._period()
            if survey.name and survey.state not in (False, "draft"):
                continue
            company = survey.company_id or self.env.company
            own = survey.with_context(lang=company._service_lang())
            label = own._period().label if period else ""
            survey.name = own.env._("Customer survey %s", label)

    @api.depends("company_id", "date_from")
    def _compute_previous_id(self):
        for survey in self:
            survey.previous_id = self.search(  # batched: one form at a time
                [
                    ("company_id", "=", survey.company_id.id),
                    ("date_from", "<", survey.date_from),
                    ("state", "in", ("closed", "done")),
                ],
                limit=1,
            )

    @api.depends("company_id")
    def _compute_close_date(self):
        """Propose four weeks: two reminders lie in them."""
        for survey in self.filtered(lambda one: not one.close_date):
            company = survey.company_id or self.env.company
            today = company._service_day()
            survey.close_date = fields.Date.add(today, days=28)

    @api.depends("contact_ids.state", "contact_ids.is_excluded", "contact_ids.is_drawn")
    def _compute_counts(self):
        groups = self.env["service.quality.survey.contact"]._read_group(
            [("survey_id", "in", self.ids), ("is_excluded", "=", False)],
            ["survey_id", "state", "is_drawn"],
            ["__count"],
        )
        found = {survey.id: {} for survey in self}
        for survey, state, is_drawn, count in groups:
            counts = found[survey.id]
            counts[state, is_drawn] = counts.get((state, is_drawn), 0) + count
        for survey in self:
            counts = found.get(survey.id, {})

            def sum_of(*states, counts=counts):
                return sum(
                    n for (state, _drawn), n in counts.items() if state in states
                )

            survey.contact_count = sum(counts.values())
            survey.asked_count = sum_of(*ASKED)
            survey.answered_count = sum_of("answered")
            survey.partial_count = sum_of("partial")
            survey.refused_count = sum_of("refused")
            survey.bounced_count = sum_of("bounced", "wrong_person")
            survey.unasked_count = counts.get(("not_asked", True), 0)

    @api.depends("agreement_ids", "contact_ids.state", "contact_ids.agreement_ids")
    def _compute_coverage(self):
        answered = self.env["service.quality.survey.contact"].search_fetch(
            [("survey_id", "in", self.ids), ("state", "=", "answered")],
            ["survey_id", "agreement_ids"],
        )
        by_survey = answered.grouped("survey_id")
        for survey in self:
            covered = by_survey.get(survey, answered.browse()).agreement_ids
            covered &= survey.agreement_ids
            survey.covered_count = len(covered)
            survey.agreement_count = len(survey.agreement_ids)
            survey.coverage = (
                100 * len(covered) / survey.agreement_count
                if survey.agreement_count
                else 0
            )

    @api.depends(
        "contact_ids",
        "is_sampled",
        "confidence",
        "margin",
        "expected_response",
        "state",
    )
    @api.depends_context("lang")
    def _compute_outlook(self):
        for survey in self:
            survey.outlook = survey._outlook()

    @api.depends("state", "contact_ids", "exclusion_ids.state", "close_date")
    @api.depends_context("lang")
    def _compute_problems(self):
        for survey in self:
            # whoever sees a survey is told what is missing, and reads no more of it
            survey.next_problem = "\n".join(survey.sudo()._problems())

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("interviewer_ids")
    def _check_interviewer_ids(self):
        # who looks after a customer is asked of all agreements
        Agreement = self.env["service.quality.agreement"].sudo()
        for survey in self:
            agreements = survey.agreement_ids.sudo() or Agreement.search(  # batched
                [("company_id", "=", survey.company_id.id)]
            )
            rated = agreements.manager_id | agreements.salesperson_id
            if survey.interviewer_ids & rated:
                raise ValidationError(
                    self.env._(
                        "Who looks after a customer neither asks nor enters answers: "
                        "%s. Choose somebody else.",
                        ", ".join((survey.interviewer_ids & rated).mapped("name")),
                    )
                )

    @api.constrains("confidence", "margin", "expected_response", "minimum_per_stratum")
    def _check_sampling(self):
        for survey in self:
            if (
                not 50 <= survey.confidence <= MOST_CONFIDENCE
                or not 0.5 <= survey.margin <= 50
                or not 0 < survey.expected_response <= 100
                or survey.minimum_per_stratum < 0
            ):
                raise ValidationError(
                    self.env._(
                        "Confidence is between 50 and 99.9 percent, the margin "
                        "between 0.5 and 50 points, the expected response above 0 and "
                        "at most 100 percent, and no number is below 0."
                    )
                )

    @api.constrains("domain")
    def _check_domain(self):
        for survey in self:
            survey._customer_domain()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if vals.keys() & PREPARED:
            self._check_preparing()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(survey.state != "draft" for survey in self):
            raise UserError(
                self.env._("Who was to be asked is on record. Cancel the survey.")
            )

    def _check_preparing(self):
        """Refuse changes of who is asked once that is frozen."""
        if any(survey.state != "draft" for survey in self):
            raise UserError(
                self.env._("Who is asked is frozen, and stays. Make another survey.")
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _customer_domain(self):
        """Return the domain of customers of one survey.

        :raise ValidationError: for one that is not readable
        """
        try:
            domain = Domain(literal_eval(self.domain or "[]"))
            self.env["res.partner"].search(domain, limit=1)
        except (ValueError, TypeError, SyntaxError, KeyError) as error:
            raise ValidationError(
                self.env._("The filter of customers cannot be read. Choose it again.")
            ) from error
        return domain

    def _sampled_size(self):
        """Return how many people of one survey are asked."""
        self.ensure_one()
        population = self.contact_count
        if not self.is_sampled:
            return population
        needed = sample_size(population, self.margin, self.confidence)
        return invitations(needed, self.expected_response, population)

    def _outlook(self):
        """Say before anything is sent what the result will be able to say."""
        self.ensure_one()
        _ = self.env._
        population = self.contact_count
        if not population:
            return ""
        answers = round(self._sampled_size() * self.expected_response / 100)
        reached = margin_reached(population, answers, self.confidence)
        words = []
        if not self.is_sampled:
            words.append(_("Everybody is asked: %s people.", population))
        else:
            needed = sample_size(population, self.margin, self.confidence)
            words.append(
                _(
                    "Of %(population)s people %(needed)s answers are needed; at "
                    "%(rate)s %% response %(asked)s people are asked.",
                    population=population,
                    needed=needed,
                    rate=f"{self.expected_response:g}",
                    asked=self._sampled_size(),
                )
            )
            if self._sampled_size() == population:
                words.append(_("That is everybody: a sample saves nothing here."))
            elif population < ADVANCED_FROM:
                words.append(_("Of so few people, ask everybody."))
        if reached is not None:
            words.append(
                _(
                    "With %(answers)s answers a share is within ±%(margin)s points at "
                    "%(confidence)s %% confidence.",
                    answers=answers,
                    margin=f"{reached:.1f}",
                    confidence=f"{self.confidence:g}",
                )
            )
        return "\n".join(words)

    def _problems(self):
        """Return what keeps one survey from its next step, a list of texts."""
        self.ensure_one()
        if self.state == "draft":
            return self._population_problems()
        if self.state == "ready":
            return self._sample_problems() + self._questionnaire_problems()
        if self.state == "field":
            return self._field_problems()
        if self.state == "closed":
            return self._result_problems() + self._feedback_problems()
        return []

    def _population_problems(self):
        _ = self.env._
        found = []
        people = self.contact_ids.filtered(lambda one: not one.is_excluded)
        if not people:
            found.append(
                _("Nobody is to be asked. Press Propose People, or add them by hand.")
            )
        missing = self._customers_due() - self.contact_ids.customer_id
        if missing:
            found.append(
                _(
                    "Customers with an agreement of whom nobody is asked: %s. Add a "
                    "person of each.",
                    ", ".join(missing.mapped("display_name")),
                )
            )
        waiting = self.exclusion_ids.filtered(lambda one: one.state == "requested")
        if waiting:
            found.append(
                _("Somebody else still decides who is left out: %s.", len(waiting))
            )
        unreachable = people.filtered(lambda one: not one._is_reachable())
        if unreachable:
            found.append(
                _(
                    "Neither mail address nor telephone number: %s.",
                    ", ".join(unreachable.mapped("name")),
                )
            )
        return found

    def _sample_problems(self):
        if self.is_sampled and self.state == "ready" and not self.drawn_at:
            return [self.env._("The sample is not drawn yet.")]
        return []

    def _lacks_coverage(self):
        """Return True if so few agreements are covered that a person judges it."""
        return self.coverage < ENOUGH_COVERAGE

    def _is_proper(self):
        """Return True if one survey asked everybody and about all that is promised.

        Of few agreements covered a second person has judged the result.
        """
        return (
            not self.unasked_count
            and not self._unasked_promises()
            and (not self._lacks_coverage() or bool(self.coverage_accepted_at))
        )
