#!/usr/bin/env python3
"""Import the export of a ticketing system into the helpdesk, history and all.

    examples/import_incidents.py --url http://localhost:8069 --db DATABASE \
        --user admin --password admin --mapping examples/incidents_mapping.toml FILE

The mapping says how to read the file; FILE is a .csv or .csv.gz. Run it again after an
interruption or with a newer export: what is there already is not imported twice.
Who drafts an agreement does not sign it: --signer names a second person, with the
password in ODOO_SIGNER_PASSWORD.
"""

import argparse
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from zoneinfo import ZoneInfo

from incident_log import LASTING, Findings, read_incidents
from mapping import Mapping
from odoo_rpc import CallError, Json2, OdooRpc

ALL = {"active_test": False}


def main(arguments=None):
    """Run the import; return 0 when every line of the file is accounted for."""
    options = parse(arguments)
    findings = Findings()
    try:
        mapping = Mapping(options.mapping)
        incidents, lines = read_incidents(options.file, mapping, findings)
        incidents = incidents[: options.limit]
        print(f"{options.file}: {lines} lines of {len(incidents)} incidents")
        server = connect(options)
        if mapping.agreement and not options.no_agreement:
            signer = connect_signer(options, server)
            set_up_agreement(server, mapping.agreement, options.dry_run, signer)
        if mapping.settings.get("users") == "archived" and not options.dry_run:
            create_users(server, mapping.settings, [one[1] for one in incidents])
        outcomes, seconds = import_all(server, mapping, incidents, options, findings)
    except (CallError, OSError, ValueError) as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 2
    summarise(outcomes, seconds, findings, options.dry_run)
    return 1 if outcomes["refused"] or findings.lost or not outcomes else 0


def parse(arguments):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        epilog="With --json2, the API key is read from ODOO_API_KEY or --api-key.",
    )
    add = parser.add_argument
    add("file", help="the export, .csv or .csv.gz")
    add("--mapping", required=True, help="a TOML file that says how to read it")
    add("--url", default="http://localhost:8069", help="default: %(default)s")
    add("--db", required=True, help="the database")
    add("--user", default="admin", help="login, default: %(default)s")
    add("--password", default=os.environ.get("ODOO_PASSWORD", "admin"))
    add("--signer", help="login of who signs the agreement, which another has drafted")
    add("--signer-password", default=os.environ.get("ODOO_SIGNER_PASSWORD"))
    add("--json2", action="store_true", help="JSON-2 with an API key, not odoorpc")
    add("--api-key", default=os.environ.get("ODOO_API_KEY"))
    add("--dry-run", action="store_true", help="say what would happen, write nothing")
    add("--no-agreement", action="store_true", help="leave the agreement alone")
    add("--limit", type=int, help="only so many incidents, from the first on")
    options = parser.parse_args(arguments)
    if options.json2 and not options.api_key:
        parser.error("--json2 needs an API key: set ODOO_API_KEY or --api-key")
    return options


def connect(options):
    """Return the client for the server."""
    if options.json2:
        return Json2(options.url, options.db, options.api_key)
    return OdooRpc(options.url, options.db, options.user, options.password)


def connect_signer(options, server):
    """Return the client of who signs the agreement; the same where nobody is named.

    Two sides of an act are two persons: who has drafted it does not sign it.
    """
    if not options.signer:
        return server
    return OdooRpc(options.url, options.db, options.signer, options.signer_password)


# ----------------------------------------------------------------------
# Setting up
# ----------------------------------------------------------------------


def set_up_agreement(server, agreement, dry_run, signer):
    """Make and sign the agreement, unless one with its number is in force.

    :param signer: the client of who signs it

    :raise ValueError: when its working time is there, but not with its hours
    """
    model, number = "service.quality.agreement", agreement["number"]
    company = company_id(server)
    calendar = find_calendar(server, agreement, company)
    known = server.call(
        model,
        "search_read",
        domain=[["number", "=", number], ["company_id", "=", company]],
        fields=["state"],
        context=ALL,
    )
    if known and known[0]["state"] != "draft":
        print(f"Agreement {number}: there already, not touched")
    elif dry_run:
        print(f"Agreement {number}: would be made and signed")
    else:
        if not known:
            calendar = calendar or make_calendar(server, agreement, company)
            values = agreement_values(agreement, calendar) | {"company_id": company}
            known = [{"id": server.call(model, "create", vals_list=[values])[0]}]
        signer.call(model, "action_sign", ids=[known[0]["id"]])
        print(f"Agreement {number}: signed, in force from {agreement['date_start']}")


