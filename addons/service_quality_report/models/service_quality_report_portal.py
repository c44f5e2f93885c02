from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq

from .report_data import FOR_THE_CUSTOMER


class ServiceQualityReportPortal(models.AbstractModel):
    """Finds the reports that a customer sees in the portal: those sent to them.

    Customers have no access to reports. They are shown what is found here, by whose it
    is or by the secret of the delivery, as it was stored.
    """

    _name = "service.quality.report.portal"
    _description = "Reports in the Portal"

    @api.model
    def _domain(self, partner):
        """Return the domain of reports that a customer's contact may see.

        Those of the customer whose contact it is, and what was delivered to the contact
        as one of the same customer: what came before that is the former customer's.
        """
        customer = partner.commercial_partner_id
        own = Domain("partner_id", "=", partner.id) & Domain(
            "commercial_partner_id", "=", customer.id
        )
        return (
            Domain("kind", "in", FOR_THE_CUSTOMER)
            & Domain("state", "=", "sent")
            & (
                Domain("partner_id", "=", customer.id)
                | Domain("delivery_ids", "any", own)
            )
        )

    @api.model
    def _list(self):
        """Return the reports of the user's company, newest first, as superuser."""
        # customers may not read the model; the domain is what they may see
        reports = self.env["service.quality.report"].sudo()
        if not self.env.user._is_portal():
            return reports.browse()
        return reports.search(self._domain(self.env.user.partner_id))

    @api.model
    def _find(self, report_id, token=None):
        """Return a report and the delivery by which the visitor has it, as superuser.

        :param token: the secret of a delivery, as in the link that was sent
        :return: two recordsets; the first is empty where the visitor may not see it
        """
        # visitors are no users of reports: the search names what they may see
        Report = self.env["service.quality.report"].sudo()
        report = Report.search(
            [
                ("id", "=", report_id),
                ("state", "=", "sent"),
                ("kind", "in", FOR_THE_CUSTOMER),
            ]
        )
        none = report.delivery_ids.browse()
        if token:
            # what is no ASCII cannot be compared as text
            given = token.encode()
            deliveries = report.delivery_ids.filtered(
                lambda one: (
                    one.access_token
                    and consteq(one.access_token.encode(), given)
                    and one._is_open()
                )
            )
            return (report if deliveries else report.browse()), deliveries
        partner = self.env.user.partner_id
        if not self.env.user._is_portal() or not report.filtered_domain(
            self._domain(partner)
        ):
            return report.browse(), none
        return report, report.delivery_ids.filtered(
            lambda one: one.partner_id == partner
        )

    @api.model
    def _may_respond(self, report):
        """Return True if the customer is asked: once, and again after an answer."""
        report.ensure_one()
        newest = report.response_ids.sorted("id")[-1:]
        if any(newer.state == "sent" for newer in report.next_ids):
            return False  # the revision is what counts
        return not newest or (newest.kind == "objection" and newest.state == "done")

    @api.model
    def _respond(self, report, partner, kind, text=""):
        """Enter that the customer confirms a report or objects to it.

        :param partner: the contact who does
        :raise UserError: where the customer is not asked, or says nothing
        """
        report.ensure_one()
        if not self._may_respond(report):
            raise UserError(self.env._("This report has been answered already."))
        return report.response_ids._create_as_step(
            {
                "report_id": report.id,
                "kind": kind,
                "channel": "portal",
                "partner_id": partner.id,
                "given_by": partner.name,
                "text": text,
            }
        )
