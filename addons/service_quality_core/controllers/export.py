import json

from werkzeug.datastructures import FileStorage

from odoo import http

from odoo.addons.web.controllers import export, pivot

from ..tools.spreadsheet import guard, still


class TextXlsxWriter(export.GroupExportXlsxWriter):
    """Writes the texts of lists as texts: what strangers typed is no formula."""

    def write(self, row, column, cell_value, style=None):
        if isinstance(cell_value, str):
            return self.worksheet.write_string(row, column, cell_value, style)
        return super().write(row, column, cell_value, style)


class ExcelExport(export.ExcelExport):
    def from_data(self, fields, columns_headers, rows):
        """Return the workbook of a list, as bytes."""
        with TextXlsxWriter(fields, columns_headers, len(rows)) as writer:
            for index, row in enumerate(rows, start=1):
                writer._write_row(index, 0, row)
        return writer.value

    def from_group_data(self, fields, columns_headers, groups):
        """Return the workbook of a grouped list, as bytes."""
        with TextXlsxWriter(fields, columns_headers, groups.count) as writer:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = writer.write_group(row, column, name, group)
        return writer.value


class CSVExport(export.CSVExport):
    def from_data(self, fields, columns_headers, rows):
        """Return the CSV file of a list in which no cell is a formula."""
        # what begins with these Odoo marks itself
        return super().from_data(
            fields,
            [guard(header) for header in columns_headers],
            [
                [
                    cell
                    if isinstance(cell, str) and cell.startswith(("=", "-", "+"))
                    else guard(cell)
                    for cell in row
                ]
                for row in rows
            ],
        )


class TableExporter(pivot.TableExporter):
    @http.route()
    def export_xlsx(self, data, **kw):
        """Return the workbook of a pivot in which no title is a formula."""
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        return super().export_xlsx(json.dumps(_still(table)), **kw)


def _still(found):
    """Return a table of a pivot in which no title is a formula."""
    if isinstance(found, dict):
        return {
            key: still(value) if key in ("title", "value") else _still(value)
            for key, value in found.items()
        }
    return [_still(item) for item in found] if isinstance(found, list) else found
