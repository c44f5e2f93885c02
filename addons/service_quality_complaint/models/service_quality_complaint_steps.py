from datetime import timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html2plaintext, is_html_empty

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_EVIDENCE, LEAST_REASON
from odoo.addons.service_quality_core.models.roles import TECHNICAL_CENTRE
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.models.severity import RANK, SEVERITIES
from odoo.addons.service_quality_core.tools.form_text import weigh
from odoo.addons.service_quality_core.tools.metrics import HANDLED_PHASES

from .complaint_data import ANSWER_WAYS, COMPLAINT_KINDS, STEPS

JUST_NOW = timedelta(minutes=1)
"""How long a second answer to a complaint is taken for one that met the first."""


class ServiceQualityComplaintSteps(models.AbstractModel):
    """The steps of a complaint lead to its end; each of them is a row of the ledger."""

    _name = "service.quality.complaint.steps"
    _description = "Steps of Complaints"

    service_causes_said = fields.Text(
        string="Causes That Others Wrote",
        readonly=True,
        copy=False,
        groups="base.group_user",
        prefetch="service_complaint",
        help="What people who are not of the technical centre gave as the cause, also "
        "where it was changed or cleared since.",
    )

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def service_complaint_acknowledge(self, at=None, external_ref=None):
        """Acknowledge these complaints; the complainants are told by mail.

        :param at: text ``YYYY-MM-DD HH:MM:SS`` in UTC, or a naive datetime, when it
            happened; now when left out
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise AccessError: without the right to write the tickets
        :raise UserError: for a ticket that is no complaint, or not at this step
        """
        self._ensure_some()
        return self._service_complaint_step("acknowledged", at)

    @idempotent
    def service_complaint_investigate(self, at=None, external_ref=None):
        """Begin to investigate these complaints; parameters as for acknowledging.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        """
        self._ensure_some()
        return self._service_complaint_step("investigating", at)

    @idempotent
    def service_complaint_answer(
        self,
        answer,
        way="mail",
        at=None,
        admitted=None,
        redress=None,
        external_ref=None,
    ):
        """Record the answer that the complainant gets, or has got.

        :param answer: its text, as HTML
        :param way: ``mail`` sends it; ``phone`` and ``in_person`` say that it was
            spoken; ``published`` is for the anonymous, who look it up
        :param at: when it was spoken; as for acknowledging
        :param admitted: ``yes``, ``partly`` or ``no``; left as it is when left out
        :param redress: what the complainant gets; left as it is when left out
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise ValidationError: for an empty answer, an unknown way, or one by which
            this complainant cannot be reached
        """
        self._ensure_some()
        self.check_access("write")
        given = Arguments(self.env)
        answer = given.field("answer", answer, self._fields["service_answer"])
        self._service_check_answer(answer, way)
        self._service_check_text("service_answer", answer)
        self._service_check_said("service_answer", answer, LEAST_REASON)
        self._service_check_step("answered")
        self._service_check_just_done("answered")
        values = {}
        for name, value in (("admitted", admitted), ("redress", redress)):
            if value is not None:
                field = self._fields[f"service_{name}"]
                values[field.name] = given.field(name, value, field)
        tickets = self.sudo()  # of complaints that the one who answers may write
        tickets.write(values)
        tickets._write_as_step({"service_answer": answer, "service_answer_way": way})
        return self._service_complaint_step("answered", at, {"way": way})

    @idempotent
    def service_complaint_accepted(self, at=None, external_ref=None):
        """Record that the complainant accepts the answer; as for acknowledging.

        :param external_ref: the caller's own key; a repeat under it does nothing more
        """
        self._ensure_some()
        self.check_access("write")
        self._service_check_just_done("answer_accepted")
        return self._service_complaint_step("answer_accepted", at)

    @idempotent
    def service_complaint_refused(self, words, at=None, external_ref=None):
        """Record that the complainant does not accept the answer.

        The first time the complaint is open again, one level higher. The second time
        it is left to be closed with reasons.

        :param words: why, in the complainant's words; a text that is not empty
        :param at: when it was said; as for acknowledging
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise ValidationError: without words
        :raise UserError: for a complaint that was not answered
        """
        self._ensure_some()
        self.check_access("write")
        words = Arguments(self.env).text("words", words)
        if not words:
            raise ValidationError(
                self.env._("Enter why the complainant does not accept the answer.")
            )
        again = self.filtered(lambda ticket: ticket.service_refused)
        first = self - again
        again._service_complaint_step("refused_again", at)
        first._service_complaint_step("answer_refused", at)
        self.sudo()._write_as_step({"service_refusal": words})  # by steps alone
        first._service_complaint_reopen()
        self._service_tell_of_refusal(words)
        return True

    def service_complaint_close(self):
        """Close these complaints.

        One that is not handled yet is resolved first. If it then waits for something
        else, it stays resolved until that has ended.

        :return: True when all of them are closed
        :raise ValidationError: says what is missing; over JSON-2 its context names
            the ``fields``
        """
        self._ensure_some()
        self.check_access("write")
        handled = self.filtered(lambda ticket: ticket.service_phase in HANDLED_PHASES)
        fresh = self - handled
        fresh._service_move_to("resolved")
        waiting = fresh.filtered(lambda ticket: ticket._service_waits_to_be_closed())
        (self - waiting)._service_move_to("closed")
        return not waiting

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_complaint_answer(self):
        """Open the dialog in which the answer is written."""
        self.ensure_one()
        return self._service_complaint_dialog(
            "helpdesk.ticket.complaint.answer", self.env._("Answer the complaint")
        )

    def action_service_complaint_refused(self):
        """Open the dialog that asks why the answer is not accepted."""
        self.ensure_one()
        return self._service_complaint_dialog(
            "helpdesk.ticket.complaint.refusal", self.env._("The answer is refused")
        )

    def action_service_complaint_close(self):
        """Close the complaint, or say what it waits for."""
        self.ensure_one()
        if self.service_complaint_close():
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self._service_waits_to_be_closed(),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _service_complaint_dialog(self, model, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _service_check_step(self, step):
        """Refuse a step that does not follow on where a complaint stands."""
        states = dict(
            self._fields["service_complaint_state"]._description_selection(self.env)
        )
        for ticket in self.sudo():  # the state is for staff, the rule for everybody
            if not ticket.service_is_complaint:
                raise UserError(self.env._("Ticket %s is no complaint.", ticket.number))
            if ticket.stage_id._service_phase() == "cancelled" or (
                ticket.service_complaint_state not in STEPS[step].sources
            ):
                raise UserError(
                    self.env._(
                        "Complaint %(number)s is at the step %(state)s, from which "
                        "this one does not follow. Nothing was recorded.",
                        number=ticket.number,
                        state=self.env._("Cancelled")
                        if ticket.stage_id._service_phase() == "cancelled"
                        else states[ticket.service_complaint_state],
                    )
                )

    def _service_check_step_moment(self, moment):
        """Refuse a step before an earlier one: the state follows from their order."""
        later = self.env["service.quality.event"].search(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "in", COMPLAINT_KINDS),
                ("at", ">", moment),
                ("voided_by_ids", "=", False),
            ],
            limit=1,
        )
        if later:
            raise ValidationError(
                self.env._(
                    "%(at)s lies before the last step, %(last)s. Enter a later time.",
                    at=fields.Datetime.to_string(moment),
                    last=fields.Datetime.to_string(later.at),
                )
            )

    def _service_check_answer(self, answer, way):
        """Refuse an answer that the complainant does not get."""
        Arguments(self.env).choice("way", way, ANSWER_WAYS)
        if not answer or is_html_empty(answer):
            raise ValidationError(self.env._("Write the answer first."))
        for ticket in self:
            if ticket.service_is_anonymous and way == "mail":
                raise ValidationError(
                    self.env._(
                        "Complaint %s is anonymous: there is no address. Publish the "
                        "answer.",
                        ticket.number,
                    )
                )
            if way == "published" and not ticket.service_is_anonymous:
                raise ValidationError(
                    self.env._(
                        "Whoever made complaint %s is known: answer them in person, by "
                        "telephone or by mail.",
                        ticket.number,
                    )
                )
            if way == "mail" and not ticket._service_complainant_email():
                raise ValidationError(
                    self.env._(
                        "There is no mail address for complaint %s. Enter it, or "
                        "answer by telephone.",
                        ticket.number,
                    )
                )

    def _service_check_just_done(self, step):
        """Refuse what another has done a moment ago, where it may be done once more.

        Of two who answer at once the second has not read what the first one wrote.
        """
        tickets = self.sudo()  # who may take the step need not read the ledger
        tickets._service_lock()
        done = tickets.env["service.quality.event"].search(
            [
                ("ticket_id", "in", tickets.ids),
                ("kind", "=", step),
                ("recorded_at", ">", fields.Datetime.now() - JUST_NOW),
                ("user_id", "!=", self.env.uid),
            ],
            limit=1,
        )
        if done:
            raise UserError(
                self.env._(
                    "Complaint %(number)s: %(user)s has done this just now. Nothing "
                    "was recorded. Reload the page, and look whether anything is left "
                    "to do.",
                    number=done.ticket_id.number,
                    user=done.user_id.name,
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_complaint_step(self, step, at, value=None):
        """Write a step of these complaints to the ledger and tell the complainants.

        :param step: a key of :data:`STEPS`
        :param at: when, as given by a caller
        :param value: dict, what the row holds
        """
        self.check_access("write")
        self._service_check_step(step)
        moment = self._service_moment(at)
        self._service_check_step_moment(moment)
        rows = []
        for ticket in self.sudo():  # what the ledger needs to know
            rows += ticket._service_step_rows(step, moment, value or {})
        self._service_check_moment(rows)
        self.env["service.quality.ledger"].sudo()._append(rows)  # for everybody
        self._service_tell_complainant(step)
        return True

    def _service_step_rows(self, step, moment, value):
        """Return the rows of one step of one complaint."""
        kinds = []
        taken_up = {} if self._service_is_by_person() else {"by_itself": True}
        if STEPS[step].acknowledges and self.service_complaint_state == "registered":
            kinds.append(("acknowledged", taken_up))
        if step == "answered":
            kinds.append(("responded", {}))
        if step == "refused_again":
            kinds.append(("answer_refused", value | {"final": True}))
        elif step == "acknowledged":
            kinds.append((step, value | taken_up))
        else:
            kinds.append((step, value))
        return [self._service_row(kind, content, moment) for kind, content in kinds]

    def _service_is_by_person(self):
        """Return True if a person takes a step, and no rule that answers by itself."""
        by_itself = self.env.context.get("service_automatic")
        return not by_itself and self.env.uid != SUPERUSER_ID

    def _service_step_between(self, old, new):
        """Return the kind of row that a change of phase means for a complaint."""
        if not (old.severity and new.severity) or old.phase == new.phase:
            return None
        state = self.service_complaint_state
        if new.phase == "closed":
            return "complaint_closed" if state == "answered" else None
        reopened = old.phase in HANDLED_PHASES and new.phase not in HANDLED_PHASES
        if reopened and new.phase != "cancelled" and state in ("answered", "closed"):
            return "investigating"  # and a new answer is owed
        return None

    def _service_log_root_cause(self, before):
        """Write who found the cause, and whether as one of the centre then.

        Who adds a letter to what another has found has found nothing: it counts where
        the most is new, or as much as evidence says at least. What others have said
        is kept: it is not new when it was cleared in between.

        :param before: dict of ticket id to the cause as it was
        """
        now = self._service_moment(self._service_told().at)
        is_centre = self.env.user.has_group(TECHNICAL_CENTRE)
        rows = []
        for ticket in self:
            cause, kept = ticket.service_root_cause, ticket.sudo()  # for everybody
            said, told = kept.service_causes_said, html2plaintext(kept.description)
            known = "\n".join(filter(None, (before[ticket.id], said, told)))
            is_own = weigh(cause, known) >= min(LEAST_EVIDENCE, weigh(cause) / 2)
            value = {"by_centre": is_centre and is_own}
            rows.append(ticket._service_row("root_cause", value, now))
            if not value["by_centre"]:
                said = "\n".join(filter(None, (said, cause)))
                kept._write_as_step({"service_causes_said": said})
        self.env["service.quality.ledger"].sudo()._append(rows)  # for everybody

    def _service_complaint_reopen(self):
        """Open refused complaints again, each one level higher."""
        refused = self.sudo()  # by who says so for the complainant
        for severity, tickets in refused.grouped("service_severity").items():
            rank = min(RANK[severity], len(SEVERITIES) - 1)
            # one that is closed is taken up again by this
            tickets._rectify_as_step().service_severity = SEVERITIES[rank][0]
        refused.filtered(
            lambda ticket: ticket.stage_id._service_phase() in HANDLED_PHASES
        )._service_move_to("active", "new")

    def _service_tell_of_refusal(self, words):
        """Put the complainant's words on record, and remind who has the complaint."""
        for ticket in self.sudo().with_context(  # it is no answer to the complainant
            service_automatic=True
        ):
            ticket.message_post(  # batched: one complaint is refused at a time
                body=words, subtype_xmlid="mail.mt_note"
            )
            visible = ticket._service_visible_to(ticket.user_id)
            whom = visible or ticket.team_id._service_contacts(
                ticket._service_visible_to
            )
            ticket.env["mail.activity"]._service_plan(
                [
                    (
                        ticket,
                        user,
                        user.partner_id._service_day(ticket.company_id),
                        lambda own: own._service_refused_todo(),
                    )
                    for user in whom[:1]
                ],
                mails=True,
            )

    def _service_refused_todo(self):
        """Return what whoever has a complaint does about the refusal of its answer."""
        if self.service_refused == "twice":
            return self.env._("The answer was refused again: close it with reasons")
        return self.env._("The answer was refused: give another one")

    def _service_waits_to_be_closed(self):
        """Return in words what has to end before it is closed, if anything.

        Addons say so of what they have it wait for.
        """
        return False

    def _service_move_to(self, *phases):
        """Move tickets to the stage of their team for a phase.

        :param phases: in the order in which they are wanted
        """
        Stage = self.env["helpdesk.ticket.stage"]
        for team, tickets in self.grouped("team_id").items():
            stage = Stage._service_stage(phases, team)  # batched: once per team
            if not stage:
                raise UserError(
                    self.env._(
                        "No stage stands for this. Give one the service phase Resolved "
                        "and one Closed in the configuration of the stages."
                    )
                )
            tickets.filtered_domain([("stage_id", "!=", stage.id)]).stage_id = stage
