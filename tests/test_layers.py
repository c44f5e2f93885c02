"""The layers of the family: an addon refers to those it depends on, and to no other.

What each addon defines is read from its sources: Python modules, models, fields,
methods, external ids, JavaScript modules, and component names. A reference is found by
its name. A name that more than one addon defines belongs to the lowest ones; words that
are no names of ours alone (``is_own_name``) say nothing. ``depends`` of the manifests
is the only way up: installed alone, an addon would not find what it has no right to.
"""

import ast
import csv
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.plain

ADDONS = Path(__file__).resolve().parents[1] / "addons"

WHOLE = {"__manifest__.py", "hooks.py"}
"""Files that name tables and other addons as they are."""


@cache
def depends(folder):
    """Return what an addon depends on directly, of ours."""
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
    return [name for name in manifest["depends"] if name.startswith("service_quality")]


def lowest(addon):
    """Return an addon and all of ours that it depends on, as a set."""
    found = {addon}
    for below in depends(ADDONS / addon):
        found |= lowest(below)
    return found


def sources(*suffixes):
    """Yield the files of our addons with one of some suffixes, and their addon."""
    for path in sorted(ADDONS.rglob("*")):
        if path.suffix in suffixes and path.name not in WHOLE:
            yield path, path.relative_to(ADDONS).parts[0]


# ----------------------------------------------------------------------
# What each addon defines
# ----------------------------------------------------------------------


def is_own_name(name):
    """Return True if a field or method of this name can be ours only.

    >>> is_own_name("service_phase"), is_own_name("date_to"), is_own_name("reason")
    (True, False, False)
    """
    return name.startswith(("service_", "_service_")) or len(name.split("_")) > 3


def split_xmlid(token):
    """Return the addon of ours that an external id names, and the rest of it.

    >>> split_xmlid("service_quality_desk.menu"), split_xmlid("menu")
    (('service_quality_desk', 'menu'), ('', 'menu'))
    """
    owner, dot, name = token.partition(".")
    is_ours = dot and owner.startswith("service_quality")
    return (owner, name) if is_ours else ("", token)


class Definitions:
    """The names that the sources define, and by which addons."""

    def __init__(self):
        self.models = defaultdict(set)
        self.names = defaultdict(set)
        self.xmlids = defaultdict(set)
        for path, addon in sources(".py"):
            if "tests" not in path.relative_to(ADDONS).parts:
                self._add_python(path, addon)
        for path, addon in sources(".xml"):
            for xmlid in re.findall(r'\b(?:id|t-name)="([\w.]+)"', path.read_text()):
                owner, name = split_xmlid(xmlid)
                self.xmlids[name].add(owner or addon)
        for path, addon in sources(".csv"):
            with path.open() as file:
                for row in csv.DictReader(file):
                    self.xmlids[row.get("id") or ""].add(addon)
        self.tables = {model.replace(".", "_"): model for model in self.models}

    def _add_python(self, path, addon):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    self.names[part.name].add(addon)
                elif isinstance(part, ast.Assign) and len(part.targets) == 1:
                    self._add_assignment(part, addon)

    def _add_assignment(self, part, addon):
        target, value = part.targets[0], part.value
        if not isinstance(target, ast.Name):
            return
        if target.id == "_name" and isinstance(value, ast.Constant):
            if value.value.startswith("service.quality."):
                self.models[value.value].add(addon)
        elif isinstance(value, ast.Call) and not target.id.startswith("_"):
            self.names[target.id].add(addon)

    def addons_of(self, token):
        """Return the addons that define what a word of a source names."""
        token = token.strip(".")
        if token in self.models:
            return self.models[token]
        owner, xmlid = split_xmlid(token)
        table = xmlid.removeprefix("model_")
        if table in self.tables:
            return self.models[self.tables[table]]
        if (ADDONS / owner / "__manifest__.py").exists():
            return {owner}
        if xmlid in self.xmlids and xmlid.startswith("service_"):
            return self.xmlids[xmlid]
        if "." not in token and is_own_name(token):
            return self.names.get(token, set())
        return set()


# ----------------------------------------------------------------------
# What each file refers to
# ----------------------------------------------------------------------


