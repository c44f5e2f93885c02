"""Defines the evidence of an obligation, and the window that it is looked for in."""

from collections import namedtuple
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain

Evidence = namedtuple(
    "Evidence",
    "model done due candidates late open lost day also proofs note",
    defaults=(None, *[Domain.FALSE] * 4, None, None, (), None),
)
"""What proves an obligation in a window, as domains over one model.

``model`` is its name. ``done`` finds the cases that were done; ``due`` all cases that
there are, each of which has to be done, or is None where a number is asked for.
``candidates`` finds what would count towards that number once it is finished.

Of what was done, ``late`` finds what was done after its time, and ``day`` names the
field that says when, or is the date. Of what was not done, ``open`` finds what still
has time, and ``lost`` what can never be done any more; the rest is overdue.

``also`` is a further :class:`Evidence` whose cases count together with these: as what
should have been made, and was not, is a case of another model. ``proofs`` are
pairs of a model and a domain: records whose documents prove what was done, where the
cases themselves have none. ``note`` says in words why nobody could do it, in the
language of the company.
"""

Document = namedtuple("Document", "record name content")
"""A file that proves what a record says: the record, a file name, and bytes."""


class Window(
    namedtuple(
        "Window",
        "company first following start end now grace since",
        defaults=[timedelta(), None],
    )
):
    """Holds the part of a period in which a regulation was in force.

    ``first`` and ``following`` are dates, the second is not in it any more; ``start``
    and ``end`` the same moments as naive UTC; ``now`` is the present less the grace,
    naive UTC: what was due later is not late yet. ``grace`` is that time. ``since`` is
    the first day on which the regulation, in any version, was in force there.
    """

    __slots__ = ()

    def closes(self):
        """Return the first moment, naive UTC, when it is late for all of it."""
        return self.end + self.grace

    def has_just_begun(self):
        """Return True in the first month of a regulation, or in its longer grace.

        What a company finds undone when it begins is done then, and not overdue.
        """
        if not self.since:
            return False
        today = self.company._service_day(self.now + self.grace)
        month = self.since + relativedelta(months=1)
        return today < max(month, self.since + self.grace)

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


def these(records):
    """Return the domain of some records."""
    return Domain("id", "in", records.ids)


def done_late(records, done_at, due_at, window):
    """Return the records that were done after they were due, and the grace.

    Two fields of one record are not compared in a domain. These are few.

    :param done_at: the name of a field with a date or a moment
    :param due_at: likewise; a date is due until its end in the company
    """
    company = window.company

    def is_late(record):
        done, due = record[done_at], record[due_at]
        if not done or not due:
            return False
        if isinstance(due, datetime):
            return done > due + window.grace
        day = company._service_day(done) if isinstance(done, datetime) else done
        return day > due + window.grace

    return records.filtered(is_late)


def attached(record, files):
    """Yield the documents of a record that are attachments."""
    for file in files:
        yield Document(record, file.name, file.raw or b"")
