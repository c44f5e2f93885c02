"""Defines the evidence of an obligation, and the window that it is looked for in."""

from collections import namedtuple

from odoo.fields import Domain

Evidence = namedtuple(
    "Evidence",
    "model done due candidates late open lost day",
    defaults=(None, *[Domain.FALSE] * 4, None),
)
"""What proves an obligation in a window, as domains over one model.

``model`` is its name. ``done`` finds the cases that were done; ``due`` all cases that
there are, each of which has to be done, or is None where a number is asked for.
``candidates`` finds what would count towards that number once it is finished.

Of what was done, ``late`` finds what was done after its time, and ``day`` names the
field that says when. Of what was not done, ``open`` finds what still has time, and
``lost`` what can never be done any more; the rest is overdue.
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
