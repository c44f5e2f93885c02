"""The example that imports a real incident log, and the verdicts that come out of it.

The log is not part of the project: INCIDENTS_FILE says where it is.
"""

import csv
import gzip
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from zoneinfo import ZoneInfo

import incidents_oracle as oracle
import pytest

PRIORITIES = {
    "1 - Critical": "3",
    "2 - High": "2",
    "3 - Moderate": "1",
    "4 - Low": "0",
}
TICKET_FIELDS = [
    "service_external_ref", "service_opened_at", "closed_date", "service_phase",
    "team_id", "user_id", "priority",
]  # fmt: skip


@pytest.fixture(scope="module")
def log_file(root):
    """The incident log, where it is."""
    default = root.parent / "shared" / "data" / "incidents.csv.gz"
    path = Path(os.environ.get("INCIDENTS_FILE") or default)
    if not path.is_file():
        pytest.skip("no incident log here: set INCIDENTS_FILE to incidents.csv.gz")
    return path


@pytest.fixture(scope="module")
def mapping_file(root):
    return root / "examples" / "incidents_mapping.toml"


@pytest.fixture(scope="module")
def run_import(root, server, log_file, mapping_file, colleague):
    """Run the example: run_import("--dry-run") returns what it prints."""

    def run(*arguments, **environment):
        done = subprocess.run(
            [
                sys.executable, root / "examples" / "import_incidents.py",
                "--url", server.url, "--db", server.db,
                "--user", server.login, "--password", server.password,
                "--signer", "colleague", "--signer-password", colleague[1],
                "--mapping", mapping_file, *arguments, log_file,
            ],
            capture_output=True,
            text=True,
            env=os.environ | environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def imported(xmlrpc, run_import, log_file):
    """The log, and what became of it: its lines, the tickets, the printed summary."""
    refs = [["service_external_ref", "=like", "INC%"]]
    before = xmlrpc("helpdesk.ticket", "search_count", refs)  # of an earlier run
    dry = run_import("--dry-run")
    assert before == 890 or f"{890 - before}  would be created" in dry
    assert xmlrpc("helpdesk.ticket", "search_count", refs) == before
    printed = run_import()
    assert before == 890 or f"{890 - before}  created" in printed
    tickets = xmlrpc("helpdesk.ticket", "search_read", refs, TICKET_FIELDS)
    by_ref = {ticket["service_external_ref"]: ticket for ticket in tickets}
    return oracle.read(log_file), by_ref, printed


def last_lines(log_file):
    """Return the line that stands last in the file, of each incident."""
    with gzip.open(log_file, "rt", newline="") as file:
        return {row["number"]: row for row in csv.DictReader(file)}


def text(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def test_keeps_every_incident(imported):
    lines, tickets, printed = imported
    assert len(lines) == 890
    assert tickets.keys() == lines.keys()
    assert "890 incidents in" in printed
    assert "refused" not in printed
    assert "moved_to_opening" in printed
    assert "lines not in the order of time: sorted" in printed


def test_verdicts_are_those_of_the_file(xmlrpc, imported, log_file):
    """Each verdict, and when its clock stopped, recomputed from the file alone."""
    lines, tickets, _printed = imported
    last = last_lines(log_file)
    expected = {
        (number, metric): (PRIORITIES[last[number]["priority"]], verdict, text(at))
        for number, rows in lines.items()
        for metric, (verdict, at) in oracle.judge(rows, last[number]).items()
    }
    refs = {ticket["id"]: ref for ref, ticket in tickets.items()}
    clocks = xmlrpc(
        "service.quality.clock",
        "search_read",
        [["ticket_id", "in", list(refs)], ["kind", "=", "sla"]],
        ["ticket_id", "metric", "priority", "verdict", "stopped_at", "counted"],
    )
    found = {
        (refs[clock["ticket_id"][0]], clock["metric"]): (
            clock["priority"],
            clock["verdict"],
            clock["stopped_at"],
        )
        for clock in clocks
        if clock["counted"]
    }
    assert len(clocks) == len(found) == 2 * 890
    counts = Counter((key[1], *value[:2]) for key, value in found.items())
    assert counts == Counter((key[1], *value[:2]) for key, value in expected.items())
    assert min(counts.values()) > 0
    assert {key: (expected[key], found[key]) for key in expected} == {
        key: (expected[key], expected[key]) for key in expected
    }


def test_milestones_are_those_of_the_columns(imported, log_file):
    """Where lines and the file's own milestones agree, the tickets have them."""
    lines, tickets, _printed = imported
    last = last_lines(log_file)
    for number, ticket in tickets.items():
        assert ticket["service_opened_at"] == text(
            oracle.parse(last[number]["opened_at"])
        )
        assert ticket["service_phase"] == "closed"
        assert ticket["priority"] == PRIORITIES[last[number]["priority"]]
    agreeing = 0
    for number, rows in lines.items():
        closed = [row for row in rows if row["incident_state"] == "Closed"]
        if closed[0]["sys_updated_at"] == last[number]["closed_at"]:
            at = oracle.parse(last[number]["closed_at"])
            assert tickets[number]["closed_date"] == text(at)
            agreeing += 1
    assert agreeing == 886


def test_holders_are_those_of_the_last_line(imported):
    lines, tickets, _printed = imported
    for number, rows in lines.items():
        for column, field in (
            ("assignment_group", "team_id"),
            ("assigned_to", "user_id"),
        ):
            held = tickets[number][field]
            assert (held[1] if held else "?") == rows[-1][column], number


def test_a_second_run_changes_nothing(xmlrpc, imported, run_import):
    before = xmlrpc("service.quality.event", "search_count", [])
    printed = run_import()
    assert "890  unchanged" in printed
    assert "there already, not touched" in printed
    assert xmlrpc("service.quality.event", "search_count", []) == before


def run_small(root, server, mapping, file, *arguments):
    """Run the example on a small file; return its exit code and what it prints."""
    done = subprocess.run(
        [
            sys.executable, root / "examples" / "import_incidents.py",
            "--url", server.url, "--db", server.db, "--user", server.login,
            "--password", server.password, "--mapping", mapping, *arguments, file,
        ],
        capture_output=True,
        text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def small_log(log_file, path, lines, **cells):
    """Write the first lines of the log with other cells."""
    with gzip.open(log_file, "rt", newline="") as source:
        rows = [row | cells for row in islice(csv.DictReader(source), lines)]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_working_time_with_other_hours_stops_it(
    root, server, imported, mapping_file, log_file, tmp_path
):
    """Also the dry run compares the hours with those that are there."""
    other = tmp_path / "other.toml"
    text = mapping_file.read_text(encoding="utf-8")
    other.write_text(text.replace("hours = [8, 18]", "hours = [9, 17]"), "utf-8")
    small = small_log(log_file, tmp_path / "small.csv", 5)
    code, printed = run_small(root, server, other, small, "--dry-run")
    assert (code, "with other hours" in printed) == (2, True), printed


def test_lines_that_do_not_come_in_are_told(
    root, server, imported, mapping_file, log_file, tmp_path
):
    """All left out is no success, and neither is one."""
    small = small_log(log_file, tmp_path / "small.csv", 5, number="?")
    code, printed = run_small(root, server, mapping_file, small, "--dry-run")
    assert (code, "left out" in printed) == (1, True), printed


def test_goes_over_json2_as_well(xmlrpc, imported, run_import, server):
    assert server.api_key
    printed = run_import("--json2", ODOO_API_KEY=server.api_key)
    assert "890  unchanged" in printed


def test_ledger_and_clocks_agree(xmlrpc, imported):
    _lines, tickets, _printed = imported
    ids = [ticket["id"] for ticket in tickets.values()]
    assert xmlrpc("service.quality.check", "check_tickets", ids) == []


def test_the_past_sends_nothing(xmlrpc, imported):
    _lines, tickets, _printed = imported
    ids = [ticket["id"] for ticket in tickets.values()]
    of_tickets = [["model", "=", "helpdesk.ticket"], ["res_id", "in", ids]]
    assert not xmlrpc("mail.message", "search_count", of_tickets)
    activities = [["res_model", "=", "helpdesk.ticket"], ["res_id", "in", ids]]
    assert not xmlrpc("mail.activity", "search_count", activities)


def test_figures_of_its_months_are_those_of_the_file(xmlrpc, imported, log_file):
    """Attainment and percentiles, recomputed from the file alone.

    Regulation A4.3.4: the statistics of a project are those of its tickets.
    """
    lines, _tickets, _printed = imported
    figures = taken_figures(xmlrpc, lines)
    zone = ZoneInfo(figures[0]["tz"])
    expected = expected_figures(lines, last_lines(log_file), zone)
    found = {}
    for figure in figures:
        key = (figure["indicator_id"][0], figure["date_from"][:7])
        found[key] = figure
    counted = 0
    for (code, month), (value, whole) in expected.items():
        [indicator] = xmlrpc(
            "service.quality.indicator", "search", [["code", "=", code]]
        )
        figure = found[indicator, month]
        assert figure["denominator"] == whole, (code, month)
        assert figure["has_value"]
        assert figure["value"] == pytest.approx(value), (code, month)
        counted += whole
    # each incident has a response and a resolution, judged and timed
    assert counted == 890 * 2 + 890 * 2 * 2
    assert len({month for _code, month in expected}) > 3


def taken_figures(xmlrpc, lines):
    """Take the figures of the months of a log; return those of its agreement."""
    moments = [
        oracle.parse(row["sys_updated_at"]) for rows in lines.values() for row in rows
    ]
    first, last = min(moments).date().replace(day=1), max(moments).date()
    while first <= last:
        xmlrpc("service.quality.figure", "take_period", "month", first.isoformat())
        first = (first + timedelta(days=32)).replace(day=1)
    [clock] = xmlrpc(
        "service.quality.clock",
        "search_read",
        [["ticket_id.service_external_ref", "=like", "INC%"], ["kind", "=", "sla"]],
        ["agreement_id"],
        limit=1,
    )
    domain = [
        ["scope", "=", "agreement"],
        ["scope_id", "=", clock["agreement_id"][0]],
        ["period_kind", "=", "month"],
    ]
    names = ["indicator_id", "date_from", "tz", "value", "has_value", "denominator"]
    return xmlrpc("service.quality.figure", "search_read", domain, names)


def expected_figures(lines, last, zone):
    """Recompute figures: dict of (code, month) to (value, how many were counted)."""
    verdicts, hours = defaultdict(list), defaultdict(list)
    for number, rows in lines.items():
        for metric, (late, done, seconds) in oracle.measure(rows, last[number]).items():
            judged = (late or done).astimezone(zone)
            verdicts[f"sla_{metric}", f"{judged:%Y-%m}"].append(late is None)
            stopped = done.astimezone(zone)
            hours[metric, f"{stopped:%Y-%m}"].append(seconds / 3600)
    expected = {
        key: (100 * sum(found) / len(found), len(found))
        for key, found in verdicts.items()
    }
    for (metric, month), found in hours.items():
        ninth = quantiles(found, n=10, method="inclusive")[8] if found[1:] else found[0]
        expected[f"{metric}_median", month] = (median(found), len(found))
        expected[f"{metric}_p90", month] = (ninth, len(found))
    return expected
