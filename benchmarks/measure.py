"""Time and queries of a piece of work, and what several rounds of it say."""

import gc
import os
import platform
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time

PRODUCTS = {"ours": "", "core": "core alone, "}
"""What is compared with bare, and how the table names it."""


class Series:
    """The measurements of one piece of work in several rounds."""

    def __init__(self):
        self.values = []

    def add(self, value):
        self.values.append(value)

    @property
    def median(self):
        return median(self.values)

    @property
    def spread(self):
        """The distance of the furthest round from the median, as a share of it."""
        middle = self.median
        return max(abs(value - middle) for value in self.values) / middle


@contextmanager
def quiet_memory():
    """Keep garbage of before, and what stays in memory, out of a measurement.

    A full collection looks at everything: three databases in one process would make it
    three times as long as it is for one, and it strikes at random.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def microseconds(function, questions, rounds):
    """Measure one call of a function, in µs: a :class:`Series` of rounds.

    :param questions: list of tuples of arguments, all asked in each round
    """
    series = Series()
    for arguments in questions:  # once without counting: everything is warm
        function(*arguments)
    for _round in range(rounds):
        with quiet_memory():
            start = process_time()
            for arguments in questions:
                function(*arguments)
            series.add((process_time() - start) / len(questions) * 1e6)
    return series


def about(**more):
    """Return what a result file says of a run: when, where, how busy a machine."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        **more,
    }


def forget_peak():
    """Have :func:`peak_megabytes` count from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes():
    """Return the most memory that this process has had."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) // 1024


@dataclass
class Line:
    """A line of the table: what was measured, and the target it has to meet, if any."""

    key: str
    what: str
    measured: float
    target: float | None
    most: bool = True  # the target is an upper limit, otherwise a lower one
    unit: str = ""
    detail: str = ""

    @property
    def met(self):
        if self.target is None:
            return True
        if self.most:
            return self.measured <= self.target
        return self.measured >= self.target

    def cells(self):
        sign = "≤" if self.most else "≥"
        target, met = "", ""
        if self.target is not None:
            target = f"{sign} {_number(self.target)}{self.unit}"
            met = "met" if self.met else "MISSED"
        return (
            self.key,
            self.what,
            _number(self.measured) + self.unit,
            target,
            met,
            self.detail,
        )


def _number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def table(lines):
    """Return the lines as a text in columns."""
    head = ("key", "what", "measured", "target", "", "in detail")
    rows = [head, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in (2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
