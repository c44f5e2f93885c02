import base64
import hashlib
import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open

from odoo.addons.service_quality_core.models.printing import CHROMIUM_PARAMETER, FONTS
from odoo.addons.service_quality_core.tools.chromium import (
    PrintError,
    find_chromium,
    print_pdf,
)

from ..tools.digest import digest
from .audit_data import FINDINGS, LOOKED, SKIPPED

_logger = logging.getLogger(__name__)

STYLE = "service_quality_report/static/src/report/report_page.css"

PAGE = f"""
body {{ margin: 0; font-family: {FONTS}, sans-serif; }}
@page {{ size: A4; margin: 16mm 14mm; }}
.o_sq_digest {{ font-family: monospace; font-size: 7.5pt; overflow-wrap: anywhere; }}
.o_sq_findings {{ table-layout: fixed; }}
.o_sq_findings th:first-child {{ width: 14%; }}
.o_sq_findings th:last-child {{ width: 18%; }}
"""


class ServiceQualityAuditReport(models.Model):
    """The signed report of an audit: a PDF, and what was signed as a program reads it.

    It is made when the audit is closed, and stays as it was made.
    """

    _name = "service.quality.audit.report"
    _description = "Report of an Audit"
    _inherit = ["service.quality.steps.mixin"]
    _order = "audit_id desc, id desc"
    _rec_name = "pdf_name"

    audit_id = fields.Many2one(
        "mgmtsystem.audit",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="audit_id.company_id", store=True)
    made_at = fields.Datetime(string="Made On", required=True, readonly=True)
    pdf_name = fields.Char(string="File Name", readonly=True)
    pdf_file = fields.Binary(string="Report", readonly=True, attachment=True)
    pdf_digest = fields.Char(string="SHA-256 of the Report", readonly=True)
    signed_file = fields.Binary(
        string="What Was Signed", readonly=True, attachment=True, help="As JSON."
    )
    signed_digest = fields.Char(string="SHA-256 of What Was Signed", readonly=True)
    delivery_ids = fields.One2many(
        "service.quality.audit.delivery", "report_id", string="Sent To", readonly=True
    )

    @api.model
    def _step_refusal(self, label):
        return self.env._("The report is made when the audit is closed, and stays.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_made(self):
        raise UserError(self.env._("The report of an audit stays on record."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _make(self, audit):
        """Make the report of a closed audit.

        :raise UserError: where nothing can be printed; it says what to install
        """
        lang = audit.company_id._service_lang()
        own = audit.with_context(lang=lang, tz=audit.company_id._service_tz())
        pdf = self._print(own)
        signed_digest, signed = digest(audit._content())
        name = self._file_name(own)
        return self._create_as_step(
            [
                {
                    "audit_id": audit.id,
                    "made_at": fields.Datetime.now(),
                    "pdf_name": f"{name}.pdf",
                    "pdf_file": base64.b64encode(pdf),
                    "pdf_digest": sha256(pdf),
                    "signed_file": base64.b64encode(signed),
                    "signed_digest": signed_digest,
                }
            ]
        )

    @api.model
    def _file_name(self, audit):
        name = audit._words()
        for sign in '/\\:*?"<>|':
            name = name.replace(sign, "-")
        return name

    @api.model
    def _print(self, audit):
        document = self._render_document(audit)
        parameters = self.env["ir.config_parameter"].sudo()  # where it is, no secret
        chromium = find_chromium(parameters.get_param(CHROMIUM_PARAMETER))
        if not chromium:
            return self._print_otherwise(document)
        try:
            return print_pdf(document, chromium)
        except PrintError as error:
            _logger.exception("The report of the audit %s cannot be printed", audit.id)
            raise UserError(
                self.env._(
                    "The report could not be printed: %s. The audit was not closed. "
                    "Try again; if it stays so, have Chromium on the server looked at.",
                    error,
                )
            ) from error

    @api.model
    def _print_otherwise(self, document):
        Actions = self.env["ir.actions.report"]
        if Actions.get_wkhtmltopdf_state() == "install":
            raise UserError(
                self.env._(
                    "There is neither Chromium nor wkhtmltopdf on the server, so that "
                    "nothing can be printed. The audit was not closed."
                )
            )
        return Actions._service_print_offline(document)

    @api.model
    def _render_document(self, audit):
        """Return the whole document that is printed, in the language of the audit."""
        with file_open(STYLE) as file:
            style = file.read()
        document = audit.env["ir.qweb"]._render(
            "service_quality_audit.audit_report_document", self._prepare(audit, style)
        )
        return f"<!DOCTYPE html>{document}"

    @api.model
    def _prepare(self, audit, style):
        """Return what the page shows of an audit."""
        lines = audit.line_ids

        def label(record, name):
            choices = record._fields[name]._description_selection(audit.env)
            return dict(choices).get(record[name], "")

        return {
            "audit": audit,
            "lang": (audit.env.lang or "en_US").replace("_", "-"),
            "style": Markup(style + PAGE),
            "label": label,
            "at": lambda moment: self._time(audit, moment),
            "counts": self._counts(audit, label),
            "findings": lines.filtered(lambda one: one.service_verdict in FINDINGS),
            "conforming": lines.filtered(lambda one: one.service_verdict == "conform"),
            "skipped": lines.filtered(lambda one: one.service_verdict in SKIPPED),
            "looked": lines.filtered(lambda one: one.service_verdict in LOOKED),
            "digest": audit._digest(),
        }

    @api.model
    def _counts(self, audit, label):
        """Return how often each verdict was given: list of (label, number)."""
        groups = audit.line_ids.grouped("service_verdict")
        return [
            (label(lines[:1], "service_verdict"), len(lines))
            for _verdict, lines in sorted(groups.items())
        ]

    @api.model
    def _time(self, audit, moment):
        """Return a moment on the company's wall."""
        if not moment:
            return ""
        return f"{audit.company_id._service_time(moment):%Y-%m-%d %H:%M}"

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def _send(self, partners):
        """Send the report, and keep to whom, by whom and when."""
        self.ensure_one()
        deliveries = self.env["service.quality.audit.delivery"].sudo()  # by this step
        return deliveries._send(self, partners)


def sha256(content):
    """Return the SHA-256 of bytes as it is printed."""
    return hashlib.sha256(content).hexdigest()
