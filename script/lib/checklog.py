"""Fail when Odoo's log holds a warning or worse that is not known to be other people's.

usage: checklog.py [--level WARNING] [--only REGEX] [--needs TEXT] LOG
"""

import argparse
import re
import sys

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ "
    r"(?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>\S+): (?P<text>.*)"
)
LEVELS = ["WARNING", "ERROR", "CRITICAL"]

# What other people's code logs and we cannot mend: (pattern on the record, why)
KNOWN = [
    (
        r"^odoo\.tests\.result: \d+ failed, \d+ error\(s\) of ",
        "the runner's own closing line: results.py reads it",
    ),
    (
        r"^odoo\.addons\.\w+\.tests\.\S+: (FAIL|ERROR): ",
        "a failed test, which results.py counts",
    ),
    (
        r"^odoo\.modules\.loading: At least one test failed",
        "the same",
    ),
    (
        r"^odoo\.sql_db: bad query: .*\n"
        r"ERROR: could not (serialize access due to conc|obtain lock on row)",
        "two transactions on one ticket: the one that comes second is run again",
    ),
    (
        r"^odoo\.sql_db: bad query: b' ?(INSERT INTO|UPDATE) "
        r"\"(helpdesk_ticket|service_quality_measurement)\"[\s\S]*\n"
        r"ERROR: duplicate key value "
        r".*_(service_external_ref|measurement_once|service_receipt)_uniq",
        "the same was sent twice at once: the one that comes second is run again",
    ),
    (
        r"^odoo\.addons\.base\.models\.ir_cron: Job 'Mail: Email Queue Manager'"
        r"[\s\S]*SerializationFailure: could not serialize access due to conc",
        "the request that wrote a mail has just sent it itself; the job runs again",
    ),
]


def records(path):
    """Yield (level, "logger: text", following lines) for each record of the log."""
    current = None
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            found = LINE.match(line)
            if not found:
                if current:
                    current[2].append(line.rstrip())
                continue
            if current:
                yield current
            current = [found["level"], f"{found['logger']}: {found['text']}", []]
    if current:
        yield current


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", choices=LEVELS, default="WARNING")
    parser.add_argument("--only", help="look at records that match this alone")
    parser.add_argument("--needs", help="what a log has that came to its end")
    parser.add_argument("log")
    options = parser.parse_args()
    wanted = LEVELS[LEVELS.index(options.level) :]
    bad, complete = 0, not options.needs
    for level, text, more in records(options.log):
        complete = complete or options.needs in text
        whole = "\n".join([text, *more])
        if level not in wanted or any(re.search(known, whole) for known, _why in KNOWN):
            continue
        if options.only and not re.search(options.only, whole):
            continue
        bad += 1
        print("\n".join([f"{level} {text}", *more[-8:]]))
    if not complete:
        print(f"the log ends before {options.needs!r}")
    return 1 if bad or not complete else 0


if __name__ == "__main__":
    sys.exit(main())
