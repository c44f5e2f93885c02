from collections import namedtuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_quality_indicator.tools.statistics import is_few

from .result_data import MOST_OPEN, OPEN_TYPES

Said = namedtuple("Said", "text question score missed contact")
"""What somebody wrote, with the score of the same person, and the service targets that
the customer was missed."""

MOST_ROWS = 15
"""So many groups of a kind stand on the page, those with the lowest scores."""

WHOLE = ("total", "question", "silence")
"""Figures that there are as many of, however many people were asked."""

GROUPS = ("customer", "agreement", "team", "user", "role", "stratum", "channel")


class ServiceQualitySurveyPage(models.AbstractModel):
    """Shows the figures of a survey to who analyses them, on one screen.

    It reads figures that were counted before: there are as many queries, however many
    people have answered.
    """

    _name = "service.quality.survey.page"
    _description = "Page of Results"

    @api.model
    def _render(self, survey, part):
        """Return a part of the page as HTML: ``first``, ``questions``, ``details``."""
        self = self.with_env(survey.env)
        # those of groups of people grow with the survey: their lowest alone are read
        lines = self.env["service.quality.survey.result"].search(
            [("survey_id", "=", survey.id), ("kind", "in", WHOLE)]
        )
        if not lines:
            return False
        prepare = getattr(self, f"_prepare_{part}")
        return self.env["ir.qweb"]._render(
            f"service_quality_survey.result_{part}",
            {"survey": survey, "is_few": is_few, **prepare(survey, lines)},
        )

    @api.model
    def _prepare_first(self, survey, lines):
        """Return what is seen first: the index, and who answered."""
        total = lines.filtered(lambda line: line.kind == "total")
        return {
            "total": total,
            "weighted": survey.is_weighted and not is_few(total.count),
            "nps": lines.filtered(lambda line: line.block == "nps")[:1],
        }

    @api.model
    def _prepare_questions(self, survey, lines):
        """Return the questions with their scores, or how often a choice was made."""
        asked = lines.filtered(lambda line: line.kind == "question")
        scored = asked.filtered(lambda line: line.question_id.question_type == "scale")
        return {
            "questions": scored,
            "choices": [(line, self._choices(line)) for line in asked - scored],
        }

    @api.model
    def _choices(self, line):
        """Return how often each choice was made: pairs of its name and a number."""
        return [
            (choice.value, (line.answers or {}).get(str(choice.id), 0))
            for choice in line.question_id.suggested_answer_ids
        ]

    @api.model
    def _prepare_details(self, survey, lines):
        kinds = lines.grouped("kind")
        none = lines.browse()
        labels = dict(lines._fields["kind"]._description_selection(self.env))
        silence = kinds.get("silence", none)
        words = self.env["service.quality.survey.silence"]
        counts = dict(
            lines._read_group([("survey_id", "=", survey.id)], ["kind"], ["__count"])
        )
        return {
            "silence": words._words(kinds.get("total", none), silence),
            "groups": [
                (labels[kind], self._lowest(survey, kind), counts[kind])
                for kind in GROUPS
                if kind in counts
            ],
            **self._prepare_said(survey),
        }

    @api.model
    def _prepare_said(self, survey):
        """Return what people wrote, for who reads answers: others see figures alone."""
        if survey.env.context.get("service_survey_confidential"):
            return {"reads_answers": False}
        lines = self.env["survey.user_input.line"]
        return {
            "reads_answers": True,
            "said": self._said(survey, limit=MOST_OPEN),
            "said_count": lines.search_count(self._open_domain(survey)),
        }

    @api.model
    def _lowest(self, survey, kind):
        """Return the figures with the lowest scores, those of nobody last."""
        return self.env["service.quality.survey.result"].search(
            [("survey_id", "=", survey.id), ("kind", "=", kind)],
            order="has_value DESC, value, id",
            limit=MOST_ROWS,
        )

    # ------------------------------------------------------------------
    # In their own words
    # ------------------------------------------------------------------

    @api.model
    def _open_domain(self, survey):
        """Return the domain of what people wrote in their own words."""
        return (
            Domain("user_input_id.service_contact_ids.survey_id", "=", survey.id)
            & Domain("user_input_id.service_contact_ids.state", "=", "answered")
            & Domain("answer_type", "in", OPEN_TYPES)
            & Domain("skipped", "=", False)
            & Domain("question_id.service_block", "!=", "call")
        )

    @api.model
    def _said(self, survey, contacts=None, limit=None):
        """Return what people wrote, the least satisfied first.

        :param contacts: only of these; None for everybody
        :return: list of :data:`Said`
        """
        counting = self.env["service.quality.survey.counting"]
        missed = self.env["service.quality.survey.silence"]._missed(survey)
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(people)s
                SELECT line.id, contact.id, person.score, COALESCE(missed.value, 0)
                  FROM people AS contact
                  JOIN survey_user_input_line AS line
                    ON line.user_input_id = contact.user_input_id
                  JOIN survey_question AS question ON question.id = line.question_id
                  LEFT JOIN person ON person.contact_id = contact.id
                  LEFT JOIN (%(missed)s) AS missed (partner_id, value)
                    ON missed.partner_id = contact.customer_id
                 WHERE contact.state = 'answered' AND line.skipped IS NOT TRUE
                   AND line.answer_type = ANY(%(types)s)
                   AND COALESCE(question.service_block, '') <> 'call' AND %(whose)s
                 ORDER BY person.score NULLS LAST, line.id
                 LIMIT %(limit)s
                """,
                people=counting._people(survey),
                missed=missed or SQL("SELECT 0, 0"),
                types=list(OPEN_TYPES),
                whose=SQL("TRUE")
                if contacts is None
                else SQL("contact.id = ANY(%s)", contacts.ids),
                limit=limit,
            )
        )
        lines = self.env["survey.user_input.line"].browse(row[0] for row in rows)
        people = self.env["service.quality.survey.contact"].browse(
            row[1] for row in rows
        )
        return [
            Said(
                line.value_text_box or line.value_char_box,
                line.question_id.title,
                score,
                missed,
                person,
            )
            for line, person, (_line, _person, score, missed) in zip(
                lines, people, rows, strict=True
            )
        ]
