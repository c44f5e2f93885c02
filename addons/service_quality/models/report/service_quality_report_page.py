import base64
import logging

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open, format_datetime, is_html_empty
from odoo.tools.image import image_data_uri

from ...tools.core.chromium import PrintError, find_chromium, print_pdf
from ...tools.report.chart import line_chart
from ..core.arguments import Arguments
from ..core.printing import CHROMIUM_PARAMETER, FONTS
from .report_data import FOR_THE_CUSTOMER

_logger = logging.getLogger(__name__)

STYLE = "service_quality/static/src/report/report/report_page.css"

MIMETYPES = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

MARGINS = "<style>body { padding: 0 12mm !important; }</style>"

PAPER = {"data-report-margin-top": 15, "data-report-header-spacing": 0}
"""What wkhtmltopdf has to be told apart: it knows no margins of a style sheet."""

FOOTER = """<!DOCTYPE html><html><head><meta charset="utf-8"/><script>
function count() {
    location.search.substring(1).split("&").forEach(function (pair) {
        var part = pair.split("="), place = document.getElementById(part[0]);
        if (place) { place.textContent = decodeURIComponent(part[1]); }
    });
}
</script></head><body onload="count()" style="text-align: right; font: 8pt sans-serif">
<span id="page"></span> / <span id="topage"></span></body></html>"""
"""The page numbers, as wkhtmltopdf draws them where it has its authors' patches."""

SIGNS = {
    "on_target": "✓",
    "tolerated": "△",
    "beyond": "✗",
    "no_data": "–",
    "no_goal": "",
}
"""Colour never tells alone whether a goal was reached."""


