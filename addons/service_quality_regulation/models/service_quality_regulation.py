from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

DECIDED = {"term_ids", "active"}
"""What may change on a regulation that is, or was, in force."""


class ServiceQualityRegulation(models.Model):
    """Lists the clauses that a company obliges itself to, and what proves them kept.

    Regulations without a company come with the product and are not changed: copy one
    to write your own. A version that was in force stays as it was; what is to change
    becomes the next version.
    """

    _name = "service.quality.regulation"
    _description = "Quality Regulation"
    _inherit = ["service.quality.steps.mixin"]
    _order = "code, version desc, id desc"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="The same for all versions of one regulation."
    )
    version = fields.Integer(required=True, readonly=True, default=1, copy=False)
    previous_id = fields.Many2one(
        "service.quality.regulation",
        string="Made From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Whose own it is. Empty: it comes with the product, for every company.",
        ondelete="restrict",
    )
    scope = fields.Char(translate=True, help="What kind of company it is for.")
    note = fields.Text(string="Aim", translate=True)
    clause_ids = fields.One2many(
        "service.quality.clause", "regulation_id", string="Clauses", copy=True
    )
    obligation_ids = fields.One2many(
        "service.quality.obligation", "regulation_id", string="Obligations"
    )
    term_ids = fields.One2many(
        "service.quality.regulation.term", "regulation_id", string="In Force"
    )

    # what follows from its being in force
    menu_ids = fields.Many2many(
        "ir.ui.menu",
        string="Menus It Brings",
        help="A company in which another regulation is in force, and none that brings "
        "them, does not see these menus.",
    )
    passes_on_every_complaint = fields.Boolean(
        help="A complaint of any severity goes at once to the quality officer of the "
        "outlet that it is about, or to whoever leads it."
    )

    is_in_force = fields.Boolean(
        compute="_compute_is_in_force",
        search="_search_is_in_force",
        help="Today, in one of the companies at hand.",
    )
    is_locked = fields.Boolean(compute="_compute_is_locked")
    clause_count = fields.Integer(compute="_compute_clause_count")

    _version_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code, version)",
        "The company has this version of the regulation already.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("name", "version")
    def _compute_display_name(self):
        for regulation in self:
            name = regulation.name
            regulation.display_name = name and f"{name} · v{regulation.version}"

    @api.depends("term_ids.date_start", "term_ids.date_end")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_is_in_force(self):
        in_force = self.env.companies._service_regulations()
        for regulation in self:
            regulation.is_in_force = regulation in in_force

    def _search_is_in_force(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", self.env.companies._service_regulations().ids)]

    @api.depends("company_id", "term_ids")
    def _compute_is_locked(self):
        for regulation in self:
            regulation.is_locked = not regulation.company_id or bool(
                regulation.sudo().term_ids  # of whichever company
            )

    @api.depends("clause_ids")
    def _compute_clause_count(self):
        for regulation in self:
            regulation.clause_count = len(regulation.clause_ids)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def copy_data(self, default=None):
        """Make the next version under the same code, for one's own company."""
        default = dict(default or {})
        default.setdefault("company_id", self.env.company.id)
        return super().copy_data(default)

    def copy(self, default=None):
        """Number a copy as the version after the newest one of its code."""
        values = self.with_context(active_test=False).copy_data(default)
        for regulation, vals in zip(self, values, strict=True):
            vals["version"] = regulation._next_version(vals["company_id"])
            vals["previous_id"] = regulation.id
        copies = super()._create_as_step(values)
        copies._check_owned()
        for regulation, copied in zip(self, copies, strict=True):
            regulation.copy_translations(copied)
        return copies

    def _next_version(self, company_id):
        self.ensure_one()
        found = self.with_context(active_test=False)._read_group(
            [("code", "=", self.code), ("company_id", "in", (company_id, False))],
            aggregates=["version:max"],
        )
        return found[0][0] + 1

    @api.model_create_multi
    def create(self, vals_list):
        regulations = super().create(vals_list)
        regulations._check_owned()
        return regulations

    def write(self, vals):
        """Change only what was never in force."""
        if vals.keys() - DECIDED:
            self._check_unlocked()
        result = super().write(vals)
        self._service_keep_edited()
        if vals.keys() & {"company_id", "active"}:
            self._check_owned()
        if "menu_ids" in vals or "active" in vals:
            self.env.registry.clear_cache()  # menus are cached
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self._check_unlocked()

    def _check_owned(self):
        """Refuse to write or archive for one company what is for every company."""
        if not self.env.su and any(not one.company_id for one in self):
            raise ValidationError(
                self.env._(
                    "What comes with the product is for every company. Choose the one "
                    "whose own regulation it is."
                )
            )

    def _check_unlocked(self):
        """Refuse to change what a company was judged by, or what comes with us."""
        if self.env.su:
            return
        locked = self.filtered("is_locked")[:1]
        if locked:
            raise UserError(
                self.env._(
                    "%s comes with the product, or was in force, and stays as it is. "
                    "Make a new version of it and change that one.",
                    locked.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_new_version(self):
        """Open the next version, for one's own company to change."""
        self.ensure_one()
        return self.copy().get_formview_action()

    def action_put_in_force(self):
        """Put the regulation in force in one's company from today on.

        Where the register is in use, ask for it.
        """
        self.ensure_one()
        if self.env.company._service_register_is_used():
            return self._action_ask("begin")
        self.put_in_force()
        return True

    def action_end_force(self):
        """Take the regulation out of force in one's company from today on.

        Where the register is in use, ask for it.
        """
        self.ensure_one()
        if self.env.company._service_register_is_used():
            return self._action_ask("end")
        self.end_force()
        return True

    def _action_ask(self, what):
        """Open a request to change what is in force."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask an Executive"),
            "res_model": "service.quality.rule.change",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_what": what, "default_regulation_id": self.id},
        }

    def action_register(self):
        """Open the register of the regulation."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "service_quality_regulation.service_quality_register_action"
        )
        return action | {"params": {"regulation_id": self.id}}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @idempotent
    def put_in_force(self, date_start=None, external_ref=None):
        """Put the regulation in force in the current company.

        Another version of it that is in force ends on that day.

        :param date_start: date from which on, today if empty
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: id of the term
        """
        self.ensure_one()
        today = self.env.company._service_day()
        start = Arguments(self.env).date("date_start", date_start or today)
        term = self.env["service.quality.regulation.term"].create(
            {
                "regulation_id": self.id,
                "company_id": self.env.company.id,
                "date_start": start,
            }
        )
        return term.id

    @idempotent
    def end_force(self, date_end=None, external_ref=None):
        """Take the regulation out of force in the current company.

        :param date_end: first day on which it is not in force, ``YYYY-MM-DD``; today
            if empty
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        """
        self.ensure_one()
        today = self.env.company._service_day()
        day = Arguments(self.env).date("date_end", date_end or today)
        self._open_terms(self.env.company, day).write({"date_end": day})
        return True

    def _open_terms(self, company, day):
        """Return the terms of a company that hold on a day or later.

        :raise UserError: if there are none
        """
        self.ensure_one()
        terms = self.term_ids.filtered_domain(
            Domain("company_id", "=", company.id)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", day))
        )
        if not terms:
            raise UserError(self.env._("%s is not in force.", self.display_name))
        return terms
