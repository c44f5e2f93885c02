from odoo import fields, models


class ServiceQualityClockChange(models.Model):
    """Keeps the working time that a clock was reckoned with, when it is replaced.

    A clock that is open follows its calendar, and one that is reopened takes the
    current one. What it was reckoned with when a figure was taken is kept here, so
    that the figure can be counted again.
    """

    _name = "service.quality.clock.change"
    _description = "Working Time of a Clock Before"
    _order = "id"
    _log_access = False

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    target_id = fields.Integer(required=True, readonly=True)
    cycle = fields.Integer(required=True, readonly=True)
    round = fields.Integer(required=True, readonly=True)
    holder = fields.Integer(required=True, readonly=True)
    timetable_id = fields.Many2one(
        "service.quality.timetable", readonly=True, ondelete="restrict"
    )

    def init(self):
        """Number the rows together with those of the ledger, so that they are in order.

        Their transactions are kept as the ledger's are.
        """
        self.env.cr.execute(
            """
            ALTER TABLE service_quality_clock_change
                ALTER COLUMN id SET DEFAULT nextval('service_quality_event_id_seq'),
                ADD COLUMN IF NOT EXISTS
                    xid xid8 NOT NULL DEFAULT pg_current_xact_id();
            CREATE INDEX IF NOT EXISTS service_quality_clock_change__xid_idx
                ON service_quality_clock_change (xid, id);
            """
        )
