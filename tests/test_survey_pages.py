"""Customers answer a survey on the telephones that they have, in their own language.

What no test inside Odoo can show: the page in a real browser of a phone, what a real
server writes to its log, and two answers of one person at the same moment.
"""

import base64
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

AGENT = "Strange/77.31 (Phone)"
SURVEY = "service.quality.survey"
CONTACT = "service.quality.survey.contact"
BLANK = re.compile(r'werkzeug: "[A-Z]+ /service/…" \d{3} ')

STEPS = {"qr": "9", "mail": "2"}
"""What is answered by each channel, on all scales."""

SIGNED = {
    "signed_by_us": "Us",
    "signed_by_us_on": "2026-01-01",
    "signed_by_customer": "Them",
    "signed_by_customer_on": "2026-01-01",
}


@pytest.fixture(scope="module")
def people(xmlrpc, sign):
    """Return who is asked in a survey in the field: dicts with ``id`` and ``path``."""
    customer = xmlrpc("res.partner", "create", {"name": "华夏物流", "is_company": True})
    names = ("王芳", "李娜", "张伟")
    xmlrpc(
        "res.partner",
        "create",
        [
            {
                "name": name,
                "parent_id": customer,
                "lang": "zh_CN",
                "email": f"{secrets.token_hex(4)}@huaxia.example",
            }
            for name in names
        ],
    )
    metrics = ("first_response", "resolution", "arrival", "update")
    agreement = xmlrpc(
        "service.quality.agreement",
        "create",
        {
            "name": "华夏物流服务协议",
            "partner_ids": [(6, 0, [customer])],
            "calendar_id": False,
            "manager_id": False,  # who looks after a customer reads no answers
            "target_ids": [(0, 0, {"metric": one, "duration": 8}) for one in metrics],
            **SIGNED | {"signed_by_customer": names[2]},
        },
    )
    sign(agreement)
    survey = xmlrpc(SURVEY, "create", {"domain": f"[('id', '=', {customer})]"})
    xmlrpc(SURVEY, "write", [survey], {"asks_nps": True, "asks_effort": True})
    for step in ("propose", "freeze", "propose_questions", "start"):
        xmlrpc(SURVEY, f"action_{step}", [survey])
    asked = xmlrpc(
        CONTACT, "search_read", [["survey_id", "=", survey]], ["name", "token"]
    )
    found = {
        one["name"]: one | {"path": f"/service/survey/{one['token']}"} for one in asked
    }
    return [found[name] for name in names]


