from odoo import api, fields, models

from .callback_data import COUNTED_OUT
from .service_quality_callback_aside import words_of_wish


class ServiceQualityCallbackCreation(models.AbstractModel):
    """The creation of calls finds the tickets that get one, and the contact to call.

    A planned activity on the ticket goes with each call.
    """

    _name = "service.quality.callback.creation"
    _description = "Creation of Follow-up Calls"

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _open_for(self, tickets, moment):
        """Open the follow-up call of handled tickets, one for each.

        Who may not be called, or falls under a rule that exempts, gets one that has
        ended already, so that it is counted.

        :param tickets: handled tickets, of any company
        :param moment: naive UTC datetime
        :return: the rows for the ledger
        """
        tickets = tickets._service_to_call_back()
        if tickets:
            tickets -= self._called(tickets)
        if not tickets:
            return []
        tickets._service_lock()  # of two who resolve a ticket, one opens its call
        callbacks = self.create(self._prepare_calls(tickets, moment))
        rows = self._prepare_rows(callbacks, "callback_opened", {}, moment)
        exempt = callbacks.filtered("exemption_id")
        for rule, calls in exempt.grouped("exemption_id").items():
            rows += calls._end_in_words(
                "exempt", moment, lambda own, rule=rule: rule.with_env(own.env).name
            )
        refused = (callbacks - exempt)._refused_before()
        rows += refused._end_in_words(
            "exempt",
            moment,
            lambda own: own.env._("Refused to answer about this ticket before"),
        )
        to_call = callbacks - exempt - refused
        declined = to_call.filtered("partner_id.service_wish_confirmed_by_id")
        for wish, calls in declined.grouped(words_of_wish).items():
            rows += calls._end("declined", moment, wish)
        to_call -= declined
        to_call._schedule_activities()
        to_call._follow_wish_of_contact()
        to_call.filtered(lambda call: not call.aside_as)._send_links_where_asked(
            "handled"
        )
        return rows

    @api.model
    def _called(self, tickets):
        """Return the tickets that have a call for this handling already."""
        calls = self.search(
            [("ticket_id", "in", tickets.ids), ("result", "!=", "cancelled")]
        )
        return calls.filtered(
            lambda call: call.cycle == call.ticket_id.service_cycle
        ).ticket_id

    @api.model
    def _prepare_calls(self, tickets, moment):
        agreements = tickets._service_agreements()
        rules = self.env["service.quality.callback.exemption"].search(
            [("state", "=", "approved")]
        )
        nameless = tickets.filtered(lambda ticket: not ticket._service_requester())
        once_asked_for = nameless._service_once_asked_for()
        vals_list = []
        for ticket in tickets:
            agreement = agreements.get(ticket, self.env["service.quality.agreement"])
            partner = ticket._service_whom_to_call(agreement)
            known = bool(
                partner or ticket._service_requester() or ticket in once_asked_for
            )
            vals_list.append(
                self._prepare_call(ticket, partner, agreement)
                | {
                    "opened_at": moment,
                    "exemption_id": rules._match(ticket, known).id,
                }
            )
        return vals_list

    @api.model
    def _prepare_call(self, ticket, partner, agreement):
        """Return the values of a ticket's call; addons add theirs.

        :param partner: the contact to call, if any
        :param agreement: the agreement that the ticket is under, if any
        """
        return {
            "ticket_id": ticket.id,
            "cycle": ticket.service_cycle,
            "company_id": ticket.company_id.id,
            "partner_id": partner.id,
            "commercial_partner_id": partner.commercial_partner_id.id
            or ticket.commercial_partner_id.id,
            "team_id": ticket.team_id.id,
            "resolver_id": ticket.user_id.id,
            "agreement_id": agreement.id,
            "needs_number": not partner.phone,
        }

    def _refused_before(self):
        """Return the calls about tickets whose customer has refused to answer once.

        Who refuses is not called again for the ticket, also when it is taken up again.
        """
        refusals = self.search(
            [("ticket_id", "in", self.ticket_id.ids), ("result", "=", "refused")]
        )
        return self.filtered(lambda call: call.ticket_id in refusals.ticket_id)

    @api.model
    def _follow_customer(self, tickets):
        """Call the present customer of tickets, and end the links of the former one.

        What the former one has answered stays theirs.
        """
        calls = self.search([("ticket_id", "in", tickets.ids)])
        calls._end_links()
        open_calls = calls.filtered(lambda call: call.state == "open")
        agreements = open_calls.ticket_id._service_agreements()
        for call in open_calls:
            ticket = call.ticket_id
            agreement = agreements.get(ticket, call.agreement_id.browse())
            partner = ticket._service_whom_to_call(agreement)
            call.write(
                {
                    "partner_id": partner.id,
                    "commercial_partner_id": ticket.commercial_partner_id.id,
                    "agreement_id": agreement.id,
                    "needs_number": not partner.phone,
                    "is_promised": False,
                }
            )

    @api.model
    def _drop_open(self, tickets, moment, say):
        """Cancel the open calls of tickets; return the rows about it.

        :param say: as of ``_end_in_words``
        """
        if not tickets:
            return []
        calls = self.search([("ticket_id", "in", tickets.ids), ("state", "=", "open")])
        return calls._end_in_words("cancelled", moment, say)

    # ------------------------------------------------------------------
    # Planned activities
    # ------------------------------------------------------------------

    def _schedule_activities(self):
        """Plan a call on each ticket, not assigned to anybody yet."""
        nobody = self.env["res.users"]
        self.env["mail.activity"]._service_plan(
            [
                (
                    callback.ticket_id,
                    nobody,
                    callback._activity_date(),
                    lambda own: own.env._("Follow-up call"),
                    {"service_callback_id": callback.id},
                )
                for callback in self
            ],
            "mail.mail_activity_data_call",
        )

    def _activity_date(self):
        """Return the day after the opening, by which the house rule asks for it."""
        return fields.Date.add(self.company_id._service_day(self.opened_at), days=1)

    def _assign_activities(self, user):
        """Assign the planned activities to the user who has the calls in hand."""
        self._activities().with_context(mail_activity_quick_update=True).write(
            {"user_id": user.id}
        )

    def _end_activities(self, result, reason):
        """Mark the planned activities as done, or delete those without a call."""
        activities = self._activities()
        if result in COUNTED_OUT:
            activities.unlink()
            return
        for company, some in activities.grouped(
            lambda activity: activity.service_callback_id.company_id
        ).items():
            own = self.with_context(lang=company._service_lang())
            labels = dict(self._fields["result"]._description_selection(own.env))
            # it is no answer that a response to the customer would count
            some.with_context(service_automatic=True)._action_done(
                feedback=" · ".join(filter(None, (labels[result], reason)))
            )  # batched: once a company

    def _activities(self):
        # who ends the call need not be assigned to the activity
        Activity = self.env["mail.activity"].sudo()
        return Activity.search([("service_callback_id", "in", self.ids)])
