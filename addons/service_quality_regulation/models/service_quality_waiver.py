from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.period import Period

from .service_quality_obligation import YEARS_BACK


class ServiceQualityWaiver(models.Model):
    """Says that an obligation does not apply for a time, why, and who decided so.

    The quality department asks for it, an executive decides. It holds for periods that
    had not fallen due when it was approved; what was missed before stays missed.
    """

    _name = "service.quality.waiver"
    _description = "Obligation That Does Not Apply"
    _inherit = ["service.quality.asked.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "reason"

    obligation_id = fields.Many2one(
        "service.quality.obligation", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._service_day(),
    )
    date_to = fields.Date(
        string="Until", help="The last day on which it does not apply. Empty: for good."
    )
    holds_from = fields.Date(
        readonly=True,
        copy=False,
        help="The first day of the first period that had not fallen due when it was "
        "approved.",
    )

    _date_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "It does not apply for a day at least: set an end after its first day.",
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_end(self):
        """Let the obligation apply again from tomorrow on.

        :raise AccessError: for who may not ask for it
        """
        self._ensure_some()
        self.check_access("create")
        for waiver in self.sudo():  # the ground and the first day stay as they are
            today = waiver.company_id._service_day()
            if waiver.state != "approved" or today < waiver.date_from:
                raise UserError(self.env._("It does not hold yet."))
            if not waiver.date_to or waiver.date_to > today:
                waiver.date_to = today
                waiver._judge_again()
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _prepare_decided(self, state):
        """Let it hold for the periods that have not fallen due."""
        values = super()._prepare_decided(state)
        if state != "approved":
            return values
        holds_from = self.date_from
        if self.company_id._service_register_is_used():
            holds_from = max(holds_from, self._first_open_day())
        if self.date_to and self.date_to < holds_from:
            raise UserError(
                self.env._(
                    "What it is about has fallen due already, and stays as it was "
                    "judged. Ask for a later time."
                )
            )
        return values | {"holds_from": holds_from}

    def _apply(self):
        self._judge_again()

    def _first_open_day(self):
        """Return the first day of the first period that has not fallen due."""
        obligation, company = self.obligation_id, self.company_id
        today = company._service_day()
        cells = self.env["service.quality.compliance"]._cells(obligation, company)
        earliest = max(self.date_from, today - relativedelta(years=YEARS_BACK))
        period = Period.around(obligation._period_kind(), earliest)
        while True:
            cell = cells.get((obligation, period.start))
            due = cell.date_due if cell else obligation._falls_due(period)
            if due >= today and not (cell and cell._is_judged()):
                return period.start
            period = period.shifted(1)

    def _note(self):
        """Return the ground, and until when it holds, as the register shows it."""
        self.ensure_one()
        if not self.date_to:
            return self.reason
        return self.env._(
            "%(ground)s (until %(day)s)",
            ground=self.reason,
            day=fields.Date.to_string(self.date_to),
        )

    def _judge_again(self):
        for company, waivers in self.grouped("company_id").items():
            obligations = waivers.obligation_id.sudo()  # no user writes judgements
            obligations._judge(company, everything=True)

    @api.model
    def _holding(self, obligations, company):
        """Return the approved waivers of obligations, those that began last first."""
        return self.search(
            Domain("obligation_id", "in", obligations.ids)
            & Domain("company_id", "=", company.id)
            & Domain("state", "=", "approved"),
            order="date_from desc, id desc",
        )

    def _covers(self, period):
        """Return True if it holds at the end of a period, which decides."""
        self.ensure_one()
        return self.holds_from <= period.last and (
            not self.date_to or self.date_to >= period.last
        )
