from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.period import local_midnight

CHATTER = ("message_", "activity_")


class ServiceQualityAgreement(models.Model):
    """Says what was promised to which customer, from when on, and who signed it.

    A signed agreement is not changed: *Amend* makes its next version, *End* sets the
    day from which new tickets are no longer under it.
    """

    _name = "service.quality.agreement"
    _description = "Service Agreement"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "service.quality.agreement.print.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
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
        ondelete="restrict",
    )

    # who and what: what a promise names is not deleted, or it would hold for all
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        ondelete="restrict",
        help="Companies or single contacts; none: every customer. Of an underpinning "
        "contract these are the suppliers.",
        check_company=True,
    )
    team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        string="Teams",
        ondelete="restrict",
        check_company=True,
        help="Of an operational level agreement: the teams whose time is measured. "
        "Otherwise: only tickets of these teams; none: any.",
    )
    category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Categories",
        ondelete="restrict",
        check_company=True,
        help="Only tickets of these categories and those below them; none: any.",
    )
    signed_categories = fields.Text(
        string="Categories as Signed",
        readonly=True,
        copy=False,
        help="What they and those below them, and those of the targets, were called "
        "when the agreement was signed.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Time",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="None: 24 × 7. Its time zone is the agreement's.",
    )

    # validity
    state = fields.Selection(
        [("draft", "Draft"), ("signed", "Signed"), ("ended", "Ended")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
    )
    date_start = fields.Date(
        string="In Force From",
        tracking=True,
        default=lambda self: self.env.company._service_day(),
        help="A next version holds from the moment at which it is signed here, at the "
        "earliest. A new agreement with an earlier day takes no ticket that came in "
        "before from another agreement.",
    )
    date_end = fields.Date(
        string="In Force Until",
        copy=False,
        tracking=True,
        help="The first day on which it is no longer in force. Tickets opened before "
        "stay under it, and so do those that came in before the end was entered.",
    )
    term_ids = fields.One2many("service.quality.term", "agreement_id", readonly=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "service.quality.agreement", readonly=True, copy=False, index="btree_not_null"
    )
    next_ids = fields.One2many(
        "service.quality.agreement",
        "previous_id",
        string="Next Version",
        readonly=True,
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

    proved_from = fields.Date(
        string="Counts From",
        readonly=True,
        copy=False,
        help="The register counts it from this day on: the day on which it was signed "
        "here, or an earlier one on which both had signed the attached paper.",
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

    _draft_of_next_uniq = models.UniqueIndex(
        "(previous_id) WHERE state = 'draft' AND previous_id IS NOT NULL",
        "The next version of this agreement is being drafted already. Reload the page.",
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
                "service_quality_core.agreement_matrix", agreement._prepare_matrix()
            )

    @api.depends("partner_ids", "date_start", "date_end", "kind", "target_ids.metric")
    def _compute_overlap_ids(self):
        for agreement in self:
            others = self.search(agreement._overlap_domain())  # batched: one form
            metrics = set(agreement.target_ids.mapped("metric"))
            agreement.overlap_ids = others.filtered(
                lambda other, metrics=metrics: (
                    metrics & set(other.target_ids.mapped("metric"))
                )
            )

    def _compute_ticket_count(self):
        # a number, also for sales, who see the agreement and not the tickets
        Clock = self.env["service.quality.clock"].sudo()
        counts = dict(
            Clock._read_group(
                [("agreement_id", "in", self.ids)],
                ["agreement_id"],
                ["ticket_id:count_distinct"],
            )
        )
        for agreement in self:
            agreement.ticket_count = counts.get(agreement, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("kind")
    def _check_kind(self):
        self.target_ids._check_metric()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        changed = vals.keys() - self._free_when_signed()
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
        papers = {agreement: agreement.document_ids for agreement in signed}
        result = super().write(vals)
        if any(papers[agreement] - agreement.document_ids for agreement in signed):
            raise UserError(
                self.env._(
                    "What proves a signed agreement stays. Attach further papers."
                )
            )
        if vals.keys() & {"name", "number", "version", "calendar_id"}:
            self.env.registry.clear_cache()  # of its targets' _words
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s is not written by hand. Use Sign, End or Amend of the agreement.", label
        )

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

    def action_view_tickets(self):
        """Open the tickets that the agreement has clocks on."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        action["domain"] = [("service_clock_ids.agreement_id", "=", self.id)]
        action["context"] = {"active_test": False}
        return action

    def action_view_previous(self):
        """Open the version before."""
        self.ensure_one()
        return self.previous_id.get_formview_action()

    def action_view_next(self):
        """Open the version after; of several drafts the newest."""
        self.ensure_one()
        return self.next_ids[:1].get_formview_action()

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

    @api.model
    def _free_when_signed(self):
        """Return the fields that may change on a signed agreement; addons add theirs.

        They say who looks after it, and are its papers.

        :return: set of names
        """
        return {"salesperson_id", "manager_id", "document_ids"}

    @api.model
    def _contact_fields(self):
        """Return the fields that name contacts of the customer; addons add theirs.

        Who leaves the customer is taken out of them.

        :return: tuple of names
        """
        return ()

    @api.model
    def _leave_contacts(self, customers):
        """Take out of agreements the contacts who left their customer.

        :param customers: dict of contact to whose it was before
        """
        moved = [
            one.id for one in customers if one.commercial_partner_id != customers[one]
        ]
        if not moved:
            return
        names = self._contact_fields()
        found = self.search(Domain.OR(Domain(name, "in", moved) for name in names))
        for agreement in found:
            own = agreement.partner_ids.commercial_partner_id
            named = self.env["res.partner"].union(*(agreement[name] for name in names))
            left = named.filtered(
                lambda one, own=own: one.id in moved and customers[one] in own
            )
            if not left:
                continue
            for name in names:
                agreement[name] -= left  # batched: one who moved
            agreement.message_post(  # batched: one who moved
                body=self.env._(
                    "No contact of the customer any more, and taken out of this "
                    "agreement: %s",
                    ", ".join(left.mapped("display_name")),
                )
            )

    def _midnight(self, day):
        """Return when a day starts in the agreement's zone, as naive UTC."""
        return local_midnight(day, self._zone())

    def _zone(self):
        """Return the name of the agreement's time zone."""
        return self.calendar_id.tz or self.company_id._service_tz()

    @api.model
    def _in_force_domain(self):
        """Return the domain of what is in force today, by each company's day."""
        return Domain("state", "in", ("signed", "ended")) & self.env[
            "res.company"
        ]._service_day_domain(
            lambda day: (
                Domain("date_start", "<=", day)
                & (Domain("date_end", "=", False) | Domain("date_end", ">", day))
            )
        )

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _overlap_domain(self):
        """Return the domain of other agreements that could hold for the same ticket."""
        self.ensure_one()
        start = self.date_start or self.company_id._service_day()
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
    # End
    # ------------------------------------------------------------------

    def _all_versions(self):
        """Return the agreements with all versions before and after them."""
        found = self
        while following := (found.previous_id | found.next_ids) - found:
            found |= following
        return found

    def _whom_to_warn(self):
        """Return who looks after the agreement: service manager and sales."""
        self.ensure_one()
        manager = self.company_id._service_people(self.manager_id)
        seller = self.company_id._service_people(self.salesperson_id)
        company = self.company_id
        manager = manager or company._service_role_users("service_manager")
        return manager | (seller or company._service_role_users("sales"))

    def _warn_of_end(self, users, days):
        """Give people an activity on the agreement, of which they hear by mail."""
        self.ensure_one()
        today = self.company_id._service_day()
        self.env["mail.activity"]._service_plan(
            [
                (self, user, today, lambda own: own._summary_of_end(days))
                for user in users
            ],
            mails=True,
        )

    def _summary_of_end(self, days):
        """Return when the agreement ends or has ended, in the context's language."""
        date = format_date(self.env, self.date_end)
        if days <= 0:
            return self.env._("Ended on %s", date)
        return self.env._("Ends on %(date)s, in %(days)s days", date=date, days=days)
