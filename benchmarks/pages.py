"""What the server does when the list and the form of tickets open."""

from collections import defaultdict
from time import process_time

from lxml import etree
from measure import PRODUCTS, Line, Series, quiet_memory
from tickets import ticket_values

KEYS = ("web_list", "web_form")
TIMES_BARE = {"web_list": 1.3, "web_form": 1.5}
"""How much longer than bare the list and the form may take."""

PAGE, PAGES = 80, 800
"""Tickets in a page of the list, and in one that is ten times as long."""

ACTION = "helpdesk_mgmt.helpdesk_ticket_action"


def compare_pages(databases, rounds, wanted):
    """Read a page of the list, and one form, each as its own view asks for it.

    It is the processor's time of ``web_search_read`` and ``web_read``, with an empty
    cache as a request has, by the agent of the other steps.

    :return: the figures by key, and the lines of the table
    """
    for database in databases.values():
        with database.transaction(database.user_id) as env:
            values = ticket_values(database, PAGES)
            env["helpdesk.ticket"].with_context(tracking_disable=True).create(values)
    series = defaultdict(Series)  # (key, flavour, measure)
    for number in range(rounds + 1):
        flavours = list(databases)
        for flavour in flavours if number % 2 else reversed(flavours):
            for found in _one_round(databases[flavour]):
                key, measure, value = found
                if number:  # the first one warms up
                    series[key, flavour, measure].add(value)
    figures, lines = {}, []
    for key in filter(wanted.__contains__, KEYS):
        figures[key] = {
            f"{flavour}_{measure}": round(found.median, 5)
            for (one, flavour, measure), found in series.items()
            if one == key
        }
        lines += _lines(key, series)
    return figures, lines


def _one_round(database):
    """Yield (key, measure, value) of one opening of the list and of a form."""
    with database.transaction(database.user_id) as env:
        action = env.ref(ACTION)
        views = env["helpdesk.ticket"].get_views([(False, "list"), (False, "form")])
        wanted = {
            kind: specification(env, "helpdesk.ticket", view["arch"])
            for kind, view in views["views"].items()
        }
        order = etree.fromstring(views["views"]["list"]["arch"]).get("default_order")
        assert action.res_model == "helpdesk.ticket"
    for limit, suffix in ((PAGE, ""), (PAGES, "_long")):
        with database.transaction(database.user_id) as env:
            tickets = env["helpdesk.ticket"]
            took = _measure(
                env,
                lambda tickets=tickets, limit=limit: tickets.web_search_read(
                    [], wanted["list"], limit=limit, order=order
                ),
            )
        yield "web_list", f"s{suffix}", took[0]
        yield "web_list", f"queries{suffix}", took[1]
    with database.transaction(database.user_id) as env:
        ticket = env["helpdesk.ticket"].search([], limit=1, order="id desc")
        env.invalidate_all()
        seconds, queries = _measure(env, lambda: ticket.web_read(wanted["form"]))
    yield "web_form", "s", seconds
    yield "web_form", "queries", queries


def _measure(env, work):
    """Return the processor's seconds and the queries of a piece of work."""
    with quiet_memory():
        queries, start = env.cr.sql_log_count, process_time()
        work()
        return process_time() - start, env.cr.sql_log_count - queries


def specification(env, model, arch):
    """Return what the client asks of the fields of a view, lists in it included."""
    found = {}
    for node in _own_fields(etree.fromstring(arch) if isinstance(arch, str) else arch):
        field = env[model]._fields.get(node.get("name"))
        if field is None:
            continue
        asked = found.setdefault(field.name, {})
        if field.type == "many2one":
            asked["fields"] = {"display_name": {}}
        elif field.type in ("one2many", "many2many"):
            lists = [part for part in node if part.tag in ("list", "kanban")]
            asked["fields"] = (
                specification(env, field.comodel_name, lists[0])
                if lists
                else {"display_name": {}}
            )
            asked["limit"] = 40
    return found


def _own_fields(arch):
    """Yield the field nodes of a view, not those of views inside it."""
    for node in arch:
        if node.tag == "field":
            yield node
        elif isinstance(node.tag, str):
            yield from _own_fields(node)


def _lines(key, series):
    """Return the lines of the table about the list, or the form."""
    found = {
        (flavour, measure): values
        for (one, flavour, measure), values in series.items()
        if one == key
    }
    seconds = {
        one: values.median for (one, what), values in found.items() if what == "s"
    }
    queries = {
        one: min(values.values)
        for (one, what), values in found.items()
        if what == "queries"
    }
    detail = ", ".join(
        f"{flavour} {1000 * seconds[flavour]:.1f} ms and {queries[flavour]} queries"
        for flavour in sorted(seconds)
    )
    lines = []
    for flavour, whose in PRODUCTS.items():
        best = min(found[flavour, "s"].values) / min(found["bare", "s"].values)
        lines.append(
            Line(
                key,
                f"{whose}× bare",
                seconds[flavour] / seconds["bare"],
                TIMES_BARE[key],
                detail=f"{detail}, fastest rounds {best:.2f} ×",
            )
        )
        if key == "web_list":
            more = min(found[flavour, "queries_long"].values) - queries[flavour]
            lines.append(Line(key, f"{whose}more queries for {PAGES}", more, 0))
    return lines
