"""Defines the evidence of an obligation, and the window that it is looked for in."""

from collections import namedtuple

from odoo.fields import Domain

Evidence = namedtuple(
    "Evidence", "model done due candidates", defaults=(None, Domain.FALSE)
)
"""What proves an obligation in a window.

``model`` is the name of a model. ``done`` is a domain of what was done; ``due`` of all
that fell due and has to be in ``done``, None where a number is asked for.
``candidates`` is a domain of what would count towards that number once it is finished.
"""

Document = namedtuple("Document", "record name content")
"""A file that proves what a record says: the record, a file name, and bytes."""


class Window(namedtuple("Window", "company first following start end now")):
    """Holds the part of a period in which a regulation was in force.

    ``first`` and ``following`` are dates, the second is not in it any more; ``start``
    and ``end`` the same moments as naive UTC; ``now`` is the present less the grace,
    naive UTC: what was due later is not late yet.
    """

    __slots__ = ()

    def today(self):
        """Return the day of ``now`` in the company."""
        return self.company._service_day(self.now)


def within(name, window):
    """Return the domain of records whose datetime lies in a window."""
    return Domain(name, ">=", window.start) & Domain(name, "<", window.end)


def on_days(name, window):
    """Return the domain of records whose date lies in a window."""
    return Domain(name, ">=", window.first) & Domain(name, "<", window.following)


def of_company(window, name="company_id"):
    """Return the domain of a company's records."""
    return Domain(name, "=", window.company.id)


def attached(record, files):
    """Yield the documents of a record that are attachments."""
    for file in files:
        yield Document(record, file.name, file.raw or b"")
