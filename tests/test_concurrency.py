"""Two real transactions on one ticket at the same time lose nothing.

Each call is a request of its own, with its own commit, on a server with threads; the
tests let several of them start together.
"""

import threading
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from xmlrpc.client import Fault

import pytest

ROUNDS = 5


@pytest.fixture
def together(server):
    """Run calls ``(model, method, args, kwargs)`` at once; return their results.

    With ``refused=True`` a refusal is a result as well.
    """

    def call_all(*calls, refused=False):
        gate = threading.Barrier(len(calls))

        def call(model, method, args, kwargs):
            # a proxy keeps one connection, so that each thread needs its own
            url = f"{server.url}/xmlrpc/2/object"
            with xmlrpc.client.ServerProxy(url, allow_none=True) as proxy:
                gate.wait(timeout=30)
                try:
                    return proxy.execute_kw(
                        server.db, uid, server.password, model, method, args, kwargs
                    )
                except Fault as fault:
                    if refused:
                        return fault
                    raise

        with ThreadPoolExecutor(len(calls)) as pool:
            running = [pool.submit(call, *one) for one in calls]
            return [future.result(timeout=120) for future in running]

    common = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common")
    uid = common.authenticate(server.db, server.login, server.password, {})
    return call_all


@pytest.fixture
def stages(xmlrpc):
    """Return the id of one stage for each phase."""
    found = xmlrpc(
        "helpdesk.ticket.stage",
        "search_read",
        [("service_phase", "!=", False), ("team_ids", "=", False)],
        ["service_phase"],
    )
    return {stage["service_phase"]: stage["id"] for stage in found}


SIGNED = {
    "signed_by_us": "Us",
    "signed_by_us_on": "2026-01-01",
    "signed_by_customer": "Them",
    "signed_by_customer_on": "2026-01-01",
}


@pytest.fixture(scope="module")
def customer(xmlrpc):
    """Return the id of a customer to whom answers, updates and results are promised."""
    partner = xmlrpc("res.partner", "create", {"name": "Both at once"})
    metrics = ("first_response", "update", "resolution")
    values = {
        "name": "Promised",
        "partner_ids": [(6, 0, [partner])],
        "calendar_id": False,
        "target_ids": [(0, 0, {"metric": metric, "duration": 8}) for metric in metrics],
        **SIGNED,
    }
    agreement = xmlrpc("service.quality.agreement", "create", values)
    xmlrpc("service.quality.agreement", "action_sign", [agreement])
    return partner


@pytest.fixture
def open_tickets(xmlrpc, stages, customer):
    """Open tickets that nobody holds: open_tickets(3)."""

    def create(number):
        values = {
            "partner_id": customer,
            "name": "Both at once",
            "description": "Two people work on it",
            "stage_id": stages["new"],
        }
        return xmlrpc("helpdesk.ticket", "create", [values] * number)

    return create


@pytest.fixture
def ledger(xmlrpc):
    """Return the rows of tickets in their order: ledger(ids)."""

    def read(ticket_ids):
        return xmlrpc(
            "service.quality.event",
            "search_read",
            [("ticket_id", "in", ticket_ids)],
            ["ticket_id", "kind", "value"],
            order="ticket_id, at, seq, id",
        )

    return read


@pytest.fixture
def assert_consistent(xmlrpc):
    def check(ticket_ids):
        found = xmlrpc("service.quality.check", "check_tickets", ticket_ids)
        assert found == []

    return check


def post(ticket_id):
    """Return the call by which an agent answers the customer."""
    message = {
        "body": "On it",
        "message_type": "comment",
        "subtype_xmlid": "mail.mt_comment",
    }
    return ("helpdesk.ticket", "message_post", [[ticket_id]], message)


def move(ticket_ids, stage_id):
    """Return the call that moves tickets to a stage."""
    return ("helpdesk.ticket", "write", [ticket_ids, {"stage_id": stage_id}], {})


def test_message_and_stage_change(
    together, xmlrpc, open_tickets, stages, ledger, assert_consistent
):
    """While many tickets are moved in one transaction, each of them is answered."""
    tickets = open_tickets(6)
    together(move(tickets, stages["active"]), *map(post, tickets))
    rows = ledger(tickets)
    for ticket in tickets:
        kinds = sorted(row["kind"] for row in rows if row["ticket_id"][0] == ticket)
        assert kinds == ["opened", "phase", "responded"]
    clocks = xmlrpc(
        "service.quality.clock",
        "search_read",
        [("ticket_id", "in", tickets), ("metric", "=", "first_response")],
        ["verdict"],
    )
    assert [clock["verdict"] for clock in clocks] == ["met"] * len(tickets)
    assert_consistent(tickets)


def test_two_stage_changes(
    together, xmlrpc, open_tickets, stages, ledger, assert_consistent
):
    """Whoever comes last has moved it: the ticket and its ledger say the same."""
    tickets = open_tickets(ROUNDS)
    for ticket in tickets:
        together(
            move([ticket], stages["active"]), move([ticket], stages["waiting_customer"])
        )
    phases = {
        row["ticket_id"][0]: row["value"]["phase"]
        for row in ledger(tickets)
        if row["kind"] == "phase"
    }
    stood = xmlrpc("helpdesk.ticket", "read", tickets, ["stage_id"])
    assert phases == {
        ticket["id"]: phase
        for ticket in stood
        for phase, stage_id in stages.items()
        if stage_id == ticket["stage_id"][0]
    }
    moves = [row for row in ledger(tickets) if row["kind"] == "phase"]
    assert len(moves) == 2 * ROUNDS
    assert_consistent(tickets)


