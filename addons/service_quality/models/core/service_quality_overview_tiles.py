from odoo import api, fields, models
from odoo.fields import Domain

from ..desk.service_quality_desk import LATE

NOTICE_DAYS = 90

ARCHIVED_TOO = {"active_test": False}
"""Archiving a ticket stops no promise and settles no complaint."""


class ServiceQualityOverview(models.AbstractModel):
    """The tiles that count what waits for somebody."""

    _inherit = "service.quality.overview"

    # ------------------------------------------------------------------
    # Tickets
    # ------------------------------------------------------------------

    @api.model
    def _mine(self):
        return Domain("user_id", "=", self.env.uid)

    @api.model
    def _ticket_tile(self, key, title, domain, mood="bad"):
        return self._tile(
            key,
            title,
            "helpdesk.ticket",
            domain,
            self.env._("now"),
            mood=mood,
            action="service_quality.helpdesk_ticket_action",
            context=ARCHIVED_TOO,
        )

    @api.model
    def _tile_late(self):
        late = Domain("service_state", "=", "late")
        return self._ticket_tile("late", self.env._("Late tickets"), late)

    @api.model
    def _tile_soon(self):
        soon = Domain("service_state", "=", "at_risk")
        title = self.env._("Tickets at risk")
        return self._ticket_tile("soon", title, soon, mood="warning")

    @api.model
    def _tile_my_late(self):
        late = Domain("service_state", "=", "late") & self._mine()
        return self._ticket_tile("my_late", self.env._("My late tickets"), late)

    @api.model
    def _tile_my_soon(self):
        soon = Domain("service_state", "=", "at_risk") & self._mine()
        title = self.env._("My tickets at risk")
        return self._ticket_tile("my_soon", title, soon, mood="warning")

    @api.model
    def _tile_project_late(self):
        late = LATE & Domain("agreement_id.project_id.user_id", "=", self.env.uid)
        return self._ticket_tile(
            "project_late",
            self.env._("Late tickets of my projects"),
            Domain("service_clock_ids", "any", late),
        )

    # ------------------------------------------------------------------
    # Complaints and follow-up calls
    # ------------------------------------------------------------------

    @api.model
    def _complaint_tile(self, key, title, domain):
        return self._tile(
            key,
            title,
            "helpdesk.ticket",
            Domain("service_is_complaint", "=", True)
            & Domain("service_complaint_state", "!=", "closed")
            & Domain("service_phase", "!=", "cancelled")
            & domain,
            self.env._("not closed"),
            action="service_quality.helpdesk_ticket_complaint_action",
            context=ARCHIVED_TOO,
        )

    @api.model
    def _tile_complaints(self):
        title = self.env._("Complaints open")
        return self._complaint_tile("complaints", title, Domain.TRUE)

    @api.model
    def _tile_major_complaints(self):
        return self._complaint_tile(
            "major_complaints",
            self.env._("Major complaints open"),
            Domain("service_severity", "=", "major"),
        )

    @api.model
    def _tile_project_complaints(self):
        projects = self.env["service.quality.project"].search(self._mine())
        return self._complaint_tile(
            "project_complaints",
            self.env._("Complaints of my customers"),
            Domain("commercial_partner_id", "in", projects.partner_id.ids),
        )

    @api.model
    def _tile_calls_due(self):
        return self._tile(
            "calls_due",
            self.env._("Follow-up calls to make"),
            "service.quality.callback",
            Domain("state", "=", "open") & Domain("is_complaint_call", "=", False),
            self.env._("now"),
            mood="warning",
            action="service_quality.service_quality_callback_action",
        )

    # ------------------------------------------------------------------
    # Own work
    # ------------------------------------------------------------------

    @api.model
    def _tile_my_visits(self):
        return self._tile(
            "my_visits",
            self.env._("My visits not signed yet"),
            "service.quality.visit",
            self._mine() & Domain("state", "in", ("planned", "on_site", "left")),
            self.env._("planned or under way"),
            mood="warning",
            action="service_quality.service_quality_visit_action",
        )

    @api.model
    def _tile_patrols(self):
        project = Domain("project_id.user_id", "=", self.env.uid)
        return self._tile(
            "patrols",
            self.env._("Patrols overdue"),
            "service.quality.patrol",
            Domain("state", "=", "overdue") & (self._mine() | project),
            self.env._("mine and of my projects"),
            action="service_quality.service_quality_patrol_action",
        )

    @api.model
    def _tile_handovers(self):
        Handover = self.env["service.quality.handover"]
        return self._tile(
            "handovers",
            self.env._("Shifts not taken over"),
            Handover._name,
            Domain(Handover._waiting_domain("all")),
            self.env._("now"),
            mood="warning",
            action="service_quality.service_quality_handover_action",
        )

    @api.model
    def _tile_activities(self):
        return self._tile(
            "activities",
            self.env._("My activities due"),
            "mail.activity",
            self._mine()
            & Domain("date_deadline", "<=", self.env.user.partner_id._service_day()),
            self.env._("today or before"),
            action="mail.mail_activity_action_my",
        )

    # ------------------------------------------------------------------
    # Agreements and deviations
    # ------------------------------------------------------------------

    @api.model
    def _tile_agreements_ending(self):
        today = self.env.company._service_day()
        ending = fields.Date.add(today, days=NOTICE_DAYS)
        return self._tile(
            "agreements_ending",
            self.env._("Agreements ending"),
            "service.quality.agreement",
            Domain("state", "=", "signed")
            & Domain("date_end", ">=", today)
            & Domain("date_end", "<=", ending),
            self.env._("within %s days", NOTICE_DAYS),
            mood="warning",
            action="service_quality.service_quality_agreement_action",
        )

    @api.model
    def _tile_agreements_draft(self):
        return self._tile(
            "agreements_draft",
            self.env._("Agreements to sign"),
            "service.quality.agreement",
            Domain("state", "=", "draft"),
            self.env._("drafts"),
            mood="warning",
            action="service_quality.service_quality_agreement_action",
        )

    @api.model
    def _tile_deviations(self):
        return self._tile(
            "deviations",
            self.env._("Deviations not closed"),
            "service.quality.deviation",
            Domain("state", "!=", "closed"),
            self.env._("figures beyond their goal"),
            action="service_quality.service_quality_deviation_action",
        )

    @api.model
    def _tile_my_deviations(self):
        return self._tile(
            "my_deviations",
            self.env._("Deviations to analyse"),
            "service.quality.deviation",
            Domain("state", "=", "open") & Domain("owner_id", "=", self.env.uid),
            self.env._("mine"),
            action="service_quality.service_quality_deviation_action",
        )

    @api.model
    def _tile_obligations(self):
        return self._tile(
            "obligations",
            self.env._("Obligations overdue"),
            "service.quality.compliance",
            Domain("state", "=", "overdue")
            & Domain("company_id", "=", self.env.company.id),
            self.env._("of the regulations in force"),
            action="service_quality.service_quality_compliance_action",
        )

    # ------------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------------

    @api.model
    def _report_tile(self, key, title, domain, hint):
        return self._tile(
            key,
            title,
            "service.quality.report",
            domain,
            hint,
            mood="warning",
            action="service_quality.service_quality_report_action",
        )

    @api.model
    def _tile_my_reports(self):
        return self._report_tile(
            "my_reports",
            self.env._("Reports to write"),
            Domain("state", "=", "draft") & self._mine(),
            self.env._("mine, not reviewed yet"),
        )

    @api.model
    def _tile_reports_to_finish(self):
        return self._report_tile(
            "reports_to_finish",
            self.env._("Reports not sent yet"),
            Domain("state", "in", ("draft", "reviewed")),
            self.env._("drafts and reviewed ones"),
        )

    @api.model
    def _tile_reports_to_review(self):
        return self._report_tile(
            "reports_to_review",
            self.env._("Annual reports to review"),
            Domain("state", "=", "draft") & Domain("period_kind", "=", "year"),
            self.env._("by the technical service centre"),
        )

    @api.model
    def _tile_reports_to_acknowledge(self):
        waiting = (
            Domain("user_id", "=", self.env.uid)
            & Domain("acknowledge_by", "!=", False)
            & Domain("acknowledged_at", "=", False)
        )
        return self._report_tile(
            "reports_to_acknowledge",
            self.env._("Reports to acknowledge"),
            Domain("delivery_ids", "any", waiting),
            self.env._("sent to me"),
        )

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    @api.model
    def _tile_targets_to_approve(self):
        return self._tile(
            "targets_to_approve",
            self.env._("Targets to approve"),
            "service.quality.indicator.target",
            Domain("state", "=", "draft"),
            self.env._("proposed goals of indicators"),
            mood="warning",
            action="service_quality.service_quality_indicator_target_action",
        )

    @api.model
    def _tile_exclusions(self):
        return self._tile(
            "exclusions",
            self.env._("Exclusions to decide"),
            "service.quality.exclusion",
            Domain("state", "=", "requested"),
            self.env._("asked for by service managers"),
            mood="warning",
            action="service_quality.service_quality_exclusion_action",
        )
