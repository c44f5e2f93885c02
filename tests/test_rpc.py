"""Other programs talk to the product over three protocols, and follow its ledger.

What these tests write stays: the ledger is append-only. The database is a throw-away
one.
"""

import os
import uuid

import psycopg2
import pytest

HISTORY = [
    {"at": "2026-01-05 08:10:00", "kind": "phase", "phase": "active"},
    {"at": "2026-01-05 08:10:00", "kind": "responded"},
    {"at": "2026-01-05 09:00:00", "kind": "phase", "phase": "resolved"},
    {"at": "2026-01-07 09:00:00", "kind": "phase", "phase": "closed"},
]


def record(ref, events=HISTORY):
    return {
        "external_ref": ref,
        "name": "No dial tone",
        "opened_at": "2026-01-05 08:00:00",
        "events": events,
    }


@pytest.fixture
def ref():
    """An external reference that nobody has used."""
    return f"rpc-{uuid.uuid4()}"


@pytest.fixture
def ticket(xmlrpc, ref):
    """A ticket of this test's own."""
    [result] = xmlrpc("helpdesk.ticket", "service_import", [record(ref)])
    return result["ticket_id"]


@pytest.fixture
def connect(server):
    """Open connections of their own to the server's database, closed at the end."""
    opened = []

    def connection():
        opened.append(psycopg2.connect(dbname=server.db))
        return opened[-1]

    if not os.environ.get("PGHOST"):
        pytest.skip("where the database is, is not said: set PGHOST, PGPORT and PGUSER")
    yield connection
    for one in opened:
        one.close()


# ----------------------------------------------------------------------
# Importing and recording
# ----------------------------------------------------------------------


def test_xmlrpc_imports_and_repeats(xmlrpc, ref):
    [result] = xmlrpc("helpdesk.ticket", "service_import", [record(ref)])
    assert (result["outcome"], result["adjusted"]) == ("created", [])
    [ticket] = xmlrpc(
        "helpdesk.ticket",
        "read",
        [result["ticket_id"]],
        ["service_phase", "closed_date"],
    )
    assert ticket["service_phase"] == "closed"
    assert ticket["closed_date"] == "2026-01-07 09:00:00"
    [again] = xmlrpc("helpdesk.ticket", "service_import", [record(ref)])
    assert again == result | {"outcome": "unchanged"}


def test_odoorpc_imports_and_appends(odoorpc_session, ref):
    Ticket = odoorpc_session.env["helpdesk.ticket"]
    [first] = Ticket.service_import([record(ref, HISTORY[:2])])
    [second] = Ticket.service_import([record(ref)])
    assert (first["outcome"], second["outcome"]) == ("created", "updated")
    assert Ticket.browse(first["ticket_id"]).service_phase == "closed"


def test_json2_imports_and_refuses(json2, ref):
    bad = record(f"{ref}-bad") | {"opened_at": None, "partner": None}
    results = json2(
        "helpdesk.ticket", "service_import", records=[bad, record(ref)], dry_run=True
    )
    assert [result["outcome"] for result in results] == ["refused", "created"]
    assert results[0]["reason"]["what"] == "missing"
    assert not json2(
        "helpdesk.ticket", "search_count", domain=[["service_external_ref", "=", ref]]
    )


def test_import_origin_is_told_from_rpc(xmlrpc, json2, ticket):
    """A fact of the past, of another program, and one that it reports now."""
    json2(
        "helpdesk.ticket",
        "service_record",
        ids=[ticket],
        kind="noted",
        at="2026-01-06 08:00:00",
        external_ref="note-1",
    )
    rows = xmlrpc(
        "service.quality.event",
        "search_read",
        [["ticket_id", "=", ticket]],
        ["kind", "origin"],
    )
    assert {row["origin"] for row in rows if row["kind"] == "noted"} == {"rpc"}
    assert {row["origin"] for row in rows if row["kind"] != "noted"} == {"import"}


