"""pytest plugin: make addons/<name>/tools importable as <name>.tools, without Odoo.

The addon's own __init__.py imports its models, which only Odoo can load; an
empty package of the same name takes its place in this process.
"""

import sys
import types
from pathlib import Path

import pytest

ADDONS = Path(__file__).resolve().parents[2] / "addons"

for _manifest in ADDONS.glob("*/__manifest__.py"):
    _package = types.ModuleType(_manifest.parent.name)
    _package.__path__ = [str(_manifest.parent)]
    _package.__file__ = str(_manifest.parent / "__init__.py")
    sys.modules[_package.__name__] = _package
    # what an addon takes from the tools of another is named as Odoo finds it
    sys.modules[f"odoo.addons.{_package.__name__}"] = _package


def pytest_collection_modifyitems(items):
    for item in items:
        if isinstance(item, pytest.DoctestItem):
            item.add_marker("doctest")
