from odoo import api, models

from odoo.addons.service_quality_core.models.period_list import PeriodList, Row

from ..tools.survey_statistics import TOLD
from .service_quality_report import KIND

POOR = 60
"""A promise that is felt with fewer points of 100 than this is a problem."""

MOST_NAMED = 3
"""So many customers of an agreement are named."""


class ServiceQualityReportStory(models.AbstractModel):
    """Tells a customer survey: who was asked, what they said, and what is done."""

    _inherit = "service.quality.report.story"

    @api.model
    def _lists(self, report):
        if report.kind != KIND:
            return super()._lists(report)
        survey = self._survey(report)
        own = self.with_env(survey.env)
        return [
            own._list_of_sample(survey),
            own._list_of_contracts_asked(survey),
            own._list_of_response(survey),
            own._list_of_people_left_out(survey),
            own._list_of_silence(survey),
            own._list_of_questions(survey),
            own._list_of_promises_felt(survey),
            own._list_of_customers(survey),
            own._list_of_departments(survey),
            own._list_of_problems(survey),
            own._list_of_measures(survey),
            own._list_of_last_measures(survey),
        ]

    @api.model
    def _sentences(self, report):
        """Return the index, the coverage, and the widest gap, to begin with."""
        if report.kind != KIND:
            return super()._sentences(report)
        survey = self._survey(report)
        _ = survey.env._
        total = survey._total()
        words = [
            _(
                "%(answered)s of %(asked)s people answered, of %(covered)s of "
                "%(agreements)s agreements.",
                answered=total.answered,
                asked=total.asked,
                covered=survey.covered_count,
                agreements=survey.agreement_count,
            )
        ]
        if total.has_interval:
            words.append(
                _(
                    "The satisfaction index is %(value)s (95 %%: %(interval)s).",
                    value=total.value_text,
                    interval=total._interval_text(),
                )
            )
        elif total.count:
            words.append(_("Satisfaction: %s.", total.value_text))
        worst = survey.gap_ids.filtered(lambda line: line.gap_state == "worse")[:1]
        if worst:
            words.append(
                _(
                    "Felt worst beside what was measured: %(name)s (%(felt)s of 100; "
                    "measured %(measured)s).",
                    name=worst.name,
                    felt=worst.value_text,
                    measured=worst.measured_text,
                )
            )
        return words

    @api.model
    def _survey(self, report):
        """Return the survey of a report, as everybody who gets it may read it."""
        # single answers are left out, whoever makes the report
        survey = report.sudo().survey_id
        return survey.with_context(
            lang=report._lang(), service_survey_confidential=True
        )

    # ------------------------------------------------------------------
    # Who was asked
    # ------------------------------------------------------------------

    @api.model
    def _list_of_sample(self, survey):
        _ = self.env._
        told = self.env["service.quality.period.list"]
        company, total = survey.company_id, survey._total()
        customers = survey.result_ids.filtered(lambda line: line.kind == "customer")
        rows = [
            (
                _("Population"),
                _(
                    "%(people)s people of %(customers)s customers with "
                    "%(agreements)s agreements",
                    people=total.population,
                    customers=len(customers),
                    agreements=survey.agreement_count,
                ),
            ),
            (_("Frozen"), told._moment(company, survey.frozen_at)),
            (
                _("Who was asked"),
                _("A sample: %s people", total.asked)
                if survey.is_sampled
                else _("Everybody, by name"),
            ),
            (_("How it was drawn"), survey.is_sampled and survey.method),
            (_("Seed"), survey.is_sampled and survey.seed),
            (_("Asked from"), told._moment(company, survey.started_at)),
            (_("Closed"), told._moment(company, survey.closed_at)),
            (
                _("Agreements covered"),
                f"{survey.covered_count} / {survey.agreement_count}",
            ),
            (
                _("Customers who answered"),
                f"{len(customers.filtered('answered'))} / {len(customers)}",
            ),
            (_("People who answered"), total.response_text),
            (
                _("Response (AAPOR)"),
                f"RR1 {total.rr1:.1f} % · RR2 {total.rr2:.1f} % · "
                f"REF1 {total.ref1:.1f} % · CON1 {total.con1:.1f} %"
                if total.has_interval
                else "",
            ),
            (_("Why the result holds"), survey.coverage_note),
            (_("Judged"), survey.coverage_accepted_at and survey.decided_as),
            (
                _("Index"),
                _(
                    "The mean of its questions with equal weights, put on a scale from "
                    "0 to 100 (method of ACSI)"
                ),
            ),
            (
                _("Weighted"),
                _(
                    "Index %(value)s · design effect %(effect)s · as %(count)s answers "
                    "of a simple sample",
                    value=f"{total.weighted_value:.1f}",
                    effect=f"{total.design_effect:.2f}",
                    count=f"{total.effective_count:.0f}",
                )
                if survey.is_weighted and total.has_interval
                else "",
            ),
        ]
        rows = [Row(row) for row in rows if row[1]]
        return PeriodList("survey_sample", 10, _("Sample and coverage"), (), rows)

    @api.model
    def _list_of_contracts_asked(self, survey):
        """Return who answered of each agreement: those not covered come first."""
        _ = self.env._
        lines = survey.result_ids.filtered(lambda line: line.kind == "agreement")
        rows = [
            Row(
                (
                    self._customers_of(line.agreement_id),
                    line.name,
                    line.asked,
                    line.answered,
                    _("covered") if line.answered else _("not covered"),
                    line.value_text,
                    line.previous_text,
                ),
                state="" if line.answered else "beyond",
            )
            for line in lines.sorted(lambda line: (bool(line.answered), line.id))
        ]
        heads = (
            _("Customer"), _("Contract"), _("To be asked"), _("Answered"),
            _("Coverage"), _("Index"), _("Last year"),
        )  # fmt: skip
        return PeriodList(
            "survey_contracts",
            20,
            _("Response and result by contract"),
            heads,
            rows,
            _("No agreement was in force."),
            numbers=(2, 3, 5, 6),
        )

    @api.model
    def _customers_of(self, agreement):
        """Return the customers of an agreement by name; of many, how many there are."""
        customers = agreement.partner_ids.commercial_partner_id
        if len(customers) > MOST_NAMED:
            return self.env._("%s customers", len(customers))
        return ", ".join(customers.mapped("name")) or self.env._("all")

    @api.model
    def _list_of_response(self, survey):
        """Return who answered by role, stratum and channel."""
        _ = self.env._
        kinds = dict(survey.result_ids._fields["kind"]._description_selection(self.env))
        rows = [
            Row(
                (
                    kinds[line.kind],
                    line.name,
                    "–" if line.kind == "channel" else line.asked,
                    line.answered,
                    line.partial,
                    line.refused,
                    line.other,
                    line.value_text,
                )
            )
            for line in survey.result_ids
            if line.kind in ("role", "stratum", "channel")
        ]
        heads = (
            _("Split by"), _("People"), _("To be asked"), _("Answered"), _("Half-way"),
            _("Refused"), _("Not reached"), _("Index"),
        )  # fmt: skip
        title = _("Response by role, stratum and channel")
        return PeriodList(
            "survey_response", 30, title, heads, rows, numbers=tuple(range(2, 8))
        )

    @api.model
    def _list_of_people_left_out(self, survey):
        _ = self.env._
        rows = [
            Row(
                (
                    ", ".join(one.contact_ids.mapped("display_name")),
                    one.reason,
                    one.decided_as or "–",
                )
            )
            for one in survey.exclusion_ids
            if one.state == "approved"
        ]
        heads = (_("Who was left out"), _("Why"), _("Decided by"))
        title, empty = _("People left out"), _("Nobody was left out.")
        return PeriodList("survey_left_out", 40, title, heads, rows, empty)

    @api.model
    def _list_of_silence(self, survey):
        _ = self.env._
        lines = survey.result_ids.filtered(lambda line: line.kind == "silence")
        words = self.env["service.quality.survey.silence"]
        found = words._words(survey._total(), lines)
        rows = [Row((text,)) for text in found]
        title = _("Who did not answer, and how far the result may be off")
        return PeriodList("survey_silence", 50, title, ("",), rows)

    # ------------------------------------------------------------------
    # What they said
    # ------------------------------------------------------------------

    @api.model
    def _list_of_questions(self, survey):
        _ = self.env._
        total = survey._total()
        lines = survey.result_ids.filtered(
            lambda line: (
                line.kind == "question" and line.question_id.question_type == "scale"
            )
        )
        rows = [
            Row(
                (
                    _("Satisfaction index") if line == total else line.name,
                    line.value_text,
                    line._interval_text(),
                    line.count,
                    line.previous_text,
                    line.change_text,
                )
            )
            for line in total | lines
        ]
        heads = (
            _("Question"), _("Score"), _("95 % interval"), _("Answers"),
            _("Last year"), _("Change"),
        )  # fmt: skip
        note = _(
            "Scores are from 0 to 100. Of fewer than ten answers, how many are "
            "satisfied is told: they gave 8 or more of 10."
        )
        title = _("Result by question, against last year")
        return PeriodList(
            "survey_questions",
            60,
            title,
            heads,
            rows,
            note=note,
            numbers=tuple(range(1, 6)),
        )

    @api.model
    def _list_of_promises_felt(self, survey):
        """Return what customers feel of each promise beside what was measured."""
        _ = self.env._
        states = dict(
            survey.result_ids._fields["gap_state"]._description_selection(self.env)
        )
        rows = [
            Row(
                (
                    line.name,
                    line.value_text,
                    line.count,
                    line.measured_text,
                    f"{line.gap:+.1f}"
                    if line.gap_state not in ("few", "none")
                    else "–",
                    states[line.gap_state],
                    line.previous_text,
                ),
                state="beyond" if line.gap_state == "worse" else "",
            )
            for line in survey.gap_ids
        ]
        heads = (
            _("Promise"), _("Felt"), _("Answers"), _("Measured"), _("Gap"),
            _("Compared"), _("Last year"),
        )  # fmt: skip
        note = _(
            "Felt: the score from 0 to 100 of those whose agreements promise it. "
            "Measured: how often the service targets were met in the period."
        )
        title = _("Result by promise: felt beside measured")
        return PeriodList(
            "survey_promises",
            70,
            title,
            heads,
            rows,
            _("Nothing was promised."),
            note if rows else "",
            numbers=(1, 2, 3, 4),
        )

    @api.model
    def _list_of_customers(self, survey):
        _ = self.env._
        title = _("Result by customer")
        return self._ranked_list(survey, "customer", 80, title, _("Customer"))

    @api.model
    def _list_of_departments(self, survey):
        _ = self.env._
        title = _("Result by department")
        return self._ranked_list(survey, "team", 90, title, _("Department"))

    @api.model
    def _ranked_list(self, survey, kind, rank, title, head):
        """Return the index of each of some groups, the lowest first."""
        _ = self.env._
        lines = survey.result_ids.filtered(lambda line: line.kind == kind)
        rows = [
            Row(
                (
                    line.name,
                    f"{line.answered} / {line.asked}",
                    line.value_text,
                    line._interval_text(),
                    line.previous_text,
                )
            )
            # in the order of figures nobody sees what one alone has said
            for line in lines.sorted(
                lambda line: (
                    line.count < TOLD,
                    line.value if line.count >= TOLD else 0,
                    line.name,
                )
            )
        ]
        heads = (
            head, _("Answered"), _("Index"), _("95 % interval"), _("Last year"),
        )  # fmt: skip
        return PeriodList(
            f"survey_{kind}", rank, title, heads, rows, numbers=(1, 2, 3, 4)
        )

    # ------------------------------------------------------------------
    # What follows from it
    # ------------------------------------------------------------------

    @api.model
    def _list_of_problems(self, survey):
        """Return what calls for a measure, of whatever kind."""
        _ = self.env._
        rows = [
            Row((line.name, text), state="beyond")
            for line in survey.gap_ids
            if (text := self._problem_of(line))
        ]
        total = survey._total()
        if total.has_previous and total.has_interval:
            if total.high < total.previous_value:
                rows.append(
                    Row(
                        (
                            _("Satisfaction index"),
                            _(
                                "%(value)s, last year %(before)s: lower by more than "
                                "chance.",
                                value=total.value_text,
                                before=total.previous_text,
                            ),
                        ),
                        state="beyond",
                    )
                )
        unasked = survey._unasked_promises()
        rows += [
            Row((one.display_name, _("Promised, and not asked about.")))
            for one in unasked or ()
        ]
        if survey._lacks_coverage():
            rows.append(
                Row(
                    (
                        _("Coverage"),
                        _("Fewer than 80 % of the agreements are covered."),
                    ),
                    state="beyond",
                )
            )
        heads = (_("What"), _("Problem"))
        title, empty = _("Problems"), _("The figures show no problem.")
        return PeriodList("survey_problems", 110, title, heads, rows, empty)

    @api.model
    def _problem_of(self, line):
        """Return what is wrong with one promise, nothing where nothing is."""
        _ = self.env._
        if line.gap_state == "worse":
            return _(
                "Felt worse than measured: %(felt)s of 100, measured %(measured)s.",
                felt=line.value_text,
                measured=line.measured_text,
            )
        if line.has_interval and line.high < POOR:
            return _("Felt poor: %s of 100.", line.value_text)
        if 1 < line.count and not line.has_interval and not line.satisfied:
            return _("None of %s is satisfied.", line.count)
        return ""

    @api.model
    def _list_of_measures(self, survey):
        _ = self.env._
        title = _("Measures, and who is responsible")
        empty = _("The result is not handed out yet.")
        return self._parts_list(survey, "survey_measures", 120, title, empty)

    @api.model
    def _list_of_last_measures(self, survey):
        _ = self.env._
        title = _("What became of last year's measures")
        empty = _("There were none last year.")
        return self._parts_list(
            survey.previous_id, "survey_last_measures", 130, title, empty
        )

    @api.model
    def _parts_list(self, survey, code, rank, title, empty):
        _ = self.env._
        told = self.env["service.quality.period.list"]
        rows = [
            Row(
                (
                    one.name,
                    one.analysis or "–",
                    one._measure_text(),
                    one.user_id.name,
                    one.measure_until or one.deadline,
                    told._label(one, "state"),
                    one.follow_up or "–",
                )
            )
            for one in survey.part_ids
        ]
        heads = (
            _("Part"), _("Why"), _("Measure"), _("Owner"), _("Until"), _("Status"),
            _("Result"),
        )  # fmt: skip
        return PeriodList(code, rank, title, heads, rows, empty)
