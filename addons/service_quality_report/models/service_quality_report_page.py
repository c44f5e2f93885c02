import logging
from functools import partial

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import file_open, format_datetime, is_html_empty
from odoo.tools.image import image_data_uri

from odoo.addons.service_quality_core.models.printing import CHROMIUM_PARAMETER, FONTS
from odoo.addons.service_quality_core.tools.chromium import (
    PrintError,
    find_chromium,
    print_pdf,
)

from ..tools.chart import line_chart
from .report_data import FOR_THE_CUSTOMER, MOST_PRINTED, PERIODIC

_logger = logging.getLogger(__name__)

STYLE = "service_quality_report/static/src/report/report_page.css"

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
    "few": "·",
}
"""Colour never tells alone whether a goal was reached."""


class ServiceQualityReportPage(models.AbstractModel):
    """Shows a report as a page, the same in the client, in the portal and on paper."""

    _name = "service.quality.report.page"
    _description = "Page of a Report"

    @api.model
    def _render(self, report):
        """Return the page as a piece of HTML that needs nothing but its style."""
        report = report.with_context(
            lang=report._lang(), tz=report.company_id._service_tz()
        )
        return report.env["ir.qweb"]._render(
            "service_quality_report.report_page",
            self.with_env(report.env)._prepare(report),
        )

    @api.model
    def _render_pdf(self, report):
        """Return the report on paper.

        :raise UserError: where it cannot be printed; it says what to install
        """
        document = self._render_document(report)
        parameters = self.env["ir.config_parameter"].sudo()  # where it is, no secret
        chromium = find_chromium(parameters.get_param(CHROMIUM_PARAMETER))
        if not chromium:
            return self._print_with_wkhtmltopdf(document)
        try:
            return print_pdf(document, chromium)
        except PrintError as error:
            _logger.exception("The report %s cannot be printed", report.id)
            raise UserError(
                self.env._(
                    "The report could not be printed: %s. Nothing was sent. Try again; "
                    "if it stays so, have Chromium on the server looked at.",
                    error,
                )
            ) from error

    @api.model
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

    @api.model
    def _render_document(self, report):
        """Return the whole document that is printed."""
        report = report.with_context(lang=report._lang())
        company = report.company_id
        with file_open(STYLE) as file:
            style = file.read()
        page_style = report.env["ir.qweb"]._render(
            "service_quality_report.report_paper", self._prepare_paper(report)
        )
        document = report.env["ir.qweb"]._render(
            "service_quality_report.report_document",
            {
                "lang": report._lang().replace("_", "-"),
                "title": report.display_name,
                "style": Markup(style) + page_style,
                "page": self._render(report),
                "company": company,
            },
        )
        return f"<!DOCTYPE html>{document}"

    @api.model
    def _prepare_paper(self, report):
        """Return what stands in the margins of each printed page."""
        company = report.company_id
        return {
            "fonts": Markup(f"'{_plain(company.font or 'Lato')}', {FONTS}, sans-serif"),
            "colour": Markup(_colour(company.primary_color)),
            "head": Markup(_quoted(report.display_name)),
            "foot": Markup(_quoted(company.name)),
        }

    # ------------------------------------------------------------------
    # What stands on the page
    # ------------------------------------------------------------------

    @api.model
    def _prepare(self, report):
        """Return what the template shows; addons add what theirs need."""
        return {
            **self._prepare_frame(report),
            **self._prepare_words(report),
            **self._prepare_content(report),
        }

    @api.model
    def _prepare_frame(self, report):
        """Return whose report it is, about what, and who has to do with it."""
        company = report.company_id
        is_internal = report.kind not in FOR_THE_CUSTOMER
        return {
            "report": report,
            "company": company,
            "logo": company.logo and image_data_uri(company.logo),
            "colour": _colour(company.primary_color),
            "title": report._title(),
            "subject": self._subject_text(report),
            "is_internal": is_internal,
            "is_event": report.kind == "event",
            "is_periodic": report.kind in PERIODIC,
            "shows_engineers": report._shows_engineers(),
            "signed": self._prepare_signatures(report),
            "readers": self._prepare_readers(report) if is_internal else "",
            "notes": self._prepare_notes(report),
        }

    @api.model
    def _subject_text(self, report):
        """Return for which customer a report is, and about what."""
        subject = report._subject()
        names = (report.partner_id.name, subject and subject.display_name)
        return " · ".join(filter(None, names))

    @api.model
    def _prepare_notes(self, report):
        """Return how the figures are to be read, in sentences."""
        _ = self.env._
        notes = [
            _("A service target counts once, in the period in which it was judged."),
            _("Times are in the time zone %s.", report.company_id._service_tz()),
        ]
        if calendars := self._calendars(report):
            notes.append(
                _(
                    "Working time is counted by the calendar of each agreement, and "
                    "added as it is: %s.",
                    calendars,
                )
            )
        taken = report.taken_at and self._moment_text(report, report.taken_at)
        if taken and report.ledger_id:
            row = report.ledger_id
            notes.append(
                _(
                    "Figures taken %(moment)s, up to row %(row)s of the ledger.",
                    moment=taken,
                    row=row,
                )
            )
        elif taken:
            notes.append(_("Figures taken %s.", taken))
        return notes

    @api.model
    def _prepare_words(self, report):
        """Return by what the template puts values into words."""
        goal_state = report.line_ids._fields["goal_state"]
        labels = dict(goal_state._description_selection(self.env))
        labels["few"] = self.env._("Too few to say")
        return {
            "promised": self.env._("promised"),
            "signs": SIGNS,
            "goal_labels": labels,
            "state_of": self._state_of,
            "moment": partial(self._moment_text, report),
            "duration": self._duration_text,
            "is_html_empty": is_html_empty,
        }

    @api.model
    def _prepare_content(self, report):
        """Return the figures, the lists and what people say about them."""
        lines = report.line_ids
        is_event = report.kind == "event"
        first = lines if is_event else lines.filtered("has_goal")
        by_other = lines.filtered(
            lambda line: line.explained_by_id and line.explained_by_id != line
        )
        nothing = (lines - first).filtered(lambda line: line._is_nothing())
        telling = self.env["service.quality.report.telling"]
        return {
            "figures": [self._prepare_tile(line) for line in lines if line.is_headline]
            if not is_event
            else [],
            "red": telling._red_contracts(report),
            "sentences": _paragraphs(report.summary),
            "decisions": _paragraphs(report.decisions),
            "told": [
                one | dict(zip(("rows", "more"), self._cut(one["rows"]), strict=True))
                for one in telling._shown(report)
            ],
            "sections": self._prepare_sections(report, first),
            "annex": self._prepare_sections(report, lines - first - nothing),
            "nothing": ", ".join(nothing.mapped("name")),
            "multiples": [(line, self._chart(line)) for line in lines if _moves(line)],
            "explained": lines.filtered(
                lambda line: line.cause or line.action or line.no_action_reason
            ),
            "also": by_other.grouped("explained_by_id"),
            "lists": [
                (rows._list_template, rows, *self._cut(rows))
                for rows in self.env["service.quality.report.part"]._all_listed(report)
            ],
            "changes": report.changes or [],
        }

    @api.model
    def _cut(self, rows):
        """Return the rows that stand on the page, and how many more there are.

        :return: tuple of rows, and a text that is empty where all stand there
        """
        if len(rows) <= MOST_PRINTED:
            return rows, ""
        text = self.env._(
            "%s more: see the workbook (XLSX) of this report, which lists all of them.",
            len(rows) - MOST_PRINTED,
        )
        return rows[:MOST_PRINTED], text

    @api.model
    def _prepare_sections(self, report, lines):
        """Return headings and their lines, service targets by process."""
        sections, found = [], lines.grouped("section")
        for code, label in report.line_ids._section_selection():
            some = found.get(code, report.line_ids.browse())
            if code == "target":
                for process, those in some.grouped("process_id").items():
                    heading = self.env._(
                        "%(section)s: %(process)s",
                        section=label,
                        process=process.name or self.env._("all processes"),
                    )
                    sections.append((heading, those))
            elif some:
                sections.append((label, some))
        return sections

    @api.model
    def _prepare_tile(self, line):
        """Return one of the figures of the first page, with how it moved."""
        return {
            "line": line,
            "state": self._state_of(line),
            "previous": line._change_text("previous"),
            "last_year": line._change_text("last_year"),
        }

    @api.model
    def _state_of(self, line):
        """Return how a figure stands; nothing of few cases, which may be chance."""
        if line.goal_state in ("tolerated", "beyond") and not line._misses_goal():
            return "few"
        return line.goal_state

    @api.model
    def _prepare_signatures(self, report):
        """Return who wrote, reviewed and approved a report: (what, who, when)."""
        _ = self.env._
        return [
            (
                _("Written by"),
                ", ".join((report._authors() or report.user_id).mapped("name")),
                "",
            ),
            (
                _("Reviewed by"),
                report.reviewed_by_id.name,
                report.reviewed_at and self._moment_text(report, report.reviewed_at),
            ),
            (
                _("Approved by"),
                report.sent_by_id.name,
                report.sent_at and self._moment_text(report, report.sent_at),
            ),
        ]

    @api.model
    def _prepare_readers(self, report):
        """Return the names of all whom the report goes to."""
        deliveries = report.delivery_ids
        names = deliveries.mapped("name") if deliveries else None
        if names is None:
            recipients = self.env["service.quality.report.delivery"]._recipients(report)
            names = recipients.mapped("name")
        return ", ".join(sorted(names))

    @api.model
    def _calendars(self, report):
        """Return the calendars in which working time is counted, where it is told."""
        if not any(
            line.indicator_id.unit == "working_hours" for line in report.line_ids
        ):
            return ""
        agreements = self.env["service.quality.report.telling"]._agreements(report)
        if report.agreement_id:
            agreements = report._versions()
        return ", ".join(agreements.calendar_id.mapped("name"))

    @api.model
    def _chart(self, line):
        return line_chart(
            [(label, value) for label, value in line.trend or []],
            line.goal if line.has_goal else None,
            line.name,
        )

    @api.model
    def _moment_text(self, report, moment):
        if not moment:
            return "–"
        tz = report.company_id._service_tz()
        return format_datetime(self.env, moment, tz=tz, dt_format="yyyy-MM-dd HH:mm")

    @api.model
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
