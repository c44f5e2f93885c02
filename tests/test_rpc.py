"""Other programs talk to the product over three protocols, and follow its ledger.

What these tests write stays: the ledger is append-only. The database is a throw-away
one.
"""

import contextlib
import os
import threading
import uuid
import xmlrpc.client as xmlrpc_library
from concurrent.futures import ThreadPoolExecutor

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


@contextlib.contextmanager
def xmlrpc_client(server):
    """Call methods as the administrator on a connection of one's own."""
    with (
        xmlrpc_library.ServerProxy(f"{server.url}/xmlrpc/2/common") as common,
        xmlrpc_library.ServerProxy(f"{server.url}/xmlrpc/2/object") as models,
    ):
        uid = common.authenticate(server.db, server.login, server.password, {})

        def call(model, method, args):
            return models.execute_kw(
                server.db, uid, server.password, model, method, args
            )

        yield call


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


def test_no_caller_is_a_mailbox(xmlrpc, ticket):
    """Deny: a flag of the caller's context says nothing of where a fact comes from."""
    for flag in ({"fetchmail_cron_running": True}, {}):
        xmlrpc(
            "helpdesk.ticket",
            "service_record",
            [ticket],
            "noted",
            external_ref=f"flag-{bool(flag)}",
            context=flag,
        )
    rows = xmlrpc(
        "service.quality.event",
        "search_read",
        [["ticket_id", "=", ticket], ["external_ref", "like", "flag-"]],
        ["origin"],
    )
    assert [row["origin"] for row in rows] == ["rpc", "rpc"]


def test_recorded_fact_of_the_future_or_before_the_opening_is_refused(json2, ticket):
    import requests

    for at in ("2026-01-05 07:59:59", "2999-01-01 00:00:00"):
        with pytest.raises(requests.HTTPError):
            json2(
                "helpdesk.ticket", "service_record", ids=[ticket], kind="noted", at=at
            )


def test_two_equal_imports_at_once_make_each_ticket_once(server):
    """Which of two calls comes second waits for the first, and finds its tickets."""
    records = [record(f"twice-{uuid.uuid4()}") for _number in range(20)]
    gate = threading.Barrier(2)

    def import_all(_number):
        gate.wait(timeout=60)
        with xmlrpc_client(server) as call:
            return call("helpdesk.ticket", "service_import", [records])

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(import_all, range(2))
    for one, other in zip(first, second, strict=True):
        assert {one["outcome"], other["outcome"]} == {"created", "unchanged"}
        assert one["ticket_id"] == other["ticket_id"]


def test_two_equal_values_at_once_are_taken_once(server, xmlrpc):
    """Each value by itself, also where only some of two batches are the same."""
    [indicator] = xmlrpc(
        "service.quality.indicator",
        "search_read",
        [("code", "=", "availability")],
        ["code"],
    )
    year = 1900 + uuid.uuid4().int % 120

    def value(month):
        day = f"{year}-{month:02}"
        return {
            "indicator": indicator["code"],
            "date_from": f"{day}-01",
            "date_to": f"{day}-28",
            "value": 99.5,
            "evidence": "monitoring",
        }

    batches = [[value(month) for month in months] for months in ((1, 2, 3), (2, 3, 4))]
    gate = threading.Barrier(2)

    def record_all(batch):
        gate.wait(timeout=60)
        with xmlrpc_client(server) as call:
            return call("service.quality.measurement", "record_values", [batch])

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(record_all, batches)
    outcomes = [[answer["outcome"] for answer in one] for one in (first, second)]
    assert sorted([outcomes[0][0], outcomes[1][2]]) == ["created", "created"], first
    for one, other in zip(outcomes[0][1:], outcomes[1][:2], strict=True):
        assert {one, other} == {"created", "unchanged"}


# ----------------------------------------------------------------------
# Refused
# ----------------------------------------------------------------------


def refused(json2, model, method, **arguments):
    """Call what is to be refused; return the status and the error that was sent."""
    import requests

    with pytest.raises(requests.HTTPError) as caught:
        json2(model, method, **arguments)
    return caught.value.response.status_code, caught.value.response.json()


def test_what_a_ticket_lacks_is_named(xmlrpc, json2, ref):
    """A program is told which fields are missing, and no action of the client."""
    [result] = xmlrpc("helpdesk.ticket", "service_import", [record(ref, [])])
    ticket = result["ticket_id"]
    [cancelled] = json2(
        "helpdesk.ticket.stage",
        "search",
        domain=[["service_phase", "=", "cancelled"], ["team_ids", "=", False]],
        limit=1,
    )
    values = {"stage_id": cancelled}
    status, error = refused(
        json2, "helpdesk.ticket", "write", ids=[ticket], vals=values
    )
    assert status == 422
    assert error["context"]["fields"] == ["service_cancel_reason"]
    assert "Still missing" in error["message"]
    with pytest.raises(xmlrpc_library.Fault) as caught:
        xmlrpc("helpdesk.ticket", "write", [ticket], values)
    assert caught.value.faultString.endswith("Reason for Cancelling.")


def test_steps_about_no_ticket_or_too_many_are_refused(json2, ticket):
    """Left out ids, and two where one is meant, are no success about nothing."""
    for ids in ([], [ticket, ticket + 1], ["x"], [2**31], [-1]):
        status, error = refused(
            json2, "helpdesk.ticket", "action_service_resolve", ids=ids
        )
        assert status == 422, ids
        assert "Nothing was done" in error["message"]
    status, _error = refused(json2, "helpdesk.ticket", "service_record", kind="noted")
    assert status == 422


@pytest.mark.parametrize(
    "junk", ["\ud800", "\0", ["\ud800"], {"\ud800": 1}, 10**20, "x" * 1_000_001]
)
def test_junk_is_refused_in_words_by_every_protocol(json2, ticket, junk):
    """SLA case 31: no argument that the error shows breaks the answer."""
    for method, name in (
        ("service_record", "kind"),
        ("service_record", "external_ref"),
        ("service_set_deadline", "deadline"),
        ("service_complaint_answer", "way"),
    ):
        good = {
            "service_record": {"kind": "noted"},
            "service_set_deadline": {"metric": "resolution", "reason": "Agreed"},
            "service_complaint_answer": {"answer": "<p>Sorry</p>"},
        }[method]
        arguments = good | {"ids": [ticket], name: junk}
        status, error = refused(json2, "helpdesk.ticket", method, **arguments)
        assert status == 422, (method, name)
        assert name in error["message"]


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
