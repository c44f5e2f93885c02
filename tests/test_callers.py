"""Several callers at once: no customer is called by two of them."""

import threading
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor

import pytest

CALLERS = 6
ROUNDS = 3
PASSWORD = "caller-at-work"


@pytest.fixture(scope="module")
def callers(xmlrpc):
    """Return the ids of people at the service desk."""
    [desk] = xmlrpc(
        "ir.model.data",
        "search_read",
        [
            ("module", "=like", "service_quality%"),
            ("name", "=", "service_quality_group_desk"),
        ],
        ["res_id"],
    )
    return xmlrpc(
        "res.users",
        "create",
        [
            {
                "name": f"Caller {number}",
                "login": f"caller-{number}",
                "password": PASSWORD,
                "group_ids": [(4, desk["res_id"])],
            }
            for number in range(CALLERS)
        ],
    )


@pytest.fixture(scope="module")
def calls(xmlrpc):
    """Open as many follow-up calls as are handed out, to be made at any hour."""
    partners = xmlrpc(
        "res.partner",
        "create",
        [
            {
                "name": f"Customer {number}",
                "phone": f"+49 30 555{number:03}",
                "service_call_from": 0,
                "service_call_to": 24,
                "service_call_source": "Says so",
            }
            for number in range(CALLERS * ROUNDS)
        ],
    )
    [resolved] = xmlrpc(
        "helpdesk.ticket.stage",
        "search",
        [("service_phase", "=", "resolved"), ("team_ids", "=", False)],
        limit=1,
    )
    tickets = xmlrpc(
        "helpdesk.ticket",
        "create",
        [
            {
                "name": "Call me",
                "description": "Please",
                "service_work_done": "Reset the exchange",
                "team_id": False,
                "user_id": False,
                "partner_id": partner,
            }
            for partner in partners
        ],
    )
    xmlrpc("helpdesk.ticket", "write", tickets, {"stage_id": resolved})
    return xmlrpc("service.quality.callback", "search", [("ticket_id", "in", tickets)])


def test_no_call_is_handed_out_twice(server, callers, calls):
    """Regulation A5.1.2: each customer is called, and by one caller only."""
    assert len(calls) == CALLERS * ROUNDS
    gate = threading.Barrier(CALLERS)

    def take(uid):
        taken = []
        with xmlrpc.client.ServerProxy(
            f"{server.url}/xmlrpc/2/object", allow_none=True
        ) as proxy:

            def call(method, *args, **kwargs):
                return proxy.execute_kw(
                    server.db, uid, PASSWORD,
                    "service.quality.callback", method, args, kwargs,
                )  # fmt: skip

            for _round in range(ROUNDS):
                gate.wait(timeout=60)
                # who has one in hand is given it again, so it is put aside
                sheet = call("next_call", skip_ids=taken)["call"]
                taken.append(sheet["id"])
        return taken

    with ThreadPoolExecutor(CALLERS) as pool:
        handed_out = [call for taken in pool.map(take, callers) for call in taken]
    assert len(handed_out) == CALLERS * ROUNDS
    assert len(set(handed_out)) == len(handed_out)
