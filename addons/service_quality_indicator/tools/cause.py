"""Tells which figures are beyond their goals by the same cause."""

from typing import NamedTuple


class Place(NamedTuple):
    """Says what of the service a figure tells."""

    period: tuple
    formula: str | int
    """What counts its rows, or the indicator that is measured."""
    metric: str
    """The promise that is counted; empty for all of them."""
    kind: str
    """By whom it is promised; empty for all."""
    scope: str
    scope_id: int
    agreement: int | bool
    project: int | bool


def same_cause(one, other):
    """Return True if the cases of one figure stand in the other one, too.

    >>> march = (1, "month", "2026-03-01")
    >>> every = Place(march, "attainment", "", "", "company", 1, False, False)
    >>> response = every._replace(metric="first_response", kind="sla")
    >>> target = response._replace(scope="target", scope_id=7, agreement=3, project=2)
    >>> same_cause(every, response), same_cause(target, every)
    (True, True)
    >>> same_cause(response, response._replace(metric="resolution"))
    False
    >>> same_cause(target, target._replace(scope_id=8))
    False
    >>> same_cause(target, target._replace(scope="agreement", scope_id=3))
    True
    """
    return (
        one.period == other.period
        and one.formula == other.formula
        and _alike(one.metric, other.metric)
        and _alike(one.kind, other.kind)
        and (_holds(one, other) or _holds(other, one))
    )


def _alike(one, other):
    return not one or not other or one == other


def _holds(outer, inner):
    """Return True if the outer scope has all that the inner one has."""
    if outer.scope == "company":
        return True
    if (outer.scope, outer.scope_id) == (inner.scope, inner.scope_id):
        return True
    within = {
        "project": ("agreement", "target"),
        "agreement": ("target",),
    }.get(outer.scope, ())
    belongs = {"project": inner.project, "agreement": inner.agreement}
    return inner.scope in within and belongs[outer.scope] == outer.scope_id
