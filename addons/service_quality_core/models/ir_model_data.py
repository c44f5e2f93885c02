from odoo import api, models
from odoo.exceptions import UserError

OURS = "service_quality"

PROGRAM_MODELS = (
    "ir.actions.act_window", "ir.actions.client", "ir.actions.report",
    "ir.actions.server", "ir.cron", "ir.sequence", "ir.ui.view",
    "mail.activity.type", "mail.template", "res.groups",
)  # fmt: skip
"""Records of these models that we ship belong to the program: code finds them by id."""

FOREIGN = {
    "base.group_system",
    "helpdesk_mgmt.group_helpdesk_manager",
    "helpdesk_mgmt.group_helpdesk_user",
    "helpdesk_mgmt.group_helpdesk_user_own",
    "helpdesk_mgmt.helpdesk_ticket_action",
    "mail.ir_cron_mail_scheduler_action",
    "mail.mail_activity_data_call",
    "mail.mail_activity_data_todo",
    "mail.mail_activity_data_warning",
}
"""What our code finds by its id in other addons."""


class IrModelData(models.Model):
    """Keeps what the code finds by its external id from being deleted."""

    _inherit = "ir.model.data"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_part_of_the_program(self):
        """Refuse to delete a record, or its external id, without which a job fails.

        A record's external ids are deleted along with it, so that this covers both.
        While addons are installed, updated or removed Odoo itself cleans up.
        """
        if not self.env.registry.ready:
            return
        kept = self._service_needed()
        if kept:
            raise UserError(
                self.env._(
                    "Service Quality needs this and cannot work without it: "
                    "%(names)s. Change it, or archive it where it can be archived, "
                    "instead of deleting it.",
                    names=", ".join(kept.mapped("complete_name")),
                )
            )

    def _service_needed(self):
        """Return those by which our code finds what it needs; addons add theirs."""
        return self.filtered(
            lambda one: (
                (one.module.startswith(OURS) and one.model in PROGRAM_MODELS)
                or one.complete_name in FOREIGN
            )
        )