def company_id(server):
    """Return the id of the caller's company."""
    uid = server.call("res.users", "context_get")["uid"]
    [user] = server.call("res.users", "read", ids=[uid], fields=["company_id"])
    return user["company_id"][0]


def agreement_values(agreement, calendar):
    """Return the values of the agreement and its targets."""
    signed_on = str(agreement["signed_on"])
    return {
        "name": agreement["name"],
        "number": agreement["number"],
        "kind": "sla",
        "date_start": str(agreement["date_start"]),
        "date_end": str(agreement.get("date_end", "")) or False,
        "calendar_id": calendar,
        "signed_by_us": agreement["signed_by_us"],
        "signed_by_us_on": signed_on,
        "signed_by_customer": agreement["signed_by_customer"],
        "signed_by_customer_on": signed_on,
        "target_ids": [[0, 0, target] for target in agreement["targets"]],
    }


def find_calendar(server, agreement, company):
    """Return the id of the agreement's working time in its company, None without.

    :raise ValueError: when the one with its name has other hours
    """
    name = agreement["calendar"]
    found = server.call(
        "resource.calendar",
        "search_read",
        domain=[["name", "=", name], ["company_id", "=", company]],
        fields=["tz"],
    )
    if not found:
        return None
    calendar_id = found[0]["id"]
    start, end = agreement["hours"]
    wanted = sorted((str(day), start, end) for day in agreement["weekdays"])
    hours = server.call(
        "resource.calendar.attendance",
        "search_read",
        domain=[["calendar_id", "=", calendar_id]],
        fields=["dayofweek", "hour_from", "hour_to"],
    )
    there = sorted(
        (one["dayofweek"], one["hour_from"], one["hour_to"]) for one in hours
    )
    days_off = server.call(
        "resource.calendar.leaves",
        "search_read",
        domain=[["calendar_id", "=", calendar_id], ["resource_id", "=", False]],
        fields=["date_from", "date_to"],
    )
    free = {(leave["date_from"], leave["date_to"]) for leave in days_off}
    differing = [
        what
        for what, differs in (
            ("time zone", found[0]["tz"] != agreement["time_zone"]),
            ("hours", there != wanted),
            ("days off", free != set(days_of_leave(agreement))),
        )
        if differs
    ]
    if differing:
        raise ValueError(
            f"the working time {name} is there with other {' and '.join(differing)}: "
            "correct it, or give the mapping's another name"
        )
    return calendar_id


def days_of_leave(agreement):
    """Return the beginning and end of each day off, as the server has them."""
    zone = ZoneInfo(agreement["time_zone"])
    return [
        (midnight(day, zone), midnight(day + timedelta(days=1), zone))
        for day in agreement["days_off"]
    ]


def make_calendar(server, agreement, company):
    """Create the agreement's working time; return its id."""
    start, end = agreement["hours"]
    attendances = [
        {
            "name": f"{start}-{end}",
            "dayofweek": str(day),
            "day_period": "full_day",
            "hour_from": start,
            "hour_to": end,
        }
        for day in agreement["weekdays"]
    ]
    leaves = [
        {"name": begin[:10], "date_from": begin, "date_to": end}
        for begin, end in days_of_leave(agreement)
    ]
    values = {
        "name": agreement["calendar"],
        "tz": agreement["time_zone"],
        "company_id": company,
        "attendance_ids": [[5, 0, 0]] + [[0, 0, line] for line in attendances],
        "leave_ids": [[0, 0, leave] for leave in leaves],
    }
    [created] = server.call("resource.calendar", "create", vals_list=[values])
    return created


