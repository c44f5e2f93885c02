from odoo import Command

from .survey_common import SurveyCase


class OutcomeCase(SurveyCase):
    """A survey in the field, whose people answer what a test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._user("survey_boss", "executive")
        cls.team.user_id = cls._user("survey_lead", "staff")
        cls.lead = cls.team.user_id
        # as if they had been signed for the team
        cls.agreements.sudo()._write_as_step({"team_ids": [Command.set(cls.team.ids)]})

    @classmethod
    def _in_field(cls, **values):
        """Return a survey of the three customers that was begun."""
        survey = cls._frozen(**values)
        survey.action_propose_questions()
        survey.action_start()
        return survey

    @classmethod
    def _with_people(cls, count, **values):
        """Return a survey in the field of so many people, of one customer each."""
        customers = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number:03}", "email": f"c{number}@many.example"}
                for number in range(count)
            ]
        )
        cls._agreement(
            {"metric": "resolution", "duration": 8},
            name="Agreement of many",
            partner_ids=[Command.set(customers.ids)],
            team_ids=[Command.set(cls.team.ids)],
            date_start="2026-01-01",
            manager_id=cls.manager.id,
        )
        survey = cls.Survey.create({"domain": f"[('id', 'in', {customers.ids})]"})
        survey.action_propose()
        if values:
            survey.write(values)
        survey.action_freeze()
        if survey.is_sampled:
            survey.action_draw()
        survey.action_propose_questions()
        survey.action_start()
        return survey

    @classmethod
    def _ask_of(cls, survey):
        """Return the questions of a survey by block; of promises, the first one."""
        found = {}
        for question in survey.questionnaire_id.question_ids:
            found.setdefault(question.service_block, question)
        return found

    @classmethod
    def _answer(cls, contact, **given):
        """Have one person answer by the link: scores by block, or one for all."""
        questions = contact._questions()
        score = given.pop("score", 8)
        values = {}
        for question in questions:
            if question.question_type == "scale":
                values[question.id] = given.get(question.service_block, score)
            elif question.service_block in given:
                values[question.id] = given[question.service_block]
        problems = contact._save_answers(values, "link")
        assert not problems, problems

    @classmethod
    def _answer_many(cls, survey, scores, texts=()):
        """Have people answer at once, each question with the same score.

        :param scores: the score of each of the first people, None for who is silent
        """
        people = survey.contact_ids.filtered("is_drawn").sorted("id").sudo()
        answering = [
            (person, score)
            for person, score in zip(people, scores, strict=False)
            if score is not None
        ]
        inputs = cls.env["survey.user_input"].create(
            [
                {
                    "survey_id": survey.questionnaire_id.id,
                    "partner_id": person.partner_id.id,
                    "state": "in_progress",
                }
                for person, _score in answering
            ]
        )
        asked = survey.questionnaire_id.question_ids.filtered(
            lambda one: one.question_type == "scale"
        )
        opened = cls._ask_of(survey)["open"]
        lines = [
            {
                "user_input_id": own.id,
                "question_id": question.id,
                "answer_type": "scale",
                "value_scale": score,
            }
            for own, (_person, score) in zip(inputs, answering, strict=True)
            for question in asked
        ]
        lines += [
            {
                "user_input_id": own.id,
                "question_id": opened.id,
                "answer_type": "text_box",
                "value_text_box": text,
            }
            for own, text in zip(inputs, texts, strict=False)
        ]
        cls.env["survey.user_input.line"].create(lines)
        for own, (person, _score) in zip(inputs, answering, strict=True):
            person._write_as_step({"user_input_id": own.id})
        inputs.state = "done"
        answered = people.browse([person.id for person, _score in answering])
        answered._write_as_step({"state": "answered", "channel": "link"})
        (people - answered)._write_as_step({"state": "asked"})

    def _line(self, survey, kind="total", **found):
        """Return the figure of a kind, and of a record."""
        lines = survey.result_ids.filtered(lambda line: line.kind == kind)
        for name, value in found.items():
            lines = lines.filtered(lambda line, n=name, v=value: line[n] == v)
        return lines
