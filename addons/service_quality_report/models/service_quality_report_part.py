from odoo import api, fields, models
from odoo.fields import Domain


class ServiceQualityReportPart(models.AbstractModel):
    """A row of a report: it changes with the draft, and is locked after the review.

    Each model that takes this up is a list of the reports, whatever addon it is of. It
    says what a draft lists, and how the list is shown on the page, in the workbook and
    among what a revision changed. Who may read or write a report may read or write its
    rows: they need neither access rights nor rules of their own.
    """

    _name = "service.quality.report.part"
    _description = "Part of a Report"
    _inherit = ["service.quality.steps.mixin"]
    _order = "report_id, sequence, id"

    _list_sequence = 100
    """The place of the list on the page and in the workbook."""

    _list_kinds = ()
    """The kinds of reports that have the list; empty: all of them."""

    _list_template = "service_quality_report.report_page_sheet"
    """The template that shows the ``rows`` on the page: what ``_sheet`` returns, where
    it is not another. None: the list is left out there and in the workbook."""

    _row_key = ()
    """The fields by which a row is known again when a draft is filled in again."""

    _row_kept = ()
    """The fields that people write, which stay when a draft is filled in again."""

    report_id = fields.Many2one(
        "service.quality.report", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    sequence = fields.Integer(default=10)

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    def init(self):
        result = super().init()
        if not self._abstract:
            self.pool.post_init(self._let_in)  # once the model is known
        return result

    @api.model
    def _let_in(self):
        """Let everybody of the house in as far as their reports go, row by row.

        No data file does it: a list is also of an addon above, which brings nothing
        but its model, and without this would let nobody in. It is done once for each;
        what an administrator makes of it stays.
        """
        access = self.env["ir.model.access"]
        model_id = self.env["ir.model"]._get_id(self._name)
        if not access.search_count([("model_id", "=", model_id)], limit=1):
            access.create(
                {
                    "name": f"{self._name} as far as its report",
                    "model_id": model_id,
                    "group_id": self.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": False,
                    "perm_unlink": False,
                }
            )

    def _check_access(self, operation):
        """Refuse the rows of reports that the user may not read, or not write."""
        refused = super()._check_access(operation)
        if refused or self.env.su or not any(self._ids):
            return refused
        rows = self.sudo()  # of which reports they are is asked before they are read
        reports = rows.report_id.sudo(False)
        wanted = "read" if operation == "read" else "write"
        open_ones = reports._filtered_access(wanted)
        kept = rows.filtered(lambda row: row.report_id.sudo(False) not in open_ones)
        if not kept:
            return None
        refusal = (reports - open_ones)._check_access(wanted)
        return kept.sudo(False), refusal[1]

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Leave out the rows of reports that the user may not read."""
        if not (self.env.su or bypass_access):
            reports = self.env["service.quality.report"]
            reports = reports.with_context(active_test=False)._search([])
            domain = Domain(domain) & Domain("report_id", "in", reports)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_draft()
        return parts

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        self.report_id._note_author()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_draft()

    def _check_draft(self):
        frozen = self.report_id.filtered(lambda report: report.state != "draft")
        if frozen:
            frozen[:1]._refuse_change()

    # ------------------------------------------------------------------
    # What a list says
    # ------------------------------------------------------------------

    @api.model
    def _prepare_rows(self, report, figures):
        """Return the values of the rows of a draft, in their order.

        :param figures: what was counted of the report's subject in its period
        """
        return []

    def _listed(self):
        """Return those of the rows that may be named to all who read the report."""
        return self

    def _sheet(self):
        """Return the name, the heads and the rows of the list's sheet, or nothing."""

    def _compared(self):
        """Return what the rows say, to find out what a revision changed.

        :return: dict of what a row is known by to its name and a text
        """
        return {}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _lists(self):
        """Return the models of all lists, in their order."""
        part = "service.quality.report.part"
        names = self.env.registry.descendants([part], "_inherit")
        lists = [self.env[name] for name in names if not self.env[name]._abstract]
        return sorted(lists, key=lambda one: (one._list_sequence, one._name))

    @api.model
    def _all_listed(self, report):
        """Return the rows that readers of a report are shown, list by list."""
        shown = [rows for rows in self._lists() if rows._list_template]
        found = [rows._of(report)._listed() for rows in shown]
        return [rows for rows in found if rows]

    @api.model
    def _of(self, report):
        """Return the rows of a report, in its language."""
        return self.with_env(report.env).search([("report_id", "=", report.id)])

    @api.model
    def _fill(self, report, figures):
        """Replace the rows of a draft; what people wrote at the same row is kept."""
        if self._list_kinds and report.kind not in self._list_kinds:
            return
        rows = self.with_env(report.env)
        values = rows._prepare_rows(report, figures)
        old = rows._of(report)
        source = old or rows._of(report.previous_id)
        known = {row._known_by(): row for row in source}
        for sequence, vals in enumerate(values):
            vals |= {"report_id": report.id, "sequence": sequence}
            before = known.get(tuple(vals.get(name) or False for name in self._row_key))
            if before:
                vals |= {name: before[name] for name in self._row_kept if before[name]}
        old.unlink()
        rows._create_as_step(values)

    def _known_by(self):
        """Return the values by which the row is known again."""
        return tuple(
            self[name].id if self._fields[name].relational else self[name] or False
            for name in self._row_key
        )
