from odoo import models
from odoo.exceptions import AccessError

from .base import OURS


class IrRule(models.Model):
    """Says of a record that may be hidden no more than that it may not be opened.

    Odoo names the rules that refuse, and as superuser the records, to each user who
    asks with ``?debug=1``: people would read there of a complaint about them.
    """

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        error = super()._make_access_error(operation, records)
        if hasattr(records, "_make_access_error"):
            said = records._make_access_error(operation)  # as for one who reads none
        elif records._name.startswith((*OURS, "mail.")):
            said = AccessError(
                self.env._(
                    "You may not open %(kind)s %(ids)s. Ask your manager.",
                    kind=self.env["ir.model"]._get(records._name).name,
                    ids=", ".join(map(str, records.ids[:6])),
                )
            )
        else:
            return error
        if hasattr(error, "context"):
            said.context = error.context  # to which company to change
        return said