def test_tickets_in_opposite_order(together, open_tickets, ledger, assert_consistent):
    """Two programs that write the same tickets from both ends both succeed."""
    tickets = open_tickets(20)
    record = ("helpdesk.ticket", "service_record")
    together(
        (*record, [tickets, "updated"], {}),
        (*record, [tickets[::-1], "arrived"], {}),
        (*record, [tickets, "responded"], {}),
    )
    kinds = [row["kind"] for row in ledger(tickets)]
    for kind in ("updated", "arrived", "responded"):
        assert kinds.count(kind) == len(tickets)
    assert_consistent(tickets)


def test_same_fact_told_twice(together, open_tickets, ledger, assert_consistent):
    """One external reference is one row, also when both calls come at once."""
    tickets = open_tickets(ROUNDS)
    for ticket in tickets:
        call = (
            "helpdesk.ticket",
            "service_record",
            [[ticket], "arrived"],
            {"external_ref": "gate-7"},
        )
        assert together(call, call, call) == [True] * 3
    kinds = [row["kind"] for row in ledger(tickets)]
    assert kinds.count("arrived") == len(tickets)
    assert_consistent(tickets)


def test_same_complaint_told_twice(together, xmlrpc):
    """Retries of a program that come at once enter one complaint, and answer alike."""
    values = {"subject": "Twice at once", "description": "x", "anonymous": True}
    for number in range(ROUNDS):
        ref = {"external_ref": f"complaint-{number}"}
        call = ("helpdesk.ticket", "service_complaint_register", [values], ref)
        first, second, third = together(call, call, call)
        assert first == second == third
    entered = [("name", "=", "Twice at once")]
    assert xmlrpc("helpdesk.ticket", "search_count", entered) == ROUNDS


def test_two_signatures(together, xmlrpc):
    """Agreements signed at the same time get a number each in the register."""
    partner = xmlrpc("res.partner", "create", {"name": "Both at once"})
    values = {
        "name": "Signed together",
        "partner_ids": [(6, 0, [partner])],
        "calendar_id": False,
        "target_ids": [(0, 0, {"metric": "resolution", "duration": 8})],
        **SIGNED,
    }
    drafts = xmlrpc("service.quality.agreement", "create", [values] * 3)
    together(
        *(
            ("service.quality.agreement", "action_sign", [[draft]], {})
            for draft in drafts
        )
    )
    terms = xmlrpc(
        "service.quality.term",
        "search_read",
        [("agreement_id", "in", drafts)],
        ["number"],
    )
    assert len({term["number"] for term in terms}) == len(drafts)


def test_five_resolve_one_ticket(together, xmlrpc, open_tickets, stages, ledger):
    """One of five resolves it, the others are told who did, and nothing of it doubles.

    What the others wrote is still in their dialogs.
    """
    for ticket in open_tickets(2):
        dialogs = xmlrpc(
            "helpdesk.ticket.finish",
            "create",
            [
                {"ticket_id": ticket, "service_work_done": f"Work {number}"}
                for number in range(5)
            ],
        )
        outcomes = together(
            *(
                ("helpdesk.ticket.finish", "action_confirm", [[dialog]], {})
                for dialog in dialogs
            ),
            refused=True,
        )
        told = [one for one in outcomes if isinstance(one, Fault)]
        assert len(told) == 4
        assert all("already, by" in fault.faultString for fault in told)
        phases = [row for row in ledger([ticket]) if row["kind"] == "phase"]
        assert [row["value"]["phase"] for row in phases] == ["resolved"]
        written = xmlrpc(
            "helpdesk.ticket.finish", "read", dialogs, ["service_work_done"]
        )
        assert [one["service_work_done"] for one in written] == [
            f"Work {number}" for number in range(5)
        ]


def test_two_amend_one_agreement(together, xmlrpc):
    """One next version is drafted, and who comes second is told so or gets it too."""
    partner = xmlrpc("res.partner", "create", {"name": "Amended at once"})
    values = {
        "name": "Amended together",
        "partner_ids": [(6, 0, [partner])],
        "calendar_id": False,
        "target_ids": [(0, 0, {"metric": "resolution", "duration": 8})],
        **SIGNED,
    }
    agreement = xmlrpc("service.quality.agreement", "create", values)
    xmlrpc("service.quality.agreement", "action_sign", [agreement])
    amend = ("service.quality.agreement", "action_amend", [[agreement]], {})
    outcomes = together(amend, amend, amend, refused=True)
    for fault in outcomes:
        assert not isinstance(fault, Fault) or "drafted already" in fault.faultString
    drafts = [("previous_id", "=", agreement)]
    assert xmlrpc("service.quality.agreement", "search_count", drafts) == 1