def test_recorded_fact_of_the_future_or_before_the_opening_is_refused(json2, ticket):
    import requests

    for at in ("2026-01-05 07:59:59", "2999-01-01 00:00:00"):
        with pytest.raises(requests.HTTPError):
            json2(
                "helpdesk.ticket", "service_record", ids=[ticket], kind="noted", at=at
            )


# ----------------------------------------------------------------------
# Following the ledger
# ----------------------------------------------------------------------


def follow(call, cursor, limit=500):
    """Read on to the end; return the ids that came and the last cursor."""
    found, more = [], True
    while more:
        answer = call("helpdesk.ticket", "service_changes", cursor, limit)
        found += [row["id"] for row in answer["rows"]]
        cursor, more = answer["cursor"], answer["more"]
    return found, cursor


def note(connection, ticket):
    """Write a row that no clock looks at; return its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO service_quality_event
                   (ticket_id, company_id, at, seq, kind, value, origin, recorded_at)
            SELECT id, company_id, now() AT TIME ZONE 'UTC', 0, 'noted', '{}', 'rpc',
                   now() AT TIME ZONE 'UTC'
              FROM helpdesk_ticket WHERE id = %s
            RETURNING id
            """,
            [ticket],
        )
        return cursor.fetchone()[0]


def test_all_rows_come_once_over_every_protocol(xmlrpc, odoorpc_session, json2, ticket):
    found, cursor = follow(xmlrpc, "", 100)
    assert len(found) == len(set(found))
    assert len(found) == xmlrpc("service.quality.event", "search_count", [])
    [_result] = xmlrpc(
        "helpdesk.ticket", "service_import", [record(f"rpc-{uuid.uuid4()}")]
    )
    over_xml = xmlrpc("helpdesk.ticket", "service_changes", cursor)
    over_odoorpc = odoorpc_session.env["helpdesk.ticket"].service_changes(cursor)
    over_json = json2("helpdesk.ticket", "service_changes", cursor=cursor)
    assert over_xml == over_odoorpc == over_json
    kinds = [row["kind"] for row in over_xml["rows"]]
    assert kinds == ["opened", "phase", "responded", "phase", "phase"]


def test_smaller_id_that_commits_last_is_not_missed(xmlrpc, connect, ticket):
    """The row with the higher id is in and seen while the one before it is not."""
    _seen, cursor = follow(xmlrpc, "")
    slow, fast = connect(), connect()
    early = note(slow, ticket)
    late = note(fast, ticket)
    assert early < late
    fast.commit()
    in_between, cursor = follow(xmlrpc, cursor)
    slow.commit()
    at_last, cursor = follow(xmlrpc, cursor)
    assert in_between == []  # nothing may overtake what is still open
    assert at_last == [early, late]
    assert follow(xmlrpc, cursor)[0] == []


def test_smaller_transaction_with_the_larger_id_is_not_missed(xmlrpc, connect, ticket):
    """A transaction that began first writes last: its row has the higher id."""
    _seen, cursor = follow(xmlrpc, "")
    slow, fast = connect(), connect()
    with slow.cursor() as begun:
        begun.execute("SELECT pg_current_xact_id()")
    first = note(fast, ticket)
    fast.commit()
    in_between, cursor = follow(xmlrpc, cursor)
    second = note(slow, ticket)
    slow.commit()
    at_last, cursor = follow(xmlrpc, cursor)
    assert first < second
    assert in_between + at_last == [second, first]  # in the order of transactions
    assert follow(xmlrpc, cursor)[0] == []


def test_what_is_rolled_back_never_comes(xmlrpc, connect, ticket):
    _seen, cursor = follow(xmlrpc, "")
    lost, kept = connect(), connect()
    note(lost, ticket)
    row = note(kept, ticket)
    kept.commit()
    lost.rollback()
    assert follow(xmlrpc, cursor)[0] == [row]
