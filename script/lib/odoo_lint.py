"""Run Odoo with its test_lint turned on our addons alone.

usage: odoo_lint.py ADDON,ADDON... ODOO ARGUMENTS

test_lint looks at every addon it can find.  Here it finds ours; the checks that
walk through the registry instead report only what ours define.
"""

import contextlib
import functools
import subprocess
import sys
import types

import odoo.cli
from odoo.modules import Manifest

FIRST_KEY = """
    SELECT 1
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE i.indrelid = %s::regclass AND a.attname = %s AND i.indpred IS NULL
"""


def narrow(addons):
    """Make the checks, just before they run, see our addons only."""
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name
    from odoo.tools import config

    from odoo.addons.test_lint.tests import (
        lint_case,
        test_eslint,
        test_index,
        test_pofile,
        test_pylint,
    )

    manifests = [Manifest.for_addon(name) for name in addons]
    Manifest.all_addon_manifests = staticmethod(lambda: manifests)
    for module in (test_eslint, test_pofile):
        module.get_modules = lambda: list(addons)

    # checks of method signatures and names: one sub-test per module
    sub_test = lint_case.LintCase.subTest

    def our_sub_test(self, msg=None, **params):
        if params.get("module", addons[0]) not in addons:
            return contextlib.suppress(Exception)
        return sub_test(self, msg, **params)

    lint_case.LintCase.subTest = our_sub_test

    # indexes: a set of fields to ignore, which holds everybody else's, and ours that
    # are the first key of an index of several
    class Ignored(set):
        def __contains__(self, name):
            model, field = name.rsplit(".", 1)
            registry = Registry(get_db_name())
            if registry[model]._fields[field]._module not in addons:
                return True
            with registry.cursor() as cr:
                cr.execute(FIRST_KEY, [registry[model]._table, field])
                return bool(cr.rowcount)

    test_index.BTREE_INDEX_IGNORE_FIELDS = Ignored()

    # pylint would be told to check the framework as well
    def run(command, **options):
        command = [argument for argument in command if argument != config.root_path]
        return subprocess.run(command, **options)

    test_pylint.subprocess = types.SimpleNamespace(run=run)


def main():
    import odoo.tests.loader as loader

    addons = sys.argv.pop(1).split(",")
    make_suite = loader.make_suite
    once = functools.cache(narrow)

    def narrow_and_make_suite(*args, **kwargs):
        once(tuple(addons))
        return make_suite(*args, **kwargs)

    loader.make_suite = narrow_and_make_suite
    sys.argv[0] = "odoo"
    odoo.cli.main()


if __name__ == "__main__":
    main()
