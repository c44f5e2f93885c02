from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.base import LEAST_EVIDENCE
from odoo.addons.service_quality_core.models.roles import group_of

READERS = ",".join(map(group_of, ("quality", "executive")))
"""Who reads figures: whoever is rated reads a part of them, and nothing else."""


class ServiceQualitySurveyOutcomeMixin(models.AbstractModel):
    """Is what came out of a survey, and what is done about it."""

    _name = "service.quality.survey.outcome.mixin"
    _description = "Result of a Survey"

    result_ids = fields.One2many(
        "service.quality.survey.result", "survey_id", string="Figures", groups=READERS
    )
    gap_ids = fields.One2many(
        "service.quality.survey.result",
        "survey_id",
        string="Felt Beside Measured",
        domain=[("kind", "=", "promise")],
        groups=READERS,
    )
    taken_at = fields.Datetime(string="Counted On", readonly=True, copy=False)
    is_weighted = fields.Boolean(
        string="Show Weighted Figures",
        help="Beside the plain index that in which each stratum counts as many people "
        "as it has.",
    )
    result_page = fields.Html(
        compute="_compute_result_page", sanitize=False, groups=READERS
    )
    result_questions = fields.Html(
        compute="_compute_result_page", sanitize=False, groups=READERS
    )
    result_details = fields.Html(
        compute="_compute_result_page", sanitize=False, groups=READERS
    )
    part_ids = fields.One2many(
        "service.quality.survey.part", "survey_id", string="Feedback"
    )
    report_ids = fields.One2many(
        "service.quality.report", "survey_id", string="Reports"
    )
    report_count = fields.Integer(
        string="Number of Reports", compute="_compute_report_count"
    )
    told_text = fields.Text(
        string="What Customers Are Told",
        help="What came out and what is done about it. Each customer gets one mail.",
    )
    notice_ids = fields.One2many(
        "service.quality.survey.notice",
        "survey_id",
        string="Told to Customers",
        groups=READERS,
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("result_ids", "is_weighted")
    @api.depends_context("lang", "uid")
    def _compute_result_page(self):
        page = self.env["service.quality.survey.page"]
        alone = not self.env.user.has_group(group_of("quality"))
        for survey in self:
            # who reads figures need not read questions and people
            own = survey.sudo().with_context(service_survey_confidential=alone)
            survey.result_page = page._render(own, "first")
            survey.result_questions = page._render(own, "questions")
            survey.result_details = page._render(own, "details")

    @api.depends("report_ids")
    def _compute_report_count(self):
        for survey in self:
            survey.report_count = len(survey.sudo().report_ids)  # how many, no more

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_take_results(self):
        """Count the answers that are there by now.

        :return: True
        :raise UserError: for a survey that is not in the field
        """
        self._check_quality()
        for survey in self:
            if survey.state != "field":
                raise UserError(
                    self.env._(
                        "Figures are counted while people answer; those of a closed "
                        "survey stay as they are."
                    )
                )
            survey._take_results()
        return True

    def action_make_parts(self):
        """Hand out the result: to each department and person the part about them.

        :return: True
        """
        self._check_quality()
        for survey in self:
            survey._check_closed()
            self.env["service.quality.survey.part"]._make(survey)
        return True

    def action_propose_told(self):
        """Propose what customers are told, from the measures that were accepted.

        :return: True
        """
        self._check_quality()
        for survey in self:
            survey._check_closed()
            survey.told_text = survey._propose_told()
        return True

    def action_tell_customers(self):
        """Write to each customer who was asked what came of it, once.

        :return: True
        """
        self._check_quality()
        for survey in self:
            survey._check_closed()
            survey._service_check_filled_in("told_text")
            if not survey.told_text:
                raise UserError(self.env._("Write what the customers are told."))
            survey._service_check_says(["told_text"], LEAST_EVIDENCE)
            self.env["service.quality.survey.notice"]._send(survey)
        return True

    def action_report(self):
        """Open the report of the survey; its draft is made the first time.

        :return: the action that opens it
        """
        self.ensure_one()
        self._check_quality()
        self._check_closed()
        report = self.report_ids.sorted("revision")[-1:]
        if not report:
            # steps alone make such a report
            report = self.env["service.quality.report"].sudo()._make_of_survey(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.quality.report",
            "res_id": report.id,
            "views": [(False, "form")],
        }

    def action_view_result(self):
        """Open the result alone, as who analyses it looks at it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_survey.service_quality_survey_action_result"
        )
        return action | {"res_id": self.id}

    def action_view_open_answers(self):
        """List all that people wrote in their own words."""
        self.ensure_one()
        page = self.env["service.quality.survey.page"]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answers in Their Own Words"),
            "res_model": "survey.user_input.line",
            "domain": list(page._open_domain(self)),
            "views": [(False, "list")],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _take_results(self):
        """Count the answers anew and keep the figures; called when one is closed."""
        for survey in self:
            self.env["service.quality.survey.result"]._take(survey)
            survey._write_as_step({"taken_at": fields.Datetime.now()})
        self.invalidate_recordset(["result_ids", "gap_ids"])

    def _check_closed(self):
        if self.state not in ("closed", "done"):
            raise UserError(
                self.env._("Close the survey first: as long as people answer, the "
                           "result is not what it will be.")
            )  # fmt: skip

    def _total(self):
        """Return the figure of everybody of one survey."""
        return self.result_ids.filtered(lambda line: line.kind == "total")[:1]

    def _propose_told(self):
        """Return what customers are told to begin with, in the company's language."""
        own = self.with_context(lang=self.company_id._service_lang())
        _ = own.env._
        words = [_("You were asked how satisfied you are with our service. Thank you.")]
        total = own._total()
        if total.count:
            words.append(_("How satisfied you are: %s.", total.value_text))
        measures = [
            part.measure
            for part in own.part_ids
            if part.state in ("accepted", "done") and part.measure
        ]
        if measures:
            words.append(_("What we do about it:"))
            words += [f"– {' '.join(text.split())}" for text in dict.fromkeys(measures)]
        return "\n".join(words)

    def _result_problems(self):
        """Return what is missing of the result of one survey, a list of texts."""
        _ = self.env._
        found = []
        if self.state not in ("closed", "done"):
            return found
        if self._lacks_coverage() and not self.coverage_accepted_at:
            found.append(
                _(
                    "Fewer than 80 % of the agreements are covered. Somebody else "
                    "judges whether the result holds."
                )
            )
        # what is missing is told to all who see the survey
        if "sent" not in self.sudo().report_ids.mapped("state"):
            found.append(_("The report is not sent yet."))
        return found

    def _feedback_problems(self):
        """Return what is missing of the feedback of one survey, a list of texts."""
        _ = self.env._
        if self.state not in ("closed", "done"):
            return []
        own = self.sudo()  # what is missing is told to all who see the survey
        if not own.part_ids:
            return [_("The result is not handed out yet. Press Hand Out.")]
        found = []
        waiting = own.part_ids.filtered(lambda one: one.state in ("open", "answered"))
        if waiting:
            found.append(
                _(
                    "Parts that are not answered and accepted yet: %s.",
                    ", ".join(waiting.mapped("name")),
                )
            )
        if not own.notice_ids:
            found.append(_("The customers are not told yet what came of it."))
        return found
