"""What script/server promises of the database that it makes."""

import urllib.request


def test_opens_in_english_with_chinese_at_hand(xmlrpc):
    languages = xmlrpc("res.lang", "get_installed")
    assert {code for code, _name in languages} == {"en_US", "zh_CN"}
    people = xmlrpc("res.users", "search_read", [], ["lang"])
    assert {person["lang"] for person in people} == {"en_US"}


def test_calls_nobody(xmlrpc):
    """Online services are at a closed port, and the database does not report itself."""
    parameters = xmlrpc(
        "ir.config_parameter", "search_read", [["key", "ilike", "endpoint"]], ["value"]
    )
    assert {parameter["value"] for parameter in parameters} == {"http://127.0.0.1:9"}
    assert len(parameters) >= 5
    assert not xmlrpc(
        "ir.cron",
        "search_count",
        [["cron_name", "ilike", "publisher"], ["active", "=", True]],
    )


def test_mail_cannot_leave_the_machine(xmlrpc, json2):
    assert not xmlrpc("ir.mail_server", "search_count", [])
    values = {
        "subject": "test",
        "body_html": "test",
        "email_from": "desk@example.com",
        "email_to": "nobody@example.com",
        "auto_delete": False,
    }
    mail = xmlrpc("mail.mail", "create", values)
    json2("mail.mail", "send", ids=[mail])
    [sent] = xmlrpc("mail.mail", "read", [mail], ["state"])
    assert sent["state"] == "exception"


def test_has_a_demo_story(xmlrpc):
    assert xmlrpc("helpdesk.ticket", "search_count", []) > 0


def test_json2_and_odoorpc_reach_it(json2, odoorpc_session):
    over_json = json2("helpdesk.ticket", "search_count", domain=[])
    assert over_json == odoorpc_session.env["helpdesk.ticket"].search_count([])


def test_database_list_is_closed(server):
    with urllib.request.urlopen(f"{server.url}/web/database/manager") as reply:
        text = reply.read().decode()
    assert "database manager has been disabled" in text.lower()


def test_web_client_starts(login):
    page = login()
    assert page.wait_for_selector(".o_web_client .o_main_navbar").is_visible()
