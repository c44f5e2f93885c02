"""Fixtures of the tests that talk to the running product.

script/test live starts a server and says where it is; without it the server of
script/server is meant (http://127.0.0.1:8069, database service_quality).
"""

import os
import shutil
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    for item in items:
        if "unit" in Path(item.path).relative_to(ROOT).parts:
            item.add_marker("plain")


@dataclass(frozen=True)
class Server:
    """Where the product runs, and an administrator of it."""

    url: str
    db: str
    login: str = "admin"
    password: str = "admin"
    api_key: str | None = None

    @property
    def host(self):
        return urllib.parse.urlsplit(self.url).hostname

    @property
    def port(self):
        return urllib.parse.urlsplit(self.url).port


@pytest.fixture(scope="session")
def root():
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def server():
    return Server(
        url=os.environ.get("SERVICE_QUALITY_URL", "http://127.0.0.1:8069"),
        db=os.environ.get("SERVICE_QUALITY_DB", "service_quality"),
        api_key=os.environ.get("SERVICE_QUALITY_API_KEY"),
    )


@pytest.fixture(scope="session")
def xmlrpc(server):
    """Call a method as the administrator: xmlrpc(model, method, *args, **kwargs)."""
    import xmlrpc.client

    common = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common")
    models = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object", allow_none=True)
    uid = common.authenticate(server.db, server.login, server.password, {})
    assert uid, f"{server.login} cannot log in at {server.url}, database {server.db}"

    def call(model, method, *args, **kwargs):
        return models.execute_kw(
            server.db, uid, server.password, model, method, args, kwargs
        )

    return call


@pytest.fixture(scope="session")
def colleague(xmlrpc):
    """Return the id and the password of a second person, who signs and amends."""
    login, password = "colleague", "colleague"
    known = xmlrpc("res.users", "search", [("login", "=", login)])
    if known:
        return known[0], password
    group = [("name", "=", "service_quality_group_service_manager")]
    [data] = xmlrpc("ir.model.data", "search_read", group, ["res_id"])
    values = {"name": "A second person", "login": login, "password": password}
    values["group_ids"] = [(4, data["res_id"])]
    return xmlrpc("res.users", "create", values), password


@pytest.fixture(scope="session")
def sign(server, colleague):
    """Sign an agreement that the administrator has drafted: sign(agreement_id)."""
    import xmlrpc.client

    uid, password = colleague
    url = f"{server.url}/xmlrpc/2/object"

    def call(agreement_id):
        model = "service.quality.agreement"
        with xmlrpc.client.ServerProxy(url, allow_none=True) as models:
            models.execute_kw(
                server.db, uid, password, model, "action_sign", [[agreement_id]]
            )

    return call


@pytest.fixture(scope="session")
def json2(server):
    """Call a method over JSON-2: json2(model, method, **named_arguments)."""
    import requests

    assert server.api_key, "SERVICE_QUALITY_API_KEY is not set: run script/test live"
    session = requests.Session()
    session.trust_env = False  # no proxy for this machine's own address
    session.headers.update(
        {
            "Authorization": f"bearer {server.api_key}",
            "X-Odoo-Database": server.db,
        }
    )

    def call(model, method, **arguments):
        reply = session.post(f"{server.url}/json/2/{model}/{method}", json=arguments)
        reply.raise_for_status()
        return reply.json()

    return call


@pytest.fixture(scope="session")
def odoorpc_session(server):
    """An odoorpc.ODOO, logged in as the administrator."""
    import odoorpc

    odoo = odoorpc.ODOO(server.host, port=server.port)
    odoo.login(server.db, server.login, server.password)
    return odoo


@pytest.fixture(scope="session")
def browser():
    """A Chromium.  A missing one is an error, never a reason to skip."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "no Chromium: run as root apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page of a browser that knows nobody yet."""
    context = browser.new_context(
        locale="en-US", viewport={"width": 1366, "height": 900}
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def login(page, server):
    """Log in: login() as the administrator, login("demo", "demo") as another."""

    def log_in(user=server.login, password=server.password):
        page.goto(f"{server.url}/web/login?db={server.db}")
        page.fill("input[name=login]", user)
        page.fill("input[name=password]", password)
        page.click("form.oe_login_form button[type=submit]")
        page.wait_for_url(lambda url: "/web/login" not in url)
        return page

    return log_in
