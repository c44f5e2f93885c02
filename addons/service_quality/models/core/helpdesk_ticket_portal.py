from odoo import models


class HelpdeskTicket(models.Model):
    """What a customer is told about the promises made to them."""

    _inherit = "helpdesk.ticket"

    def _service_portal_targets(self, metrics=None):
        """Return what the ticket's page in the portal shows of its service targets.

        Only what was agreed with the customer: no names, no agreements with others,
        no rules of the house, no early warning. Rounds of the same target that are
        over are summed up beside the present one.

        :param metrics: only these; the service sheet shows what a visit is about
        :return: list of dicts ``{"metric", "promise", "deadline", "stopped_at",
            "status", "status_text", "met", "missed"}``
        """
        self.ensure_one()
        # the page was opened by somebody who may see the ticket; clocks are for staff
        clocks = self.sudo().service_clock_ids.filtered(
            lambda clock: (
                clock.kind == "sla"
                and clock.burning != "cancelled"
                and (not metrics or clock.metric in metrics)
            )
        )
        rounds = clocks.sorted(lambda clock: (clock.cycle, clock.round)).grouped(
            lambda clock: clock.target_id
        )
        return [
            self._service_portal_values(found[-1], found[:-1])
            for found in sorted(rounds.values(), key=lambda found: found[0].id)
        ]

    def _service_portal_attachments(self):
        """Return the files that the ticket's page shows, as superuser.

        What hangs on notes of the house alone is not for customers, as the notes are.
        """
        files = self.sudo().attachment_ids  # of a ticket that the visitor may see
        messages = files.env["mail.message"].search(
            [("attachment_ids", "in", files.ids)]
        )
        told = messages.filtered_domain(messages._get_search_domain_share())
        return files - ((messages - told).attachment_ids - told.attachment_ids)

    def _service_portal_values(self, clock, earlier):
        """Return what is shown of a clock and of the rounds before it."""
        labels = dict(clock._fields["burning"]._description_selection(self.env))
        # an early warning is for the desk
        told = ("late", "paused", "met", "missed")
        status = clock.burning if clock.burning in told else "running"
        verdicts = earlier.mapped("verdict")
        return {
            "metric": clock.target_id._label("metric"),
            "promise": clock.target_id._promise(),
            "deadline": clock.deadline,
            "stopped_at": clock.stopped_at,
            "status": status,
            "status_text": labels[status],
            "met": verdicts.count("met"),
            "missed": verdicts.count("missed"),
        }

    def _service_leave_customers(self, before, after):
        """End what former customers had of tickets that are another's now.

        :param before: dict of ticket id to snapshot; ``after`` likewise
        :return: these tickets
        """
        left = self.filtered(
            lambda ticket: (
                before[ticket.id].customer not in (None, after[ticket.id].customer)
            )
        )
        for ticket in left:
            former = before[ticket.id].customer
            ticket._service_end_access(
                ticket.message_partner_ids.filtered(
                    lambda partner, former=former: (
                        partner.commercial_partner_id.id == former
                        and partner.partner_share
                    )
                )
                | ticket.message_partner_ids.browse(before[ticket.id].contact or former)
            )
        return left

    def _service_end_access(self, partners):
        """End what partners had of tickets: following, links and mails on the way.

        All links of a ticket end with its token; who may still see it gets a new one
        with the next mail.
        """
        tickets = self.sudo()  # whoever changes a ticket need not follow it
        tickets.message_unsubscribe(partners.ids)
        tickets.filtered("access_token").access_token = False
        mails = self.env["mail.mail"].sudo()  # of the system
        mails = mails.search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "outgoing"),
                ("recipient_ids", "in", partners.ids),
            ]
        )
        for mail in mails:
            mail.recipient_ids -= partners
        mails.filtered(lambda mail: not (mail.recipient_ids or mail.email_to)).cancel()
