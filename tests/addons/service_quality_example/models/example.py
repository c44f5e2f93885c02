"""One of everything that an addon adds to Service Quality, each by ``_inherit``."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_quality_callback.models.service_quality_callback_attempt import (  # noqa: E501
    Disposition,
)
from odoo.addons.service_quality_core.models.evidence import (
    Document,
    Evidence,
    of_company,
    on_days,
)
from odoo.addons.service_quality_core.models.service_quality_overview import with_tiles
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.tools.instants import to_datetime
from odoo.addons.service_quality_core.tools.metrics import declare
from odoo.addons.service_quality_escalation.models.escalation_data import (
    Action,
    Recipient,
    Shipped,
)
from odoo.addons.service_quality_indicator.models.service_quality_formula import (
    NOT_OF_EVENTS,
)
from odoo.addons.service_quality_indicator.tools.formula import Formula


class ServiceQualityTarget(models.Model):
    """Promises a workaround, and one within two days where no agreement says more."""

    _inherit = "service.quality.target"

    @api.model
    def _metrics(self):
        return super()._metrics() | {"workaround": self.env._("Workaround")}

    @api.model
    def _metric_rules(self):
        rule = declare("opened", "workaround handled", "cancelled", on_reopen="never")
        return super()._metric_rules() | {"workaround": rule}

    @api.model
    def _course_words(self):
        told = self.env._("When a way around the trouble is found.")
        return super()._course_words() | {"workaround": told}

    @api.model
    def _house_rules(self):
        return [*super()._house_rules(), ("workaround", False, 48)]


class ServiceQualityEvent(models.Model):
    _inherit = "service.quality.event"

    @api.model
    def _kinds(self):
        return super()._kinds() | {"workaround": self.env._("Workaround found")}


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    service_workaround_at = fields.Datetime(readonly=True, copy=False)
    service_finder_id = fields.Many2one("res.users", copy=False, ondelete="restrict")

    @api.model
    def _service_recordable(self):
        return (*super()._service_recordable(), "workaround")


class ServiceQualityLedger(models.AbstractModel):
    _inherit = "service.quality.ledger"

    @api.model
    def _ticket_columns(self):
        return (*super()._ticket_columns(), "service_workaround_at")

    @api.model
    def _ticket_values(self, folded, deadline):
        found = [at for at, token in folded.moments if token == "workaround"]
        return (
            *super()._ticket_values(folded, deadline),
            to_datetime(found[0] if found else None),
        )


class ServiceQualityPurge(models.Model):
    _inherit = "service.quality.purge"

    @api.model
    def _ticket_staff(self):
        return (*super()._ticket_staff(), "service_finder_id")


class ServiceQualityCallbackAttempt(models.Model):
    _inherit = "service.quality.callback.attempt"

    @api.model
    def _dispositions(self):
        voicemail = Disposition(self.env._("Voicemail"), "3.14", "unanswered", "v")
        hung_up = Disposition(self.env._("Hung up"), "2.12", "reached", "h")
        added = {"voicemail": voicemail, "hung_up": hung_up}
        return super()._dispositions() | added


class ServiceQualityExampleLoan(models.Model):
    """A device lent to a customer, to be brought back until a day."""

    _name = "service.quality.example.loan"
    _description = "Loan"
    _inherit = [
        "service.quality.rectify.mixin", "service.quality.due.mixin", "mail.thread",
        "mail.activity.mixin",
    ]  # fmt: skip
    _due_subject = "loan"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True)
    user_id = fields.Many2one("res.users", required=True)
    lender_id = fields.Many2one("res.users")
    state = fields.Selection([("open", "Lent"), ("done", "Back")], default="open")
    deadline = fields.Date()
    condition = fields.Text(help="Rectified, and not rewritten, once it is back.")
    back_at = fields.Datetime()

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {"condition": False, "user_id": True}

    def _rectify_ended(self):
        return self.filtered(lambda loan: loan.state == "done")

    def _rectify_ends(self):
        return {loan: End(loan.back_at, loan.user_id) for loan in self}


class ServiceQualityEscalation(models.Model):
    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        steps = [("days", 1, "assignee", "activity")]
        rule = Shipped(90, self.env._("Loans not brought back"), "loan", steps)
        return super()._shipped() | {"loan": rule}


class ServiceQualityNotificationMixin(models.AbstractModel):
    _inherit = "service.quality.notification.mixin"

    @api.model
    def _actions(self):
        note = Action(self.env._("Note"), is_personal=False, by_day=True)
        return super()._actions() | {"note": note}

    def _do_note(self):
        for row in self:
            row._place().message_post(body=row.summary)

    @api.model
    def _recipients(self):
        return super()._recipients() | {"lender": Recipient(self.env._("Lender"))}

    @api.model
    def _people_lender(self, due):
        return [self._record_of(one).lender_id for one in due]


class ServiceQualityEvidence(models.AbstractModel):
    _inherit = "service.quality.evidence"

    @api.model
    def _evidences(self):
        return super()._evidences() | {"loans": self.env._("Loans brought back")}

    @api.model
    def _evidence_loans(self, obligation, window):
        due = of_company(window) & on_days("deadline", window)
        back = due & Domain("state", "=", "done")
        return Evidence("service.quality.example.loan", back, due)

    @api.model
    def _documents(self, records):
        yield from super()._documents(records)
        if records._name == "service.quality.example.loan":
            for loan in records:
                yield Document(loan, "receipt.txt", loan.name.encode())


class ServiceQualityOverview(models.AbstractModel):
    _inherit = "service.quality.overview"

    @api.model
    def _tiles(self):
        return with_tiles(super()._tiles(), {"desk": [(90, "loans")]})

    @api.model
    def _tile_loans(self):
        open_ones = Domain("state", "=", "open")
        return self._tile(
            "loans", "Loans", "service.quality.example.loan", open_ones, "lent"
        )


class ServiceQualityDesk(models.AbstractModel):
    _inherit = "service.quality.desk"

    @api.model
    def _blocks(self, scope, now):
        block = self._block("loans", "service.quality.example.loan", [], [], 0)
        return [*super()._blocks(scope, now), (90, block)]


class ServiceQualityFormula(models.AbstractModel):
    _inherit = "service.quality.formula"

    @api.model
    def _formulas(self):
        counted = Formula(
            self.env._("Workarounds"), "service.quality.event", "workaround", True, 35
        )
        return super()._formulas() | {"workarounds": counted}

    @api.model
    def _sections(self):
        return super()._sections() | {"workaround": (35, self.env._("Workarounds"))}

    @api.model
    def _rows_workarounds(self, indicator, context):
        """Ways around a trouble that were found in the period."""
        return SQL(
            "SELECT %s FROM service_quality_event AS event WHERE kind = 'workaround'"
            " AND company_id = %s AND at >= %s AND at < %s",
            self._row_columns("event", NOT_OF_EVENTS),
            context.company.id,
            context.start,
            context.cut,
        )


class ServiceQualityExampleRow(models.Model):
    """A loan in a report, as it was when the draft was filled in."""

    _name = "service.quality.example.row"
    _description = "Loan of a Report"
    _inherit = ["service.quality.report.part"]
    _list_template = "service_quality_example.report_page_loans"
    _row_key, _row_kept = ("name",), ("note",)

    name = fields.Char(readonly=True)
    note = fields.Char()

    @api.model
    def _prepare_rows(self, report, figures):
        loans = self.env["service.quality.example.loan"].search([])
        return [{"name": loan.name} for loan in loans]

    def _sheet(self):
        return self.env._("Loans"), ["Loan"], [(row.name,) for row in self]


class ServiceQualityReport(models.Model):
    _inherit = "service.quality.report"

    def _measures(self, period):
        done = {"about": "Loans", "action": "Remind", "owner": "", "state": ""}
        return [*super()._measures(period), done]


class ServiceQualityReportCreation(models.AbstractModel):
    _inherit = "service.quality.report.creation"

    @api.model
    def _triggers(self):
        return super()._triggers() | {"loan": self.env._("A loan that is late")}

    @api.model
    def _events(self, company):
        late = {"trigger": "loan", "event_key": "loan:1", "event_text": "Late"}
        return [*super()._events(company), late]
