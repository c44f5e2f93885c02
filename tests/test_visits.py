"""An engineer in a cellar: what is typed, tapped and signed without a net is not lost.

A real browser at the width of a phone, whose connection is cut, on a running server.
"""

import base64
import io
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

PHONE = {"width": 390, "height": 844}
WAIT = 30


@pytest.fixture(scope="module")
def engineer(xmlrpc):
    """Return login and id of a user who is service staff."""
    _model, group = xmlrpc(
        "ir.model.data", "check_object_reference", "service_quality_core",
        "service_quality_group_staff",
    )  # fmt: skip
    login = f"cellar-{uuid.uuid4().hex[:8]}"
    values = {"name": "Cellar", "login": login, "password": login}
    user = xmlrpc("res.users", "create", values | {"group_ids": [(4, group)]})
    return login, user


@pytest.fixture
def ticket(xmlrpc, engineer):
    """Return the id of an open ticket of the engineer."""
    partner = xmlrpc(
        "res.partner", "create", {"name": "Cellar Inc.", "street": "1 Deep"}
    )
    values = {"name": "No light", "description": "Dark", "partner_id": partner}
    return xmlrpc("helpdesk.ticket", "create", values | {"user_id": engineer[1]})


@pytest.fixture
def phone(browser, server, engineer):
    """Return a browser context of the engineer's phone, logged in."""
    context = browser.new_context(
        locale="en-US", viewport=PHONE, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(WAIT * 1000)
    page = context.new_page()
    page.goto(f"{server.url}/web/login?db={server.db}")
    page.fill("input[name=login]", engineer[0])
    page.fill("input[name=password]", engineer[0])
    page.click("form.oe_login_form button[type=submit]")
    page.wait_for_url(lambda url: "/web/login" not in url)
    page.close()
    yield context
    context.close()


@pytest.fixture
def open_ticket(phone, server, ticket):
    """Open the ticket's visit in a new page of the phone."""

    def open_page():
        page = phone.new_page()
        page.goto(f"{server.url}/odoo/my-visits/{ticket}")
        page.wait_for_selector(".o_service_visit")
        return page

    return open_page


@pytest.fixture
def visits(xmlrpc, ticket):
    """Wait until the visits of the ticket are as a test wants them: visits(state)."""
    names = ["state", "work_done", "photo_ids", "arrived_at", "signed_name", "part_ids"]

    def wait_for(state):
        for _second in range(WAIT):
            found = xmlrpc(
                "service.quality.visit",
                "search_read",
                [("ticket_id", "=", ticket)],
                names,
            )
            if [visit["state"] for visit in found] == [state]:
                return found[0]
            time.sleep(1)
        raise AssertionError(f"no visit is {state}: {found}")

    return wait_for


def photo():
    buffer = io.BytesIO()
    Image.new("RGB", (3000, 2000), "red").save(buffer, "JPEG")
    return {"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def draw(page):
    box = page.locator(".o_service_signature").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 * step, box["y"] + 30 + 40 * (step % 2))
    page.mouse.up()


def test_a_whole_visit_without_a_connection(phone, open_ticket, visits, xmlrpc):
    """Regulation A3.6.1: the page was even closed before there was a net again."""
    page = open_ticket()
    phone.set_offline(True)
    page.click(".o_service_arrive")
    page.wait_for_selector("[data-state=on_site]")
    page.fill("textarea[name=work_done]", "Lamp replaced")
    page.click(".o_service_add_part")
    page.fill(".o_service_part_name", "Lamp")
    page.set_input_files(".o_service_camera input", photo())
    page.wait_for_selector(".o_service_photo .o_service_waiting")
    page.click(".o_service_sign_button")
    page.fill("input[name=signed_name]", "Ann Smith")
    draw(page)
    page.click(".o_service_confirm")
    page.wait_for_selector("[data-state=signed]")
    page.wait_for_selector(".o_service_offline:has-text('kept on this phone')")
    assert not xmlrpc(
        "service.quality.visit", "search_count", [("work_done", "=", "Lamp replaced")]
    )
    page.close()
    phone.set_offline(False)
    # any page of the client sends what an earlier one left behind
    page = open_ticket()
    visit = visits("signed")
    assert visit["work_done"] == "Lamp replaced"
    assert visit["signed_name"] == "Ann Smith"
    assert len(visit["part_ids"]) == 1
    [picture] = xmlrpc(
        "ir.attachment", "read", visit["photo_ids"], ["mimetype", "file_size"]
    )
    assert picture["mimetype"] == "image/jpeg"
    [sheet] = xmlrpc(
        "service.quality.visit.sheet",
        "search_read",
        [("visit_id", "=", visit["id"])],
        ["pdf"],
    )
    assert sheet["pdf"].startswith("JVBERi"), "%PDF-"
    kinds = xmlrpc(
        "service.quality.event", "search_read",
        [("kind", "in", ["arrived", "departed"])], ["kind", "value"],
    )  # fmt: skip
    own = [row["kind"] for row in kinds if row["value"].get("visit") == visit["id"]]
    assert sorted(own) == ["arrived", "departed"]


def test_what_is_being_typed_survives_the_page(phone, open_ticket, visits):
    """Closed in the middle of a word, it is there when the page is opened again."""
    page = open_ticket()
    page.click(".o_service_arrive")
    visits("on_site")
    page.wait_for_selector("[data-state=on_site]")
    phone.set_offline(True)
    page.locator("textarea[name=work_done]").press_sequentially("Lamp repl")
    page.close(run_before_unload=False)
    phone.set_offline(False)
    page = open_ticket()
    assert page.input_value("textarea[name=work_done]") == "Lamp repl"
    page.locator("textarea[name=work_done]").press_sequentially("aced")
    page.locator("textarea[name=work_done]").blur()
    for _second in range(WAIT):
        if (work := visits("on_site")["work_done"]) and "aced" in work:
            return
        time.sleep(1)
    raise AssertionError(f"never sent: {work}")


def test_a_refusal_is_shown_and_loses_nothing(phone, open_ticket, visits):
    """An impossible time is for the engineer to put right; what was typed stays."""
    page = open_ticket()
    page.click(".o_service_other_time")
    page.fill("input[type=datetime-local]", "2020-01-01T10:00")
    page.locator("input[type=datetime-local]").blur()
    page.click(".o_service_arrive")
    page.wait_for_selector(".alert-danger:has-text('Not accepted')")
    page.wait_for_selector("[data-state=planned]")
    page.click(".alert-danger button:has-text('Discard')")
    page.click(".modal-footer button:has-text('Discard')")
    page.wait_for_selector(".o_service_visit:not(:has(.alert-danger))")
    page.click(".o_service_arrive")
    assert visits("on_site")


def test_two_taps_at_once(xmlrpc, server, ticket):
    """One key is one arrival, also when both requests come at the same time."""
    import xmlrpc.client as client
    from concurrent.futures import ThreadPoolExecutor

    common = client.ServerProxy(f"{server.url}/xmlrpc/2/common")
    uid = common.authenticate(server.db, server.login, server.password, {})

    def tap(_number):
        with client.ServerProxy(f"{server.url}/xmlrpc/2/object") as proxy:
            return proxy.execute_kw(
                server.db, uid, server.password, "service.quality.visit",
                "record_arrival", [ticket], {"external_ref": "tap"},
            )  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(tap, range(4)))
    assert len(found) == 1
    assert xmlrpc(
        "service.quality.visit", "search", [("ticket_id", "=", ticket)]
    ) == list(found)


