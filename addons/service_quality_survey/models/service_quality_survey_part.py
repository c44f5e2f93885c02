from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.roles import group_of

from .result_data import FEEDBACK_DAYS

ANSWER = {"analysis", "measure", "measure_until", "no_measure_reason"}
JUDGED = {"return_note", "follow_up"}
"""What the quality department writes."""

STATES = [
    ("open", "To be answered"),
    ("answered", "To be accepted"),
    ("accepted", "Measure running"),
    ("done", "Done"),
]


class ServiceQualitySurveyPart(models.Model):
    """Regulation A4.2.4: gives a department or a person what a survey says of them.

    Whoever it is about says why it is so and what is done, until a day. Somebody else,
    of the quality department, accepts the answer, and later that the measure is done.
    They read figures and answers in people's own words, without names where they alone
    were rated, and no single answer.
    """

    _name = "service.quality.survey.part"
    _description = "Feedback of a Survey"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "service.quality.due.mixin",
    ]
    _order = "survey_id desc, kind, id"

    _second_roles = ("quality",)
    _not_authored = frozenset(JUDGED)
    _due_subject = "survey_part"
    _due_sequence = 96
    _due_owner = "user_id"
    _due_depends = ("state", "deadline", "answered_at")

    survey_id = fields.Many2one(
        "service.quality.survey",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="survey_id.company_id", store=True)
    kind = fields.Selection(
        [("team", "Department"), ("user", "Person")], required=True, readonly=True
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    person_id = fields.Many2one(
        "res.users",
        string="Who Was Rated",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    name = fields.Char(compute="_compute_name", compute_sudo=True)
    user_id = fields.Many2one(
        "res.users",
        string="To Be Answered By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    deadline = fields.Date(string="Answer Until", required=True, readonly=True)
    figures_page = fields.Html(
        string="Figures", compute="_compute_pages", compute_sudo=True, sanitize=False
    )
    said_page = fields.Html(
        string="In Their Own Words",
        compute="_compute_pages",
        compute_sudo=True,
        sanitize=False,
    )

    # the answer
    analysis = fields.Text(
        string="Why It Is So", tracking=True, help="What customers feel, and why."
    )
    measure = fields.Text(
        string="What Is Done", tracking=True, help="What is done, and how one sees it."
    )
    measure_until = fields.Date(string="Done Until", tracking=True)
    no_measure_reason = fields.Text(
        string="Why Nothing Is Done", tracking=True, help="Where there is no measure."
    )
    answered_at = fields.Datetime(string="Answered On", readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True)

    # what became of it
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        index=True,
    )
    return_note = fields.Text(string="What Is Missing", tracking=True)
    accepted_at = fields.Datetime(string="Accepted On", readonly=True)
    accepted_by_id = fields.Many2one("res.users", readonly=True)
    follow_up = fields.Text(string="What Became of It", tracking=True)
    done_at = fields.Datetime(string="Done On", readonly=True)

    _team_uniq = models.UniqueIndex(
        "(survey_id, team_id) WHERE team_id IS NOT NULL",
        "This department has its part already.",
    )
    _person_uniq = models.UniqueIndex(
        "(survey_id, person_id) WHERE person_id IS NOT NULL",
        "This person has their part already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("team_id.name", "person_id.name")
    def _compute_name(self):
        for part in self:
            part.name = part.team_id.name or part.person_id.name

    @api.depends("name", "survey_id.name")
    def _compute_display_name(self):
        for part in self:
            survey = part.sudo().survey_id  # its name is in the part
            part.display_name = f"{part.name} · {survey.name}"

    @api.depends("team_id", "person_id", "survey_id.result_ids")
    @api.depends_context("lang")
    def _compute_pages(self):
        """Show what a survey says of a department or a person, and of no one else."""
        qweb = self.env["ir.qweb"]
        for part in self.with_context(service_survey_confidential=True):
            lines = part._figures()
            values = {
                "part": part,
                "own": lines.filtered(lambda line: not line.promise_id),
                "promises": lines.filtered("promise_id"),
                "measured": {
                    line.promise_id: line
                    for line in part.survey_id.result_ids
                    if line.kind == "promise"
                },
                "said": part._said(),
                "is_named": part.kind == "team",
            }
            template = "service_quality_survey.part_%s"
            part.figures_page = qweb._render(template % "figures", values)
            part.said_page = qweb._render(template % "said", values)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse changes of an answer that was handed in, and judging one's own."""
        if not self.env.su:
            changed = vals.keys()
            if changed & ANSWER and any(part.state != "open" for part in self):
                raise AccessError(
                    self.env._("The answer was handed in. It can be sent back to you.")
                )
            if changed & JUDGED:
                self._check_quality()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_out(self):
        raise UserError(self.env._("What was handed out stays on record."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_answer(self):
        """Hand in why it is so, and what is done or why nothing is.

        :return: True
        :raise ValidationError: where one of them is missing
        """
        self._ensure_some()
        self.check_access("write")
        _ = self.env._
        for part in self:
            if part.state != "open":
                raise UserError(_("This was answered already."))
            if not part.analysis:
                raise ValidationError(_("Enter why it is so."))
            if not part.measure and not part.no_measure_reason:
                raise ValidationError(_("Enter what is done, or why nothing is."))
            if part.measure and not part.measure_until:
                raise ValidationError(_("Enter until when it is done."))
        self._service_check_filled_in("analysis", "measure", "no_measure_reason")
        self._service_check_says(["analysis"])
        self._service_check_says(["measure", "no_measure_reason"], LEAST_REASON)
        self.sudo()._write_as_step(  # by the button alone
            {
                "state": "answered",
                "answered_at": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        self.activity_ids.action_feedback()
        return True

    def action_accept(self):
        """Accept an answer: its measure is followed until it is done.

        :return: True
        :raise AccessError: for whoever wrote it or is rated, and for another role
        """
        self._check_state("answered")
        self._decide_as_second_person(self.env._("Accepted"), self._refusal())
        for part in self.sudo():  # who decides does not write
            is_over = not part.measure
            part._write_as_step(
                {
                    "state": "done" if is_over else "accepted",
                    "accepted_at": fields.Datetime.now(),
                    "accepted_by_id": self.env.uid,
                    "done_at": fields.Datetime.now() if is_over else False,
                }
            )
        self.sudo()._plan_measures()  # activities of others
        return True

    def action_return(self):
        """Send an answer back to whoever gave it, with what is missing.

        :return: True
        :raise ValidationError: without a word of what is missing
        """
        self._check_state("answered")
        self._check_second_person(self._refusal())
        for part in self:
            if not part.return_note:
                raise ValidationError(self.env._("Enter what is missing."))
        self._service_check_says(["return_note"], LEAST_REASON)
        self.sudo()._write_as_step(  # by the button alone
            {"state": "open", "answered_at": False, "answered_by_id": False}
        )
        self.sudo()._remind()  # activities of others
        return True

    def action_done(self):
        """Confirm that a measure is done, with what became of it.

        :return: True
        :raise AccessError: for whoever wrote it or is rated, and for another role
        """
        self._check_state("accepted")
        self._check_second_person(self._refusal())
        for part in self:
            if not part.follow_up:
                raise ValidationError(self.env._("Enter what became of it."))
        self._service_check_says(["follow_up"], LEAST_REASON)
        self._decide_as_second_person(self.env._("Done"), self._refusal())
        self.sudo()._write_as_step(  # who decides does not write
            {"state": "done", "done_at": fields.Datetime.now()}
        )
        self.sudo().activity_ids.action_feedback()  # whoever has them
        return True

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _authors(self):
        """Return who was rated, and who answers for it, as well."""
        return super()._authors() | self.user_id | self.person_id

    def _refusal(self):
        return self.env._(
            "Somebody else, of the quality department, decides on the answer."
        )

    def _check_quality(self):
        quality = self.env.user.has_group(group_of("quality"))
        if not quality and not all(part.may_decide for part in self):
            raise AccessError(self._refusal())

    def _check_state(self, state):
        self._ensure_some()
        self.check_access("read")
        if any(part.state != state for part in self):
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "This is for what stands at: %s. Reload the page.", labels[state]
                )
            )

    # ------------------------------------------------------------------
    # Handing out
    # ------------------------------------------------------------------

    @api.model
    def _make(self, survey):
        """Hand out the parts of one survey that are not there yet.

        :return: the new parts
        """
        known = survey.part_ids.team_id, survey.part_ids.person_id
        company = survey.company_id
        people = company._service_people
        deadline = fields.Date.add(company._service_day(), days=FEEDBACK_DAYS)
        fallback = people(survey.user_id) or company._service_role_users("quality")[:1]
        values = []
        for line in survey.sudo().result_ids:  # whoever hands it out
            owner = self.env["res.users"]
            if line.kind == "team" and line.team_id not in known[0]:
                owner = line.team_id._service_contacts(people)[:1] or fallback
            elif line.kind == "user" and line.user_id not in known[1]:
                owner = people(line.user_id)
            if not owner:
                continue
            values.append(
                {
                    "survey_id": survey.id,
                    "kind": line.kind,
                    "team_id": line.team_id.id if line.kind == "team" else False,
                    "person_id": line.user_id.id if line.kind == "user" else False,
                    "user_id": owner.id,
                    "deadline": deadline,
                }
            )
        parts = self.sudo()._create_as_step(values)  # by this step alone
        parts._remind()
        return parts.sudo(False)

    def _figures(self):
        """Return the figures about one department or person."""
        name, record = ("team_id", self.team_id)
        if self.kind == "user":
            name, record = ("user_id", self.person_id)
        lines = self.survey_id.result_ids.with_env(self.env)
        return lines.filtered(lambda line: line[name] == record)

    def _contacts(self):
        """Return the people whose agreements are those of a department or person."""
        people = self.survey_id.contact_ids
        people = people.filtered(lambda one: one.state == "answered")
        if self.kind == "team":
            return people.filtered(lambda one: self.team_id in one.team_ids)
        own = self.survey_id.agreement_ids.filtered(
            lambda one: self.person_id in one.manager_id | one.salesperson_id
        )
        return people.filtered(lambda one: one.agreement_ids & own)

    def _said(self):
        """Return what people of one part wrote in their own words.

        Who alone was rated reads it in an order that says nothing of who wrote it.
        """
        page = self.env["service.quality.survey.page"]
        said = page._said(self.survey_id, self._contacts())
        if self.kind == "user":
            said.sort(key=lambda one: one.text)
        return said

    def _measure_text(self):
        """Return what is done about one part, or why nothing is."""
        if not self.answered_at:
            return self.env._("not decided yet")
        return self.measure or self.env._("No action: %s", self.no_measure_reason)

    def _standing(self, about):
        """Return ``beyond`` for what is late at the end of a period."""
        until = self.measure_until if self.answered_at else self.deadline
        is_late = self.state != "done" and until and until < about.period.end
        return "beyond" if is_late else ""

    def _remind(self):
        """Plan the answer as an activity of who gives it."""
        self.env["mail.activity"]._service_plan(
            [(one, one.user_id, one.deadline, lambda own: own._todo()) for one in self],
            mails=True,
        )

    def _plan_measures(self):
        """Plan the measures as activities of who has promised them."""
        self.env["mail.activity"]._service_plan(
            [
                (one, one.user_id, one.measure_until, lambda own: own._todo_measure())
                for one in self
                if one.state == "accepted"
            ]
        )

    def _todo(self):
        return self.env._("Say why customers feel so, and what is done")

    def _todo_measure(self):
        return self.env._("Do what you have promised after the customer survey")

    # ------------------------------------------------------------------
    # Due
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        return self.env._("Feedback of customer surveys")

    @api.model
    def _open_domain(self):
        return Domain("state", "=", "open")

    def _overdue_text(self):
        return self.env._("Feedback not answered: %s", self.display_name)

    def _check_may_move_due(self):
        self._check_quality()
        return super()._check_may_move_due()
