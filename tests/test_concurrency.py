"""Two real transactions on one ticket at the same time lose nothing.

Each call is a request of its own, with its own commit, on a server with threads; the
tests let several of them start together.
"""

import re
import threading
import xmlrpc.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from xmlrpc.client import Fault

import psycopg2
import pytest
import requests

ROUNDS = 5


@pytest.fixture
def together(server):
    """Run calls ``(model, method, args, kwargs)`` at once; return their results.

    With ``refused=True`` a refusal is a result as well; ``users`` are (id, password) of
    who calls, one for each call, left out the administrator.
    """

    def call_all(*calls, refused=False, users=None):
        gate = threading.Barrier(len(calls))
        users = users or [(uid, server.password)] * len(calls)

        def call(user, model, method, args, kwargs):
            # a proxy keeps one connection, so that each thread needs its own
            url = f"{server.url}/xmlrpc/2/object"
            with xmlrpc.client.ServerProxy(url, allow_none=True) as proxy:
                gate.wait(timeout=30)
                try:
                    return proxy.execute_kw(
                        server.db, *user, model, method, args, kwargs
                    )
                except Fault as fault:
                    if refused:
                        return fault
                    raise

        with ThreadPoolExecutor(len(calls)) as pool:
            running = [
                pool.submit(call, user, *one)
                for user, one in zip(users, calls, strict=True)
            ]
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
def customer(xmlrpc, sign):
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
    sign(agreement)
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


def test_two_signatures(together, xmlrpc, colleague):
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
        ),
        users=[colleague] * 3,
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
                {"ticket_id": ticket, "service_work_done": f"Work of number {number}"}
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
            f"Work of number {number}" for number in range(5)
        ]


def test_two_amend_one_agreement(together, xmlrpc, sign, colleague):
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
    sign(agreement)
    amend = ("service.quality.agreement", "action_amend", [[agreement]], {})
    outcomes = together(amend, amend, amend, refused=True, users=[colleague] * 3)
    for fault in outcomes:
        assert not isinstance(fault, Fault) or "drafted already" in fault.faultString
    drafts = [("previous_id", "=", agreement)]
    assert xmlrpc("service.quality.agreement", "search_count", drafts) == 1


# ----------------------------------------------------------------------
# Each step of which one of two has to win
# ----------------------------------------------------------------------