def wait_for(condition, what):
    for _tenth in range(10 * WAIT):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(what)


def ink_columns(signature):
    """Return the width of a stored signature, and its columns that have ink."""
    image = Image.open(io.BytesIO(base64.b64decode(signature)))
    alpha = image.getchannel("A")
    left, _top, right, _bottom = alpha.getbbox()
    return image.width, left, right


def test_signature_of_a_phone_that_is_turned(phone, open_ticket, visits, xmlrpc):
    """SLA case 34: what was drawn is what is stored, though the field became narrow."""
    page = open_ticket()
    page.click(".o_service_arrive")
    visits("on_site")
    page.wait_for_selector("[data-state=on_site]")
    page.fill("textarea[name=work_done]", "Lamp replaced")
    page.set_viewport_size({"width": 844, "height": 390})
    page.click(".o_service_sign_button")
    page.fill("input[name=signed_name]", "Ann Smith")
    canvas = page.locator(".o_service_signature")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(1, 21):  # to the far right
        share = step / 20
        page.mouse.move(
            box["x"] + 20 + (box["width"] - 60) * share,
            box["y"] + 20 + (box["height"] - 40) * (step % 2),
        )
    page.mouse.up()
    page.set_viewport_size(PHONE)
    page.wait_for_function(
        "() => document.querySelector('.o_service_signature').clientWidth < 400"
    )
    page.wait_for_timeout(300)
    page.click(".o_service_confirm:enabled")
    visit = visits("signed")
    [sheet] = xmlrpc(
        "service.quality.visit.sheet",
        "search_read",
        [("visit_id", "=", visit["id"])],
        ["signature"],
    )
    width, left, right = ink_columns(sheet["signature"])
    assert right < width - 2, "the right end of the strokes is cut off"
    drawn = (box["width"] - 60) / box["width"]
    assert (right - left) / width > drawn - 0.15, "the strokes span what they did"


