"""What others read is in their language: people are asked for things in one way.

``mail.activity._service_plan`` puts the summary in words of the reader's language. An
activity that is planned by another way has its words in the language of whoever acts;
of jobs that is English.
"""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.plain

ADDONS = Path(__file__).resolve().parents[1] / "addons"

ALLOWED = {
    "service_quality_core/models/mail_activity.py": "the one way",
    "service_quality_escalation/models/service_quality_notification_mixin.py": (
        "alarms word a deadline as well, in the zone of the reader"
    ),
}
"""The sources that make activities by themselves, and why."""


def other_ways(source):
    """Yield the lines of a source at which activities are made past the one way.

    >>> list(other_ways("ticket.activity_schedule('x', user_id=1)"))
    [1]
    >>> list(other_ways("self.env['mail.activity'].sudo().create([])"))
    [1]
    >>> list(other_ways("self.env['mail.activity'].search([])"))
    []
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = ast.unparse(node.func.value)
        of_activities = "mail.activity" in owner or owner.startswith("Activity")
        if node.func.attr == "activity_schedule" or (
            node.func.attr == "create" and of_activities
        ):
            yield node.lineno


def test_people_are_asked_in_one_way():
    paths = [
        path
        for folder in ("models", "wizards", "controllers")
        for path in sorted(ADDONS.glob(f"*/{folder}/*.py"))
    ]
    found = {
        str(path.relative_to(ADDONS)): list(other_ways(path.read_text()))
        for path in paths
    }
    wrong = {name: lines for name, lines in found.items() if lines}
    assert not wrong.keys() - ALLOWED, "use mail.activity._service_plan"


def test_what_is_allowed_is_there():
    assert not [name for name in ALLOWED if not (ADDONS / name).exists()]