GIVEN = """
company = env.company
today = company._service_day()
now = datetime.datetime.now().replace(microsecond=0)
partner = env["res.partner"].create(
    {"name": "Step", "email": "step@example.com", "phone": "+1 202 555 0100"}
)
def complaints(*steps):
    found = env["helpdesk.ticket"].browse(
        [
            env["helpdesk.ticket"].service_complaint_register(
                {"subject": "Step", "description": "x", "partner_id": partner.id}
            )["id"]
            for number in range(2)
        ]
    )
    if "acknowledged" in steps:
        found.service_complaint_acknowledge()
    if "answered" in steps:
        found.service_complaint_answer("<p>We are very sorry</p>", "phone")
    return found.with_user(me)
def handovers():
    team = env["helpdesk.ticket.team"].create({"name": "Step"})
    other_team = env["helpdesk.ticket.team"].create({"name": "Other step"})
    return env["service.quality.handover"].create(
        [
            {"team_id": one.id, "from_user_id": me.id, "to_user_id": you.id}
            for one in (team, other_team)
        ]
    )
def handed_over():
    found = handovers()
    found.with_user(me).action_hand_over()
    return found
def policies(approved=False):
    number = str(env["service.quality.policy"].search_count([]))
    found = env["service.quality.policy"].create(
        [
            {"name": "Step " + number, "text": "<p>x</p>"},
            {"name": "Other step " + number, "text": "<p>x</p>"},
        ]
    )
    if approved:
        found.with_user(me).action_approve()
    return found
def deviations(**values):
    figures = env["service.quality.figure"].sudo().create(
        [
            {
                "indicator_id": indicator.id,
                "company_id": company.id,
                "period_kind": "month",
                "date_from": today.replace(day=1),
                "date_to": today,
                "scope": "company",
                "scope_id": -partner.id,
                "taken_at": now,
                "tz": "UTC",
            }
            for indicator in env["service.quality.indicator"].search([], limit=2)
        ]
    )
    values = {"deadline": today, "owner_id": me.id, **values}
    values.setdefault("analysis", "The pump had failed")
    values["action"] = "The pump is replaced"
    first, second = figures
    return env["service.quality.deviation"].sudo()._create_as_step(
        [{"figure_id": first.id, **values}, {"figure_id": second.id, **values}]
    )
def followed_up():
    return deviations(
        answered_at=now, answered_by_id=me.id, is_effective="yes",
        follow_up="It has held since",
    )
def goals():
    return env["service.quality.indicator.target"].create(
        [
            {
                "indicator_id": indicator.id,
                "goal": 4,
                "scope": "customer",
                "partner_id": partner.id,
            }
            for indicator in env["service.quality.indicator"].search([], limit=2)
        ]
    )
def reports(*steps):
    first = today.replace(day=1)
    Report = env["service.quality.report"].with_user(me)
    found = Report.browse()
    earlier = 20 + Report.search_count([])
    for number in (earlier, earlier + 1):
        month = first - dateutil.relativedelta.relativedelta(months=number)
        found += found.browse(found.make("organisation", "month", month))
    if "reviewed" in steps:
        found.review()
    if "sent" in steps:
        found.send()
    return found
def exclusions():
    agreement = env["service.quality.agreement"].create(
        {
            "name": "Step",
            "partner_ids": [Command.set(partner.ids)],
            "calendar_id": False,
            "date_start": today - datetime.timedelta(days=30),
            "target_ids": [Command.create({"metric": "resolution", "duration": 1})],
            "exclusion_ground_ids": [Command.create({"name": "Power cut"})],
            "signed_by_us": "Us",
            "signed_by_us_on": today - datetime.timedelta(days=30),
            "signed_by_customer": "Them",
            "signed_by_customer_on": today - datetime.timedelta(days=30),
        }
    )
    agreement.with_user(you).action_sign()
    tickets = env["helpdesk.ticket"].create(
        [
            {
                "name": "Step",
                "description": "x",
                "partner_id": partner.id,
                "service_opened_at": now - datetime.timedelta(hours=20),
            }
        ]
        * 2
    )
    found = env["service.quality.exclusion"].with_user(me)
    for ticket in tickets:
        clock = ticket.service_clock_ids
        letter = {"name": "x", "raw": b"The grid was down"}
        paper = env["ir.attachment"].with_user(me).create(letter)
        found += found.create(
            {
                "clock_id": clock.filtered_domain(
                    [("agreement_id", "=", agreement.id)]
                ).id,
                "ground_id": agreement.exclusion_ground_ids.id,
                "evidence": "The grid was down all day",
                "document_ids": [Command.link(paper.id)],
            }
        )
    return found
def calls():
    tickets = env["helpdesk.ticket"].create(
        [{"name": "Step", "description": "x", "partner_id": partner.id}] * 2
    )
    tickets.write({"service_work_done": "Told them how"})
    tickets._service_move_to("resolved")
    return tickets.service_callback_ids
"""
"""What a step is taken with: two records each, for :data:`STEPS`."""

COMPLAINT = "helpdesk.ticket.service_complaint_"
NOT_NEXT = "from which this one does not follow"
REPORT = "service.quality.report."

