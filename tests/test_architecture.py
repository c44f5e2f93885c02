"""The documentation shows the family as it is, and sends nobody where nothing is."""

import re
import runpy
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.plain

ROOT = Path(__file__).resolve().parents[1]

FILE = r"\.(py|xml|csv|js|md|sql|pot|po)$"
ANY = r"<\w+>"
"""What stands for any name, as in ``_do_<code>``."""


@cache
def texts():
    """Return the texts of all files of the addons in which names are."""
    found = (path for path in (ROOT / "addons").rglob("*") if path.is_file())
    return {path: path.read_text() for path in found if re.search(FILE, path.suffix)}


def pattern(name):
    """Return the pattern of a name.

    >>> re.fullmatch(pattern("_do_<code>"), "_do_sms") is not None
    True
    """
    return r"\w+".join(map(re.escape, re.split(ANY, name)))


def files_of(name):
    """Return the files and folders that a path names, from the root or the addons.

    >>> [path.name for path in files_of("service_quality_core/tools/fold.py")]
    ['fold.py']
    >>> files_of("fold.py")
    []
    """
    path = re.sub(ANY, "*", name)
    return [*ROOT.glob(path), *(ROOT / "addons").glob(path)]


def is_path(name):
    return "/" in name or re.search(FILE, name)


def is_there(name, files):
    """Return True if a name is in some files, as what it looks like.

    Methods, class attributes and constants are defined there, models declared; other
    names with an underscore are just used. What looks like no name is not asked about.
    """
    name = name.removesuffix("()")
    if not re.fullmatch(rf"(?:[\w.]|{ANY})+", name) or name == "<addon>":
        return True
    word = pattern(name)
    if name.startswith("_") or (name.isupper() and len(name) > 3):
        wanted = rf"^ *def {word}\(|^ *{word}(?:, \w+)* = "
    elif name.startswith("service.quality."):
        wanted = rf'_name = "{word}"'
    elif "_" in name:
        wanted = rf"\b{word}\b"
    else:
        return True
    return any(re.search(wanted, texts().get(file, ""), re.MULTILINE) for file in files)


def not_there(text):
    """Return the names between backticks that lead to nothing.

    A method has to be in a file that is named beside it, in the same row or paragraph,
    and anywhere in the addons where there is none.
    """
    missing = []
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for part in re.split(r"\n\n|\n(?=[|\d])", text):
        names = re.findall(r"`([^`]+)`", part)
        paths = [name for name in names if is_path(name)]
        missing += [name for name in paths if not files_of(name)]
        beside = [file for name in paths for file in files_of(name)]
        files = [file for file in beside if file in texts()] or list(texts())
        for name in set(names).difference(paths):
            is_method = name.startswith("_") and name != "_inherit"
            if not is_there(name, files if is_method else texts()):
                missing.append(name)
    return missing


def test_the_picture_is_that_of_the_manifests(root):
    tool = runpy.run_path(str(root / "script/lib/family.py"))
    text = (root / "docs/architecture.md").read_text()
    found = re.search(r"<!-- family -->\n\n```\n(.*)\n```", text, re.DOTALL)
    assert found[1] == tool["tree"]()


def test_what_it_names_is_there(root):
    """Where a newcomer is sent, there is something."""
    text = (root / "docs/architecture.md").read_text()
    assert len(re.findall(r"`[^`]+`", text)) > 100
    assert not not_there(text)


@pytest.mark.parametrize(
    "text",
    [
        "in `service_quality_core/models/service_quality_gone.py`",
        "in `fold.py`",
        "in `<addon>/models/service_quality_gone.py`",
        "extend `_gone`",
        "extend `_do_gone_<code>`",
        "extend `_dispositions` in `service_quality_core/tools/fold.py`",
        "set `GONE_FOR_GOOD`",
        "the model `service.quality.gone`",
        "the rule `helpdesk_ticket_rule_gone`",
    ],
)
def test_what_is_not_there_is_found(text):
    """The test above would see it."""
    assert not_there(f"A line.\n\n| so | {text} |")
    assert not not_there("`_judge` in `service_quality_core/tools/fold.py`")
