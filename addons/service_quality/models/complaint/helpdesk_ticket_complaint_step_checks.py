from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty

from ..core.arguments import Arguments
from .complaint_data import ANSWER_WAYS, COMPLAINT_KINDS, STEPS

TEMPLATE = "service_quality.mail_template_complaint_"


class HelpdeskTicket(models.Model):
    """When a step may be taken, and the mail that the complainant gets about it."""

    _inherit = "helpdesk.ticket"

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

    def _service_complainant_email(self):
        """Return the address that the complainant has, if any."""
        return self.partner_id.email or self.partner_email

    def _service_tell_complainant(self, step):
        """Send the complainants the mail of a step; the anonymous get none.

        A mail that answers by itself is not answered by itself: two machines would go
        on writing to each other. What people do later is told whatever a caller says.
        """
        template = STEPS[step].template
        by_itself = step == "registered" and self.env.context.get("service_automatic")
        if not template or by_itself:
            return
        told = self.sudo().filtered(  # also where a program has taken the step
            lambda ticket: (
                ticket.service_is_complaint
                and not ticket.service_is_anonymous
                and ticket._service_complainant_email()
            )
        )
        if told:
            mails = self.env.ref(TEMPLATE + template).sudo()  # as above
            mails._service_send_batch(told.ids, "mail.mail_notification_light")