def test_slow_phone_keeps_what_is_typed(phone, open_ticket, visits):
    """SLA case 43: no answer that left earlier takes the place of what was typed."""
    page = open_ticket()
    page.route(
        "**/service.quality.visit/my_day*",
        lambda route: (page.wait_for_timeout(2500), route.continue_()),
    )
    page.click(".o_service_arrive")
    page.wait_for_selector("[data-state=on_site]")
    text = page.locator("textarea[name=work_done]")
    for word in ("Lamp ", "replaced, ", "fuse ", "checked"):
        text.press_sequentially(word, delay=60)
        page.wait_for_timeout(900)
    assert text.input_value() == "Lamp replaced, fuse checked"
    text.blur()
    wait_for(lambda: visits("on_site")["work_done"], "the text is never sent")
    # opened again before the server was asked again
    page.click(".o_service_visit header button")
    page.click(".o_service_visit_card:has-text('Cellar')")
    assert text.input_value() == "Lamp replaced, fuse checked"
    page.click(".o_service_add_part")
    page.fill(".o_service_part_name", "Fuse")
    page.locator(".o_service_part_name").blur()
    wait_for(lambda: visits("on_site")["part_ids"], "the part is never sent")
    assert visits("on_site")["work_done"] == "Lamp replaced, fuse checked"
    assert text.input_value() == "Lamp replaced, fuse checked"
    page.unroute_all(behavior="ignoreErrors")


def test_clock_of_the_phone_is_wrong(phone, open_ticket, visits):
    """SLA case 45: three hours slow when it was tapped, right when it was sent."""
    now = datetime.now(UTC)
    phone.clock.set_system_time(now - timedelta(hours=3))
    page = open_ticket()
    page.wait_for_selector(".o_service_clock:has-text('3:00 h slow')")
    phone.set_offline(True)
    page.click(".o_service_arrive")
    page.wait_for_selector("[data-state=on_site]")
    phone.clock.set_system_time(datetime.now(UTC))
    phone.set_offline(False)
    arrived = datetime.fromisoformat(visits("on_site")["arrived_at"] + "+00:00")
    assert abs(arrived - now) < timedelta(minutes=2)


def test_session_that_is_over(phone, open_ticket, visits, engineer, server):
    """SLA case 45: the engineer logs in again by a button, and nothing is lost."""
    page = open_ticket()
    page.click(".o_service_arrive")
    visits("on_site")
    page.wait_for_selector("[data-state=on_site]")
    page.wait_for_timeout(1000)
    phone.clear_cookies()
    page.fill("textarea[name=work_done]", "Lamp replaced")
    page.click(".o_service_leave")
    page.wait_for_selector("[data-state=left]")
    page.click(".o_service_logged_out button")
    if server.db not in page.url:
        page.wait_for_url("**/web/**")
    if page.locator("input[name=login]").count() == 0:
        page.goto(f"{server.url}/web/login?db={server.db}")
    page.fill("input[name=login]", engineer[0])
    page.fill("input[name=password]", engineer[0])
    page.click("form.oe_login_form button[type=submit]")
    visit = visits("left")
    assert "Lamp replaced" in visit["work_done"]