STEPS = {
    # what two do: (with what, step, arguments, who does it, what the second is told)
    "take a shift over": (
        "handed_over()", "service.quality.handover.action_take_over", [],
        ("you", "you"), "so this is not possible",
    ),
    "hand a shift over": (
        "handovers()", "service.quality.handover.action_hand_over", [],
        ("me", "me"), "handed over already",
    ),
    "take a call": (
        "calls()", "service.quality.callback.take", [],
        ("me", "you"), "has this call in hand",
    ),
    "acknowledge": (
        "complaints()", f"{COMPLAINT}acknowledge", [], ("me", "you"), NOT_NEXT,
    ),
    "investigate": (
        "complaints('acknowledged')", f"{COMPLAINT}investigate", [],
        ("me", "you"), NOT_NEXT,
    ),
    "answer": (
        "complaints('acknowledged')", f"{COMPLAINT}answer",
        ["<p>We are very sorry</p>", "mail"],
        ("me", "you"), "has done this just now",
    ),
    "accept": (
        "complaints('answered')", f"{COMPLAINT}accepted", [],
        ("me", "you"), "has done this just now",
    ),
    "refuse": (
        "complaints('answered')", f"{COMPLAINT}refused", ["No"], ("me", "you"),
        NOT_NEXT,
    ),
    "approve a policy": (
        "policies()", "service.quality.policy.action_approve", [],
        ("me", "you"), "approved already",
    ),
    "write the next policy": (
        "policies(True)", "service.quality.policy.action_new_version", [],
        ("me", "you"), None,
    ),
    "approve a goal": (
        "goals()", "service.quality.indicator.target.action_approve", [],
        ("me", "you"), "decided already",
    ),
    "review a report": (
        "reports()", f"{REPORT}review", [], ("me", "you"), "so this is not possible",
    ),
    "send a report": (
        "reports('reviewed')", f"{REPORT}send", [],
        ("me", "you"), "was not reviewed yet|sent already",
    ),
    "revise a report": (
        "reports('reviewed', 'sent')", f"{REPORT}revise", ["Counted twice"],
        ("me", "you"), "revised already",
    ),
    "approve an exclusion": (
        "exclusions()", "service.quality.exclusion.action_approve", [],
        ("you", "you"), "decided already",
    ),
    "hand an analysis in": (
        "deviations()", "service.quality.deviation.action_answer", [],
        ("me", "me"), "handed in already",
    ),
    "close a deviation": (
        "followed_up()", "service.quality.deviation.action_close", [],
        ("you", "you"), "Only what was analysed, and is not closed",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def people(xmlrpc):
    """Two people who hold each role: dict of ``me`` and ``you`` to id and password."""
    roles = [("model", "=", "res.groups"), ("module", "=like", "service_quality%")]
    found = xmlrpc("ir.model.data", "search_read", roles, ["name", "res_id"])
    groups = [one["res_id"] for one in found if "integration" not in one["name"]]
    values = {"password": "together", "group_ids": [(4, group) for group in groups]}
    return {
        name: (
            xmlrpc(
                "res.users",
                "create",
                {"name": name, "login": f"step_{name}", **values},
            ),
            "together",
        )
        for name in ("me", "you")
    }


@pytest.fixture
def given(xmlrpc, people):
    """Return the ids of two records that a step is taken with: given("calls()")."""

    def make(what):
        [model] = xmlrpc("ir.model", "search", [("model", "=", "res.users")])
        users = (f"{name} = model.browse({uid})\n" for name, (uid, _) in people.items())
        code = f"{''.join(users)}{GIVEN}\naction = {{'ids': {what}.ids}}"
        action = {"name": what, "model_id": model, "state": "code", "code": code}
        made = xmlrpc("ir.actions.server", "create", action)
        return xmlrpc("ir.actions.server", "run", [made])["ids"]

    return make


@pytest.fixture
def rows(server, people):
    """Count what two people have left in all tables in which a step leaves rows.

    By who made them: jobs run on the same server.
    """
    users = ", ".join(str(uid) for uid, _password in people.values())
    with closing(psycopg2.connect(dbname=server.db)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE "
            "table_name ~ '^(service_quality_|helpdesk_ticket|mail_)' AND "
            "(column_name = 'create_uid' OR "
            "(table_name, column_name) = ('service_quality_event', 'user_id'))"
        )
        counted = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM {table} WHERE {column} IN ({users})"
            for table, column in cursor.fetchall()
        )

        def count():
            cursor.execute(counted)
            return Counter(dict(cursor.fetchall()))

        yield count


@pytest.mark.parametrize("name", STEPS)
def test_step(name, together, given, people, rows):
    """One of two takes it, the other is told so, and nothing of it is doubled."""
    what, step, args, actors, told = STEPS[name]
    model, method = step.rsplit(".", 1)
    alone, contended = given(what)
    users = [people[actor] for actor in actors]
    before = rows()
    together((model, method, [[alone], *args], {}), users=users[:1])
    between = rows()
    call = (model, method, [[contended], *args], {})
    outcomes = together(call, call, refused=True, users=users)
    assert rows() - between == between - before
    words = [one.faultString for one in outcomes if isinstance(one, Fault)]
    if told is None:
        assert not words
    else:
        assert len(words) == 1, outcomes
        assert re.search(told, words[0]), words[0]


def test_two_begin_a_handover(together, xmlrpc, people):
    """Of one shift there is one draft, and who begins it again is told so."""
    team = xmlrpc("helpdesk.ticket.team", "create", {"name": "Begun at once"})
    uid = people["me"][0]
    values = {"team_id": team, "from_user_id": uid}
    call = ("service.quality.handover", "create", [values], {})
    outcomes = together(call, call, refused=True, users=[people["me"]] * 2)
    [refusal] = [one for one in outcomes if isinstance(one, Fault)]
    assert "is being written already" in refusal.faultString
    drafts = [("team_id", "=", team)]
    assert xmlrpc("service.quality.handover", "search_count", drafts) == 1


# ----------------------------------------------------------------------
# Another one at every try
# ----------------------------------------------------------------------


@pytest.fixture
def contended(server, xmlrpc, open_tickets):
    """Return a ticket that another program writes all the time."""
    [ticket] = open_tickets(1)
    over = threading.Event()

    def write():
        with closing(psycopg2.connect(dbname=server.db)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while not over.is_set():
                cursor.execute(
                    "UPDATE helpdesk_ticket SET id = id WHERE id = %s", [ticket]
                )

    writing = threading.Thread(target=write)
    writing.start()
    yield ticket
    over.set()
    writing.join()


def test_met_another_at_every_try(server, together, contended, xmlrpc):
    """Each way into the server ends with a sentence, and none with the database's."""
    sentence = "try again in a moment"
    change = {"name": "Mine"}

    def by_xmlrpc():
        write = ("helpdesk.ticket", "write", [[contended], change], {})
        [fault] = together(write, refused=True)
        return fault.faultCode, fault.faultString

    def by_json2():
        reply = requests.post(
            f"{server.url}/json/2/helpdesk.ticket/write",
            json={"ids": [contended], "vals": change},
            headers={
                "Authorization": f"bearer {server.api_key}",
                "X-Odoo-Database": server.db,
            },
            timeout=120,
        )
        return reply.status_code, reply.json()["message"]

    def by_client():
        session = requests.Session()
        who = {"db": server.db, "login": server.login, "password": server.password}
        session.post(
            f"{server.url}/web/session/authenticate", json={"params": who}, timeout=60
        )
        call = {
            "model": "helpdesk.ticket",
            "method": "web_save",
            "args": [[contended], change],
            "kwargs": {"specification": {}},
        }
        reply = session.post(
            f"{server.url}/web/dataset/call_kw", json={"params": call}, timeout=120
        )
        data = reply.json()["error"]["data"]
        return data["name"], data["message"]

    with ThreadPoolExecutor(3) as pool:
        ways = [pool.submit(way) for way in (by_xmlrpc, by_json2, by_client)]
        told = [way.result() for way in ways]
    assert [code for code, _words in told] == [2, 409, "odoo.exceptions.UserError"]
    assert all(sentence in words for _code, words in told)
    [ticket] = xmlrpc("helpdesk.ticket", "read", [contended], ["name"])
    assert ticket["name"] != "Mine"
