"""Who acts with all rights says why.

Past ``sudo()`` no access rule is asked any more. So each one has its reason beside it:
a comment behind it, or on the line above.
"""

from pathlib import Path

import pytest

pytestmark = pytest.mark.plain

ADDONS = Path(__file__).resolve().parents[1] / "addons"


def without_reason(source):
    """Yield the lines of a source that take all rights and do not say why.

    >>> list(without_reason("calls = self.sudo().call_ids"))
    [1]
    >>> list(without_reason("calls = self.sudo().call_ids  # of every company"))
    []
    >>> list(without_reason("# of every company\\ncalls = self.sudo().call_ids"))
    []
    """
    above = ""
    for number, line in enumerate(source.splitlines(), start=1):
        is_said = "#" in line or above.lstrip().startswith("#")
        if ".sudo()" in line and not is_said:
            yield number
        above = line


def test_all_rights_are_taken_for_a_reason():
    """A reader knows of each sudo() why it is there."""
    wrong = [
        f"{path.relative_to(ADDONS)}:{number}"
        for path in sorted(ADDONS.glob("*/**/*.py"))
        if "tests" not in path.parts
        for number in without_reason(path.read_text())
    ]
    assert not wrong, "say why, or do without: " + ", ".join(wrong)
