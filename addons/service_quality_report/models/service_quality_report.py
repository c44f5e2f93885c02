from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import CarriedJson
from odoo.addons.service_quality_indicator.models.service_quality_period_mixin import (
    PERIOD_KINDS,
)

from .report_data import (
    ABOUT,
    FOR_THE_CUSTOMER,
    KINDS,
    ROLE,
    SCOPE_OF_KIND,
    STATES,
    SUBJECTS,
)

CHATTER = ("message_", "activity_")


class ServiceQualityReport(models.Model):
    """A report on service quality has figures, lists, and what people say about them.

    It is a draft, then reviewed, and locked from then on, then sent. What was sent is
    never changed: a correction is its next revision, which lists what is different.
    """

    _name = "service.quality.report"
    _description = "Service Quality Report"
    _inherit = [
        "service.quality.report.discard",
        "service.quality.report.files",
        "service.quality.report.review",
        "service.quality.period.mixin",
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "service.quality.due.mixin",
    ]
    _order = "date_from desc, kind, revision desc, id desc"
    _check_company_auto = True

    _due_subject = "report"
    _due_sequence = 30
    _due_field = "due_date"
    _due_depends = ("state", "due_date")

    # what about, and when
    kind = fields.Selection(KINDS, required=True, default="organisation", index=True)
    # named again: Odoo looks for the words of a list in the addon that names it
    period_kind = fields.Selection(PERIOD_KINDS)
    period_label = fields.Char(string="Period Name", compute="_compute_period_label")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    project_id = fields.Many2one(
        "service.quality.project",
        string="Service Project",
        compute="_compute_project_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="The company that a customer's report is for.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Written By",
        index="btree_not_null",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        tracking=True,
    )
    due_date = fields.Date(
        string="To Be Sent Until",
        compute="_compute_due_date",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )

    # of an event
    trigger = fields.Selection(
        selection=lambda self: self.env[
            "service.quality.report.creation"
        ]._trigger_selection(),
        string="Brought About By",
        readonly=True,
    )
    event_key = fields.Char(readonly=True, copy=False)
    event_text = fields.Char(string="What Happened", readonly=True)
    event_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Major Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    # texts
    summary = fields.Text(
        string="In Three Sentences", help="What an executive has to know of the period."
    )
    decisions = fields.Text(
        string="Decisions Wanted", help="One a line; what, from whom, until when."
    )
    analysis = fields.Html(sanitize_style=True)
    deviations = fields.Html(string="Problems and Deviations", sanitize_style=True)
    actions = fields.Html(string="Improvement Actions", sanitize_style=True)
    plan = fields.Html(string="Plan for the Next Period", sanitize_style=True)

    # figures and lists
    line_ids = fields.One2many("service.quality.report.line", "report_id")
    miss_ids = fields.One2many("service.quality.report.miss", "report_id")
    project_line_ids = fields.One2many("service.quality.report.project", "report_id")
    measures = CarriedJson(
        readonly=True, copy=False, help="What was done to improve the service."
    )
    measures_before = CarriedJson(
        readonly=True,
        copy=False,
        help="What was decided the period before, and what became of it.",
    )
    told = CarriedJson(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The lists of the report, as they were when it was filled in.",
    )
    missing_count = fields.Integer(
        string="Contributions Missing", compute="_compute_missing_count"
    )

    # course
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", tracking=True, index=True
    )
    is_provisional = fields.Boolean(
        string="Provisional",
        compute="_compute_is_provisional",
        store=True,
        precompute=True,
        help="The period was not over when the figures were taken.",
    )
    taken_at = fields.Datetime(string="Figures Taken", readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    sent_at = fields.Datetime(string="Sent On", readonly=True, copy=False)
    ledger_id = fields.Integer(
        string="Last Ledger Row", readonly=True, copy=False, help="That it counts."
    )
    ledger_snapshot = fields.Char(
        readonly=True, copy=False, help="Transactions that had been recorded by then."
    )

    # page and recipients
    page = fields.Html(compute="_compute_page", sanitize=False)
    also_partner_ids = fields.Many2many(
        "res.partner",
        "service_quality_report_also_rel",
        string="Also To",
        help="Besides those who get it anyway.",
        ondelete="restrict",
    )
    reader_ids = fields.Many2many(
        "res.users",
        "service_quality_report_reader_rel",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The users it was delivered to, for the rules of who reads it.",
    )
    delivery_ids = fields.One2many("service.quality.report.delivery", "report_id")
    instruction_ids = fields.One2many("service.quality.report.instruction", "report_id")
    response_ids = fields.One2many("service.quality.report.response", "report_id")
    failed_count = fields.Integer(
        string="Not Delivered", compute="_compute_delivery_counts"
    )
    unknown_count = fields.Integer(
        string="Not Known Whether It Arrived", compute="_compute_delivery_counts"
    )
    seen_count = fields.Integer(string="Seen", compute="_compute_delivery_counts")
    delivery_count = fields.Integer(
        string="Recipients", compute="_compute_delivery_counts"
    )
    response = fields.Selection(
        [
            ("none", "No answer yet"),
            ("confirmed", "Confirmed"),
            ("objection", "Objection"),
        ],
        string="Customer's Answer",
        compute="_compute_response",
    )
    is_mine_to_acknowledge = fields.Boolean(compute="_compute_is_mine_to_acknowledge")
    is_acknowledged = fields.Boolean(
        string="Acknowledged by All Executives", compute="_compute_delivery_counts"
    )

    # revisions
    revision = fields.Integer(required=True, readonly=True, default=1, copy=False)
    previous_id = fields.Many2one(
        "service.quality.report",
        string="Revision Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_ids = fields.One2many("service.quality.report", "previous_id")
    revision_reason = fields.Char(string="Why It Is Revised", copy=False)
    changes = CarriedJson(readonly=True, copy=False)

    _once_uniq = models.UniqueIndex(
        "(company_id, kind, period_kind, date_from, COALESCE(agreement_id, 0), "
        "(CASE WHEN kind = 'project' THEN COALESCE(project_id, 0) ELSE 0 END), "
        "COALESCE(team_id, 0), COALESCE(event_key, ''), revision)",
        "There is this report already. Open it; if it was sent, revise it.",
    )
    _revision_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "This report has been revised already. Open its newest revision.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("date_to")
    def _compute_due_date(self):
        for report in self:
            if report.date_to and not report.due_date:
                creation = report.env["service.quality.report.creation"]
                company = report.company_id or report.env.company
                report.due_date = creation._due_day(
                    company, report.kind, report._period()
                )

    @api.depends("period_kind", "date_from")
    def _compute_period_label(self):
        for report in self:
            period = report._period()
            report.period_label = period and period.label

    @api.depends("agreement_id.project_id")
    def _compute_project_id(self):
        for report in self.filtered("agreement_id"):
            report.project_id = report.agreement_id.project_id

    @api.depends("kind", "agreement_id.partner_ids", "project_id.partner_id")
    def _compute_partner_id(self):
        for report in self:
            partners = report.agreement_id.partner_ids or report.project_id.partner_id
            partners = partners.commercial_partner_id
            # an agreement for every customer is no single one's
            single = report.kind in self._subjects() and len(partners) == 1
            report.partner_id = partners if single else False

    @api.depends("date_to", "taken_at")
    def _compute_is_provisional(self):
        for report in self:
            moment = report.taken_at or fields.Datetime.now()
            period = report._period()
            report.is_provisional = bool(period) and moment < report._bounds()[1]

    @api.depends("project_line_ids.contribution")
    def _compute_missing_count(self):
        for report in self:
            missing = report.project_line_ids.filtered(
                lambda line: line.contribution == "missing"
            )
            report.missing_count = len(missing)

    @api.depends("kind", "period_kind", "date_from", "revision", "event_text")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            subject = report._subject_name()
            revision = ""
            if report.revision > 1:
                revision = self.env._("revision %s", report.revision)
            about = (report.period_label, subject, report.event_text, revision)
            parts = (report._title(), *about)
            report.display_name = " · ".join(filter(None, parts))

    @api.depends("delivery_ids.state")
    def _compute_delivery_counts(self):
        for report in self:
            deliveries = report.delivery_ids
            report.delivery_count = len(deliveries)
            states = deliveries.mapped("state")
            report.failed_count = states.count("failed")
            report.unknown_count = states.count("sent")
            report.seen_count = len(deliveries.filtered("seen_at"))
            asked = deliveries.filtered("acknowledge_by")
            report.is_acknowledged = bool(asked) and all(
                asked.mapped("acknowledged_at")
            )

    @api.depends("response_ids.kind")
    def _compute_response(self):
        for report in self:
            newest = report.response_ids.sorted(lambda answer: answer.id)[-1:]
            report.response = newest.kind or "none"

    @api.depends("delivery_ids.acknowledged_at")
    @api.depends_context("uid")
    def _compute_is_mine_to_acknowledge(self):
        is_executive = self.env.user.has_group(ROLE % "executive")
        for report in self:
            report.is_mine_to_acknowledge = (
                is_executive and report._lacks_executive()
            ) or any(
                delivery.user_id == self.env.user
                and delivery.acknowledge_by
                and not delivery.acknowledged_at
                for delivery in report.delivery_ids
            )

    def _compute_page(self):
        for report in self:
            if report.id:
                report.page = Markup(report._content("html").decode())
            else:
                report.page = False

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("period_kind", "date_from")
    def _check_date_from(self):
        """Refuse periods that have not begun as well."""
        result = super()._check_date_from()
        for report in self:
            if report._bounds()[0] > fields.Datetime.now():
                raise ValidationError(
                    self.env._(
                        "The period %s has not begun yet. Choose an earlier one.",
                        report.period_label,
                    )
                )
        return result

    @api.constrains("kind", "agreement_id", "project_id", "team_id")
    def _check_subject(self):
        subjects = self._subjects()
        labels = self.fields_get(list(subjects.values()), ["string"])
        for report in self:
            wanted = subjects.get(report.kind)
            if wanted and not report[wanted]:
                raise ValidationError(
                    self.env._(
                        "Choose what the report is about: %s.", labels[wanted]["string"]
                    )
                )
            foreign = {"agreement_id", "team_id"} - {wanted}
            if any(report[name] for name in foreign):
                raise ValidationError(
                    self.env._("A report is about one thing. Empty the other fields.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(vals_list)._entered()

    def _create_as_step(self, vals_list):
        return super()._create_as_step(vals_list)._entered()

    def _entered(self):
        for report in self.sudo():  # people write neither numbers nor figures
            report._write_as_step({"number": report._next_number()})
            report.env["service.quality.report.content"]._fill(report)
        return self

    def write(self, vals):
        changed = {name for name in vals if not name.startswith(CHATTER)}
        frozen = self.filtered(lambda report: report.state != "draft")
        if frozen and changed:
            frozen[:1]._refuse_change()
        about = ABOUT.union(self._subjects().values())
        if self and about & changed and not self.env.su:
            raise UserError(
                self.env._(
                    "The figures of a report are of its period and subject. Make "
                    "another report, and delete this draft."
                )
            )
        result = super().write(vals)
        if "user_id" in vals:
            self._hand_over()
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "How far a report has come is not written by hand. Use its buttons."
        )

    def _refuse_change(self):
        self.ensure_one()
        if self.state == "reviewed":
            message = self.env._(
                "The report %s was reviewed as it is. Set it back to draft before you "
                "change it.",
                self.display_name,
            )
        else:
            message = self.env._(
                "The report %s was sent and stays as it is. Revise it to correct it.",
                self.display_name,
            )
        raise UserError(message)

    def web_read(self, specification):
        """Read for the client; its form shows the report, and that is seen then."""
        result = super().web_read(specification)
        if "page" in specification and len(self) == 1:
            self._own_deliveries()._note_seen()
        return result

    # it writes that it was seen, which a read-only transaction would refuse
    web_read._readonly = False

    def _own_deliveries(self):
        """Return the deliveries of these reports to the user."""
        # one's own, whatever role one has
        deliveries = self.env["service.quality.report.delivery"].sudo()
        found = deliveries.search(
            [("report_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        )
        return found.sudo(False)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _subjects(self):
        """Return by which field a report of a kind is about one thing; addons add.

        :return: dict of kind to field; the other kinds are about the whole company
        """
        return SUBJECTS

    def _subject(self):
        """Return the record that the report is about: nothing for the whole company."""
        name = self._subjects().get(self.kind)
        return self[name] if name else None

    def _subject_name(self):
        """Return what the report is about, by name; nothing for the whole company."""
        return self._subject().name if self._subject() else ""

    def _has_figures(self):
        """Return True if the report tells figures of indicators."""
        return self.kind in SCOPE_OF_KIND

    def _title(self):
        """Return what the report is called, in the language of the context."""
        if self.kind == "organisation":
            return {
                "month": self.env._("Monthly quality report"),
                "quarter": self.env._("Quarterly quality report"),
                "half": self.env._("Half-yearly quality report"),
                "year": self.env._("Annual quality report"),
            }.get(self.period_kind, "")
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _versions(self):
        """Return all versions of the agreement that a customer's report is about."""
        return self.agreement_id._all_versions()

    def _lang(self):
        """Return the language that the report is written in."""
        installed = dict(self.env["res.lang"].get_installed())
        customer = self.partner_id.lang if self.kind == "customer" else None
        wanted = (customer, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in wanted if lang in installed), "en_US")

    def _measures(self, period):
        """Return what was done to improve the service in a period; addons add theirs.

        A draft takes them with its figures; a customer reads those that are returned
        for a report of that kind. Also addons that know nothing of reports tell theirs:
        see ``service.quality.period.list``.

        :return: list of dicts of texts: ``about``, the ``action``, ``owner`` and
            ``state``, and where they are known ``until``, ``result``, and the id of a
            ``ticket``
        """
        if self.kind in FOR_THE_CUSTOMER:
            return []
        return self.env["service.quality.report.telling"]._measures(self, period)

    def _shows_engineers(self):
        """Return True if engineers are named: to a customer where the company says."""
        return (
            self.kind not in FOR_THE_CUSTOMER or self.company_id.service_name_engineers
        )

    # ------------------------------------------------------------------
    # Due
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        return self.env._("Reports to be sent")

    @api.model
    def _open_domain(self):
        return Domain("state", "!=", "sent")

    def _due_agreement(self):
        return self.agreement_id

    def _due_project(self):
        return self.project_id

    def _overdue_text(self):
        return self.env._("Report overdue: %s", self.display_name)
