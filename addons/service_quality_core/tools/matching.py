"""Finds which target applies to a ticket, and why.

A target is compared with the attributes that the ledger holds of the ticket, never
with the ticket itself, so that a replay years later finds the same one. Candidates
stand in one total order; the first that fits and was in force wins.
"""

from collections import namedtuple

Attributes = namedtuple(
    "Attributes",
    "company customer contact team category_path process priority severity",
)
"""What matching reads of a ticket: ids, None where there is none.

``category_path`` holds the ids from the root to the ticket's category; ``customer``
is the commercial partner. ``severity`` is set on complaints only.
"""

Target = namedtuple(
    "Target",
    "id agreement kind metric rule seconds calendar pause_on on_reopen "
    "warning_seconds company customers suppliers teams categories category team "
    "process priority severity agreement_rank rank terms",
)
"""A target as matching and folding need it; conditions are None where any will do.

``rule`` is the :class:`~.metrics.Metric`, what starts and stops its clock.
``customers``, ``suppliers``, ``teams`` and ``categories`` are frozensets of ids of the
agreement, empty where any will do; ``calendar`` is None for 24 × 7.
``terms`` are the entries ``(number, start, end)`` of the register of validity, oldest
first, in epoch seconds UTC; of an agreement also the ids of the contacts that it named
then, a frozenset. ``customers`` and ``suppliers`` hold all that it ever named.
"""

Explanation = namedtuple("Explanation", "target reason")
"""One line of an explanation: a target and the first condition that ruled it out, or
None for the one that was chosen, or ``"outranked"``."""


def terms_in_force(target, watermark):
    """Return the terms of the target as they were known at a watermark, oldest first.

    Signing, amending and ending enter a numbered term each. A row of the ledger holds
    the highest number that was known when it was written, so that what is signed
    later with an earlier date does not change what was decided before.

    What is known later of the same beginning replaces what was known before. A house
    rule that is archived and comes into force again has two: else that would free
    tickets which came in before.

    >>> class T: terms = [(3, 0, None), (7, 0, 500), (9, 600, None)]
    >>> terms_in_force(T, 2), terms_in_force(T, 5), terms_in_force(T, 8)
    ([], [(0, None)], [(0, 500)])
    >>> terms_in_force(T, 9)
    [(0, 500), (600, None)]
    """
    found = {}
    for number, *term in target.terms:
        if number > watermark:
            break
        found[term[0]] = tuple(term)
    return list(found.values())


def is_later(target, known):
    """Return True if nothing of a target's agreement was signed at a watermark.

    House rules are made for what comes in afterwards; no day is entered for one.

    >>> class T: kind, terms = "sla", [(3, 0, None), (7, 0, 500)]
    >>> is_later(T, 2), is_later(T, 3), is_later(T, None)
    (True, False, False)
    """
    return known is not None and target.kind != "house" and target.terms[0][0] > known


def keeps(held, later):
    """Return True if a ticket stays under a target though another was signed later.

    An agreement keeps its tickets. A house rule keeps them where the agreement that is
    dated back promises less, or something that cannot be compared: more time, other
    hours, pauses that the rule does not know, or another way when it is reopened.

    >>> class House: kind, seconds, calendar, pause_on = "house", 60, None, frozenset()
    >>> House.on_reopen = "restart"
    >>> class Strict(House): kind, seconds = "sla", 30
    >>> class Soft(Strict): seconds = 90
    >>> class Working(Strict): calendar = 1
    >>> class Paused(Strict): pause_on = frozenset({"waiting_customer"})
    >>> [keeps(House, later) for later in (Strict, Soft, Working, Paused)]
    [False, True, True, True]
    >>> keeps(Soft, Strict)
    True
    """
    if held.kind != "house":
        return True
    return not (
        later.seconds <= held.seconds
        and later.calendar in (held.calendar, None)
        and later.pause_on <= held.pause_on
        and later.on_reopen == held.on_reopen
    )


def names(target, term, attributes, party=None):
    """Return True if an agreement named the customer or supplier in a term of it.

    A contact that was merged into another is named by another id from then on; what
    was matched before stays with the contact of then.
    """
    partners = term[2] if len(term) > 2 else None
    if not partners or target.kind == "ola":
        return True
    if target.kind == "uc":
        return party in partners
    return attributes.customer in partners or attributes.contact in partners


def mismatch(target, attributes):
    """Name the first condition of the target that the attributes do not meet.

    An empty condition fits everything, also a ticket without that attribute; a set
    condition never fits a ticket without it.

    :return: the condition's name, or None when all are met
    """
    if target.company != attributes.company:
        return "company"
    if target.kind in ("sla", "house") and target.customers:
        if not (
            attributes.customer in target.customers
            or attributes.contact in target.customers
        ):
            return "customer"
    # of an agreement between teams they are those whose time is measured
    if target.kind != "ola" and target.teams and attributes.team not in target.teams:
        return "team"
    path = attributes.category_path
    if target.categories and target.categories.isdisjoint(path):
        return "category"
    if target.category is not None and target.category not in path:
        return "category"
    for condition in ("team", "process", "priority", "severity"):
        wanted = getattr(target, condition)
        if wanted is not None and wanted != getattr(attributes, condition):
            return condition
    return None


def rank(target, attributes):
    """Return the sort key of the total order; the smallest key is chosen.

    Contact before commercial partner before no customer at all; deeper category
    before shallower before none; then team, process, severity and priority where
    they are set; then the agreement's sequence, the later start, the target's
    sequence and id. House rules come after every agreement.
    """
    if attributes.contact in target.customers and (
        attributes.contact != attributes.customer
    ):
        customer = 0
    else:
        customer = 1 if target.customers else 2
    return (
        target.kind == "house",
        customer,
        -_depth(target, attributes.category_path),
        target.team is None and not target.teams,
        target.process is None,
        target.severity is None,
        target.priority is None,
        *target.agreement_rank,
        *target.rank,
    )