def midnight(day, zone):
    """Return when a day starts somewhere, as the server wants it."""
    local = datetime.combine(day, day_time.min, tzinfo=zone)
    return local.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def create_users(server, settings, records):
    """Create who held a ticket and is not known, as users of the past."""
    names = {
        entry["user"]
        for record in records
        for entry in [record, *record["events"]]
        if entry.get("user")
    }
    domain = ["|", ["name", "in", sorted(names)], ["login", "in", sorted(names)]]
    found = server.call(
        "res.users",
        "search_read",
        domain=domain,
        fields=["name", "login"],
        context=ALL,
    )
    names -= {user[key] for user in found for key in ("name", "login")}
    if names:
        login = settings.get("user_login", "{name}")
        values = [
            {"name": name, "login": login.format(name=name), "active": False}
            for name in sorted(names)
        ]
        server.call(
            "res.users", "create", vals_list=values, context={"no_reset_password": True}
        )
        print(f"Users: {len(values)} created, archived, without a password")


# ----------------------------------------------------------------------
# Importing
# ----------------------------------------------------------------------


def import_all(server, mapping, incidents, options, findings):
    """Send the records; return a Counter of their outcomes, and the seconds it took."""
    outcomes = Counter()
    size = mapping.settings.get("records_per_call", 200)
    started = time.monotonic()
    for part in progress(
        [incidents[at : at + size] for at in range(0, len(incidents), size)]
    ):
        for result in import_part(server, mapping, part, options):
            outcomes[result["outcome"]] += 1
            ref = result["external_ref"]
            if result["reason"]:
                note(findings, result["reason"], ref, "REFUSED")
            for remark in result["adjusted"]:
                note(findings, remark, ref, "adjusted")
    return outcomes, time.monotonic() - started


def import_part(server, mapping, part, options):
    """Send some records; those that an earlier export classified otherwise, again.

    Where the last line holds for the whole history, a newer one corrects it.
    """
    results = send(server, mapping, [record for _one, record in part], options)
    if mapping.in_history:
        return results
    again = [
        place
        for place, result in enumerate(results)
        if any(
            remark["what"] == "kept" and any(key in remark["text"] for key in LASTING)
            for remark in result["adjusted"]
        )
    ]
    if again:
        corrected = [part[place][0].correction(part[place][1]) for place in again]
        for place, result in zip(
            again, send(server, mapping, corrected, options), strict=True
        ):
            if result["outcome"] == "unchanged":
                result["outcome"] = results[place]["outcome"]
            results[place] = result
    return results


def send(server, mapping, records, options):
    """Have the server import some records; return what became of each."""
    return server.call(
        "helpdesk.ticket",
        "service_import",
        records=records,
        dry_run=options.dry_run,
        create_missing=mapping.settings.get("create_missing", []),
    )


def note(findings, remark, ref, verb):
    """Count what the server remarked; the words of the first of its kind are shown."""
    row = f" row {remark['row']}" if remark["row"] else ""
    findings.note(f"{verb}: {remark['what']}", f"{ref}{row}: {remark['text']}")


def progress(parts):
    """Iterate over parts with a bar, or with a line per part."""
    try:
        from tqdm import tqdm
    except ImportError:
        return plain_progress(parts)
    return tqdm(parts, unit="call", disable=None)


def plain_progress(parts):
    """Yield the parts, saying how far it is."""
    for number, part in enumerate(parts, start=1):
        yield part
        print(f"{number}/{len(parts)}", file=sys.stderr)


def summarise(outcomes, seconds, findings, dry_run):
    """Print what came of it."""
    total = sum(outcomes.values())
    rate = total / seconds if seconds else 0
    print(f"{total} incidents in {seconds:.1f} s, {rate:.0f} a second")
    for outcome in ("created", "updated", "unchanged", "refused"):
        if outcomes[outcome]:
            print(f"{outcomes[outcome]:>6}  {'would be ' * dry_run}{outcome}")
    if findings.counts:
        print("What could not be used as it stands:")
        for line in findings.lines():
            print(line)


if __name__ == "__main__":
    sys.exit(main())
