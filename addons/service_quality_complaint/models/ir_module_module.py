from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

ADDON = "service_quality_complaint"

CONFIDENTIAL = Domain("service_about_user_id", "!=", False) | Domain.OR(
    Domain(name, "=", True) for name in ("service_is_report", "service_is_unclear")
)
"""Tickets that only our record rules hide."""


class IrModuleModule(models.Model):
    """A module is not uninstalled while its rules hide complaints."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Refuse while a complaint is hidden: the rules that hide it would go first."""
        leaving = self + self.downstream_dependencies()
        if ADDON in leaving.mapped("name"):
            self._service_check_nothing_is_hidden()
        return super().button_uninstall()

    def _service_check_nothing_is_hidden(self):
        # of every company, also those hidden from the administrator
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        hidden = tickets.search(CONFIDENTIAL, order="id")
        if not hidden:
            return
        raise UserError(
            self.env._(
                "%(count)s complaints are hidden from those whom they are about, and "
                "everybody in the helpdesk could read them without Service Quality. It "
                "is not uninstalled. Have the quality department list them with the "
                "filter Confidential, erase what must not be read with Personal Data "
                "on the complainant's contact or in the text itself, and then empty "
                "About Person and take the mark Supervision Report away. Then "
                "uninstall again.",
                count=len(hidden),
            )
        )
