from odoo import api, fields, models
from odoo.tools import plaintext2html

from odoo.addons.service_quality_core.models.roles import STAFF

MOST_SUGGESTIONS = 5
"""So many suggestions of a customer about one ticket wait at once."""


class HelpdeskTicket(models.Model):
    """Measures come of tickets, and of what customers suggest (regulation A4.3.5)."""

    _inherit = "helpdesk.ticket"

    service_measure_ids = fields.One2many(
        "mgmtsystem.action",
        "service_ticket_id",
        string="Measures",
        readonly=True,
        groups=STAFF,
    )
    service_measure_count = fields.Integer(
        string="Number of Measures", compute="_compute_service_counts", groups=STAFF
    )

    @api.model
    def _service_counted(self):
        return super()._service_counted() | {
            "service_measure_count": "service_measure_ids"
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_suggestion(self):
        """Open the form of what the customer needs or suggests."""
        self.ensure_one()
        self.check_access("read")
        values = self._service_suggestion_values(self.partner_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer's Suggestion"),
            "res_model": "mgmtsystem.action",
            "views": [
                (
                    self.env.ref(
                        "service_quality_audit.mgmtsystem_action_view_form"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                f"default_{name}": fields.Date.to_string(value)
                if name == "date_deadline"
                else value
                for name, value in values.items()
            },
        }

    def action_service_measures(self):
        """List the measures that came of the ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_audit.mgmtsystem_action_action"
        )
        return action | {
            "domain": [("service_ticket_id", "=", self.id)],
            "context": {"create": False},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_suggestion_values(self, suggester):
        """Return the values of a measure that a customer suggests."""
        self.ensure_one()
        ticket = self.sudo()  # whoever enters it need not read the agreement
        agreement = ticket._service_agreements().get(ticket)
        project = agreement.project_id if agreement else None
        manager = ticket._service_manager()
        owner = (project and project.user_id) or manager
        return {
            "type_action": "improvement",
            "company_id": ticket.company_id.id,
            "user_id": owner.id,
            "date_deadline": fields.Date.add(ticket.company_id._service_day(), days=30),
            "service_source_model": self._name,
            "service_source_id": ticket.id,
            "service_source_name": ticket.number,
            "service_ticket_id": ticket.id,
            "service_team_id": ticket.team_id.id,
            "service_project_id": project.id if project else False,
            "service_suggester_id": suggester.id,
        }

    def _service_suggest(self, text, suggester):
        """Enter what a customer suggests in the portal.

        :return: the measure, none where so many wait already
        """
        self.ensure_one()
        ticket = self.sudo()  # the page was opened by who may see it
        waiting = ticket.service_measure_ids.filtered(
            lambda one: (
                one.service_suggester_id == suggester
                and one.service_state == "proposed"
            )
        )
        if len(waiting) >= MOST_SUGGESTIONS:
            return waiting.browse()
        values = ticket._service_suggestion_values(suggester)
        values |= {
            "name": text.strip().splitlines()[0][:200],
            "description": plaintext2html(text),
        }
        measures = self.env["mgmtsystem.action"].sudo()  # customers write none
        return measures._propose([values], self.env.user)

    def _service_portal_suggestions(self, reader):
        """Return what a customer has suggested about a ticket, for its page.

        :return: list of dicts with ``name``, ``state`` (a text) and ``answer``
        """
        self.ensure_one()
        measures = self.sudo().service_measure_ids  # of these the page shows little
        own = measures.filtered(
            lambda one: (
                one.service_suggester_id
                and one.service_suggester_id.commercial_partner_id
                == reader.commercial_partner_id
            )
        )
        return [
            {"name": one.name, "state": one._told_state(), "answer": one._told_answer()}
            for one in own
        ]

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _service_complaints_arrived(self):
        """Raise a nonconformity of each major complaint."""
        result = super()._service_complaints_arrived()
        self._service_raise_major()
        return result

    def _service_complaints_raised(self):
        """Raise a nonconformity of each complaint that is major now."""
        result = super()._service_complaints_raised()
        self._service_raise_major()
        return result

    def _service_raise_major(self):
        # who enters a complaint need not read its severity
        major = self.sudo().filtered(lambda one: one._service_severity() == "major")
        self.env["service.quality.nonconformity.rule"]._of_complaints(major)
