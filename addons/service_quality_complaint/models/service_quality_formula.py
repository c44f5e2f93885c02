from odoo import api, models
from odoo.tools import SQL

from odoo.addons.service_quality_indicator.tools.formula import Formula

from .complaint_data import COMPLAINT_KINDS


class ServiceQualityFormula(models.AbstractModel):
    """The formula over complaints has a section of reports of its own."""

    _inherit = "service.quality.formula"

    @api.model
    def _formulas(self):
        counted = Formula(
            self.env._("Complaints by tickets"),
            "service.quality.span",
            section="complaint",
            is_for_customers=True,
            headline=40,
        )
        return super()._formulas() | {"complaints": counted}

    @api.model
    def _sections(self):
        return super()._sections() | {"complaint": (50, self.env._("Complaints"))}

    @api.model
    def _entered_kinds(self):
        return tuple({*super()._entered_kinds(), *COMPLAINT_KINDS})

    @api.model
    def _rows_complaints(self, indicator, context):
        """Count the complaints made in the period, beside the other tickets.

        Per 1,000 tickets: hit is a complaint, all others are what it is compared with.
        A complaint that was cancelled, as a slip or a duplicate, is neither.
        """
        spans = SQL(
            """
            SELECT span.*, FALSE AS is_complaint
              FROM (%(opened)s) AS span
             WHERE span.ticket_id NOT IN (
                   SELECT ticket.id FROM %(ticket)s AS ticket
                    WHERE ticket.company_id = %(company)s
                      AND ticket.service_complained_at IS NOT NULL)
             UNION ALL
            SELECT span.*, TRUE AS is_complaint
              FROM %(ticket)s AS ticket
              JOIN %(span)s AS span ON span.ticket_id = ticket.id
               AND span.date_from < %(cut)s
               AND (span.date_to IS NULL OR span.date_to >= %(cut)s)
             WHERE ticket.company_id = %(company)s
               AND ticket.service_complained_at >= %(start)s
               AND ticket.service_complained_at < %(cut)s
               AND span.phase <> 'cancelled'
            """,
            opened=self._opened(context),
            ticket=context.table("ticket"),
            span=context.table("span"),
            company=context.company.id,
            start=context.start,
            cut=context.cut,
        )
        return self._span_rows(context, spans, hit=SQL("span.is_complaint"))
