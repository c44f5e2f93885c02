from odoo import fields, models


class ServiceQualityCheckLine(models.Model):
    """Says what a check found stored of a ticket otherwise than its ledger says."""

    _name = "service.quality.check.line"
    _description = "Difference Found in the Ledger"
    _order = "check_id, ticket_id, id"
    _rec_name = "what"

    check_id = fields.Many2one(
        "service.quality.check", required=True, index=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one("helpdesk.ticket", required=True, ondelete="cascade")
    what = fields.Char()
    stored = fields.Text()
    rebuilt = fields.Text()
