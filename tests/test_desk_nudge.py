"""The desks of a running server are nudged by the bus, seldom, and nobody else is."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import websocket

NUDGE = "service_quality_desk.desk"
PASSWORD = "nudge-nudge"  # noqa: S105
GROUPS = {
    "desk": "service_quality_core.service_quality_group_desk",
    "staff": "service_quality_core.service_quality_group_staff",
    "employee": "base.group_user",
    "portal": "base.group_portal",
}
INTERVAL = 2
"""Seconds between two nudges of a company."""


@pytest.fixture(scope="module")
def users(xmlrpc):
    """Make one user of each kind; return their logins by it."""
    logins = {}
    for kind, group in GROUPS.items():
        module, name = group.split(".")
        [found] = xmlrpc(
            "ir.model.data",
            "search_read",
            [("module", "=", module), ("name", "=", name)],
            ["res_id"],
        )
        logins[kind] = f"nudge_{kind}"
        xmlrpc(
            "res.users",
            "create",
            {
                "name": kind,
                "login": logins[kind],
                "password": PASSWORD,
                "group_ids": [(6, 0, [found["res_id"]])],
            },
        )
    return logins


@pytest.fixture
def listen(server, users):
    """Listen as a browser does: listen("desk", seconds) gives when a nudge came."""

    def session(kind):
        client = requests.Session()
        client.trust_env = False  # no proxy for this machine's own address
        params = {"db": server.db, "login": users[kind], "password": PASSWORD}
        answer = client.post(
            f"{server.url}/web/session/authenticate",
            json={"jsonrpc": "2.0", "params": params},
            timeout=30,
        ).json()
        assert answer["result"]["uid"]
        return client.cookies["session_id"]

    def listen_for(kind, seconds):
        connection = websocket.create_connection(
            f"ws://{server.host}:{server.port}/websocket",
            cookie=f"session_id={session(kind)}",
            origin=server.url,
            timeout=30,
        )
        channels = {"channels": [NUDGE], "last": 0}
        connection.send(json.dumps({"event_name": "subscribe", "data": channels}))
        heard, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                found = json.loads(connection.recv())
            except websocket.WebSocketTimeoutException:
                break
            heard += [
                (time.monotonic(), message["message"]["payload"])
                for message in found
                if message["message"]["type"] == NUDGE
            ]
        connection.close()
        return heard

    return listen_for


def test_who_is_nudged_and_how_often(listen, users, xmlrpc):
    """Screens: many changes in a burst are a nudge each two seconds, and empty."""
    with ThreadPoolExecutor(len(users)) as pool:
        running = {kind: pool.submit(listen, kind, 20) for kind in users}
        time.sleep(8)
        start = time.monotonic()
        for number in range(20):
            xmlrpc(
                "helpdesk.ticket",
                "create",
                {"name": f"Nudge {number}", "description": "Many at once"},
            )
        lasted = time.monotonic() - start
        # whoever begins to listen hears what was sent a little earlier
        heard = {
            kind: [payload for moment, payload in future.result() if moment > start]
            for kind, future in running.items()
        }
    assert not heard["employee"]
    assert not heard["portal"]
    for kind in ("desk", "staff"):
        assert 1 <= len(heard[kind]) <= 2 + lasted / INTERVAL
        assert all(payload == {} for payload in heard[kind])


@pytest.fixture(scope="module")
def customer(xmlrpc, sign):
    """Return the id of a customer to whom a result in five minutes is promised."""
    partner = xmlrpc("res.partner", "create", {"name": "In a hurry"})
    target = {"metric": "resolution", "duration": 5, "unit": "minute", "always": True}
    values = {
        "name": "In a hurry",
        "partner_ids": [(6, 0, [partner])],
        "calendar_id": False,
        "date_start": "2026-01-01",
        "target_ids": [(0, 0, target)],
        "signed_by_us": "Us",
        "signed_by_us_on": "2026-01-01",
        "signed_by_customer": "Them",
        "signed_by_customer_on": "2026-01-01",
    }
    agreement = xmlrpc("service.quality.agreement", "create", values)
    sign(agreement)
    return partner


def test_the_page_refreshes_by_itself(login, server, xmlrpc, customer):
    """Screens: what a colleague changes is on the desk seconds later, untouched."""
    page = login()
    page.goto(f"{server.url}/odoo/service-desk")
    soon = page.locator("[data-block=soon] .o_service_desk_line")
    page.wait_for_selector("[data-block=soon]")
    page.wait_for_timeout(3000)  # until the websocket is open
    line = soon.filter(has_text="Told by the bus")
    assert not line.count()
    values = {
        "name": "Told by the bus",
        "description": "At once",
        "partner_id": customer,
    }
    ticket = xmlrpc("helpdesk.ticket", "create", values)
    line.wait_for(timeout=10_000)  # a minute sooner than without it
    reason = {"service_cancel_reason": "Seen by the test"}
    [stage] = xmlrpc(
        "helpdesk.ticket.stage",
        "search",
        [("service_phase", "=", "cancelled")],
        limit=1,
    )
    xmlrpc("helpdesk.ticket", "write", [ticket], {"stage_id": stage, **reason})
    line.wait_for(state="detached", timeout=10_000)
