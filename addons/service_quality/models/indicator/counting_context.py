"""The company, the period and the source tables of one counting."""

from collections import namedtuple

from odoo.tools import SQL

SCOPES = (
    "company", "department", "project", "agreement", "customer", "category", "process",
    "engineer", "target",
)  # fmt: skip

SCOPE_COLUMNS = {
    "department": ("team_id", "helpdesk.ticket.team"),
    "project": ("project_id", "service.quality.project"),
    "agreement": ("agreement_id", "service.quality.agreement"),
    "customer": ("partner_id", "res.partner"),
    "category": ("category_id", "helpdesk.ticket.category"),
    "process": ("process_id", "helpdesk.ticket.type"),
    "engineer": ("user_id", "res.users"),
    "target": ("target_id", "service.quality.target"),
}
"""Of each scope but the whole company: its column of the counted rows, its model."""


def columns_of(scopes):
    """Return the columns of the scopes' records; the whole company has none."""
    return [SCOPE_COLUMNS[scope][0] for scope in scopes if scope != "company"]


class CountingContext(
    namedtuple(
        "CountingContext",
        "company start cut past excluded_until period known_at today columns",
    )
):
    """The part of the world that an indicator's rows are counted in.

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
            own = "helpdesk_ticket" if name == "ticket" else f"service_quality_{name}"
            return SQL.identifier(own)
        return self.past.table(name)

    def known(self, alias):
        """Return the condition that a row of the ledger counts, TRUE for all."""
        return SQL("TRUE") if self.past is None else self.past.known(alias)
