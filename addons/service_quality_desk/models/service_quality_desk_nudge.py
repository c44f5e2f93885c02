import logging

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

CHANNEL = "service_quality_desk.desk"
"""What a client asks to hear, and the subject of what it hears then."""

INTERVAL = "2 seconds"
"""Between two nudges of a company; a client that was nudged waits as long before it
asks, so that it also sees what was committed meanwhile without a nudge of its own."""

WAITING = "service_quality_desk.desk.nudge"


class ServiceQualityDeskNudge(models.Model):
    """A nudge tells the desks of a company to look again, and keeps when it did so.

    One row for each company, written after the commit of a transaction that has changed
    something on the desk, and in a short one of its own: no two transactions at work
    wait for each other because of it. One that finds a fresh row sends nothing.
    """

    _name = "service.quality.desk.nudge"
    _description = "Last Nudge of the Desks"
    _rec_name = "company_id"
    _order = "company_id, id"
    _check_company_auto = True
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    sent_at = fields.Datetime(required=True, readonly=True)

    _company_uniq = models.UniqueIndex("(company_id)")

    @api.model
    def _after_commit(self, companies):
        """Have the desks of companies look again, once the transaction is committed.

        Costs the transaction nothing, and no query more however often it is called.

        :param companies: iterable of ids
        """
        postcommit = self.env.cr.postcommit
        if WAITING not in postcommit.data:
            postcommit.data[WAITING] = set()
            registry = self.env.registry
            postcommit.add(lambda: _send(registry, postcommit.data.pop(WAITING)))
        postcommit.data[WAITING].update(companies)

    def _nudge(self, company_id):
        """Nudge the desks of a company, unless they were just now."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_quality_desk_nudge AS last (company_id, sent_at)
                VALUES (%s, clock_timestamp() AT TIME ZONE 'UTC')
                    ON CONFLICT (company_id) DO UPDATE SET sent_at = excluded.sent_at
                 WHERE last.sent_at <= excluded.sent_at - %s::interval
                """,
                company_id,
                INTERVAL,
            ),
            log_exceptions=False,
        )
        if self.env.cr.rowcount:
            company = self.env["res.company"].browse(company_id)
            self.env["bus.bus"]._sendone((company, CHANNEL), CHANNEL, {})


def _send(registry, company_ids):
    """Nudge the desks of companies, each in a transaction of its own."""
    for company_id in sorted(company_ids):  # nearly always one
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["service.quality.desk.nudge"]._nudge(company_id)  # batched: above
        except psycopg2.errors.SerializationFailure:
            # another transaction has just nudged them, after our commit
            continue
        except psycopg2.Error:
            # what was committed stays so; the desks ask by themselves each minute
            _logger.warning("Could not nudge the desks", exc_info=True)
