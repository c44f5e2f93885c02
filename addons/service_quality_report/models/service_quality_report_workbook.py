import io

import xlsxwriter

from odoo import api, models
from odoo.tools import html2plaintext

MOST_IN_CELL = 32_767
"""The most characters of a cell in a workbook."""


class ServiceQualityReportWorkbook(models.AbstractModel):
    """Writes a report as a workbook: a sheet for each table, real numbers and dates."""

    _name = "service.quality.report.workbook"
    _description = "Workbook of a Report"

    @api.model
    def _render(self, report):
        """Return the workbook as bytes, in the report's language."""
        report = report.with_context(lang=report._lang())
        buffer = io.BytesIO()
        # texts stay texts: no formulas, no addresses to click
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "remove_timezone": True,
        }
        with xlsxwriter.Workbook(buffer, options) as book:
            book.set_properties({"title": report.display_name})
            formats = {
                "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
                "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
                "number": book.add_format({"num_format": "#,##0.##"}),
                "whole": book.add_format({"num_format": "#,##0"}),
                "text": book.add_format({"text_wrap": True, "valign": "top"}),
            }
            rest = report.env._(
                "… [a cell holds no more; the rest is in the PDF of the report]"
            )
            sheets = self.with_env(report.env)._sheets(report)
            for name, head, rows in sheets:
                rows = [[_fitting(value, rest) for value in row] for row in rows]
                _write_sheet(book.add_worksheet(name), head, rows, formats)
        return buffer.getvalue()

    @api.model
    def _sheets(self, report):
        """Return the name, the heads and the rows of each sheet; addons add theirs."""
        sheets = [self._sheet_of_report(report)]
        if report._has_figures():
            sheets += [self._sheet_of_figures(report), self._sheet_of_trends(report)]
        lists = self.env["service.quality.report.part"]._all_listed(report)
        found = [rows._sheet() for rows in lists]
        told = self.env["service.quality.report.telling"]._shown(report)
        found += [
            (
                one["title"],
                one["heads"] or [""] * 2,
                [row["cells"] for row in one["rows"]],
            )
            for one in told
            if one["rows"]
        ]
        return _named_apart(sheets + [sheet for sheet in found if sheet])

    @api.model
    def _sheet_of_report(self, report):
        _ = self.env._
        rows = [
            (_("Report"), report.display_name),
            (_("Number"), report.number),
            (_("Company"), report.company_id.name),
            (_("From"), report.date_from),
            (_("To"), report.date_to),
            (_("Provisional"), _("yes") if report.is_provisional else _("no")),
            (_("Sent On"), report._local(report.sent_at)),
            (_("In Three Sentences"), report.summary),
            (_("Decisions Wanted"), report.decisions),
            (_("Analysis"), plain_text(report.analysis)),
            (_("Problems and Deviations"), plain_text(report.deviations)),
            (_("Improvement Actions"), plain_text(report.actions)),
            (_("Plan for the Next Period"), plain_text(report.plan)),
        ]
        return _("Report"), [_("Item"), _("Content")], rows

    @api.model
    def _sheet_of_figures(self, report):
        _ = self.env._
        head = [
            _("Section"), _("Process"), _("Name"), _("Value"), _("Numerator"),
            _("Denominator"), _("Interval From"), _("Interval To"), _("Goal"),
            _("Status"), _("Period Before"), _("Same Period Last Year"), _("Open"),
            _("Open and Missed"), _("Late and Open in All"), _("Excluded"),
            _("After Exclusions"), _("Rests On"), _("Why It Was Missed"),
            _("Improvement Action"), _("Why There Is No Action"),
            _("Taken Over From"),
        ]  # fmt: skip
        sections, states = (
            dict(report.line_ids._fields[name]._description_selection(self.env))
            for name in ("section", "goal_state")
        )
        rows = [self._row_of_figure(line, sections, states) for line in report.line_ids]
        return _("Figures"), head, rows

    @api.model
    def _row_of_figure(self, line, sections, states):
        """Return the cells of a line, in the order of the heads; None is left empty."""
        return (
            sections[line.section],
            line.process_id.name,
            line.name,
            line.value if line.has_value else None,
            line.numerator,
            line.denominator,
            line.low if line.has_value else None,
            line.high if line.has_value else None,
            line.goal if line.has_goal else None,
            states.get(line.goal_state),
            line.previous_value if line.has_previous else None,
            line.last_year_value if line.has_last_year else None,
            line.open_count,
            line.missed_open_count,
            line.late_open_count,
            line.excluded_count,
            line.value_after if line.excluded_count else None,
            line.rests_text,
            line.cause,
            line.action,
            line.no_action_reason,
            line.taken_from,
        )

    @api.model
    def _sheet_of_trends(self, report):
        _ = self.env._
        lines = report.line_ids.filtered("trend")
        periods = [label for label, _value in lines[:1].trend or []]
        rows = [(line.name, *(value for _label, value in line.trend)) for line in lines]
        return _("Trend"), [_("Name"), *periods], rows


def _named_apart(sheets):
    """Return sheets with names that a workbook takes: short, plain, and no two alike.

    >>> [name for name, *_rest in _named_apart([("A: b", [], []), ("a- B", [], [])])]
    ['A- b', 'a- B 2']
    """
    known, named = set(), []
    for name, heads, rows in sheets:
        plain = "".join("-" if sign in "[]:*?/\\" else sign for sign in name)
        plain = plain[:28].strip()
        count, own = 2, plain
        while own.lower() in known:
            own, count = f"{plain} {count}", count + 1
        known.add(own.lower())
        named.append((own, heads, rows))
    return named


def plain_text(html):
    """Return what people wrote without its markup."""
    return html2plaintext(html or "").strip()


def _write_sheet(sheet, head, rows, formats):
    """Write a table, each value as what it is."""
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, formats["head"])
    widths = [len(title) for title in head]
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values):
            _write_cell(sheet, row, column, value, formats)
            widths[column] = max(widths[column], min(len(str(value or "")), 60))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 3)


def _fitting(value, rest):
    """Return a value; of a text that is too long, what a cell holds, marked as cut."""
    if isinstance(value, str) and len(value) > MOST_IN_CELL:
        return value[: MOST_IN_CELL - len(rest)] + rest
    return value


def _write_cell(sheet, row, column, value, formats):
    if value is None or value is False or value == "":
        sheet.write_blank(row, column, None)
    elif isinstance(value, int | float):
        # with places for a fraction, 12 would be shown as "12."
        kind = "number" if round(value, 2) % 1 else "whole"
        sheet.write_number(row, column, value, formats[kind])
    elif hasattr(value, "hour"):
        sheet.write_datetime(row, column, value, formats["moment"])
    elif hasattr(value, "year"):
        sheet.write_datetime(row, column, value, formats["date"])
    else:
        sheet.write_string(row, column, value, formats["text"])
