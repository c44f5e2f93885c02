"""Strangers use the pages that are open to everybody, on a phone without scripts.

What no test inside Odoo can show: what a real server writes to its log while a real
browser is there, and what comes of a form that is sent twice at the same moment.
"""

import io
import os
import re
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from lxml import html
from PIL import Image

HOTLINE = "/service/hotline"
AGENT = "Strange/77.31 (Phone)"
BLANK = re.compile(r'werkzeug: "[A-Z]+ /service/…" \d{3} ')


@pytest.fixture
def phone(browser):
    """Make pages of a phone whose browser runs no scripts."""
    contexts = []

    def open_phone(locale="en-US"):
        context = browser.new_context(
            locale=locale,
            viewport={"width": 390, "height": 844},
            is_mobile=True,
            has_touch=True,
            java_script_enabled=False,
            user_agent=AGENT,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context.new_page()

    yield open_phone
    for context in contexts:
        context.close()


@pytest.fixture
def stranger(server):
    """Somebody without a browser of ours, known by a cookie only."""
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = AGENT
    return session


@pytest.fixture
def log():
    """Return what the server has logged since the test began."""
    file = Path(os.environ.get("SERVICE_QUALITY_SERVER_LOG", ""))
    if not file.is_file():
        pytest.skip("where the server's log is, is not said")
    begin = file.stat().st_size

    def lines():
        time.sleep(0.5)  # a line is written after its answer has been sent
        with file.open("rb") as stream:
            stream.seek(begin)
            return stream.read().decode().splitlines()

    return lines


@pytest.fixture
def team(xmlrpc):
    """A team with a hotline page of its own: dict with ``id``, ``name``, ``path``."""
    name = f"Outlet {secrets.token_hex(4)}"
    team = xmlrpc("helpdesk.ticket.team", "create", {"name": name})
    [values] = xmlrpc("helpdesk.ticket.team", "read", [team], ["service_hotline_code"])
    return {
        "id": team,
        "name": name,
        "path": f"{HOTLINE}/{values['service_hotline_code']}",
    }


@pytest.fixture
def complaints(xmlrpc, team):
    """Return the complaints about that team, as dicts."""

    def read():
        return xmlrpc(
            "helpdesk.ticket",
            "search_read",
            [["service_about_team_id", "=", team["id"]]],
            [
                "service_is_anonymous",
                "service_answer_verdict",
                "partner_id",
                "attachment_ids",
            ],
        )

    return read


def photo():
    """Return a small picture."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "#336699").save(content, "PNG")
    return content.getvalue()


def send(page, what="button[type=submit]"):
    """Tap on something that leads to another page."""
    with page.expect_navigation():
        page.tap(what)


def fill_in(page):
    """Return what the only form of a page sends when nothing is typed."""
    return dict(html.fromstring(page.content).forms[-1].form_values())


# ----------------------------------------------------------------------
# Journeys


def test_an_anonymous_guest_complains_and_reads_the_answer(
    server, phone, team, complaints, xmlrpc
):
    """Regulation C2.3: each complaint is answered, also one without a name."""
    page = phone()
    page.goto(server.url + team["path"])
    assert team["name"] in page.text_content("main")
    page.get_by_label("A product", exact=True).tap()
    page.fill("#which", "Soup")
    page.fill("#text", "It was cold. <script>alert(1)</script>")
    send(page)
    receipt = page.text_content("#receipt")
    secret = page.text_content("#secret")
    assert re.fullmatch(r"\w{4}-\w{4}", receipt)
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", secret)

    [complaint] = complaints()
    assert complaint["service_is_anonymous"]
    assert not complaint["partner_id"]
    answer = "<p>We warm it now.</p>"
    xmlrpc(
        "helpdesk.ticket", "service_complaint_answer", [complaint["id"]],
        answer, "published",
    )  # fmt: skip

    # some days later, from another telephone
    page = phone()
    page.goto(f"{server.url}{HOTLINE}")
    send(page, "text=I have a receipt")
    page.fill("#receipt", receipt.lower())
    page.fill("#secret", secret.replace("-", " "))
    send(page)
    assert page.text_content("h1") == "Answered"
    assert "We warm it now." in page.text_content("main")
    send(page, "button[value=accept]")
    assert "You have accepted this answer" in page.text_content("main")
    assert complaints()[0]["service_answer_verdict"] == "accepted"


def test_a_customer_answers_by_link_on_a_phone(server, phone, xmlrpc):
    """Regulation A5.1.2: three questions, one tap each, in the customer's language."""
    call, path = handled_ticket(server, xmlrpc)
    page = phone(locale="en-US")
    page.goto(server.url + path)
    assert page.get_attribute("html", "lang") == "zh-CN", "the customer's language"
    page.goto(f"{server.url}{path}?lang=en_US")
    page.get_by_label("Yes", exact=True).tap()
    page.get_by_label("Satisfied", exact=True).tap()
    page.get_by_label("Too slow", exact=True).tap()
    send(page)
    assert page.text_content("h1") == "Thank you"
    [answer] = xmlrpc(
        "service.quality.callback.answer",
        "search_read",
        [["callback_id", "=", call]],
        ["solved", "satisfaction", "channel"],
    )
    assert (answer["solved"], answer["satisfaction"]) == ("yes", "4")
    assert answer["channel"] == "link"
    page.goto(f"{server.url}{path}?lang=en_US")
    assert page.text_content("h1") == "Nothing more to answer here"


def handled_ticket(server, xmlrpc):
    """Handle a ticket of a Chinese customer; return the call and its link's path.

    The link is taken from the mail that the customer is sent.
    """
    address = f"{secrets.token_hex(8)}@customer.example"
    partner = xmlrpc(
        "res.partner", "create", {"name": "王芳", "lang": "zh_CN", "email": address}
    )
    [stage] = xmlrpc(
        "helpdesk.ticket.stage",
        "search",
        [["service_phase", "=", "resolved"], ["team_ids", "=", False]],
        limit=1,
    )
    ticket = xmlrpc(
        "helpdesk.ticket",
        "create",
        {"name": "No dial tone", "description": "Dead", "partner_id": partner},
    )
    xmlrpc(
        "helpdesk.ticket",
        "write",
        [ticket],
        {"stage_id": stage, "service_work_done": "New cable laid"},
    )
    [call] = xmlrpc("service.quality.callback", "search", [["ticket_id", "=", ticket]])
    xmlrpc("service.quality.callback", "send_link", [call])
    [mail] = xmlrpc(
        "mail.mail",
        "search_read",
        [["body_html", "like", "/service/follow-up/"]]
        + ["|", ["email_to", "like", address], ["recipient_ids", "in", [partner]]],
        ["body_html"],
    )
    [path] = set(re.findall(r"/service/follow-up/[\w-]+", mail["body_html"]))
    return call, path


# ----------------------------------------------------------------------
# What is left of a visit


def test_a_visit_leaves_no_address_in_the_log(server, phone, team, log):
    """Anonymous: nothing that the browser fetches is a line with its address."""
    page = phone()
    page.goto(f"{server.url}{team['path']}?from=poster")
    page.fill("#text", "Cold soup")
    send(page)
    page.goto(f"{server.url}{HOTLINE}/receipt")
    page.goto(f"{server.url}{HOTLINE}/XXXXXXXXXX")
    lines = [line for line in log() if "werkzeug" in line]
    assert len(lines) >= 4
    assert [line for line in lines if not BLANK.search(line)] == []


def test_nothing_else_in_the_log_either(server, stranger, team, log):
    """Odd addresses, forged forms and what proxies say leave no trace as well."""
    headers = {"X-Forwarded-For": "203.0.113.77", "X-Forwarded-Host": "us.example"}
    stranger.headers.update(headers)
    path = team["path"]
    for odd in (path, "/" + path, path + "/", path.replace("s", "%73"), path + "?q=1"):
        stranger.get(server.url + odd)
    stranger.post(server.url + path, data={"text": "Cold", "csrf_token": "0"})
    stranger.post(server.url + path, data={"text": "Cold"})
    stranger.request("BREW", server.url + path)
    stranger.get(server.url + "/web/health")
    lines = log()
    assert [line for line in lines if "/web/health" in line and "127.0.0.1" in line]
    lines = [line for line in lines if "/web/health" not in line]
    code = path.rsplit("/", 1)[1]
    for trace in ("127.0.0.1", "203.0.113.77", "us.example", "Strange", code, "q=1"):
        assert [line for line in lines if trace in line] == [], trace


# ----------------------------------------------------------------------
# Twice, and quickly


def test_pressed_twice_at_once(server, stranger, team, complaints):
    """Two requests at the same moment are one complaint with one receipt."""
    for round_ in range(1, 4):
        values = fill_in(stranger.get(server.url + team["path"]))
        gate = threading.Barrier(2)

        def press(values=values, gate=gate):
            gate.wait(timeout=30)
            return stranger.post(
                server.url + team["path"],
                data=values | {"text": "Cold soup"},
                files=[("files", (name, photo())) for name in ("a.png", "b.png")],
            )

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(press) for _time in range(2)]
            answers = [future.result(timeout=120) for future in running]
        assert [answer.status_code for answer in answers] == [200, 200]
        receipts = {
            html.fromstring(answer.content).get_element_by_id("secret").text
            for answer in answers
        }
        assert len(receipts) == 1
        found = complaints()
        assert len(found) == round_
        assert [len(complaint["attachment_ids"]) for complaint in found] == [2] * round_


def test_quick(server, stranger, team):
    """The form is there in less than a second, all of it in one answer."""
    stranger.get(server.url + team["path"])
    taken = []
    for _time in range(5):
        begin = time.perf_counter()
        page = stranger.get(server.url + team["path"])
        taken.append(time.perf_counter() - begin)
        assert page.status_code == 200
    assert sorted(taken)[2] < 0.5
    assert len(page.content) < 50_000
