from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

COVERAGE_DAYS = 90

FREE_WHEN_SIGNED = {
    "salesperson_id",
    "manager_id",
    "report_cadence",
    "report_partner_ids",
    "document_ids",
    "next_ids",
}
"""What may change on a signed agreement: who looks after it, and its papers."""

CHATTER = ("message_", "activity_")


class ServiceQualityAgreement(models.Model):
    """What was promised to whom, from when on, and who signed it.

    A signed agreement is not changed: *Amend* makes its next version, *End* sets the
    day from which new tickets are no longer under it.
    """

    _name = "service.quality.agreement"
    _description = "Service Agreement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    number = fields.Char(string="Contract Number", copy=False, index="trigram")
    kind = fields.Selection(
        [
            ("sla", "Service level agreement (customer)"),
            ("ola", "Operational level agreement (between teams)"),
            ("uc", "Underpinning contract (supplier)"),
        ],
        required=True,
        default="sla",
    )
    sequence = fields.Integer(
        default=10, help="Among agreements that fit equally well the first one applies."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    project_id = fields.Many2one(
        "service.quality.project",
        string="Service Project",
        index="btree_not_null",
        check_company=True,
    )

    # who and what
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        help="Companies or single contacts; none: every customer. Of an underpinning "
        "contract these are the suppliers.",
        check_company=True,
    )
    team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        string="Teams",
        check_company=True,
        help="Of an operational level agreement: the teams whose time is measured. "
        "Otherwise: only tickets of these teams; none: any.",
    )
    category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Categories",
        check_company=True,
        help="Only tickets of these categories and those below them; none: any.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Time",
        check_company=True,
        tracking=True,
        help="None: 24 × 7. Its time zone is the agreement's.",
    )

    # validity
    state = fields.Selection(
        [("draft", "Draft"), ("signed", "Signed"), ("ended", "Ended")],
        required=True,
        default="draft",
        tracking=True,
    )
    date_start = fields.Date(
        string="In Force From", tracking=True, default=fields.Date.context_today
    )
    date_end = fields.Date(
        string="In Force Until",
        copy=False,
        tracking=True,
        help="The first day on which it is no longer in force. Tickets opened before "
        "stay under it.",
    )
    term_ids = fields.One2many("service.quality.term", "agreement_id")
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "service.quality.agreement", readonly=True, copy=False, index="btree_not_null"
    )
    next_ids = fields.One2many(
        "service.quality.agreement", "previous_id", string="Next Version"
    )
    is_in_force = fields.Boolean(
        compute="_compute_is_in_force", search="_search_is_in_force"
    )

    # signatures
    signed_by_us = fields.Char(string="Signed by Us", copy=False)
    signed_by_us_on = fields.Date(string="Signed by Us On", copy=False)
    signed_by_customer = fields.Char(string="Signed by the Other Side", copy=False)
    signed_by_customer_on = fields.Date(
        string="Signed by the Other Side On", copy=False
    )
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Signed Document",
        copy=False,
        bypass_search_access=True,
    )

    # who looks after it
    manager_id = fields.Many2one(
        "res.users",
        string="Service Manager",
        tracking=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    salesperson_id = fields.Many2one(
        "res.users", tracking=True, domain=[("share", "=", False)]
    )
    report_cadence = fields.Selection(
        [
            ("none", "None"),
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("year", "Yearly"),
        ],
        string="Service Report",
        default="month",
        required=True,
    )
    report_partner_ids = fields.Many2many(
        "res.partner",
        "service_quality_agreement_report_partner_rel",
        string="Report Recipients",
        check_company=True,
    )

    # promise
    target_ids = fields.One2many("service.quality.target", "agreement_id", copy=True)
    matrix = fields.Html(compute="_compute_matrix", sanitize=False)
    overlap_ids = fields.Many2many(
        "service.quality.agreement",
        string="Overlapping Agreements",
        compute="_compute_overlap_ids",
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")

    _date_check = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "An agreement cannot end before it starts. Correct one of the dates.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "number", "version")
    def _compute_display_name(self):
        for agreement in self:
            name = " ".join(filter(None, (agreement.number, agreement.name)))
            if agreement.version > 1:
                name = self.env._(
                    "%(name)s (version %(version)s)",
                    name=name,
                    version=agreement.version,
                )
            agreement.display_name = name

    @api.depends("state", "date_start", "date_end")
    def _compute_is_in_force(self):
        in_force = self.filtered_domain(self._in_force_domain())
        in_force.is_in_force = True
        (self - in_force).is_in_force = False

    def _search_is_in_force(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._in_force_domain()

    @api.depends(
        "target_ids.sequence",
        "target_ids.metric",
        "target_ids.team_id.name",
        "target_ids.category_id.complete_name",
        "target_ids.process_id.name",
        "target_ids.priority",
        "target_ids.severity",
        "target_ids.duration",
        "target_ids.unit",
        "target_ids.goal_percent",
        "target_ids.always",
        "target_ids.calendar_id.name",
        "calendar_id.name",
    )
    @api.depends_context("lang")
    def _compute_matrix(self):
        qweb = self.env["ir.qweb"]
        for agreement in self:
            agreement.matrix = qweb._render(
                "service_quality.agreement_matrix", agreement._prepare_matrix()
            )

    @api.depends("partner_ids", "date_start", "date_end", "kind", "target_ids.metric")
    def _compute_overlap_ids(self):
        for agreement in self:
            others = self.search(agreement._overlap_domain())  # batched: one form
            metrics = set(agreement.target_ids.mapped("metric"))
            agreement.overlap_ids = others.filtered(
                lambda other, metrics=metrics: metrics
                & set(other.target_ids.mapped("metric"))
            )

    def _compute_ticket_count(self):
        counts = dict(
            self.env["service.quality.clock"]._read_group(
                [("agreement_id", "in", self.ids)],
                ["agreement_id"],
                ["ticket_id:count_distinct"],
            )
        )
        for agreement in self:
            agreement.ticket_count = counts.get(agreement, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_state_untouched(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_state_untouched(vals)
        changed = vals.keys() - FREE_WHEN_SIGNED
        changed = {name for name in changed if not name.startswith(CHATTER)}
        signed = self.filtered(lambda agreement: agreement.state != "draft")
        if signed and changed:
            raise UserError(
                self.env._(
                    "The agreement %s is signed and stays as it is. Amend it to make "
                    "its next version, or end it.",
                    signed[:1].display_name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        if any(agreement.state != "draft" for agreement in self):
            raise UserError(
                self.env._(
                    "A signed agreement is part of the record and is not deleted. End "
                    "it instead."
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_sign(self):
        """Put the agreement in force, its previous version ending where it starts.

        :raise AccessError: for who only drafts agreements
        :raise ValidationError: with all that is missing
        """
        self._check_may_decide()
        for agreement in self:
            agreement._check_signable()
        # what a working day is, is settled now
        self.target_ids._compute_seconds()
        self._write_term({"state": "signed"})
        self._enter_terms()
        for previous in self.previous_id:
            following = self.filtered(lambda a, p=previous: a.previous_id == p)
            previous._end_on(following[:1].date_start, self.env._("Amended."))
        for agreement in self:
            agreement._rematch_open_tickets(
                agreement.date_start, self.env._("An agreement was signed.")
            )
        return True

    def action_amend(self):
        """Open the draft of the next version, made from this one if there is none."""
        self.ensure_one()
        self._check_may_decide()
        if self.state == "draft":
            raise UserError(
                self.env._("The agreement is still a draft: change it right here.")
            )
        draft = self.next_ids.filtered(lambda agreement: agreement.state == "draft")
        if not draft:
            draft = self.copy(
                {
                    "name": self.name,
                    "number": self.number,
                    "previous_id": self.id,
                    "version": self.version + 1,
                    "date_start": fields.Date.context_today(self),
                }
            )
        return draft[:1]._action_form()

    def action_end(self):
        """Ask for the day from which the agreement is no longer in force."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End the agreement"),
            "res_model": "service.quality.agreement.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    def action_view_tickets(self):
        """Open the tickets that the agreement has clocks on."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        action["domain"] = [("service_clock_ids.agreement_id", "=", self.id)]
        action["context"] = {"active_test": False}
        return action

    def action_coverage(self):
        """Open what the agreement would have matched among recent tickets."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Coverage"),
            "res_model": "service.quality.agreement.coverage",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _write_term(self, vals):
        """Change state or end of agreements, signed ones too."""
        return super().write(vals)

    def _end_on(self, day, reason):
        """End agreements: tickets opened from that day on are not under them.

        :param day: a date in the agreement's own time zone
        """
        for agreement in self:
            # one that is replaced from its first day on was never in force
            last = max(day, agreement.date_start)
            agreement._write_term({"date_end": last, "state": "ended"})
            agreement.message_post(body=reason)
        self._enter_terms(reason)

    def _enter_terms(self, reason=None):
        """Write down in the register when the agreements are in force."""
        self.env["service.quality.term"].sudo().create(  # no user writes the register
            [
                {
                    "agreement_id": agreement.id,
                    "date_start": agreement._midnight(agreement.date_start),
                    "date_end": agreement.date_end
                    and agreement._midnight(agreement.date_end),
                    "reason": reason,
                }
                for agreement in self
            ]
        )

    def _rematch_open_tickets(self, since, reason):
        """Let open tickets opened since a day follow what is in force now.

        A row of the ledger says so, and the usual rule holds: clocks that were met or
        missed stay.
        """
        self.ensure_one()
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("stage_id.closed", "=", False)
            & Domain("service_opened_at", ">=", self._midnight(since))
        )
        if self.kind == "sla" and self.partner_ids:
            customers = self.partner_ids.ids
            domain &= Domain("partner_id", "in", customers) | Domain(
                "commercial_partner_id", "in", customers
            )
        # whoever signs need not see the tickets
        tickets = self.env["helpdesk.ticket"].sudo().search(domain)
        tickets._service_log_reclassified(reason)

    def _midnight(self, day):
        """Return the naive UTC datetime at which a day starts in the agreement's zone."""
        zone = ZoneInfo(self._zone())
        local = datetime.combine(day, time.min, tzinfo=zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    def _zone(self):
        """Return the name of the agreement's time zone."""
        return self.calendar_id.tz or self.company_id.partner_id.tz or "UTC"

    @api.model
    def _in_force_domain(self, day=None):
        day = day or fields.Date.context_today(self)
        return (
            Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<=", day)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", day))
        )

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_state_untouched(self, *vals_list):
        """Signing and ending are acts with checks of their own, not a value to set."""
        for vals in vals_list:
            if vals.get("state", "draft") != "draft" or "term_ids" in vals:
                raise UserError(
                    self.env._("Use Sign or End to change the state of an agreement.")
                )

    def _check_may_decide(self):
        """Who drafts an agreement for sales does not put it in force."""
        self.check_access("write")
        deciders = ("service_manager", "project_manager")
        if not self.env.su and not any(
            self.env.user.has_group(f"service_quality.service_quality_group_{name}")
            for name in deciders
        ):
            raise AccessError(
                self.env._(
                    "Only a service manager, or the manager of the service project, "
                    "signs, amends and ends agreements."
                )
            )

    def _check_signable(self):
        """Refuse to sign what is not ready, and list all that is missing at once."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%s is signed already.", self.display_name))
        missing = self._missing_to_sign()
        if missing:
            raise ValidationError(
                self.env._(
                    "%(agreement)s cannot be signed yet:\n%(missing)s",
                    agreement=self.display_name,
                    missing="\n".join(f"• {text}" for text in missing),
                )
            )

    def _missing_to_sign(self):
        """List what keeps the agreement from being signed, in words."""
        _ = self.env._
        missing = []
        if not self.target_ids:
            missing.append(_("Add at least one service target."))
        if not self.date_start:
            missing.append(_("Set the day from which it is in force."))
        if not (self.signed_by_us and self.signed_by_us_on):
            missing.append(_("Enter who signed for us, and when."))
        if not (self.signed_by_customer and self.signed_by_customer_on):
            missing.append(_("Enter who signed for the other side, and when."))
        if self.kind == "ola" and not self.team_ids:
            missing.append(_("Name the teams whose time is measured."))
        if self.kind == "uc" and not self.partner_ids:
            missing.append(_("Name the supplier."))
        for calendar in self.target_ids.mapped(lambda target: target._calendar()):
            problem = calendar._service_problem()
            if problem:
                missing.append(problem)
        return missing or self._unreachable_targets()

    def _unreachable_targets(self):
        """List the targets whose time the calendar does not hold within years."""
        start = self._midnight(self.date_start)
        epoch = int(start.replace(tzinfo=UTC).timestamp())
        calendars = self.target_ids.mapped(lambda target: target._calendar())
        timetables = calendars._service_timetables(epoch)
        return [
            self.env._(
                "%s cannot be reached within the years that its calendar is planned "
                "for. Shorten it or choose another calendar.",
                target.display_name,
            )
            for target in self.target_ids
            if target._calendar()
            and timetables[target._calendar().id][1].add(epoch, target.seconds) is None
        ]

    def _overlap_domain(self):
        """Return the domain of other agreements that could hold for the same ticket."""
        self.ensure_one()
        start = self.date_start or fields.Date.context_today(self)
        domain = (
            Domain("id", "not in", (self._origin | self.previous_id).ids)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("kind", "=", self.kind)
            & Domain("state", "in", ("signed", "ended"))
            & (Domain("date_end", "=", False) | Domain("date_end", ">", start))
        )
        if self.date_end:
            domain &= Domain("date_start", "<", self.date_end)
        if self.partner_ids:
            domain &= Domain("partner_ids", "in", self.partner_ids.ids)
        else:
            domain &= Domain("partner_ids", "=", False)
        return domain

    # ------------------------------------------------------------------
    # Presentation
    # ------------------------------------------------------------------

    def _action_form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _prepare_matrix(self):
        """Return rows (conditions) and columns (metrics) of the targets.

        :return: dict with ``metrics``, a list of labels, and ``rows``, a list of
            ``(condition in words, list of lists of targets)``
        """
        self.ensure_one()
        targets = self.target_ids
        metrics = list(dict.fromkeys(targets.mapped("metric")))
        rows = {}
        for target in targets:
            cells = rows.setdefault(
                target._condition_text(), {metric: [] for metric in metrics}
            )
            cells[target.metric].append(target)
        labels = dict(targets._fields["metric"]._description_selection(self.env))
        return {
            "agreement": self,
            "metrics": [labels[metric] for metric in metrics],
            "rows": [
                (condition, [cells[metric] for metric in metrics])
                for condition, cells in rows.items()
            ],
        }
