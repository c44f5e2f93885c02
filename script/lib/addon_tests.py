"""pytest plugin for the part "addon": what pytest-odoo leaves open.

* A test class is run where it is defined, not again where it is imported.
* Classes tagged "browser" are left to Odoo's runner.
* An HttpCase without that tag would be skipped by both: it is an error.
"""

import pytest


def pytest_collection_modifyitems(config, items):
    from odoo.tests import HttpCase

    kept, dropped, untagged = [], [], set()
    for item in items:
        cls = getattr(item, "cls", None)
        if cls is None:
            kept.append(item)
        elif cls.__module__ != item.module.__name__:
            dropped.append(item)
        elif "browser" in getattr(cls, "test_tags", ()):
            dropped.append(item)
        elif issubclass(cls, HttpCase):
            untagged.add(f"{cls.__module__}.{cls.__name__}")
        else:
            kept.append(item)
    if untagged:
        raise pytest.UsageError(
            'HttpCase needs @tagged("post_install", "-at_install", "browser"): '
            + ", ".join(sorted(untagged))
        )
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
