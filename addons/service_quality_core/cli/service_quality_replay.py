import sys
from time import perf_counter

from odoo.cli import Command
from odoo.tools import config

COLUMNS = ("ticket_id", "what", "stored", "rebuilt")


class ServiceQualityReplay(Command):
    """Fold every ticket of the service ledger again and list what is stored otherwise.

    It runs beside the server, sees the database as it is at one moment, and writes
    nothing. The exit status is 0 where clocks and spans are what the ledger says, and 1
    where they are not: then a line for each difference is on the standard output, with
    the ticket's id, the clock or span, what is stored and what was rebuilt, separated
    by tabs. Options that are not listed here are those of the server.
    """

    name = "service_quality_replay"

    def run(self, cmdargs):
        """Run the command; the class says what it does."""
        arguments, others = self._parse(cmdargs)
        config.parse_config(["--no-http", *others], setup_logging=True)
        # a program of its own, which Odoo finds now that it knows where addons are
        from odoo.addons.service_quality_core.models.ledger_replay import LedgerReplay

        replay = LedgerReplay(
            arguments.database,
            arguments.company,
            arguments.processes,
            arguments.batch,
        )
        start, found = perf_counter(), 0
        for differences in self._progress(replay):
            found += len(differences)
            for difference in differences:
                print("\t".join(str(difference[column]) for column in COLUMNS))
        print(
            f"{replay.ticket_count} tickets folded in {perf_counter() - start:.1f} s, "
            f"{replay.folding_seconds:.1f} s of processor time in each process "
            f"without reading, {found} differences",
            file=sys.stderr,
        )
        sys.exit(1 if found else 0)

    def _parse(self, cmdargs):
        self.parser.add_argument("-d", "--database", required=True)
        self.parser.add_argument(
            "--company", type=int, metavar="ID", help="of the tickets; all unless told"
        )
        self.parser.add_argument(
            "--processes", type=int, default=2, help="2 unless told"
        )
        self.parser.add_argument(
            "--batch",
            type=int,
            default=2000,
            help="tickets at a time, 2000 unless told",
        )
        arguments, others = self.parser.parse_known_args(cmdargs)
        if arguments.processes < 1 or arguments.batch < 1:
            self.parser.error("at least one process, and one ticket at a time")
        return arguments, others

    def _progress(self, replay):
        """Yield the differences of each batch; a bar shows how far it is."""
        try:
            from tqdm import tqdm
        except ImportError:
            for _count, differences in replay.run():
                yield differences
            return
        with tqdm(unit=" tickets", disable=None) as bar:
            for count, differences in replay.run():
                bar.total = replay.ticket_count
                bar.update(count)
                yield differences
