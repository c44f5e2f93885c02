from odoo import fields, models


class ServiceQualityClockGone(models.Model):
    """Names a clock that another program may know and that is no longer there.

    The database writes it when a clock is deleted or changes its company.
    """

    _name = "service.quality.clock.gone"
    _description = "Service Target That Is Gone"
    _order = "id"
    _rec_name = "clock_id"
    _log_access = False

    clock_id = fields.Integer(required=True, readonly=True)
    ticket_id = fields.Integer(required=True, readonly=True)
    company_id = fields.Integer(required=True, readonly=True)

    def init(self):
        """Keep the transactions, as the ledger's are."""
        self.env.cr.execute(
            """
            ALTER TABLE service_quality_clock_gone ADD COLUMN IF NOT EXISTS
                xid xid8 NOT NULL DEFAULT pg_current_xact_id();
            CREATE INDEX IF NOT EXISTS service_quality_clock_gone__xid_idx
                ON service_quality_clock_gone (xid, id);
            """
        )
