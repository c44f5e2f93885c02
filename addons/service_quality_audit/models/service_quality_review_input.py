from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.models.base import CarriedJson

MOST = 60
"""So many rows of one input are listed; the rest is counted."""


class Input(NamedTuple):
    """Is what a management review looks at, with the clauses that ask for it."""

    code: str
    rank: int
    """Its place, the lowest first."""
    title: str
    iso9001: str = ""
    """The letter and number within ISO 9001, clause 9.3.2."""
    iso20000: str = ""
    """The letter and number within ISO/IEC 20000-1, clause 9.3."""


class Span(NamedTuple):
    """Is the company and the time that a review is about."""

    company: object
    first: object
    following: object
    """The first day, and the first day after it."""
    start: object
    end: object
    """The same moments, naive UTC."""


class Found(NamedTuple):
    """Is what a query has found: a sentence, and rows under their heads."""

    summary: str = ""
    heads: tuple = ()
    rows: tuple | list = ()


class ServiceQualityReviewInput(models.Model):
    """One input of a management review: what was found, and what people say of it.

    It is found by a query, and stays as it was at the meeting. An addon adds an input
    by :meth:`_inputs` and a method ``_input_thing(span)``, which takes a :class:`Span`
    and returns a :class:`Found`; one without a sentence is missing, and is named so.
    """

    _name = "service.quality.review.input"
    _description = "Input of a Management Review"
    _inherit = ["service.quality.steps.mixin", "service.quality.decision.line.mixin"]
    _decision_record = "review_id"
    _order = "review_id desc, sequence, id"

    review_id = fields.Many2one(
        "mgmtsystem.review",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="review_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    code = fields.Char(required=True, readonly=True)
    name = fields.Char(string="Input", required=True, readonly=True)
    iso9001 = fields.Char(string="ISO 9001, 9.3.2", readonly=True)
    iso20000 = fields.Char(string="ISO/IEC 20000-1, 9.3", readonly=True)
    clauses = fields.Char(compute="_compute_clauses")
    summary = fields.Text(string="What Was Found", readonly=True)
    rows = CarriedJson(readonly=True)
    table = fields.Html(compute="_compute_table", sanitize=False)
    is_missing = fields.Boolean(string="Missing", readonly=True)
    note = fields.Text(
        string="What It Means",
        copy=False,
        help="What people think of this input. If the input is missing: why there is "
        "nothing.",
    )

    _code_uniq = models.UniqueIndex("(review_id, code)")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("iso9001", "iso20000")
    def _compute_clauses(self):
        for one in self:
            one.clauses = " · ".join(
                f"{standard} {letter}"
                for standard, letter in (
                    ("ISO 9001 9.3.2", one.iso9001),
                    ("ISO/IEC 20000-1 9.3", one.iso20000),
                )
                if letter
            )

    @api.depends("rows")
    def _compute_table(self):
        for one in self:
            one.table = one._html_table()

    def _html_table(self):
        """Return the rows as HTML, empty where there are none."""
        told = self.rows or {}
        if not told.get("rows"):
            return ""

        def line(tag, cells):
            cell = Markup("<{0}>%s</{0}>").format(tag)
            return Markup("<tr>%s</tr>") % Markup("").join(cell % one for one in cells)

        return Markup(
            '<table class="table table-sm o_service_review_table"><thead>%s</thead>'
            "<tbody>%s</tbody></table>"
        ) % (
            line("th", told["heads"]),
            Markup("").join(line("td", row) for row in told["rows"]),
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Change only what belongs to a review that is not closed."""
        self.review_id._check_open({"service_input_ids"})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_hand(self):
        if not self.env.su:
            raise UserError(self.env._("What a review looks at is not left out."))

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s comes from a query. Nobody writes it by hand. Say under “What It "
            "Means” what you think of it.",
            label,
        )

    # ------------------------------------------------------------------
    # Gathering
    # ------------------------------------------------------------------

    @api.model
    def _gather(self, review):
        """Find what a review looks at, and keep what people have said of it before."""
        company = review.company_id
        first = review.service_date_from
        following = review.service_date_to + timedelta(days=1)
        span = Span(
            company,
            first,
            following,
            company._service_midnight(first),
            company._service_midnight(following),
        )
        # what is counted is counted for everybody who reads the review
        told = self.sudo().with_context(
            lang=company._service_lang(),
            tz=company._service_tz(),
            allowed_company_ids=company.ids,
        )
        # inputs are written by steps alone
        known = {one.code: one for one in review.sudo().service_input_ids}
        fresh = []
        for asked in told._inputs():
            found = getattr(told, f"_input_{asked.code}")(span)
            values = told._prepare_input(asked, found)
            if asked.code in known:
                known.pop(asked.code)._write_as_step(values)
            else:
                fresh.append(values | {"review_id": review.id})
        told._create_as_step(fresh)
        gone = self.browse(one.id for one in known.values()).sudo()  # its addon went
        gone.filtered(lambda one: not one.note).unlink()

    @api.model
    def _prepare_input(self, asked, found):
        rows = [[_plain(cell) for cell in row] for row in found.rows[:MOST]]
        summary = found.summary
        if len(found.rows) > MOST:
            more = self.env._("%s more are not listed.", len(found.rows) - MOST)
            summary = f"{summary} {more}"
        return {
            "code": asked.code,
            "sequence": asked.rank,
            "name": asked.title,
            "iso9001": asked.iso9001,
            "iso20000": asked.iso20000,
            "summary": summary or self.env._("Nothing of it is on record."),
            "rows": {"heads": list(found.heads), "rows": rows},
            "is_missing": not found.summary,
        }

    @api.model
    def _inputs(self):
        """Return what a review looks at, in any order; addons add theirs.

        :return: list of :class:`Input`, in the language of the context
        """
        _ = self.env._
        return [
            Input("decisions", 10, _("Decisions of former reviews"), "a", "a"),
            Input("context", 20, _("Market, technology and company"), "b", "b"),
            Input("set_out", 30, _("Policy, targets and regulation"), "", "f"),
            Input("satisfaction", 40, _("Satisfaction of customers"), "c 1", "e"),
            Input("complaints", 50, _("Complaints"), "c 1", "e"),
            Input("indicators", 60, _("Indicators and trends"), "c 2, c 5", "c 2, g"),
            Input("services", 70, _("Promises to customers"), "c 3", "h"),
            Input("register", 80, _("Duties of the regulations"), "c 3", "c 2"),
            Input("nonconformities", 90, _("Nonconformities"), "c 4", "c 1"),
            Input("measures", 100, _("Measures and their effect"), "c 4", "c 1"),
            Input("audits", 110, _("Audits"), "c 6", "c 3"),
            Input("suppliers", 120, _("Suppliers and other teams"), "c 7", "i"),
            Input("resources", 130, _("Resources"), "d", "j"),
            Input("risks", 140, _("Risks and what was done about them"), "e", "k"),
            Input("changes", 150, _("Changes of services and agreements"), "b", "l"),
            Input("improvement", 160, _("Opportunities to improve"), "f", "d"),
        ]


def _plain(cell):
    """Return a value as the page shows it and JSON keeps it."""
    if cell is None or cell is False or cell == "":
        return "–"
    if isinstance(cell, str):
        return html2plaintext(cell).strip() if "<" in cell else cell
    return cell if isinstance(cell, int | float) else fields.Date.to_string(cell)
