"""Collect the results of all parts of a test run, and sum them up.

usage: results.py TABLE one PART NAME passed|failed
       results.py TABLE junit PART FILE STATUS        pytest's results and exit status
       results.py TABLE odoo PART NAME LOG            Odoo's runner's, read from its log
       results.py TABLE total                         the closing line
"""

import re
import sys
import xml.etree.ElementTree as ET

# In these parts a test that needs a browser or a server must not be skipped:
# whoever runs them has both, and a skip would hide that nothing was tried.
NO_SKIPS = {"live", "odoo"}
# ... but for data that is not part of the project and may not be at hand.
ALLOWED_SKIP = "no incident log here"

TOTAL = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
SKIPPED = re.compile(r"INFO \S+ odoo\.addons\.\S+: skipped (.+)")
FAILED = re.compile(r"ERROR \S+ odoo\.addons\.\S+: ((?:FAIL|ERROR): .+)")


def of_junit(part, path, status):
    """Return what pytest counted; an aborted or empty run is a failure."""
    try:
        suites = ET.parse(path).getroot().iter("testsuite")
    except (OSError, ET.ParseError):
        return (0, 1, 0), [f"pytest left no result (status {status})"]
    total = failed = skipped = 0
    notes = []
    for suite in suites:
        total += int(suite.get("tests"))
        failed += int(suite.get("failures")) + int(suite.get("errors"))
        for case in suite.iter("testcase"):
            skip = case.find("skipped")
            if skip is None or skip.get("type") == "pytest.xfail":
                continue
            skipped += 1
            notes.append(f"skipped {case.get('name')}: {skip.get('message')}")
    passed = max(total - failed - skipped, 0)
    if status not in (0, 1) and not failed:
        notes.append(f"pytest ended with status {status}")
        failed += 1
    return (passed, failed, skipped), notes


def of_odoo(path):
    """Return what Odoo's runner counted; a log without its last line is a failure."""
    totals, notes, skipped = [], [], 0
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            if found := TOTAL.search(line):
                totals.append([int(number) for number in found.groups()])
            elif found := SKIPPED.search(line):
                skipped += 1
                notes.append(f"skipped {found.group(1)}")
            elif found := FAILED.search(line):
                notes.append(found.group(1))
    if not totals:
        return (0, 1, 0), ["Odoo did not come to the end of the tests"]
    failures, errors, ran = totals[-1]
    failed = failures + errors
    return (max(ran - failed - skipped, 0), failed, skipped), notes


def record(table, part, name, counts, notes):
    passed, failed, skipped = counts
    refused = skipped - sum(ALLOWED_SKIP in text for text in notes)
    if part in NO_SKIPS and refused:
        failed, skipped = failed + refused, skipped - refused
        notes.append("a skipped test counts as failed here")
    if not passed + failed + skipped:
        failed = 1
        notes.append("no test ran")
    with open(table, "a", encoding="utf-8") as file:
        file.write(f"{part}\t{name}\t{passed}\t{failed}\t{skipped}\n")
    mark = "FAILED" if failed else "ok"
    counted = f"{passed} passed, {failed} failed, {skipped} skipped"
    print(f"   {mark:6} {part}: {name}: {counted}")
    for text in notes:
        print(f"          {text[:300]}")


def total(table):
    sums = [0, 0, 0]
    try:
        with open(table, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
    except OSError:
        rows = []
    for row in rows:
        sums = [a + int(b) for a, b in zip(sums, row[2:], strict=True)]
        if int(row[3]):
            print(f"FAILED {row[0]}: {row[1]}")
    passed, failed, skipped = sums
    if not passed and not failed:
        print("no test ran")
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def main(table, kind, *args):
    if kind == "total":
        return total(table)
    if kind == "one":
        part, name, verdict = args
        record(table, part, name, (1, 0, 0) if verdict == "passed" else (0, 1, 0), [])
    elif kind == "junit":
        part, path, status = args
        record(table, part, "pytest", *of_junit(part, path, int(status)))
    elif kind == "odoo":
        part, name, path = args
        record(table, part, name, *of_odoo(path))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
