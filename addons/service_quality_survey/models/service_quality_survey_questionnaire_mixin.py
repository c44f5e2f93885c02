from collections import namedtuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .questionnaire_data import (
    AFTER,
    BEFORE,
    CHOOSING,
    INDEX_BLOCKS,
    KINDS,
    MOST_QUESTIONS,
    SATISFIED,
    STANDARD,
    WISHES,
)

ContentRow = namedtuple("ContentRow", "promise terms agreements questions is_asked")
"""A line of the check: a promise, what was agreed with whom, and what asks about it."""

TRANSLATED = ("title", "scale_min_label", "scale_max_label", "comments_message")


class ServiceQualitySurveyQuestionnaireMixin(models.AbstractModel):
    """Is what a survey asks, and whether that matches the agreements.

    Questions are proposed from what the agreements promise, in each language of the
    house, and edited as Odoo's surveys are. Which question asks about which promise is
    kept, so that the check of contents can be repeated.
    """

    _name = "service.quality.survey.questionnaire.mixin"
    _description = "Questionnaire of a Survey"

    questionnaire_id = fields.Many2one(
        "survey.survey",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    question_ids = fields.One2many(
        "survey.question",
        related="questionnaire_id.question_and_page_ids",
        string="Questions",
        readonly=False,
    )
    promise_ids = fields.One2many(
        "service.quality.survey.promise", "survey_id", string="Promises"
    )
    asks_nps = fields.Boolean(
        string="Ask for a Recommendation",
        help="Adds the question of the net promoter score.",
    )
    asks_effort = fields.Boolean(
        string="Ask for the Effort", help="Adds how easy it is to get help."
    )
    question_count = fields.Integer(compute="_compute_question_count")
    content_check = fields.Html(compute="_compute_content_check", sanitize=False)

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("questionnaire_id.question_and_page_ids")
    def _compute_question_count(self):
        for survey in self:
            survey.question_count = len(survey.question_ids)

    @api.depends(
        "promise_ids.name",
        "promise_ids.question_ids",
        "promise_ids.target_ids",
        "questionnaire_id.question_and_page_ids.title",
        "questionnaire_id.question_and_page_ids.service_block",
        "questionnaire_id.question_and_page_ids.service_promise_ids",
    )
    @api.depends_context("lang")
    def _compute_content_check(self):
        qweb = self.env["ir.qweb"]
        for survey in self:
            survey.content_check = survey.questionnaire_id and qweb._render(
                "service_quality_survey.content_check", {"survey": survey}
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def unlink(self):
        questionnaires = self.questionnaire_id
        self.promise_ids.unlink()
        result = super().unlink()
        questionnaires.unlink()
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_propose_questions(self):
        """Propose questions from the agreements; those that there are stay.

        :return: True
        :raise UserError: once people are being asked
        """
        self._check_quality()
        self._check_before_field()
        for survey in self:
            survey._propose_questionnaire()
        return True

    def action_discard_questions(self):
        """Take all questions and promises out, to propose them anew.

        :return: True
        :raise UserError: once people are being asked
        """
        self._check_quality()
        self._check_before_field()
        self.promise_ids.unlink()
        questionnaires = self.questionnaire_id
        self._write_as_step({"questionnaire_id": False})
        questionnaires.unlink()
        return True

    def action_print_content_check(self):
        """Print how the questions match the agreements, as evidence."""
        self._ensure_some()
        return self.env.ref(
            "service_quality_survey.content_check_report"
        ).report_action(self, data={}, config=False)

    def _check_before_field(self):
        if any(survey.state not in ("draft", "ready") for survey in self):
            raise UserError(
                self.env._(
                    "People are being asked, or were: the questions stay as they are."
                )
            )

    # ------------------------------------------------------------------
    # Proposal
    # ------------------------------------------------------------------

    def _agreements_asked_about(self):
        """Return the agreements that the questions of one survey are to match."""
        return self.agreement_ids or self._agreements_due()

    def _propose_questionnaire(self):
        self.ensure_one()
        if not self.questionnaire_id:
            self._write_as_step({"questionnaire_id": self._create_questionnaire().id})
        self._propose_promises()
        unwanted = self._unwanted_blocks()
        self.question_ids.filtered(lambda one: one.service_block in unwanted).unlink()
        self._propose_standard_questions()
        self._propose_promise_questions()
        self._sort_questions()

    def _create_questionnaire(self):
        # nobody follows it: followers would be told of each answer
        model = self.env["survey.survey"].with_context(mail_create_nosubscribe=True)
        return model.create(
            {
                "title": self.name,
                "survey_type": "service_quality",
                "access_mode": "token",
                "questions_layout": "one_page",
                "scoring_type": "no_scoring",
                "users_can_go_back": False,
                "user_id": False,
                "lang_ids": [Command.set(self.env["res.lang"].search([]).ids)],
            }
        )

    def _unwanted_blocks(self):
        wanted = {"nps": self.asks_nps, "effort": self.asks_effort}
        return {block for block, is_wanted in wanted.items() if not is_wanted}

    def _propose_promises(self):
        """Add what the agreements promise and no promise names yet.

        The targets of one metric and service are one promise, whatever the priority.
        """
        known = {one._key(): one for one in self.promise_ids if one.target_ids}
        new = {}
        for key, targets in self._targets_by_promise().items():
            if key not in known:
                new[key] = targets
            elif targets - known[key].target_ids:
                known[key].target_ids |= targets  # batched: an agreement was signed
        self._create_in_languages(
            "service.quality.survey.promise",
            lambda lang: [
                self._prepare_promise(key, targets, number, lang)
                for number, (key, targets) in enumerate(new.items(), 1)
            ],
            ("name",),
        )

    def _targets_by_promise(self):
        """Return the targets of the agreements of one survey, as they are promised.

        :return: dict of (metric, process, category, team) to targets
        """
        # who prepares a survey need not read agreements
        targets = self._agreements_asked_about().sudo().target_ids
        return {
            key: found.sudo(False)
            for key, found in targets.grouped(
                lambda one: (
                    one.metric,
                    one.process_id,
                    one.category_id,
                    one.team_id,
                )  # fmt: skip
            ).items()
        }

    def _prepare_promise(self, key, targets, number, lang):
        metric, process, category, team = key
        values = {
            "survey_id": self.id,
            "sequence": 10 * number,
            "metric": metric,
            "process_id": process.id,
            "category_id": category.id,
            "team_id": team.id,
            "target_ids": [Command.set(targets.ids)],
        }
        # what it is about, in the words of that language
        draft = self.env["service.quality.survey.promise"].with_context(lang=lang)
        draft = draft.new(values)
        return values | {"name": draft._words()[0]}

    def _propose_standard_questions(self):
        known = set(self.question_ids.mapped("service_block"))
        wanted = [
            block
            for block in (*BEFORE, *AFTER)
            if block not in known and block not in self._unwanted_blocks()
        ]
        questions = self._create_in_languages(
            "survey.question",
            lambda lang: [self._prepare_standard(block, lang) for block in wanted],
            TRANSLATED,
        )
        calls = questions.filtered(lambda one: one.service_block == "call")
        self._create_in_languages(
            "survey.question.answer",
            lambda lang: [
                {
                    "question_id": question.id,
                    "sequence": number,
                    "service_is_wish": is_wish,
                    "value": words._translate(lang),
                }
                for question in calls
                for number, (is_wish, words) in enumerate(WISHES, 1)
            ],
            ("value",),
        )

    def _prepare_standard(self, block, lang):
        values = dict(STANDARD[block])
        scale = values.pop("scale", None)
        for name in ("title", "comments_message"):
            if name in values:
                values[name] = values[name]._translate(lang)
        if scale:
            values |= self._prepare_scale(*scale, lang)
        return values | {"survey_id": self.questionnaire_id.id, "service_block": block}

    def _prepare_scale(self, least, most, low, high, lang):
        return {
            "scale_min": least,
            "scale_max": most,
            "scale_min_label": low._translate(lang),
            "scale_max_label": high._translate(lang),
        }

    def _propose_promise_questions(self):
        """Ask about the promises that no question asks about, as far as there is room.

        Where there are too many, one question asks about all promises of a metric.
        """
        unasked = self.promise_ids.filtered(lambda one: not one.is_asked)
        room = MOST_QUESTIONS - len(self.question_ids)
        if len(unasked) > room:
            unasked -= self._join_questions(unasked)
            groups = list(unasked.grouped(lambda one: one.metric or one.id).values())
        else:
            groups = list(unasked)
        groups = groups[: max(room, 0)]
        self._create_in_languages(
            "survey.question",
            lambda lang: [
                {
                    "survey_id": self.questionnaire_id.id,
                    "service_block": "promise",
                    "service_promise_ids": [Command.set(promises.ids)],
                    "question_type": "scale",
                    "title": promises.with_context(lang=lang)._words()[1],
                }
                | self._prepare_scale(1, 10, *SATISFIED, lang)
                for promises in groups
            ],
            TRANSLATED,
        )

    def _join_questions(self, promises):
        """Have questions about a metric ask about further promises of it as well.

        :return: the promises that found one
        """
        asking = {
            question.service_promise_ids.metric: question
            for question in self.question_ids
            if len(question.service_promise_ids) > 1
            and len(set(question.service_promise_ids.mapped("metric"))) == 1
        }
        found = promises.filtered(lambda one: one.metric in asking)
        for promise in found:
            promise.question_ids |= asking[promise.metric]  # batched: few
        return found

    def _sort_questions(self):
        """Put the index first, then the promises, and what is open at the end."""
        places = {block: place for place, block in enumerate((*BEFORE, "", *AFTER))}
        middle = places[""]
        questions = self.question_ids.sorted(
            lambda one: (places.get(one.service_block, middle), one.sequence, one.id)
        )
        for number, question in enumerate(questions, 1):
            question.sequence = 10 * number  # written to the database in one go

    @api.model
    def _create_in_languages(self, model, prepare, names):
        """Create records with their texts in each language of the house.

        :param prepare: a method that returns the values of all, in a language
        :param names: of the translated fields
        :return: the records
        """
        # English is what is shown where a translation is missing
        records = self.env[model].with_context(lang="en_US").create(prepare("en_US"))
        for lang, _name in self.env["res.lang"].get_installed():
            if lang == "en_US" or not records:
                continue
            for record, values in zip(records, prepare(lang), strict=True):
                record.with_context(lang=lang).write(  # batched: at most some fifteen
                    {name: values[name] for name in names if values.get(name)}
                )
        return records.with_env(self.env)

    # ------------------------------------------------------------------
    # Check
    # ------------------------------------------------------------------

    def _questionnaire_problems(self):
        """Return what is wrong with the questionnaire of one survey.

        :return: list of texts in the language of the user
        """
        self.ensure_one()
        _ = self.env._
        questions = self.question_ids
        if not questions:
            return [_("There are no questions yet. Press Propose Questions.")]
        found = []
        if len(questions) > MOST_QUESTIONS:
            found.append(
                _(
                    "%(count)s questions are too many: ask at most %(most)s.",
                    count=len(questions),
                    most=MOST_QUESTIONS,
                )
            )
        labels = dict(questions._fields["service_block"]._description_selection(
            self.env
        ))  # fmt: skip
        for block in INDEX_BLOCKS:
            count = len(questions.filtered(lambda one, b=block: one.service_block == b))
            if count != 1:
                found.append(
                    _(
                        "The satisfaction index needs one question of the kind "
                        "%(kind)s, and there are %(count)s.",
                        kind=labels[block],
                        count=count,
                    )
                )
        for question in questions:
            found += self._question_problems(question)
        return found

    def _question_problems(self, question):
        """Return why a question cannot be asked, a list of texts."""
        _ = self.env._
        title = question.title
        found = []
        if question.question_type not in KINDS:
            found.append(_("Not a type of question that can be asked: %s", title))
        if question.triggering_answer_ids:
            found.append(_("Asked of some people only, by their answers: %s", title))
        if question.question_type in CHOOSING and not question.suggested_answer_ids:
            found.append(_("There is nothing to choose: %s", title))
        is_index = question.service_block in INDEX_BLOCKS
        scale = (question.question_type, question.scale_min, question.scale_max)
        if is_index and scale != ("scale", 1, 10):
            found.append(_("Not a scale from 1 to 10: %s", title))
        return found

    def _unasked_promises(self):
        """Return what the agreements promise and one survey asks nothing about.

        :return: list of promises in words, empty when all are asked about
        """
        self.ensure_one()
        found = self.promise_ids.filtered(lambda one: not one.is_asked).mapped("name")
        # whatever agreements the reader may read
        named = self.promise_ids.sudo().target_ids
        for key, targets in self._targets_by_promise().items():
            if targets.sudo() - named:  # likewise
                label = targets.sudo()[:1]._label("metric")  # likewise
                # likewise
                parts = (label, *(record.sudo().display_name for record in key[1:]))
                found.append(" · ".join(filter(None, parts)))
        return found

    def _content_rows(self):
        """Return the check of contents: a list of :class:`ContentRow`."""
        self.ensure_one()
        return [
            ContentRow(
                promise,
                promise._terms(),
                # which agreements promise it, by name alone
                promise.sudo().agreement_ids.mapped("display_name"),
                promise.question_ids.mapped("title"),
                promise.is_asked,
            )
            for promise in self.promise_ids
        ]

    def _content_warnings(self):
        """Return what does not match between questions and agreements, in words.

        None of it keeps a survey from being started; who starts it has seen it.
        """
        self.ensure_one()
        _ = self.env._
        found = [
            _("Promised, and no question asks about it: %s", name)
            for name in self._unasked_promises()
        ]
        found += [
            _("Asked, and no agreement promises it: %s", question.title)
            for question in self.question_ids
            if question.service_block in (False, "promise")
            and not question.service_promise_ids
        ]
        missing = self._missing_texts()
        names = dict(self.env["res.lang"].get_installed())
        found += [
            _(
                "Not yet in the language %(lang)s of people who are asked: %(title)s",
                lang=names[lang],
                title=question.title,
            )
            for question in self.question_ids
            for lang in missing.get(question.id, ())
        ]
        unspoken = self._people().filtered(
            lambda one: one.lang and one.lang not in names
        )
        if unspoken:
            found.append(
                _(
                    "These people are asked in another language than theirs, which is "
                    "not installed: %s",
                    ", ".join(unspoken.mapped("name")),
                )
            )
        return found

    def _people(self):
        """Return who is to be asked, as far as that is known."""
        return self.contact_ids.filtered(lambda one: not one.is_excluded)

    def _missing_texts(self):
        """Return in which languages that people speak the questions have no text.

        :return: dict of question id to codes of languages
        """
        spoken = set(self._people().mapped("lang"))
        spoken &= dict(self.env["res.lang"].get_installed()).keys()
        if spoken <= {"en_US"}:
            return {}
        questions = self.question_ids
        field = questions._fields["title"]
        questions.flush_recordset(["title"])
        found = {}
        for question in questions:
            texts = field._get_stored_translations(question) or {}  # batched: few
            found[question.id] = sorted(spoken - texts.keys())
        return found
