from datetime import timedelta

from pytz import country_timezones

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.period import Period, is_zone, local_day, local_midnight, local_time
from .roles import group_of
from .service_quality_decision_mixin import SecondPersons

ENTRY_LIMIT = timedelta(minutes=30)
"""So much later people may still enter what happened before a deadline."""


KEPT = ("boolean", "integer", "float", "char", "selection", "many2one")
"""The types of settings of which changes are kept."""


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["service.quality.kept.mixin", "res.company"]

    service_tz = fields.Selection(
        related="partner_id.tz",
        string="Time Zone",
        readonly=False,
        help="The company's days and months begin by it: in figures, reports, messages "
        "and dates by which something is to be done.",
    )
    service_process_id = fields.Many2one(
        "helpdesk.ticket.type",
        string="Usual Process",
        help="The process of a ticket that does not name one.",
        ondelete="restrict",
    )
    service_staff_retention_months = fields.Integer(
        string="Keep Staff in the Ledger (Months)",
        help="After this number of months without an event, finished tickets no longer "
        "say who had them, did what on them or called about them. 0 keeps it for ever.",
    )
    service_reply_days = fields.Integer(
        string="Customers Answer After the End (Days)",
        default=14,
        groups="base.group_user",
        help="What a customer writes so long after the end of a ticket is shown on the "
        "desk; what comes later opens a new ticket, which says what it follows.",
    )

    _service_staff_retention_check = models.Constraint(
        "CHECK (service_staff_retention_months >= 0)",
        "Staff is kept in the ledger for a number of months, or 0 for ever.",
    )

    _service_reply_days_check = models.Constraint(
        "CHECK (service_reply_days >= 0)",
        "Answers after the end are shown for a number of days, or 0 for none.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.onchange("country_id")
    def _onchange_country_id_service_tz(self):
        """Propose the zone of the country, of several the most usual one."""
        zones = country_timezones.get(self.country_id.code, ())
        if zones and self.service_tz not in zones:
            self.service_tz = zones[0]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Odoo adds the contact that it makes to the values
        untold = [
            bool(vals.get("country_id"))
            and not vals.keys() & {"service_tz", "partner_id"}
            for vals in vals_list
        ]
        companies = super().create(vals_list)
        for company, propose in zip(companies, untold, strict=True):
            if propose:
                company._onchange_country_id_service_tz()
        # who founds a company need not be a service manager
        self.env["service.quality.target"].sudo()._ship_house_rules()
        return companies

    # ------------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------------

    @api.model
    def _service_is_kept(self, name):
        """Return True for our settings: some of them make a judgement softer."""
        field = self._fields.get(name)
        return bool(
            field
            and name.startswith("service_")
            and field.type in KEPT
            and not field.readonly
        )

    def _service_kept_companies(self):
        return self

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    def _service_role_users(self, role):
        """Return the people of a company who have a role, in the order of their ids.

        :param role: one of ours, for example ``quality``, or ``administrator``
        """
        self.ensure_one()
        # who has which role is asked for everybody
        users = self.env["res.users"].sudo()
        found = users.search(
            [
                ("all_group_ids", "in", self.env.ref(group_of(role)).ids),
                ("company_ids", "in", self.id),
                ("share", "=", False),
            ],
            order="id",
        )
        return found.sudo(self.env.su)

    def _service_second_persons(self, roles, authors, holders):
        """Return who may decide on what some people have written, and as what.

        Two sides of an act are two persons, whatever roles they hold.

        :param roles: the roles that decide, for example ``("quality",)``
        :param authors: all who have written in it, who are left out
        :param holders: the users who hold one of the roles
        :return: :class:`SecondPersons`
        """
        self.ensure_one()
        if holders - authors:
            return SecondPersons("role", holders - authors)
        executives = self._service_role_users("executive")
        if executives - authors:
            return SecondPersons("executive", executives - authors)
        # who has named a deputy is asked for everybody
        deputies = self.env["service.quality.deputy"].sudo()._standing_in(self, roles)
        standing = self._service_people(deputies.user_id).sudo(self.env.su)
        if standing - authors:
            return SecondPersons("deputy", standing - authors)
        return SecondPersons("outsider", holders | executives)

    def _service_people(self, users):
        """Return those of some users who work in the company."""
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and self in user.sudo().company_ids  # also of those of other companies
            )
        )

    # ------------------------------------------------------------------
    # Languages
    # ------------------------------------------------------------------

    def _service_lang(self, *readers):
        """Return the code of the language in which something is written for somebody.

        Jobs run in English, and people act in their own language: what others read is
        in the reader's, and what stays on record in the company's.

        :param readers: users or contacts, of whom the first with a language that is
            installed decides; none for what the whole company reads
        """
        installed = dict(self.env["res.lang"].get_installed())
        # who writes need not read the contacts of readers and companies
        people = (*(reader.sudo() for reader in readers), self.sudo().partner_id)
        asked = (*(person.lang for person in people), self.env.lang)
        return next(filter(installed.get, asked), "en_US")

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    def _service_hotline_number(self):
        """Return the number at which people complain; addons say which, here none."""
        return ""

    def _service_regulation_asks(self, what):
        """Return True if a regulation in force in the company asks for something.

        An addon that keeps the regulations says so; without it none asks for anything.

        :param what: a word that both addons know, as ``pass_on_complaints``; or the
            code of a rule of evidence, where each case is asked for
        """
        return False

    def _service_due_days(self, evidence, period_kind):
        """Return how many days after a period its obligation falls due.

        An addon that keeps the regulations says so, so that a register and what it
        judges have one day.

        :param evidence: the code of the rule of evidence that proves the obligation
        :return: None where no regulation in force has such an obligation
        """
        return None

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    def _service_tz(self):
        """Return the name of the zone in which the company's days and months begin."""
        self.ensure_one()
        company = self.sudo()  # who reads a day need not read the company's contact
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    def _service_day(self, moment=None):
        """Return the day that it is in the company's zone.

        :param moment: naive UTC, empty for now
        """
        return local_day(moment or fields.Datetime.now(), self._service_tz())

    def _service_time(self, moment):
        """Return a moment, naive UTC, on the company's wall: without a zone."""
        return local_time(moment, self._service_tz())

    def _service_midnight(self, day):
        """Return when a day begins in the company's zone, naive UTC."""
        return local_midnight(day, self._service_tz())

    def _service_periods_ended(self, kind, last=None):
        """Return the periods that are over since a job did its work, oldest first.

        A job that was off catches up: from the period in which it ran last, as the
        scheduler says, and from the one after the last that it did.

        :param last: the first day of the last period that was done
        """
        running = Period.around(kind, self._service_day())
        ran = fields.Datetime.to_datetime(self.env.context.get("lastcall"))
        days = [self._service_day(ran)] if ran else []
        if last:
            days.append(Period.around(kind, last).end)
        return running.ended_since(*days)

    @api.model
    def _service_day_domain(self, domain_on):
        """Return the domain of records of all companies, each by its company's day.

        A company whose zone the system does not know has no day: what is its own is
        left out, and keeps no other company from its own.

        :param domain_on: function that returns the domain for a day
        """
        # records of every company are asked for by any user
        companies = self.sudo().with_context(active_test=False).search([])
        companies = companies.filtered(lambda company: is_zone(company._service_tz()))
        days = companies.grouped(lambda company: company._service_day())
        if len(days) == 1:
            return domain_on(*days)
        return Domain.OR(
            Domain("company_id", "in", some.ids) & domain_on(day)
            for day, some in days.items()
        )

    def _service_entry_limit(self):
        """Return how long after a deadline people enter what happened before it."""
        return ENTRY_LIMIT
