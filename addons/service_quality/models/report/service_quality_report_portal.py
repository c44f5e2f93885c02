from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq

from .report_data import FOR_THE_CUSTOMER


class ServiceQualityReport(models.Model):
    """What a customer sees in the portal: the reports sent to them, nobody else's.

    Customers have no access to the model. What they see is found here, by whose they
    are or by the secret of the delivery, and shown as it was stored.
    """

    _inherit = "service.quality.report"

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _portal_domain(self, partner):
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
    def _portal_list(self):
        """Return the reports of the user's company, newest first, as superuser."""
        # customers may not read the model; the domain is what they may see
        reports = self.sudo()
        if not self._is_customer():
            return reports.browse()
        return reports.search(self._portal_domain(self.env.user.partner_id))

    @api.model
    def _portal_find(self, report_id, token=None):
        """Return a report and the delivery by which the visitor has it, as superuser.

        :param token: the secret of a delivery, for whoever was sent the link
        :return: two recordsets; the first is empty where the visitor may not see it
        """
        # likewise
        report = self.sudo().search(
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
        if not self._is_customer() or not report.filtered_domain(
            self._portal_domain(partner)
        ):
            return report.browse(), none
        return report, report.delivery_ids.filtered(
            lambda one: one.partner_id == partner
        )

    @api.model
    def _is_customer(self):
        return self.env.user._is_portal()

    def _portal_may_respond(self):
        """Return True if the customer is asked: once, and again after an answer."""
        self.ensure_one()
        newest = self.response_ids.sorted("id")[-1:]
        if any(newer.state == "sent" for newer in self.next_ids):
            return False  # the revision is what counts
        return not newest or (newest.kind == "objection" and newest.state == "done")

    def _portal_respond(self, partner, kind, text=""):
        """Enter that the customer confirms a report or objects to it.

        :param partner: the contact who does
        :raise UserError: where the customer is not asked, or says nothing
        """
        self.ensure_one()
        if not self._portal_may_respond():
            raise UserError(self.env._("This report has been answered already."))
        return self.env["service.quality.report.response"]._create_as_step(
            {
                "report_id": self.id,
                "kind": kind,
                "channel": "portal",
                "partner_id": partner.id,
                "given_by": partner.name,
                "text": text,
            }
        )

    def _portal_page(self):
        """Return the page as it was sent, to be shown within the portal's."""
        return Markup(self._content("html").decode())
