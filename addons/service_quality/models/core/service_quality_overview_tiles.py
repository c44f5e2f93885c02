from odoo import api, fields, models
from odoo.fields import Domain

from .service_quality_clock import LATE
from .service_quality_overview import ARCHIVED_TOO

NOTICE_DAYS = 90


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
    # Own work
    # ------------------------------------------------------------------

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
    # Agreements
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
