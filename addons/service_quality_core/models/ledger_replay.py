"""Folds the whole ledger again, in several processes that see the same moment."""

import gc
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from time import process_time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_all

BATCH = 2000


class LedgerReplay:
    """Folds every ticket again, writes nothing, and lists what is stored differently.

    One transaction exports its snapshot and all processes read in that one, so that
    what people do meanwhile is no difference. Each process has its own connection and
    goes through the tickets batch by batch; in memory is what a batch takes.

    :param name: of the database
    :param company_id: of the tickets, None for those of all companies
    """

    def __init__(self, name, company_id=None, processes=2, batch=BATCH):
        self.name = name
        self.company_id = company_id
        self.processes = processes
        self.batch = batch
        self.ticket_count = None
        self.folding_seconds = None  # of the processor, in each process

    def run(self):
        """Yield for each batch the number of tickets and the list of differences.

        The differences are as ``service.quality.ledger._differences`` gives them. The
        number of all tickets is in :attr:`ticket_count` once the first batch is done.
        """
        self.folding_seconds = 0
        registry = Registry(self.name)
        # the processes are born with the code in memory, and without connections
        close_all()
        gc.collect()
        gc.freeze()
        with ProcessPoolExecutor(self.processes, get_context("fork")) as pool:
            pool.submit(int).result()  # all of them are born now
            with registry.cursor() as cr:
                cr.execute("SELECT pg_export_snapshot()")
                [snapshot] = cr.fetchone()
                ranges = self._ranges(cr)
                self.ticket_count = sum(count for _first, _last, count in ranges)
                fold = partial(_differences, self.name, snapshot, self.company_id)
                for count, differences, seconds in pool.map(fold, ranges):
                    self.folding_seconds += seconds / self.processes
                    yield count, differences

    def _ranges(self, cr):
        """Return the batches: first id, last id, and how many tickets there are."""
        cr.execute(
            """
            SELECT min(id), max(id), count(*)
              FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part
                      FROM helpdesk_ticket
                     WHERE %s IS NULL OR company_id = %s) AS ticket
             GROUP BY part
             ORDER BY part
            """,
            [self.batch, self.company_id, self.company_id],
        )
        return cr.fetchall()


def _differences(name, snapshot, company_id, ids):
    """Fold one batch, in one of the processes.

    :param ids: the first and the last, and how many tickets they are
    :return: that number, the differences, and the processor's seconds without reading
    """
    first, last, count = ids
    env = _environment(name, snapshot)
    env.cr.execute(
        """
        SELECT id FROM helpdesk_ticket
         WHERE id BETWEEN %s AND %s AND (%s IS NULL OR company_id = %s)
        """,
        [first, last, company_id, company_id],
    )
    ledger = env["service.quality.ledger"]
    found = ledger._read([ticket_id for (ticket_id,) in env.cr.fetchall()])
    start = process_time()
    differences = ledger._compare(*found)
    return count, differences, process_time() - start


@cache
def _environment(name, snapshot):
    """Return the environment of a process, whose transaction lasts as long as it."""
    gc.disable()
    cr = Registry(name).cursor()
    cr.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
    cr.execute("SET TRANSACTION READ ONLY")
    return api.Environment(cr, SUPERUSER_ID, {})
