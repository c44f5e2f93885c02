from odoo import api, models
from odoo.fields import Domain

from .period_list import PeriodList, Row

CAUSES = ("service_cause_id", "closed_date")
CATEGORIES = ("category_id", "service_opened_at")
"""What is counted of tickets, and the moment that decides when."""

MOST = 80
"""So many signs of a text stand in a list."""

TOP = 5
"""So many causes and categories are listed."""


class ServiceQualityPeriodList(models.AbstractModel):
    """Tells a period by lists: each addon adds those of its own records.

    It stands here, below all of them, so that an addon may tell what it has without
    knowing of reports, and reports may print what there is without knowing of whom.
    Who asks for it does so as superuser, for everybody who reads the report: a row
    names the ticket that it is about, and is left out where that one is kept from some.
    """

    _name = "service.quality.period.list"
    _description = "Lists of a Period"

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _lists(self, about):
        """Return the lists of a period; addons add theirs.

        :param about: :class:`~.period_list.About`
        :return: list of :class:`~.period_list.PeriodList`, in the language of the
            context
        """
        lists = [self._list_of_causes(about), self._list_of_categories(about)]
        if about.scope == "company":
            lists.append(self._list_of_rectifications(about))
        return lists

    @api.model
    def _measures(self, about):
        """Return what was decided to improve the service; addons add theirs.

        :param about: :class:`~.period_list.About`
        :return: list of :class:`~.period_list.Measure`, as they stand now
        """
        return []

    @api.model
    def _untold(self, records):
        """Return the records whose own text says what is done about them.

        An addon leaves out those whose measures it tells itself.
        """
        return records

    @api.model
    def _story(self, ticket):
        """Return what is known of a ticket, as an event is told; addons add to it.

        :return: list of (label, text), without what is not known
        """
        _, company = self.env._, ticket.company_id
        facts = [
            (_("Ticket"), ticket.number),
            (_("Subject"), ticket.name),
            (_("Customer"), ticket.commercial_partner_id.name),
            (_("Category"), ticket.category_id.display_name),
            (_("Reported"), self._moment(company, ticket.service_opened_at)),
            (_("Cause"), ticket.service_cause_id.name),
            (_("Work done"), ticket.service_work_done),
            (_("Solution"), ticket.service_solution_id.name),
        ]
        return [(label, text) for label, text in facts if text]

    # ------------------------------------------------------------------
    # Causes and categories
    # ------------------------------------------------------------------

    @api.model
    def _list_of_causes(self, about):
        _ = self.env._
        return self._ranked(
            about,
            "causes",
            100,
            _("Most frequent causes"),
            _("Cause"),
            CAUSES,
            _("No cause was entered in the period."),
        )

    @api.model
    def _list_of_categories(self, about):
        _ = self.env._
        return self._ranked(
            about,
            "categories",
            110,
            _("Most frequent categories"),
            _("Category"),
            CATEGORIES,
            _("No ticket of a category was opened in the period."),
        )

    @api.model
    def _ranked(self, about, code, rank, title, head, names, empty):
        """Return the list of what was most frequent, beside its rank the period before.

        :param names: of the field that is counted, and of the moment that decides
        """
        counts, before = (
            self._count_tickets(one, *names)
            for one in (about, about.of(about.period.previous()))
        )
        places, last = _places(counts), _places(before)
        rows = [
            Row((place, record.display_name, counts[record], last.get(record, "–")))
            for record, place in places.items()
            if place <= TOP
        ]
        heads = (
            self.env._("Rank"),
            head,
            self.env._("Tickets"),
            self.env._("Rank the period before"),
        )
        return PeriodList(code, rank, title, heads, rows, empty, numbers=(2, 3))

    @api.model
    def _count_tickets(self, about, name, moment):
        """Return how many tickets of a period have each value of a field."""
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        return dict(
            tickets._read_group(
                self._ticket_domain(about)
                & Domain(moment, ">=", about.start)
                & Domain(moment, "<", about.end)
                & Domain(name, "!=", False)
                & Domain("stage_id.service_phase", "!=", "cancelled"),
                [name],
                ["__count"],
            )
        )

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    @api.model
    def _list_of_rectifications(self, about):
        """Return what was corrected after its end, and what was set, old and new."""
        _ = self.env._
        # all are told; each row names the ticket that hides it
        made = self.env["service.quality.rectification"].sudo()
        made = made._of_period(about.company, about.start, about.end)
        tickets = made._tickets()
        rows = [
            Row(
                (
                    " · ".join(filter(None, (one.model_name, one.record_name))),
                    one.field_label,
                    _short(one.old_text) or "–",
                    _short(one.new_text) or "–",
                    _short(one.reason) or "–",
                    one.user_id.name or "–",
                    self._moment(about.company, one.at),
                ),
                tickets.get(one, False),
            )
            for one in made
        ]
        heads = (
            _("Of"), _("Field"), _("Value before"), _("Value now"), _("Because"),
            _("By"), _("When"),
        )  # fmt: skip
        title = _("Corrections of records and settings")
        if rows:
            title = _("Corrections of records and settings: %s", len(rows))
        empty = _(
            "No record was corrected after it had ended, and no setting was changed."
        )
        return PeriodList("rectifications", 172, title, heads, rows, empty)

    # ------------------------------------------------------------------
    # For those that add lists
    # ------------------------------------------------------------------

    @api.model
    def _ticket_domain(self, about, path=""):
        """Return the domain of what is of the tickets of a scope.

        :param path: of the ticket, ending with a dot; none for tickets themselves
        """
        domain = Domain(f"{path}company_id", "=", about.company.id)
        if about.scope == "department":
            domain &= Domain(f"{path}team_id", "=", about.record.id)
        elif about.scope == "project":
            clocks = Domain("agreement_id.project_id", "=", about.record.id)
            domain &= Domain(f"{path}service_clock_ids", "any", clocks)
        return domain

    @api.model
    def _moment(self, company, moment):
        """Return a moment as a text, on the company's wall."""
        if not moment:
            return ""
        return f"{company._service_time(moment):%Y-%m-%d %H:%M}"

    @api.model
    def _label(self, record, name):
        """Return what a selection of a record says, in the language of the context."""
        labels = dict(record._fields[name]._description_selection(self.env))
        return labels.get(record[name], "")


def _short(text):
    """Return the beginning of a text on one line.

    >>> _short("a  b"), len(_short("long " * 99))
    ('a b', 80)
    """
    text = " ".join((text or "").split())
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def _places(counts):
    """Return the rank of each record by how often it was counted; equals share one."""
    ordered = sorted(counts.values(), reverse=True)
    return {
        record: ordered.index(count) + 1
        for record, count in sorted(
            counts.items(), key=lambda item: (-item[1], item[0].display_name)
        )
    }