class ServiceQualityReport(models.Model):
    """The report as a page: in the client, in the portal and on paper alike."""

    _inherit = "service.quality.report"

    page = fields.Html(compute="_compute_page", sanitize=False)

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    def export(self, file_format):
        """Return a report as a file: of a sent one, what was stored when it was sent.

        :param file_format: ``pdf``, ``xlsx`` or ``html``
        :return: dict ``{"name": file name, "content": base64 text, "mimetype": …}``
        :raise ValidationError: for another format
        :raise UserError: where the page cannot be printed on this machine
        """
        self.ensure_one()
        self.check_access("read")
        formats = [(name, name) for name in MIMETYPES]
        file_format = Arguments(self.env).choice("file_format", file_format, formats)
        return {
            "name": f"{self._file_name()}.{file_format}",
            "content": base64.b64encode(self._content(file_format)).decode(),
            "mimetype": MIMETYPES[file_format],
        }

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    def _compute_page(self):
        for report in self:
            if report.id:
                report.page = Markup(report._content("html").decode())
            else:
                report.page = False

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_print(self):
        """Download the report as a PDF."""
        return self._action_download("pdf")

    def action_export(self):
        """Download the report as a workbook."""
        return self._action_download("xlsx")

    def _action_download(self, file_format):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/service-quality/report/{self.id}/{file_format}",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _content(self, file_format):
        """Return a report's file: stored if it was sent, else as the draft is now."""
        self.ensure_one()
        name = {"html": "page_file", "pdf": "pdf_file", "xlsx": "xlsx_file"}[
            file_format
        ]
        # whoever may read the report may read its files
        stored = self.sudo().with_context(bin_size=False)
        if self.state == "sent" and stored[name]:
            return base64.b64decode(stored[name])
        if file_format == "html":
            return str(stored._render_page()).encode()
        return stored._render_pdf() if file_format == "pdf" else stored._render_xlsx()

    def _file_name(self):
        """Return the name of the report's files, without their ending."""
        name = self.with_context(lang=self._lang()).display_name
        for sign in '/\\:*?"<>|':
            name = name.replace(sign, "-")
        return name.replace(" · ", " ")

    def _render_page(self):
        """Return the page as a piece of HTML that needs nothing but its style."""
        report = self.with_context(lang=self._lang(), tz=self.company_id._service_tz())
        return report.env["ir.qweb"]._render(
            "service_quality.report_page", report._prepare_page()
        )

    def _render_pdf(self):
        """Return the report on paper.

        :raise UserError: where it cannot be printed; it says what to install
        """
        document = self._render_document()
        parameters = self.env["ir.config_parameter"].sudo()  # where it is, no secret
        chromium = find_chromium(parameters.get_param(CHROMIUM_PARAMETER))
        if not chromium:
            return self._print_with_wkhtmltopdf(document)
        try:
            return print_pdf(document, chromium)
        except PrintError as error:
            _logger.exception("The report %s cannot be printed", self.id)
            raise UserError(
                self.env._(
                    "The report could not be printed: %s. Nothing was sent. Try again; "
                    "if it stays so, have Chromium on the server looked at.",
                    error,
                )
            ) from error

    def _print_with_wkhtmltopdf(self, document):
        """Print where there is no Chromium; Debian's build draws no page numbers."""
        Actions = self.env["ir.actions.report"]
        if Actions.get_wkhtmltopdf_state() == "install":
            raise UserError(
                self.env._(
                    "There is neither Chromium nor wkhtmltopdf on the server, so that "
                    "nothing can be printed and nothing was sent. Install Chromium, or "
                    "enter where it is in the system parameter %s.",
                    CHROMIUM_PARAMETER,
                )
            )
        document = document.replace("</head>", f"{MARGINS}</head>", 1)
        return Actions._service_print_offline(
            document, footer=FOOTER, specific_paperformat_args=PAPER
        )

    def _render_document(self):
        """Return the whole document that is printed."""
        report = self.with_context(lang=self._lang())
        company = self.company_id
        with file_open(STYLE) as file:
            style = file.read()
        page_style = report.env["ir.qweb"]._render(
            "service_quality.report_paper", report._prepare_paper()
        )
        document = report.env["ir.qweb"]._render(
            "service_quality.report_document",
            {
                "lang": self._lang().replace("_", "-"),
                "title": report.display_name,
                "style": Markup(style) + page_style,
                "page": self._render_page(),
                "company": company,
            },
        )
        return f"<!DOCTYPE html>{document}"

    def _prepare_paper(self):
        """Return what stands in the margins of each printed page."""
        company = self.company_id
        return {
            "fonts": Markup(f"'{_plain(company.font or 'Lato')}', {FONTS}, sans-serif"),
            "colour": Markup(_colour(company.primary_color)),
            "head": Markup(_quoted(self.display_name)),
            "foot": Markup(_quoted(company.name)),
        }

    # ------------------------------------------------------------------
    # What stands on the page
    # ------------------------------------------------------------------

    def _prepare_page(self):
        """Return what the template shows."""
        company = self.company_id
        lines = self.line_ids
        labels = dict(lines._fields["goal_state"]._description_selection(self.env))
        return {
            "report": self,
            "company": company,
            "logo": company.logo and image_data_uri(company.logo),
            "colour": _colour(company.primary_color),
            "title": self._title(),
            "subject": self._subject() and self._subject().display_name,
            "figures": [self._prepare_tile(line) for line in lines if line.is_headline],
            "sentences": _paragraphs(self.summary),
            "decisions": _paragraphs(self.decisions),
            "sections": self._prepare_sections(),
            "multiples": [(line, self._chart(line)) for line in lines if _moves(line)],
            "lists": [
                (rows._list_template, rows)
                for rows in self._listed_rows()
                if rows._list_template
            ],
            "signs": SIGNS,
            "goal_labels": labels,
            "is_internal": self.kind not in FOR_THE_CUSTOMER,
            "shows_engineers": self._shows_engineers(),
            "tz": company._service_tz(),
            "moment": self._moment_text,
            "duration": self._duration_text,
            "changes": self.changes or [],
            "is_html_empty": is_html_empty,
        }

    def _shows_engineers(self):
        """Engineers are named to a customer only where the company says so."""
        return (
            self.kind not in FOR_THE_CUSTOMER or self.company_id.service_name_engineers
        )

    def _listed_rows(self):
        """Return the rows of each list that are named to readers, list by list."""
        lists = self.env["service.quality.report.part"]._lists()
        return [found for rows in lists if (found := rows._of(self)._listed())]

    def _prepare_sections(self):
        """Return headings and their lines, service targets by process."""
        sections = []
        for code, label in self.line_ids._fields["section"]._description_selection(
            self.env
        ):
            lines = self.line_ids.filtered(lambda line, code=code: line.section == code)
            if code == "target":
                for process, found in lines.grouped("process_id").items():
                    name = process.name or self.env._("all processes")
                    sections.append((f"{label}: {name}", found))
            elif lines:
                sections.append((label, lines))
        return sections

    def _prepare_tile(self, line):
        """Return one of the figures of the first page."""
        return {"line": line, "chart": self._chart(line), "delta": self._delta(line)}

    def _chart(self, line):
        return line_chart(
            [(label, value) for label, value in line.trend or []],
            line.goal if line.has_goal else None,
            line.name,
            lambda _value: line.value_text,
        )

    def _delta(self, line):
        """Return how a figure moved against the period before, as people say it."""
        if not (line.has_value and line.has_previous):
            return ""
        moved = line.value - line.previous_value
        if abs(moved) < 0.05:
            return self.env._("as before")
        return self.env._(
            "%(arrow)s before: %(value)s",
            arrow="▲" if moved > 0 else "▼",
            value=line.previous_text,
        )

    def _moment_text(self, moment):
        if not moment:
            return "–"
        tz = self.company_id._service_tz()
        return format_datetime(self.env, moment, tz=tz, dt_format="yyyy-MM-dd HH:mm")

    def _duration_text(self, seconds):
        """Return working time as people read it."""
        hours, minutes = divmod(round((seconds or 0) / 60), 60)
        if hours:
            return self.env._("%(h)s h %(m)s min", h=hours, m=minutes)
        return self.env._("%s min", minutes)


def _moves(line):
    """Return True if there is a course to be drawn: values that are not all alike."""
    return len({value for _label, value in line.trend or [] if value is not None}) > 1


def _paragraphs(text):
    return [part.strip() for part in (text or "").splitlines() if part.strip()]


def _plain(name):
    """Return a font's name without what could end it in a style sheet."""
    return "".join(sign for sign in name if sign.isalnum() or sign in " -_")


def _colour(colour):
    """Return a colour that is one; another text would be written into the page."""
    digits = (colour or "")[1:]
    is_one = len(digits) == 6 and all(
        sign in "0123456789abcdefABCDEF" for sign in digits
    )
    return colour if is_one else "#1f5f8b"


def _quoted(text):
    """Return a text as a string of a style sheet.

    Every sign that is not plain is written by its number, so that none can end it.
    """
    return (
        '"'
        + "".join(
            sign if sign.isalnum() or sign in " -_.,()" else f"\\{ord(sign):x} "
            for sign in text or ""
        )
        + '"'
    )
