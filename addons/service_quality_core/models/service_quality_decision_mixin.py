from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .roles import group_of

CHATTER = ("message_", "activity_", "rating_", "website_message_")

SecondPersons = namedtuple("SecondPersons", "capacity users")
"""Who may decide, and as what: ``role``, ``executive``, ``deputy`` or ``outsider``.

The users of ``outsider`` are those who may enter what an outsider has signed.
"""


class ServiceQualityDecisionMixin(models.AbstractModel):
    """Has two persons for two sides of an act, whatever roles they hold.

    Authors are all who have written in a record. Who decides on it is none of them and
    holds the role that the model names. Where nobody else holds that role an executive
    decides, else the deputy whom an executive has named for these days, else somebody
    outside the company, whose signed paper is attached. Each decision says which.

    A model names the role in :attr:`_second_roles`, calls
    :meth:`_decide_as_second_person` in the step that decides, and shows
    ``may_decide`` and ``decided_as`` in its form. A model of its lines takes up
    ``service.quality.decision.line.mixin``.

    It stands after ``service.quality.steps.mixin`` in ``_inherit``.
    """

    _name = "service.quality.decision.mixin"
    _description = "Decided by a Second Person"

    _second_roles = ("quality",)
    """The roles of who decides."""

    _not_authored = frozenset()
    """The fields that who decides fills in: writing them makes nobody an author."""

    author_ids = fields.Many2many(
        "res.users",
        string="Authors",
        compute="_compute_author_ids",
        compute_sudo=True,
        help="All who have written in it: none of them decides on it.",
    )
    decision_ids = fields.One2many(
        "service.quality.decision", "res_id", string="Decisions", readonly=True
    )
    decided_as = fields.Char(
        string="Decided By and As", compute="_compute_decided_as", compute_sudo=True
    )
    may_decide = fields.Boolean(compute="_compute_may_decide")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    def _compute_author_ids(self):
        found = self.env["service.quality.author"]._of(self)
        for record in self:
            record.author_ids = found.get(record._origin.id)

    @api.depends("decision_ids")
    @api.depends_context("lang")
    def _compute_decided_as(self):
        for record in self:
            record.decided_as = record.decision_ids[:1].text

    @api.depends_context("uid")
    def _compute_may_decide(self):
        for record in self:
            record.may_decide = self.env.user in record._second_persons().users

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._note_author()
        return records

    def copy(self, default=None):
        """Copy records; who has written in one has written in its copy."""
        copies = super().copy(default)
        self.env["service.quality.author"]._carry(self, copies)
        return copies

    def write(self, vals):
        result = super().write(vals)
        if any(self._is_authored(name) for name in vals):
            self._note_author()
        return result

    def unlink(self):
        # a row of a record that is gone says nothing
        rows = self.env["service.quality.author"].sudo()
        rows.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()
        return super().unlink()

    # ------------------------------------------------------------------
    # Authors
    # ------------------------------------------------------------------

    @api.model
    def _is_authored(self, name):
        """Return True if writing a field is writing in the record."""
        field = self._fields.get(name)
        return bool(
            field
            and not field.readonly
            and name not in self._not_authored
            and not name.startswith(CHATTER)
        )

    def _note_author(self):
        """Enter the user as author; a job, or a step that writes by itself, is none."""
        if not self.env.su:
            self.env["service.quality.author"]._enter(self, self.env.user)

    def _authors(self):
        """Return all who have written in one record; models add whom they know of."""
        self.ensure_one()
        return self.author_ids

    # ------------------------------------------------------------------
    # Who decides
    # ------------------------------------------------------------------

    def _get_second_roles(self):
        """Return the roles of who decides on one record."""
        return self._second_roles

    def _second_persons(self):
        """Return the :class:`SecondPersons` of one record."""
        self.ensure_one()
        company = self._decision_company()
        return company._service_second_persons(
            self._get_second_roles(), self._authors(), self._second_holders()
        )

    def _decision_company(self):
        company = self.company_id if "company_id" in self._fields else None
        return company or self.env.company

    def _second_holders(self):
        """Return who holds one of the roles for one record."""
        company = self._decision_company()
        holders = self.env["res.users"]
        for role in self._get_second_roles():
            holders |= company._service_role_users(role)  # batched: one or two
        return holders

    def _check_second_person(self, refusal):
        """Refuse users who are not the second person of the records.

        :param refusal: what a user is told who does not have the role
        :return: dict of record to :class:`SecondPersons`
        :raise AccessError: it says who decides, where somebody does
        """
        found = {}
        for record in self:
            found[record] = record._second_persons()
            if self.env.su:
                continue
            if self.env.user not in found[record].users:
                raise AccessError(record._refuse_decision(found[record], refusal))
            if found[record].capacity == "outsider" and not record._outsider_paper():
                raise AccessError(
                    self.env._(
                        "%s: nobody else may decide, no executive and no deputy. Name "
                        "a deputy, or attach what somebody outside the company has "
                        "signed.",
                        record.display_name,
                    )
                )
        return found

    def _refuse_decision(self, second, refusal):
        """Return what a user is told who may not decide on one record."""
        roles = (*self._get_second_roles(), "executive")
        if not any(self.env.user.has_group(group_of(role)) for role in roles):
            return refusal
        return self.env._(
            "%(record)s: two sides of an act are two persons. You have written in it, "
            "or somebody else comes first. It is decided by: %(names)s.",
            record=self.display_name,
            names=", ".join(second.users.mapped("name")) or "-",
        )

    def _outsider_paper(self):
        """Return what an outsider has signed about the record and nothing has used."""
        # the paper is the record's, whoever entered it
        return self.env["service.quality.outsider.paper"].sudo()._unused(self)

    def _decide_as_second_person(self, name, refusal):
        """Let the user decide on the records, and write down as what.

        :param name: what is decided, for example "Approved"
        :param refusal: what a user is told who does not have the role
        :raise AccessError: as :meth:`_check_second_person`
        """
        found = self._check_second_person(refusal)
        # no user writes a decision by hand
        Decision = self.env["service.quality.decision"].sudo()
        Decision._create_as_step(
            [
                record._prepare_decision(second) | {"name": name}
                for record, second in found.items()
            ]
        )
        self.invalidate_recordset(["decision_ids", "decided_as"])

    def _prepare_decision(self, second):
        """Return the values of a decision of the user on one record."""
        roles = self._get_second_roles()
        held = [role for role in roles if self.env.user.has_group(group_of(role))]
        capacity = "role" if self.env.su else second.capacity  # a job decides as such
        values = {
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self._decision_company().id,
            "record_name": self.display_name,
            "role": (held or roles)[0],
            "capacity": capacity,
            "user_id": self.env.uid,
            "author_ids": self._authors().ids,
        }
        if capacity == "deputy":
            Deputy = self.env["service.quality.deputy"].sudo()  # named by others
            deputies = Deputy._standing_in(self._decision_company(), roles)
            own = deputies.filtered(lambda one: one.user_id == self.env.user)[:1]
            values |= {"deputy_id": own.id, "role": own.role or roles[0]}
        elif capacity == "outsider":
            values["paper_id"] = self._outsider_paper().id
        return values
