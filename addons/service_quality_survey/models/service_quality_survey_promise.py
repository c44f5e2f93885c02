from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.service_quality_target import (
    metric_selection,
)

from .questionnaire_data import promise_words

ASKED_ABOUT = frozenset(
    {
        "survey_id", "name", "metric", "process_id", "category_id", "team_id",
        "target_ids", "agreement_ids", "question_ids",
    }
)  # fmt: skip
"""What says that the questions match the agreements: it stays once people are asked."""


class ServiceQualitySurveyPromise(models.Model):
    """Is what agreements promise, in the words of a customer, and what asks about it.

    The targets of one metric and one service are one promise, whatever the priority:
    customers know no codes. One question may ask about several promises, and several
    questions about one. A promise that no clock measures is added by hand.
    """

    _name = "service.quality.survey.promise"
    _description = "Promise in a Survey"
    _order = "survey_id, sequence, id"
    _check_company_auto = True

    survey_id = fields.Many2one(
        "service.quality.survey", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="survey_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Promise", required=True, translate=True)
    metric = fields.Selection(metric_selection)
    process_id = fields.Many2one("helpdesk.ticket.type", ondelete="restrict")
    category_id = fields.Many2one(
        "helpdesk.ticket.category", ondelete="restrict", check_company=True
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", ondelete="restrict", check_company=True
    )
    service = fields.Char(compute="_compute_service")
    target_ids = fields.Many2many(
        "service.quality.target",
        "service_quality_survey_promise_target_rel",
        string="Service Targets",
        check_company=True,
        ondelete="restrict",
    )
    agreement_ids = fields.Many2many(
        "service.quality.agreement",
        "service_quality_survey_promise_agreement_rel",
        string="Agreements",
        compute="_compute_agreement_ids",
        store=True,
        readonly=False,
        check_company=True,
        ondelete="restrict",
    )
    question_ids = fields.Many2many(
        "survey.question",
        "service_quality_survey_promise_question_rel",
        "promise_id",
        "question_id",
        string="Questions",
        ondelete="restrict",
    )
    is_asked = fields.Boolean(string="Asked About", compute="_compute_is_asked")
    note = fields.Text()

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("process_id.name", "category_id.name", "team_id.name")
    @api.depends_context("lang")
    def _compute_service(self):
        for promise in self:
            # named to the customers, by whoever prepares the survey
            own = promise.sudo()
            parts = (
                own.process_id.name, own.category_id.name, own.team_id.name
            )  # fmt: skip
            promise.service = " · ".join(filter(None, parts))

    @api.depends("target_ids")
    def _compute_agreement_ids(self):
        for promise in self.filtered("target_ids"):
            promise.agreement_ids = promise.target_ids.agreement_id

    @api.depends("question_ids")
    def _compute_is_asked(self):
        for promise in self:
            promise.is_asked = bool(promise.question_ids)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises._check_before_field()
        return promises

    def write(self, vals):
        if vals.keys() & ASKED_ABOUT:
            self._check_before_field()
        return super().write(vals)

    def unlink(self):
        """Take out what asks about a promise with it, as long as nobody is asked."""
        self._check_before_field()
        self.question_ids = [Command.clear()]
        return super().unlink()

    def _check_before_field(self):
        if any(promise.survey_id.started_at for promise in self):
            raise UserError(
                self.env._(
                    "People are being asked: what the questions are about stays as it "
                    "is. Write a note to it."
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _key(self):
        """Return what a promise is about: metric, process, category and team."""
        return self.metric, self.process_id, self.category_id, self.team_id

    def _words(self):
        """Return in the context's language what is promised, and what asks about it.

        Promises of several services are asked about in general.

        :return: tuple of two texts
        """
        services = set(self.mapped("service"))
        first = self[:1]
        if not first.metric:
            text = first.name
            question = self.env._("%s: how satisfied are you with it?", text)
            return text, question
        labels = dict(self._fields["metric"]._description_selection(self.env))
        return promise_words(
            first.metric,
            labels[first.metric],
            services.pop() if len(services) == 1 else "",
            self.env.lang or "en_US",
        )

    def _terms(self):
        """Return what was agreed, in words: *High · Network: 4 h · 24 × 7*.

        :return: list of texts, each once
        """
        # who reads what a survey asks need not read agreements
        targets = self.sudo().target_ids
        texts = (f"{one._condition_text()}: {one._promise()}" for one in targets)
        return list(dict.fromkeys(texts))
