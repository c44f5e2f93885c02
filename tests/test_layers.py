"""The layers of the addons: a concept refers to those below it, and to no other.

The folders below ``models``, ``views``, ``static/src`` and the like are named as the
concepts. What each of them defines is read from the sources: Python modules, models,
fields, methods, external ids, JavaScript modules, and component names. A reference is
found by its name. A name that more than one concept defines belongs to the lowest ones;
words that are no names of ours alone (``_is_own_name``) say nothing.
"""

import ast
import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.plain

ADDON = Path(__file__).resolve().parents[1] / "addons" / "service_quality"

BELOW = {
    "core": (),
    "guest": ("core",),
    "desk": ("core",),
    "visit": ("core",),
    "escalation": ("desk",),
    "indicator": ("escalation",),
    "regulation": ("escalation",),
    "callback": ("indicator", "guest"),
    "complaint": ("indicator", "guest"),
    "callback_complaint": ("callback", "complaint"),
    "report": ("indicator",),
    "application": ("visit", "callback_complaint", "report", "regulation"),
    "demo": ("application",),
}
"""The concepts, and those directly below each of them."""

FOLDERS = (
    "models", "wizards", "controllers", "tools", "data", "security", "reports",
    "views", "tests", "static/src", "static/public", "static/tests",
)  # fmt: skip
"""What has a folder for each concept."""

UNSORTED = {"__init__.py", "__manifest__.py", "hooks.py"}
"""Files of the whole addon, which go with no concept."""


def lowest(concept):
    """Return a concept and all below it, as a set.

    >>> sorted(lowest("desk"))
    ['core', 'desk']
    """
    found = {concept}
    for below in BELOW[concept]:
        found |= lowest(below)
    return found


def concept_of(path):
    """Return the concept of a file of the addon, None where it goes with none."""
    relative = path.relative_to(ADDON).as_posix()
    for folder in FOLDERS:
        if relative.startswith(f"{folder}/"):
            part, *rest = relative.removeprefix(f"{folder}/").split("/")
            return part if rest else None
    return {"demo": "demo", "cli": "core"}.get(relative.split("/")[0])


def sources(*suffixes):
    """Yield the files of concepts with one of some suffixes, and their concept."""
    for path in sorted(ADDON.rglob("*")):
        concept = concept_of(path) if path.suffix in suffixes else None
        if concept and path.name not in UNSORTED:
            yield path, concept


# ----------------------------------------------------------------------
# What each concept defines
# ----------------------------------------------------------------------


def is_own_name(name):
    """Return True if a field or method of this name can be ours only.

    >>> is_own_name("service_phase"), is_own_name("date_to"), is_own_name("reason")
    (True, False, False)
    """
    return name.startswith(("service_", "_service_")) or len(name.split("_")) > 3


class Definitions:
    """The names that the sources define, and by which concepts."""

    def __init__(self):
        self.models = defaultdict(set)
        self.names = defaultdict(set)
        self.xmlids = defaultdict(set)
        for path, concept in sources(".py"):
            if "tests" not in path.relative_to(ADDON).parts:
                self._add_python(path, concept)
        for path, concept in sources(".xml"):
            for xmlid in re.findall(r'\b(?:id|t-name)="([\w.]+)"', path.read_text()):
                self.xmlids[xmlid.removeprefix("service_quality.")].add(concept)
        for path, concept in sources(".csv"):
            with path.open() as file:
                for row in csv.DictReader(file):
                    self.xmlids[row.get("id") or ""].add(concept)
        self.tables = {model.replace(".", "_"): model for model in self.models}

    def _add_python(self, path, concept):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    self.names[part.name].add(concept)
                elif isinstance(part, ast.Assign) and len(part.targets) == 1:
                    self._add_assignment(part, concept)

    def _add_assignment(self, part, concept):
        target, value = part.targets[0], part.value
        if not isinstance(target, ast.Name):
            return
        if target.id == "_name" and isinstance(value, ast.Constant):
            if value.value.startswith("service.quality."):
                self.models[value.value].add(concept)
        elif isinstance(value, ast.Call) and not target.id.startswith("_"):
            self.names[target.id].add(concept)

    def concepts_of(self, token, plain=False):
        """Return the concepts that define what a word of a source names.

        :param plain: also by names of fields and methods that may be others' too
        """
        token = token.strip(".")
        if token in self.models:
            return self.models[token]
        table = token.removeprefix("service_quality.").removeprefix("model_")
        if table in self.tables and not plain:
            return self.models[self.tables[table]]
        xmlid = token.removeprefix("service_quality.")
        if xmlid in self.xmlids and (xmlid != token or xmlid.startswith("service_")):
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
    """Yield (line, path) of the files of the addon that a Python file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "odoo.addons.service_quality."
        ):
            base = ADDON.parent.joinpath("service_quality")
        else:
            continue
        module = (node.module or "").removeprefix("odoo.addons.service_quality.")
        target = base.joinpath(*filter(None, module.split(".")))
        for name in node.names:
            inner = target / f"{name.name}.py"
            yield node.lineno, inner if inner.exists() else target.with_suffix(".py")


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
        for module in re.findall(r"@service_quality/(\w+)/", line):
            yield number, f"@{module}"


def _only_its_line_breaks(found):
    return "\n" * found[0].count("\n")


def wrong_references():
    """Yield a line of text for each reference to what is not below."""
    known = Definitions()
    for path, concept in sources(".py", ".xml", ".js", ".csv"):
        allowed, where = lowest(concept), path.relative_to(ADDON).as_posix()
        found = in_python(path) if path.suffix == ".py" else in_text(path)
        for line, word in found:
            if word.startswith("@"):
                concepts = {word[1:]}
            else:
                concepts = known.concepts_of(word)
            if concepts and not concepts & allowed:
                others = "/".join(sorted(concepts))
                yield f"{concept} -> {others}: {where}:{line} {word}"
        for line, target in imported(path) if path.suffix == ".py" else ():
            other = target.is_relative_to(ADDON) and concept_of(target)
            if other and other not in allowed:
                yield f"{concept} -> {other}: {where}:{line} import {target.stem}"


def test_each_concept_refers_to_those_below_it():
    wrong = sorted(set(wrong_references()))
    assert not wrong, "\n".join(wrong)


def test_what_would_be_found(tmp_path, monkeypatch):
    """A reference upwards is found in Python, XML, JavaScript and CSV."""
    for name, text in {
        "models/core/one.py": "NAME = 'service.quality.two'\nx.service_two_id\n"
        "from ..desk.two import THING\n",
        "models/desk/two.py": "THING = 1\nclass Two:\n"
        "    _name = 'service.quality.two'\n    service_two_id = f()\n",
        "views/core/one.xml": '<a ref="service_two_action"/>',
        "views/desk/two.xml": '<record id="service_two_action"/>',
        "static/src/core/one.js": 'import { x } from "@service_quality/desk/two";',
        "security/core/ir.model.access.csv": "id,model\na,model_service_quality_two\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(__name__ + ".ADDON", tmp_path)
    found = [line.split(":", 1)[1].strip() for line in sorted(wrong_references())]
    assert found == [
        "models/core/one.py:1 service.quality.two",
        "models/core/one.py:2 service_two_id",
        "models/core/one.py:3 import two",
        "security/core/ir.model.access.csv:2 model_service_quality_two",
        "static/src/core/one.js:1 @desk",
        "views/core/one.xml:1 service_two_action",
    ]