def words(text):
    """Yield the words of a text with the dots in them, and those between the dots.

    >>> list(words("('project_id.code', 1)"))
    ['project_id.code', 'project_id', 'code', '1']
    """
    for word in re.findall(r"[\w.]+", text):
        yield word
        if "." in word.strip("."):
            yield from filter(None, word.split("."))


def in_python(path):
    """Yield (line, word) of what Python reads, and (line, module path) of imports."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                for word in words(node.value):
                    yield node.lineno, word
        elif isinstance(node, ast.FunctionDef):
            for argument in node.args.args:
                yield argument.lineno, argument.arg


def imported(path):
    """Yield (line, addon, module) of what a Python file imports from our addons."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found = re.match(r"odoo\.addons\.(service_quality\w*)", node.module)
            if found:
                yield node.lineno, found[1], node.module


def in_text(path):
    """Yield (line, word) of an XML, JavaScript or CSV file without its comments."""
    text = path.read_text()
    comment = r"<!--.*?-->" if path.suffix == ".xml" else r"/\*.*?\*/|(?<![:\"'])//.*"
    if path.suffix != ".csv":
        flags = re.DOTALL if path.suffix == ".xml" else 0
        text = re.sub(
            comment, lambda found: "\n" * found[0].count("\n"), text, flags=flags
        )
    for number, line in enumerate(text.splitlines(), 1):
        for word in words(line):
            yield number, word
        for addon in re.findall(r"@(service_quality\w*)/", line):
            yield number, f"@{addon}"


def wrong_references():
    """Yield a line of text for each reference to what is not below."""
    known = Definitions()
    for path, addon in sources(".py", ".xml", ".js", ".csv"):
        allowed, where = lowest(addon), path.relative_to(ADDONS).as_posix()
        found = in_python(path) if path.suffix == ".py" else in_text(path)
        for line, word in found:
            addons = {word[1:]} if word.startswith("@") else known.addons_of(word)
            if addons and not addons & allowed:
                others = "/".join(sorted(addons))
                yield f"{addon} -> {others}: {where}:{line} {word}"
        for line, other, module in imported(path) if path.suffix == ".py" else ():
            if other not in allowed:
                yield f"{addon} -> {other}: {where}:{line} import {module}"


def test_each_addon_refers_to_those_it_depends_on():
    wrong = sorted(set(wrong_references()))
    assert not wrong, "\n".join(wrong)


def test_what_would_be_found(tmp_path, monkeypatch):
    """A reference upwards is found in Python, XML, JavaScript and CSV."""
    one, two = "service_quality_one", "service_quality_two"
    for name, text in {
        f"{one}/__manifest__.py": "{'depends': ['mail']}",
        f"{two}/__manifest__.py": f"{{'depends': ['{one}']}}",
        f"{one}/models/one.py": "NAME = 'service.quality.thing'\nx.service_thing_id\n"
        f"from odoo.addons.{two}.two import THING\n",
        f"{two}/two.py": "THING = 1\nclass Two:\n"
        "    _name = 'service.quality.thing'\n    service_thing_id = f()\n",
        f"{one}/views/one.xml": f'<a ref="service_two_action"/><b ref="{two}.any"/>',
        f"{two}/views/two.xml": '<record id="service_two_action"/>',
        f"{one}/static/src/one.js": f'import {{ x }} from "@{two}/desk/two";',
        f"{one}/security/ir.model.access.csv": "id,model\n"
        "a,model_service_quality_thing\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(__name__ + ".ADDONS", tmp_path)
    found = [line.split(":", 1)[1].strip() for line in sorted(wrong_references())]
    assert found == [
        f"{one}/models/one.py:1 service.quality.thing",
        f"{one}/models/one.py:2 service_thing_id",
        f"{one}/models/one.py:3 import odoo.addons.{two}.two",
        f"{one}/security/ir.model.access.csv:2 model_service_quality_thing",
        f"{one}/static/src/one.js:1 @{two}",
        f"{one}/views/one.xml:1 {two}.any",
        f"{one}/views/one.xml:1 service_two_action",
    ]
