from odoo import fields, models

from .helpdesk_ticket_stage import PHASES


class ServiceQualitySpan(models.Model):
    """Holds the wall time of a ticket under one phase and holder, from its ledger.

    The spans of a ticket follow each other without a gap, from its opening on.
    """

    _name = "service.quality.span"
    _description = "Time by Holder"
    _order = "ticket_id.id, seq, id"  # not in the order of tickets
    _rec_name = "ticket_id"
    _log_access = False

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    seq = fields.Integer(readonly=True)
    phase = fields.Selection(PHASES, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Assigned User", readonly=True, index="btree_not_null"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", readonly=True, index="btree_not_null"
    )
    party_id = fields.Many2one(
        "res.partner", string="Waiting For", readonly=True, index="btree_not_null"
    )
    date_from = fields.Datetime(string="From", readonly=True)
    date_to = fields.Datetime(string="To", readonly=True)
    wall_seconds = fields.Integer(
        readonly=True, help="Seconds from start to end; empty while it lasts."
    )
    open_seconds = fields.Integer(
        string="Working Seconds",
        readonly=True,
        help="The part of it in the working time of the ticket's main target.",
    )
    _seq_uniq = models.UniqueIndex("(ticket_id, seq)")
    _date_from_idx = models.Index("(company_id, date_from)")
    _held_idx = models.Index(
        "(company_id, date_to) WHERE phase IN "
        "('new', 'active', 'waiting_customer', 'waiting_third_party')"
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()
