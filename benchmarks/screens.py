"""What the client asks when a screen opens, for each screen of the product's menus."""

from datetime import date

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

OURS = "service_quality%"
FIRST_PAGE = 80
COUNTED = 10_001
"""How many records of a list the client asks for, and how far it has them counted."""


def find_screens(env):
    """Return the screens of the menus: dict of an action's name to its id."""
    data = env["ir.model.data"].sudo()
    found = data.search(
        [("module", "=like", OURS), ("model", "=", "ir.actions.act_window")]
    )
    menus = env["ir.ui.menu"].sudo().search([("action", "!=", False)])
    with_menu = {
        menu.action.id for menu in menus if menu.action._name == "ir.actions.act_window"
    }
    return {
        one.complete_name: one.res_id
        for one in found.sorted("complete_name")
        if one.res_id in with_menu
    }


def open_screen(env, action_id):
    """Ask what the client asks when an action opens; return the kind of its view."""
    action = env["ir.actions.act_window"].sudo().browse(action_id)
    Model = env[action.res_model]
    if not Model.has_access("read"):
        return None
    globals_ = {"uid": env.uid, "context_today": date.today}
    context = safe_eval(action.context or "{}", globals_)
    Model = Model.with_context(
        **{name: v for name, v in context.items() if "search_default" not in name}
    )
    views = Model.get_views(
        [*((view_id, kind) for view_id, kind in action.views), _search(action)]
    )["views"]
    domain = Domain(safe_eval(action.domain or "[]", globals_)) & _defaults(
        views["search"]["arch"], context, env.uid
    )
    kind = action.views[0][1]
    ask = {"pivot": _ask_pivot, "graph": _ask_graph}.get(kind, _ask_list)
    arch = etree.fromstring(views[kind]["arch"])
    ask(Model, arch, domain)
    if Model._name == "helpdesk.ticket":
        Model.service_count_burning(safe_eval(action.domain or "[]", globals_))
    return kind


def _search(action):
    return (action.search_view_id.id or False, "search")


def _defaults(arch, context, uid):
    """Return the domain of the filters that a screen opens with."""
    domain = Domain.TRUE
    for node in etree.fromstring(arch).iter("filter"):
        if not context.get(f"search_default_{node.get('name')}"):
            continue
        if node.get("date"):
            first = date.today().replace(day=1)
            name = node.get("date")
            domain &= Domain(name, ">=", first)
            domain &= Domain(name, "<", first + relativedelta(months=1))
        else:
            domain &= Domain(safe_eval(node.get("domain") or "[]", {"uid": uid}))
    return domain


def _ask_list(Model, arch, domain):
    """Ask for the first page of a list or of cards, with the number of all."""
    names = {
        node.get("name")
        for node in arch.iter("field")
        if not any(up.tag == "field" for up in node.iterancestors())
    }
    specification = {
        name: {"fields": {"display_name": {}}}
        if Model._fields[name].type == "many2one"
        else {}
        for name in names
        if name in Model._fields
    }
    order = arch.get("default_order")
    Model.web_search_read(
        list(domain), specification, limit=FIRST_PAGE, order=order, count_limit=COUNTED
    )


def _ask_pivot(Model, arch, domain):
    """Ask for the cells of a table as it opens: in total, by rows, by columns."""
    fields = {kind: [] for kind in ("row", "col", "measure")}
    for node in arch.iter("field"):
        if node.get("type") in fields:
            name = node.get("name")
            interval = node.get("interval")
            fields[node.get("type")].append(f"{name}:{interval}" if interval else name)
    rows, columns = fields["row"][:1], fields["col"][:1]
    measures = [
        f"{name}:{Model._fields[name].aggregator or 'sum'}"
        for name in fields["measure"]
        if name in Model._fields
    ]
    sets = [[], rows, columns, rows + columns]
    sets = [one for number, one in enumerate(sets) if one not in sets[:number]]
    Model.formatted_read_grouping_sets(list(domain), sets, [*measures, "__count"])


def _ask_graph(Model, arch, domain):
    names = [node.get("name") for node in arch.iter("field") if not node.get("type")]
    names = [name for name in names if name in Model._fields]
    Model.formatted_read_group(list(domain), names[:2], ["__count"])
