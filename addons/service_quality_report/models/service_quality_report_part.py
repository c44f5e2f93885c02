from odoo import api, fields, models


class ServiceQualityReportPart(models.AbstractModel):
    """A row of a report: it changes with the draft, and is locked after the review.

    Each model that takes this up is a list of the reports, whatever addon it is of. It
    says what a draft lists, and how the list is shown on the page, in the workbook and
    among what a revision changed.
    """

    _name = "service.quality.report.part"
    _description = "Part of a Report"
    _inherit = ["service.quality.steps.mixin"]
    _order = "report_id, sequence, id"

    _list_sequence = 100
    """The place of the list on the page and in the workbook."""

    _list_kinds = ()
    """The kinds of reports that have the list; empty: all of them."""

    _list_template = None
    """The template that shows the ``rows`` on the page; without, the list is left out
    there and in the workbook."""

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
