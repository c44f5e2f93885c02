"""The picture of the family in the documentation is the one of the manifests."""

import re
import runpy

import pytest

pytestmark = pytest.mark.plain


def test_the_picture_is_that_of_the_manifests(root):
    tool = runpy.run_path(str(root / "script/lib/family.py"))
    text = (root / "docs/architecture.md").read_text()
    found = re.search(r"<!-- family -->\n\n```\n(.*)\n```", text, re.DOTALL)
    assert found[1] == tool["tree"]()


def test_every_file_that_it_names_is_there(root):
    """Where a newcomer is sent, there is something."""
    text = (root / "docs/architecture.md").read_text()
    named = set(re.findall(r"`((?:service_quality\w*/)[\w./]+\.(?:py|xml|csv))`", text))
    assert len(named) > 5
    assert not [name for name in named if not (root / "addons" / name).exists()]
