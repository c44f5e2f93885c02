"""Holds what one counting is of: company, period, and source tables."""

from collections import namedtuple
from typing import NamedTuple

from odoo.tools import SQL

from .past_ledger import OWN_TABLES


class Scope(NamedTuple):
    """Says what a figure of a scope is of: a record of a model."""

    label: str
    column: str
    """The column of the counted rows that has the record."""
    model: str


SCOPES = {
    "company": Scope("Company", "company_id", "res.company"),
    "department": Scope("Department", "team_id", "helpdesk.ticket.team"),
    "project": Scope("Service project", "project_id", "service.quality.project"),
    "agreement": Scope("Agreement", "agreement_id", "service.quality.agreement"),
    "customer": Scope("Customer", "partner_id", "res.partner"),
    "category": Scope("Category", "category_id", "helpdesk.ticket.category"),
    "process": Scope("Process", "process_id", "helpdesk.ticket.type"),
    "engineer": Scope("Engineer", "user_id", "res.users"),
    "target": Scope("Service target", "target_id", "service.quality.target"),
}

SCOPE_NAMES = [(code, scope.label) for code, scope in SCOPES.items()]
"""The scopes as a selection."""

ALL_SCOPES = tuple(SCOPES)

LABELS = tuple(scope.column for scope in SCOPES.values())
"""The columns of a counted row that say what it is of."""


def columns_of(scopes):
    """Return the columns of the scopes' records; the whole company has none."""
    return [SCOPES[scope].column for scope in scopes if scope != "company"]


class CountingContext(
    namedtuple(
        "CountingContext",
        "company start cut past excluded_until period known_at today columns",
    )
):
    """Says of which company, period and tables an indicator's rows are counted.

    :param company: record
    :param start: first instant of the period, naive UTC
    :param cut: what came at or after this instant is not counted: the end of the
        period, or now where it is not over
    :param past: :class:`~.past_ledger.PastLedger`, or None for the ledger as it is
    :param excluded_until: approvals of exclusions up to then, None for all
    :param period: :class:`~..tools.period.Period`, for what has a date and no time
    :param known_at: what was entered later is not counted
    :param today: the date of the cut in the zone of the period
    :param columns: set of the labels that are asked for, the others may be left out
    """

    __slots__ = ()

    def table(self, name):
        """Return a projection as a table: clock, span, or ticket.

        In the past, tickets that have gone on since are read from their folds.
        """
        if self.past is None:
            return SQL.identifier(OWN_TABLES[name])
        return self.past.table(name)

    def known(self, alias):
        """Return the condition that a row of the ledger counts, TRUE for all."""
        return SQL("TRUE") if self.past is None else self.past.known(alias)