def _depth(target, path):
    """Return how deep the category lies by which the target fits, 0 without one.

    It is read from the ticket's own path, which the ledger keeps, so that moving
    categories about changes nothing that was decided.
    """
    if target.category is not None:
        return path.index(target.category) + 1 if target.category in path else 0
    found = [place for place, one in enumerate(path, 1) if one in target.categories]
    return found[-1] if found else 0


def explain(targets, attributes, opened, watermark, party=None, known=None):
    """List why each target was chosen, outranked or ruled out, best first.

    :param targets: the targets of one kind, metric and holder
    :param opened: when the ticket was opened, epoch seconds UTC
    :param known: the watermark when the ticket came in, as for :meth:`Matcher.match`
    :return: a list of :class:`Explanation`
    """
    steps = _explain(targets, attributes, opened, watermark, party)
    if not (steps and steps[0].reason is None and is_later(steps[0].target, known)):
        return steps
    held = _explain(targets, attributes, opened, known, party)[:1]
    if held[0].reason is not None or not keeps(held[0].target, steps[0].target):
        return steps
    return held + [
        step._replace(reason="later")
        if step.reason in (None, "outranked") and is_later(step.target, known)
        else step
        for step in steps
        if step.target is not held[0].target
    ]


def _explain(targets, attributes, opened, watermark, party):
    fitting, refused = [], []
    for target in targets:
        reason = mismatch(target, attributes)
        if reason is None:
            terms = terms_in_force(target, watermark)
            terms = [term for term in terms if _within(term, opened)]
            if not terms:
                reason = "period"
            elif not any(names(target, term, attributes, party) for term in terms):
                reason = "customer"
        (refused if reason else fitting).append(Explanation(target, reason))
    fitting.sort(key=lambda explanation: rank(explanation.target, attributes))
    fitting[1:] = [
        Explanation(explanation.target, "outranked") for explanation in fitting[1:]
    ]
    return fitting + refused


def _within(term, opened):
    start, end = term[:2]
    return start <= opened and (end is None or opened < end)


class Matcher:
    """Finds the target of each slot, remembering the order for equal attributes.

    :param targets: all the :class:`Target` of one database, any order
    :param passed_over: ids of targets whose metric is not known any more, as its addon
        is gone; their clocks stay as they are stored
    """

    REMEMBERED = 10_000

    def __init__(self, targets, passed_over=()):
        self.passed_over = frozenset(passed_over)
        self.by_id = {target.id: target for target in targets}
        self._customer = [t for t in targets if t.kind in ("sla", "house")]
        self._ola = [t for t in targets if t.kind == "ola"]
        self._uc = [t for t in targets if t.kind == "uc"]
        # a database with a thousand customers looks at those of one only
        self._by_customer = {None: []}
        for target in self._customer:
            for customer in target.customers or (None,):
                self._by_customer.setdefault(customer, []).append(target)
        self._known = {}

    def match(self, attributes, opened, watermark, team=None, party=None, known=None):
        """Choose one target per slot.

        Promises to customers fill the slot ``("customer", metric, 0)``, house rules
        coming last; a team that holds the ticket fills ``("ola", metric, team)``, a
        supplier it waits for ``("uc", metric, supplier)``.

        What is signed after a ticket has come in, dated back, takes it from no
        agreement under which it was: else a softer one could stop a clock that runs.
        A house rule keeps it from what promises less, see :func:`keeps`.

        :param known: the watermark when the ticket came in
        :return: dict of slot to :class:`Target`
        """
        result = self._match(attributes, opened, watermark, team, party)
        later = [slot for slot, target in result.items() if is_later(target, known)]
        if later:
            held = self._match(attributes, opened, known, team, party)
            for slot in later:
                if slot in held and keeps(held[slot], result[slot]):
                    result[slot] = held[slot]
        return result

    def _match(self, attributes, opened, watermark, team, party):
        result = {}
        for slot, target, term in self._ordered(attributes, watermark, team, party):
            if slot not in result and _within(term, opened):
                result[slot] = target
        return result

    def candidates(self, slot):
        """Return the targets that compete for a slot, whether they fit or not."""
        kind, metric, holder = slot
        if kind == "ola":
            pool = [t for t in self._ola if holder in t.teams]
        elif kind == "uc":
            pool = [t for t in self._uc if holder in t.suppliers]
        else:
            pool = self._customer
        return [target for target in pool if target.metric == metric]

    def _ordered(self, attributes, watermark, team, party):
        """Return ``(slot, target, term)`` of what fits, in the total order."""
        key = (attributes, watermark, team, party)
        found = self._known.get(key)
        if found is None:
            known = self._by_customer
            pool = dict.fromkeys(known[None])
            pool.update(dict.fromkeys(known.get(attributes.customer, ())))
            pool.update(dict.fromkeys(known.get(attributes.contact, ())))
            pairs = [(("customer", t.metric, 0), t) for t in pool]
            if team is not None:
                pairs += [
                    (("ola", t.metric, team), t) for t in self._ola if team in t.teams
                ]
            if party is not None:
                pairs += [
                    (("uc", t.metric, party), t)
                    for t in self._uc
                    if party in t.suppliers
                ]
            found = [
                (slot, target, term)
                for slot, target in pairs
                if mismatch(target, attributes) is None
                for term in terms_in_force(target, watermark)
                if names(target, term, attributes, party)
            ]
            found.sort(key=lambda entry: rank(entry[1], attributes))
            if len(self._known) >= self.REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found
