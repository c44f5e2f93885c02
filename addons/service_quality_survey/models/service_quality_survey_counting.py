from odoo import api, models
from odoo.tools import SQL

from ..tools.survey_statistics import (
    SATISFIED,
    mean_of,
    points,
    promoters_mean,
    weighting,
)
from .result_data import INDEX_BLOCKS

PROMOTERS, DETRACTORS = (9, 10), range(7)
"""Who recommends, and who does not, on the scale from 0 to 10."""


class ServiceQualitySurveyCounting(models.AbstractModel):
    """Counts the answers of a survey: each figure of it comes from here.

    A score is told on a scale from 0 to 100, whatever the question's own scale is. Only
    whole answers count. Everybody has one score on the satisfaction index: the mean of
    its questions, of who has answered all of them. What is asked about a promise counts
    for those whose agreements make it.

    There are as many queries, however many people have answered.
    """

    _name = "service.quality.survey.counting"
    _description = "Counting of Surveys"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _count(self, survey):
        """Return the values of all figures of one survey, in their order.

        :param survey: of which everything may be read
        :return: list of dicts of fields of ``service.quality.survey.result``
        """
        self.env.flush_all()
        lines = self._count_groups(survey)
        total = next((one for one in lines if one["kind"] == "total"), None)
        if not total:
            return []
        lines += self._count_questions(survey, total["population"])
        lines += self._count_promises(survey)
        self._add_previous(survey, lines)
        self._add_measured(survey, lines)
        silence = self.env["service.quality.survey.silence"]
        facts = silence._count(survey, self._people(survey))
        return lines + silence._prepare_lines(facts, total)

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    @api.model
    def _people(self, survey):
        """Return the tables of people and their scores, to begin a query with.

        ``people`` are all of the population; ``item`` is a score of a person on a
        question with its ``value``; ``person`` the score on the index.
        """
        blocks = [
            block
            for block in INDEX_BLOCKS
            if block in survey.questionnaire_id.question_ids.mapped("service_block")
        ]
        return SQL(
            """
            people AS MATERIALIZED (
                SELECT contact.id, contact.partner_id, contact.customer_id,
                       contact.role, contact.channel, contact.state, contact.is_drawn,
                       COALESCE(contact.stratum, '') AS stratum, contact.user_input_id
                  FROM service_quality_survey_contact AS contact
                 WHERE contact.survey_id = %(survey)s
                   AND contact.is_excluded IS NOT TRUE
            ),
            item AS MATERIALIZED (
                SELECT people.id AS contact_id, question.id AS question_id,
                       question.service_block AS block, line.value_scale AS value,
                       100.0 * (line.value_scale - question.scale_min)
                       / (question.scale_max - question.scale_min) AS score
                  FROM people
                  JOIN survey_user_input_line AS line
                    ON line.user_input_id = people.user_input_id
                  JOIN survey_question AS question ON question.id = line.question_id
                 WHERE people.state = 'answered' AND line.answer_type = 'scale'
                   AND line.skipped IS NOT TRUE
                   AND question.scale_max > question.scale_min
            ),
            person AS MATERIALIZED (
                SELECT contact_id, avg(score) AS score
                  FROM (SELECT contact_id, block, avg(score) AS score
                          FROM item WHERE block = ANY(%(blocks)s) GROUP BY 1, 2
                       ) AS part
                 GROUP BY contact_id HAVING count(*) = %(count)s
            )
            """,
            survey=survey.id,
            blocks=blocks,
            count=len(blocks) or -1,
        )

    @api.model
    def _labels(self):
        """Return the query of what each person counts for: kind, record, and code."""
        return SQL(
            """
            own AS (
                SELECT people.id, rel.service_quality_agreement_id AS agreement_id
                  FROM people
                  JOIN service_quality_survey_contact_agreement_rel AS rel
                    ON rel.service_quality_survey_contact_id = people.id
            ),
            label AS (
                SELECT id, 'total' AS kind, 0 AS ref, '' AS code FROM people
                UNION ALL SELECT id, 'role', 0, role FROM people
                UNION ALL SELECT id, 'channel', 0, channel FROM people
                           WHERE channel IS NOT NULL
                UNION ALL SELECT id, 'stratum', 0, stratum FROM people
                           WHERE stratum <> ''
                UNION ALL SELECT id, 'customer', customer_id, '' FROM people
                UNION ALL SELECT id, 'agreement', agreement_id, '' FROM own
                UNION ALL SELECT people.id, 'team', rel.helpdesk_ticket_team_id, ''
                            FROM people
                            JOIN service_quality_survey_contact_team_rel AS rel
                              ON rel.service_quality_survey_contact_id = people.id
                UNION ALL SELECT DISTINCT own.id, 'user', person.user_id, ''
                            FROM own JOIN service_quality_agreement AS agreement
                              ON agreement.id = own.agreement_id
                           CROSS JOIN LATERAL (VALUES (agreement.manager_id),
                                                      (agreement.salesperson_id))
                              AS person (user_id)
                           WHERE person.user_id IS NOT NULL
            )
            """
        )

    # ------------------------------------------------------------------
    # Groups of people
    # ------------------------------------------------------------------

    @api.model
    def _count_groups(self, survey):
        """Return who answered, and the index, of everybody and of each group."""
        found = self.env.execute_query_dict(
            SQL(
                """
                WITH %(people)s, %(labels)s,
                weight AS (
                    SELECT people.stratum,
                           count(*)::float / NULLIF(count(person.score), 0) AS value
                      FROM people LEFT JOIN person ON person.contact_id = people.id
                     GROUP BY 1
                )
                SELECT label.kind, label.ref, label.code,
                       count(*) AS population,
                       count(*) FILTER (WHERE is_drawn) AS asked,
                       count(*) FILTER (WHERE is_drawn AND state = 'answered')
                           AS answered,
                       count(*) FILTER (WHERE is_drawn AND state = 'partial')
                           AS partial,
                       count(*) FILTER (WHERE is_drawn AND state = 'refused')
                           AS refused,
                       count(*) FILTER (WHERE is_drawn
                           AND state IN ('wrong_person', 'bounced')) AS other,
                       count(score) AS count,
                       COALESCE(sum(score), 0)::float AS total,
                       COALESCE(sum(score * score), 0)::float AS squares,
                       count(*) FILTER (WHERE score >= %(satisfied)s) AS satisfied,
                       sum(weight.value * score) FILTER (WHERE score IS NOT NULL)
                           AS weighted,
                       sum(weight.value) FILTER (WHERE score IS NOT NULL) AS weights,
                       sum(weight.value ^ 2) FILTER (WHERE score IS NOT NULL)
                           AS weight_squares
                  FROM label
                  JOIN people ON people.id = label.id
                  LEFT JOIN person ON person.contact_id = people.id
                  LEFT JOIN weight ON weight.stratum = people.stratum
                 GROUP BY 1, 2, 3
                 ORDER BY 1, 2, 3
                """,
                people=self._people(survey),
                labels=self._labels(),
                satisfied=points(SATISFIED) - 1e-9,
            )
        )
        return [self._prepare_group(row) for row in found]

    @api.model
    def _prepare_group(self, row):
        names = ("population", "asked", "answered", "partial", "refused", "other")
        weights = weighting(row["count"], row["weights"] or 0, row["weight_squares"])
        return (
            {name: row[name] for name in names}
            | {"kind": row["kind"], "ref": row["ref"], "code": row["code"]}
            | self._prepare_mean(row, row["population"])
            | {
                "weighted_value": row["weighted"] / row["weights"]
                if row["weights"]
                else 0,
                "design_effect": weights.effect or 0,
                "effective_count": weights.size or 0,
            }
        )

    @api.model
    def _prepare_mean(self, row, population):
        """Return the values of a mean from what a query added up.

        :param row: dict with ``count``, ``total``, ``squares`` and ``satisfied``
        """
        mean = mean_of(row["count"], row["total"], row["squares"], population)
        return self._prepare_value(mean, row["count"]) | {"satisfied": row["satisfied"]}

    @api.model
    def _prepare_value(self, mean, count):
        return {
            "count": count,
            "has_value": mean is not None,
            "value": mean.value if mean else 0,
            "has_interval": bool(mean) and mean.low is not None,
            "low": mean and mean.low or 0,
            "high": mean and mean.high or 0,
        }

    # ------------------------------------------------------------------
    # Questions and promises
    # ------------------------------------------------------------------

    @api.model
    def _count_questions(self, survey, population):
        """Return the scores of each question with how often each answer was given."""
        questions = survey.questionnaire_id.question_ids
        scores = self.env.execute_query_dict(
            SQL(
                """
                WITH %(people)s
                SELECT question_id, count(score) AS count, sum(score)::float AS total,
                       sum(score * score)::float AS squares,
                       count(*) FILTER (WHERE score >= %(satisfied)s) AS satisfied
                  FROM item GROUP BY 1
                """,
                people=self._people(survey),
                satisfied=points(SATISFIED) - 1e-9,
            )
        )
        by_question = {row["question_id"]: row for row in scores}
        given = self._count_answers(survey)
        none = {"count": 0, "total": 0, "squares": 0, "satisfied": 0}
        lines = []
        for question in questions:
            answers = given.get(question.id, {})
            if question.question_type not in (
                "scale", "simple_choice", "multiple_choice",
            ):  # fmt: skip
                continue
            row = by_question.get(question.id, none)
            line = {
                "kind": "question",
                "ref": question.id,
                "block": question.service_block,
                "answers": answers,
            }
            if question.service_block == "nps":
                line |= self._prepare_promoters(answers, population)
            else:
                line |= self._prepare_mean(row, population)
            if question.question_type != "scale":
                line["count"] = sum(answers.values())
            lines.append(line)
        return lines

    @api.model
    def _prepare_promoters(self, answers, population):
        """Return how many more recommend us than do not."""
        for_it = sum(answers.get(str(score), 0) for score in PROMOTERS)
        against = sum(answers.get(str(score), 0) for score in DETRACTORS)
        count = sum(answers.values())
        mean = promoters_mean(for_it, against, count, population)
        return self._prepare_value(mean, count) | {"satisfied": for_it}

    @api.model
    def _count_answers(self, survey):
        """Return how often each answer was given.

        :return: dict of question id to a dict of score, or of the id of a choice, both
            as texts, to a number
        """
        found = {}
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(people)s
                SELECT line.question_id,
                       COALESCE(line.suggested_answer_id, line.value_scale)::text,
                       count(*)
                  FROM people
                  JOIN survey_user_input_line AS line
                    ON line.user_input_id = people.user_input_id
                 WHERE people.state = 'answered' AND line.skipped IS NOT TRUE
                   AND line.answer_type IN ('scale', 'suggestion')
                 GROUP BY 1, 2
                """,
                people=self._people(survey),
            )
        )
        for question_id, answer, count in rows:
            found.setdefault(question_id, {})[answer] = count
        return found

    @api.model
    def _count_promises(self, survey):
        """Return how each promise is felt: by all, by department and by manager."""
        promises = self.env["service.quality.survey.promise"]._fields
        agreements, questions = promises["agreement_ids"], promises["question_ids"]
        found = self.env.execute_query_dict(
            SQL(
                """
                WITH %(people)s, %(labels)s,
                due AS (
                    SELECT DISTINCT promise.id AS promise_id, own.id AS contact_id
                      FROM service_quality_survey_promise AS promise
                      JOIN %(agreements)s AS rel ON rel.%(of_agreement)s = promise.id
                      JOIN own ON own.agreement_id = rel.%(agreement)s
                     WHERE promise.survey_id = %(survey)s
                     UNION ALL
                    SELECT promise.id, people.id
                      FROM service_quality_survey_promise AS promise
                     CROSS JOIN people
                     WHERE promise.survey_id = %(survey)s AND NOT EXISTS (
                           SELECT FROM %(agreements)s AS rel
                            WHERE rel.%(of_agreement)s = promise.id)
                ),
                felt AS (
                    SELECT rel.%(of_question)s AS promise_id, item.contact_id,
                           avg(item.score) AS score
                      FROM %(questions)s AS rel
                      JOIN item ON item.question_id = rel.%(question)s
                     GROUP BY 1, 2
                )
                SELECT CASE label.kind WHEN 'total' THEN 'promise'
                       ELSE label.kind || '_promise' END AS kind,
                       label.ref, due.promise_id, count(*) AS population,
                       count(felt.score) AS count,
                       COALESCE(sum(felt.score), 0)::float AS total,
                       COALESCE(sum(felt.score * felt.score), 0)::float AS squares,
                       count(*) FILTER (WHERE felt.score >= %(satisfied)s) AS satisfied
                  FROM due
                  JOIN label ON label.id = due.contact_id
                       AND label.kind IN ('total', 'team', 'user')
                  LEFT JOIN felt ON felt.promise_id = due.promise_id
                       AND felt.contact_id = due.contact_id
                 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                """,
                people=self._people(survey),
                labels=self._labels(),
                survey=survey.id,
                satisfied=points(SATISFIED) - 1e-9,
                agreements=SQL.identifier(agreements.relation),
                of_agreement=SQL.identifier(agreements.column1),
                agreement=SQL.identifier(agreements.column2),
                questions=SQL.identifier(questions.relation),
                of_question=SQL.identifier(questions.column1),
                question=SQL.identifier(questions.column2),
            )
        )
        return [
            {
                "kind": row["kind"],
                "ref": row["promise_id"] if row["kind"] == "promise" else row["ref"],
                "promise_id": row["promise_id"],
                "population": row["population"],
            }
            | self._prepare_mean(row, row["population"])
            for row in found
        ]

    # ------------------------------------------------------------------
    # What they are compared with
    # ------------------------------------------------------------------

    @api.model
    def _add_previous(self, survey, lines):
        """Add the key of each figure, and what the same one was a year ago."""
        keys = self._keys(survey, lines)
        before = {
            line.key: line for line in survey.previous_id.result_ids if line.has_value
        }
        for line, key in zip(lines, keys, strict=True):
            line["key"] = key
            if key in before:
                line |= {
                    "has_previous": True,
                    "previous_value": before[key].value,
                    "previous_count": before[key].count,
                    "previous_satisfied": before[key].satisfied,
                }

    @api.model
    def _keys(self, survey, lines):
        """Return by what each figure is known again next year, as a text.

        A question is the same that is about the same: a block, or the same promises; an
        agreement is the same in all its versions.
        """
        first = self._first_versions(survey.agreement_ids)
        promises = {
            one.id: f"{one.metric or one.name}:{one.process_id.id or ''}:"
            f"{one.category_id.id or ''}:{one.team_id.id or ''}"
            for one in survey.promise_ids
        }
        questions = {
            question.id: self._question_key(question, promises)
            for question in survey.questionnaire_id.question_ids
        }
        keys = []
        for line in lines:
            ref = line["ref"]
            if line["kind"] == "question":
                ref = questions[ref]
            elif line["kind"] == "promise":
                ref = promises[ref]
            elif line["kind"] == "agreement":
                ref = first.get(ref, ref)
            elif "promise_id" in line:
                ref = f"{ref}:{promises[line['promise_id']]}"
            keys.append(f"{line['kind']}:{ref or line.get('code') or ''}")
        return keys

    @api.model
    def _question_key(self, question, promises):
        """Return what a question is about, as a text; else what it asks.

        :param promises: dict of promise id to what it is known by
        """
        about = sorted(promises[one] for one in question.service_promise_ids.ids)
        if about:
            return "|".join(about)
        if question.service_block and question.service_block != "promise":
            return question.service_block
        return question.with_context(lang=None).title

    @api.model
    def _first_versions(self, agreements):
        """Return the id of the first version of each agreement, by its id."""
        agreements._all_versions().mapped("previous_id")  # read in one go
        found = {}
        for agreement in agreements:
            first = agreement
            while first.previous_id:
                first = first.previous_id
            found[agreement.id] = first.id
        return found

    @api.model
    def _add_measured(self, survey, lines):
        """Add how often each promise was kept, by the counting of indicators."""
        measured = self._measured(survey)
        for line in lines:
            if line["kind"] != "promise":
                continue
            met, counted = measured.get(line["ref"], (0, 0))
            line |= {"measured_met": met, "measured_count": counted}
            if counted and line["has_value"]:
                line["gap"] = line["value"] - 100 * met / counted

    @api.model
    def _measured(self, survey):
        """Return how often the targets of each promise were met in the period.

        :return: dict of promise id to (met, counted)
        """
        indicator = self.env["service.quality.report.content"]._attainment()
        if not indicator:
            return {}
        counts = self.env["service.quality.counting"]._count(
            indicator, survey.company_id, survey._period(), ("target",)
        )
        by_target = {
            one["scope_id"]: (one["numerator"], one["denominator"]) for one in counts
        }
        found = {}
        for promise in survey.promise_ids:
            kept = [by_target.get(target, (0, 0)) for target in promise.target_ids.ids]
            found[promise.id] = tuple(map(sum, zip(*kept, strict=True))) or (0, 0)
        return found