@pytest.fixture
def phone(browser):
    """A page of a phone, 390 points wide, whose browser runs no scripts."""
    context = browser.new_context(
        locale="en-US",
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        java_script_enabled=False,
        user_agent=AGENT,
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def tap(page, what):
    """Tap on something that leads to another page."""
    with page.expect_navigation():
        page.tap(what)


def picture(page, name):
    """Keep a picture of a whole page, where somebody wants to look at it."""
    folder = os.environ.get("SERVICE_QUALITY_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def choose(page, number, step):
    """Tap a step of the scale of a question, by their numbers."""
    page.locator("fieldset").nth(number - 1).get_by_label(str(step), exact=True).tap()


def test_from_the_invitation_to_the_answer_in_chinese(server, phone, people, xmlrpc):
    """Regulation A5.1.3: a questionnaire that fits the contract, on a phone."""
    person = people[0]
    phone.goto(f"{server.url}{person['path']}/sms")
    assert phone.get_attribute("html", "lang") == "zh-CN", "the person's language"
    words = phone.text_content("main")
    assert "王芳" in words
    assert "对于我们在约定时间内到达现场" in words
    # the names of people and companies are the only Latin letters
    assert not re.findall(r"[A-Za-z]{3,}", words)
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "nobody scrolls sideways"
    for step in phone.locator(".scale label").all()[:3]:
        assert step.bounding_box()["height"] >= 40, "a finger hits it"
    picture(phone, "survey-begin")

    choose(phone, 1, 3)
    tap(phone, "button[value=send]")
    assert "还缺少一些内容" in phone.text_content("main")
    assert not re.findall(r"[A-Za-z]{3,}", phone.text_content("main"))
    picture(phone, "survey-missing")
    choose(phone, 2, 7)
    choose(phone, 3, 7)
    choose(phone, 4, 10)
    phone.locator("textarea").first.fill("现场响应很快 <script>alert(1)</script>")
    phone.get_by_label("是，请给我打电话").tap()
    picture(phone, "survey-filled")
    tap(phone, "button[value=send]")
    assert "我们已收到您的答案" in phone.text_content("main")
    picture(phone, "survey-thanks")

    [contact] = xmlrpc(
        CONTACT, "read", [person["id"]], ["state", "channel", "user_input_id"]
    )
    assert (contact["state"], contact["channel"]) == ("answered", "sms")
    lines = xmlrpc(
        "survey.user_input.line",
        "search_read",
        [["user_input_id", "=", contact["user_input_id"][0]], ["skipped", "=", False]],
        ["value_scale", "value_text_box"],
    )
    assert sorted(line["value_scale"] for line in lines)[-4:] == [3, 7, 7, 10]
    phone.goto(f"{server.url}{person['path']}/mail")
    assert "您已作答" in phone.text_content("h1")


def test_two_answers_at_once(server, people, xmlrpc):
    """By two channels at the same moment: one counts, the other is told so."""
    person = people[1]
    gate = threading.Barrier(2)

    def answer(channel):
        session = requests.Session()
        session.trust_env = False
        session.headers["User-Agent"] = AGENT
        path = f"{server.url}{person['path']}/{channel}"
        page = html.fromstring(session.get(path).content)
        scales = page.xpath("//div[contains(@class, 'steps10')]//input/@name")
        values = dict(page.forms[-1].form_values()) | {"action": "send"}
        values |= dict.fromkeys(scales, STEPS[channel])
        gate.wait(timeout=30)
        answer = html.fromstring(session.post(path, data=values).content)
        return answer.findtext(".//h1")

    with ThreadPoolExecutor(2) as pool:
        titles = sorted(pool.map(answer, STEPS))
    assert titles == sorted(["谢谢", "您已作答"])
    [contact] = xmlrpc(
        CONTACT, "read", [person["id"]], ["state", "channel", "user_input_id"]
    )
    assert contact["state"] == "answered"
    found = xmlrpc(
        "survey.user_input.line",
        "search_read",
        [
            ["user_input_id", "=", contact["user_input_id"][0]],
            ["value_scale", "!=", 0],
        ],
        ["value_scale"],
    )
    steps = {str(line["value_scale"]) for line in found}
    assert steps == {STEPS[contact["channel"]]}, "not of both"


def test_no_secret_in_the_log_and_quick(server, people):
    """The page is there in less than a second, and its address in no log."""
    log = Path(os.environ.get("SERVICE_QUALITY_SERVER_LOG", ""))
    path = people[2]["path"]
    session = requests.Session()
    session.trust_env = False
    session.get(server.url + path)
    taken = []
    for _time in range(5):
        begin = time.perf_counter()
        page = session.get(server.url + path)
        taken.append(time.perf_counter() - begin)
        assert page.status_code == 200
    assert min(taken) < 1
    if log.is_file():
        text = log.read_text()
        assert BLANK.search(text)
        assert people[2]["token"] not in text


def test_the_paper(server, people, xmlrpc):
    """The PDF has the same questions in Chinese, of each person their own."""
    session = requests.Session()
    session.trust_env = False
    login = session.get(f"{server.url}/web/login?db={server.db}")
    token = html.fromstring(login.content).xpath("//input[@name='csrf_token']/@value")
    session.post(
        f"{server.url}/web/login",
        data={
            "csrf_token": token[0],
            "login": server.login,
            "password": server.password,
        },
    )
    name = "service_quality_survey.report_paper_questionnaire"
    paper = session.get(f"{server.url}/report/pdf/{name}/{people[2]['id']}")
    assert paper.content.startswith(b"%PDF"), base64.b64encode(paper.content[:200])
    folder = os.environ.get("SERVICE_QUALITY_PICTURES")
    if folder:
        (Path(folder) / "paper.pdf").write_bytes(paper.content)
        [contact] = xmlrpc(CONTACT, "read", [people[2]["id"]], ["survey_id"])
        name = "service_quality_survey.report_content_check"
        check = session.get(f"{server.url}/report/pdf/{name}/{contact['survey_id'][0]}")
        (Path(folder) / "check.pdf").write_bytes(check.content)
