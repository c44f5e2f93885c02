from odoo import api, fields, models


class ServiceQualityReportMiss(models.Model):
    """A ticket that missed a target, in detail, and why (regulation A4.3.3)."""

    _name = "service.quality.report.miss"
    _description = "Missed Target of a Report"
    _inherit = ["service.quality.report.part"]
    _order = "report_id, process_id, due_at, id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type", readonly=True, ondelete="restrict"
    )
    target_id = fields.Many2one(
        "service.quality.target", readonly=True, ondelete="restrict"
    )
    number = fields.Char(readonly=True)
    name = fields.Char(string="Subject", readonly=True)
    target = fields.Char(string="Service Target", readonly=True)
    opened_at = fields.Datetime(string="Reported", readonly=True)
    due_at = fields.Datetime(string="Due", readonly=True)
    done_at = fields.Datetime(string="Done", readonly=True)
    over_seconds = fields.Integer(
        readonly=True, help="Used beyond the promise, in its own working time."
    )
    engineer = fields.Char(readonly=True)
    is_excluded = fields.Boolean(string="Excluded", readonly=True)
    reason = fields.Text(help="Why it was missed, as the customer will read it.")

    @api.model
    def _step_refusal(self, label):
        return self.env._("Only the reason of a missed target is written by hand.")
