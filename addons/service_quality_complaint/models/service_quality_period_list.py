from odoo import api, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.models.period_list import (
    Measure,
    PeriodList,
    Row,
)

MOST = 160
"""So many signs of a cause or an answer stand in a list."""


class ServiceQualityPeriodList(models.AbstractModel):
    """Tell the complaints of a period, and what departments do about them."""

    _inherit = "service.quality.period.list"

    @api.model
    def _lists(self, about):
        return [*super()._lists(about), self._list_of_complaints(about)]

    @api.model
    def _list_of_complaints(self, about):
        _ = self.env._
        complaints = self._complaints(about)
        heads = (
            _("Complaint"), _("Customer"), _("Severity"), _("Complained"),
            _("Status"), _("Cause"), _("Answer"),
        )  # fmt: skip
        title = _("Complaints")
        if complaints:
            title = _("Complaints: %s", len(complaints))
        return PeriodList(
            "complaints",
            120,
            title,
            heads,
            [self._row_of_complaint(one) for one in complaints],
            _("Nobody complained in the period."),
        )

    @api.model
    def _complaints(self, about):
        """Return the complaints made in a period, without those that were a slip."""
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        return tickets.search(
            self._ticket_domain(about)
            & Domain("service_is_complaint", "=", True)
            & Domain("service_complained_at", ">=", about.start)
            & Domain("service_complained_at", "<", about.end)
            & Domain("stage_id.service_phase", "!=", "cancelled")
            & Domain("duplicate_id", "=", False),
            order="service_complained_at, id",
        )

    @api.model
    def _row_of_complaint(self, complaint):
        customer = complaint.commercial_partner_id.name
        cause = complaint.service_root_cause or complaint.service_cause_id.name
        answer = html2plaintext(complaint.service_answer or "").strip()
        return Row(
            (
                complaint.number,
                self.env._("anonymous")
                if complaint.service_is_anonymous
                else customer or "–",
                self._label(complaint, "service_severity"),
                self._moment(complaint.company_id, complaint.service_complained_at),
                self._label(complaint, "service_complaint_state"),
                _short(cause) or "–",
                _short(answer) or self.env._("not answered yet"),
            ),
            complaint.id,
        )

    @api.model
    def _measures(self, about):
        """Add what departments say to the complaints of a month (A3.4.4)."""
        domain = (
            Domain("company_id", "=", about.company.id)
            & Domain("month", ">=", about.period.start)
            & Domain("month", "<", about.period.end)
            & Domain("response", "!=", False)
        )
        if about.scope == "project":
            domain = Domain.FALSE
        elif about.scope == "department":
            domain &= Domain("team_id", "=", about.record.id)
        feedback = self.env["service.quality.complaint.feedback"].search(domain)
        feedback = self._untold(feedback)
        return [
            *super()._measures(about),
            *(
                Measure(
                    self.env._("Complaints of %s", one.team_id.name),
                    one.response,
                    one.user_id.name or "",
                    state=self.env._("answered"),
                )
                for one in feedback
            ),
        ]

    @api.model
    def _story(self, ticket):
        """Add how a complaint was handled."""
        facts, _ = super()._story(ticket), self.env._
        if not ticket.service_is_complaint:
            return facts
        company = ticket.company_id
        own = [
            (_("Severity"), self._label(ticket, "service_severity")),
            (_("About ticket"), ticket.service_about_ticket_id.display_name),
            (_("Complained"), self._moment(company, ticket.service_complained_at)),
            (_("Acknowledged"), self._moment(company, ticket.service_acknowledged_at)),
            (_("Answered"), self._moment(company, ticket.service_answered_at)),
            (_("Status"), self._label(ticket, "service_complaint_state")),
            (_("Root cause"), ticket.service_root_cause),
            (_("Handling"), ticket.service_handling),
            (_("Redress"), ticket.service_redress),
            (_("Answer"), html2plaintext(ticket.service_answer or "").strip()),
        ]
        return facts + [(label, text) for label, text in own if text]


def _short(text):
    """Return the beginning of a text on one line.

    >>> _short("a  b"), len(_short("long " * 99))
    ('a b', 160)
    """
    text = " ".join((text or "").split())
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
