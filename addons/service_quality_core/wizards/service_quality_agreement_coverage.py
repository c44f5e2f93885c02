from datetime import timedelta

from odoo import api, fields, models

from ..tools.matching import mismatch
from ..tools.track import attributes_of

COVERAGE_DAYS = 90


class ServiceQualityAgreementCoverage(models.TransientModel):
    """Shows what an agreement would have matched among tickets of the last 90 days.

    Its own period does not count: the question is which tickets the conditions fit.
    """

    _name = "service.quality.agreement.coverage"
    _description = "Coverage of an Agreement"

    agreement_id = fields.Many2one(
        "service.quality.agreement", required=True, readonly=True, ondelete="cascade"
    )
    since = fields.Datetime(compute="_compute_coverage")
    ticket_count = fields.Integer(string="Tickets", compute="_compute_coverage")
    matched_count = fields.Integer(string="Would Match", compute="_compute_coverage")
    without_count = fields.Integer(
        string="Under No Agreement",
        compute="_compute_coverage",
        help="Tickets of the time on which no agreement holds at present.",
    )

    @api.depends("agreement_id")
    def _compute_coverage(self):
        for wizard in self:
            wizard.since = fields.Datetime.now() - timedelta(days=COVERAGE_DAYS)
            matched = wizard._matched_tickets()
            domain = wizard._recent_domain()
            # numbers only, also for sales, who do not see the tickets
            Ticket = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
            wizard.ticket_count = Ticket.search_count(domain)  # batched: one record
            wizard.matched_count = len(matched)
            wizard.without_count = Ticket.search_count(  # batched: one record
                [*domain, ("service_has_agreement", "=", False)]
            )

    def action_view_matched(self):
        """Open the tickets that the agreement's conditions fit."""
        self.ensure_one()
        return self._action_tickets([("id", "in", self._matched_tickets())])

    def action_view_without(self):
        """Open the tickets of the time that are under no agreement."""
        self.ensure_one()
        return self._action_tickets(
            [*self._recent_domain(), ("service_has_agreement", "=", False)]
        )

    def _recent_domain(self):
        return [
            ("service_opened_at", ">=", self.since),
            ("company_id", "=", self.agreement_id.company_id.id),
        ]

    def _matched_tickets(self):
        """Return the ids of recent tickets whose opening fits a target."""
        self.env.cr.execute(
            """
            SELECT value, array_agg(ticket_id)
              FROM service_quality_event
             WHERE kind = 'opened' AND at >= %s AND company_id = %s
             GROUP BY value
            """,
            [self.since, self.agreement_id.company_id.id],
        )
        rows = self.env.cr.fetchall()  # before anything else asks the database
        rules = self.env["service.quality.target"]._metric_rules()
        targets = [
            target._prepare_matching(())
            for target in self.agreement_id.target_ids
            if target.metric in rules
        ]
        known, found = {}, []
        for value, ticket_ids in rows:
            attributes = attributes_of(value)
            if attributes not in known:
                known[attributes] = any(
                    self._fits(target, attributes) for target in targets
                )
            if known[attributes]:
                found += ticket_ids
        return found

    def _fits(self, target, attributes):
        if target.kind == "ola" and attributes.team not in target.teams:
            return False
        return mismatch(target, attributes) is None

    def _action_tickets(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        action["domain"] = domain
        action["context"] = {"active_test": False}
        return action
