from odoo import models

from ..tools.offline import without_addresses

OFFLINE = ("--proxy", "http://127.0.0.1:9", "--disable-external-links")
"""Nothing answers at that port: whatever a page asks for, it does not get it. Odoo
keeps files of this machine away from every page."""


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _service_print_offline(self, document, **options):
        """Return a document on paper by wkhtmltopdf, which fetches nothing for it."""
        return self.with_context(service_offline=True)._run_wkhtmltopdf(
            [without_addresses(document)], **options
        )

    def _build_wkhtmltopdf_args(self, *arguments, **options):
        """Keep wkhtmltopdf from the network where a page needs nothing of it."""
        result = super()._build_wkhtmltopdf_args(*arguments, **options)
        return result + list(OFFLINE if self.env.context.get("service_offline") else ())
