"""One total order among targets, whatever the order in which they are read."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_quality_core.tools.matching import (
    Attributes,
    Matcher,
    Target,
    explain,
    mismatch,
    rank,
)

pytestmark = pytest.mark.plain

OPENED = 500


def make_target(number, **values):
    """Return a target without conditions, in force for ever."""
    empty = {name: None for name in Target._fields} | {
        "id": number,
        "agreement": number,
        "kind": "sla",
        "metric": "resolution",
        "seconds": 3600,
        "pause_on": frozenset(),
        "company": 1,
        "customers": frozenset(),
        "suppliers": frozenset(),
        "teams": frozenset(),
        "categories": frozenset(),
        "agreement_rank": (10, 0),
        "rank": (10, number),
        "terms": ((1, 0, None),),
    }
    return Target(**(empty | values))


def make_attributes(**values):
    """Return a ticket of contact 11 at customer 1, category 2 below 1, and so on."""
    usual = {
        "company": 1,
        "customer": 1,
        "contact": 11,
        "team": 5,
        "category_path": (1, 2),
        "process": 6,
        "priority": "3",
        "severity": None,
    }
    return Attributes(**(usual | values))


CONDITIONS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["sla", "sla", "house"]),
        "company": st.sampled_from([1, 1, 1, 2]),
        "customers": st.sampled_from([(), (1,), (11,), (1, 2), (2,)]).map(frozenset),
        "teams": st.sampled_from([(), (), (5,), (6,)]).map(frozenset),
        "category": st.sampled_from([None, None, 1, 2, 3]),
        "team": st.sampled_from([None, None, 5, 6]),
        "process": st.sampled_from([None, None, 6, 7]),
        "priority": st.sampled_from([None, None, "3", "1"]),
        "agreement_rank": st.tuples(st.sampled_from([1, 10]), st.sampled_from([0, -5])),
        "terms": st.sampled_from(
            [((1, 0, None),), ((1, 0, 400),), ((9, 0, None),), ()]
        ),
    }
)


def drawn_targets(drawn):
    """Return targets from drawn conditions; house rules have no customers."""
    return [
        make_target(
            number,
            **values
            | ({"customers": frozenset()} if values["kind"] == "house" else {}),
        )
        for number, values in enumerate(drawn, start=1)
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(CONDITIONS, max_size=12), st.randoms(use_true_random=False))
def test_order_of_reading_is_of_no_matter(drawn, rng):
    """SLA case 17: there is one winner, and the explanation names the same."""
    targets = drawn_targets(drawn)
    attributes = make_attributes()
    found = Matcher(targets).match(attributes, OPENED, watermark=5)
    rng.shuffle(targets)
    assert Matcher(targets).match(attributes, OPENED, watermark=5) == found
    steps = explain(targets, attributes, OPENED, 5)
    chosen = [step.target for step in steps if step.reason is None]
    assert chosen == list(found.values())
    assert len(steps) == len(targets)


@settings(max_examples=300, deadline=None)
@given(st.lists(CONDITIONS, max_size=12))
def test_only_what_fits_and_is_in_force_wins(drawn):
    """SLA case 17: no condition, company or period is ever overlooked."""
    attributes = make_attributes()
    for target in Matcher(drawn_targets(drawn)).match(attributes, OPENED, 5).values():
        assert mismatch(target, attributes) is None
        assert target.terms == ((1, 0, None),)
        assert target.company == attributes.company


def test_total_order():
    """SLA case 17: contact, customer, category, team, process, severity, priority."""
    customer = {"customers": frozenset({1})}
    order = [
        make_target(9, customers=frozenset({11})),
        make_target(8, **customer, category=2),
        make_target(7, **customer, category=1),
        make_target(6, **customer, team=5),
        make_target(5, **customer, process=6),
        make_target(4, **customer, severity="minor"),
        make_target(3, **customer, priority="3"),
        make_target(20, **customer, agreement_rank=(1, 0)),
        make_target(21, **customer, agreement_rank=(10, -7)),
        make_target(22, **customer, rank=(1, 22)),
        make_target(23, **customer),
        make_target(24, **customer),
        make_target(2, priority="3"),
        make_target(25),
        make_target(1, kind="house", category=2, team=5),
        make_target(0, kind="house"),
    ]
    attributes = make_attributes(severity="minor")
    for before, after in pairwise(order):
        assert rank(before, attributes) < rank(after, attributes), (before, after)
    shuffled = list(order)
    random.Random(3).shuffle(shuffled)  # noqa: S311
    assert [step.target for step in explain(shuffled, attributes, 0, 5)] == order


def test_set_condition_never_fits_a_ticket_without_it():
    """SLA case 17: a condition on what a ticket does not have rules it out."""
    empty = Attributes(1, None, None, None, (), None, None, None)
    for condition in (
        {"customers": frozenset({1})},
        {"teams": frozenset({5})},
        {"categories": frozenset({1})},
        {"category": 1},
        {"team": 5},
        {"process": 6},
        {"priority": "3"},
        {"severity": "minor"},
    ):
        assert mismatch(make_target(1, **condition), empty) is not None, condition
    assert mismatch(make_target(1), empty) is None


def test_companies_never_share_a_target():
    """SLA case 17: another company's promise is never a candidate that fits."""
    foreign = make_target(1, company=2)
    matcher = Matcher([foreign, make_target(2, company=2, kind="house")])
    assert matcher.match(make_attributes(), OPENED, 5) == {}
    assert mismatch(foreign, make_attributes()) == "company"


def test_supplier_contract_for_some_teams():
    """An underpinning contract that names teams holds for their tickets only."""
    contract = make_target(
        1, kind="uc", suppliers=frozenset({20}), teams=frozenset({6})
    )
    matcher = Matcher([contract])
    assert matcher.match(make_attributes(), OPENED, 5, 5, 20) == {}
    found = matcher.match(make_attributes(team=6), OPENED, 5, 6, 20)
    assert found == {("uc", "resolution", 20): contract}


def test_deeper_category_of_the_ticket_decides():
    """SLA case 17: how deep another category of the agreement lies says nothing."""
    wide = make_target(1, categories=frozenset({1, 30}))
    exact = make_target(2, category=2)
    found = Matcher([wide, exact]).match(make_attributes(), OPENED, 5)
    assert list(found.values()) == [exact]


def test_term_as_it_was_known():
    """SLA case 16: what was signed or ended later does not change what was matched."""
    target = make_target(1, terms=((3, 0, None), (7, 0, 400)))
    matcher = Matcher([target])
    assert matcher.match(make_attributes(), OPENED, watermark=2) == {}
    assert matcher.match(make_attributes(), OPENED, watermark=3)
    assert matcher.match(make_attributes(), OPENED, watermark=6)
    assert matcher.match(make_attributes(), OPENED, watermark=7) == {}
    assert matcher.match(make_attributes(), 399, watermark=7)


def test_what_is_signed_later_takes_no_ticket_from_another():
    """It holds where no agreement did, and for what comes in afterwards."""
    held = make_target(1, terms=((3, 0, None), (8, 0, 400)))
    softer = make_target(2, customers=frozenset({1}), terms=((7, 0, None),))
    house = make_target(3, kind="house", agreement=None)
    ticket, found = make_attributes(), [softer, held, house]

    def matched(*targets, known):
        [one] = Matcher(targets).match(ticket, OPENED, 8, known=known).values()
        assert explain(targets, ticket, OPENED, 8, None, known)[0].target is one
        return one

    assert matched(*found, known=3) is held
    assert matched(*found, known=7) is softer
    assert matched(softer, house, known=3) is softer
    assert matched(house, softer, known=None) is softer
    reasons = [step.reason for step in explain(found, ticket, OPENED, 8, None, 3)]
    assert reasons == [None, "later", "outranked"]


def test_house_rule_keeps_its_tickets_from_what_promises_less():
    """An agreement that is dated back frees no clock of a house rule that runs."""
    house = make_target(3, kind="house", agreement=None)
    later = {"customers": frozenset({1}), "terms": ((7, 0, None),)}
    ticket = make_attributes()

    def matched(known, **values):
        found = [make_target(2, **later, **values), house]
        [one] = Matcher(found).match(ticket, OPENED, 8, known=known).values()
        steps = explain(found, ticket, OPENED, 8, None, known)
        assert steps[0].target is one
        return one, steps[-1].reason

    softer = (
        {"seconds": 7200},
        {"calendar": 4},
        {"pause_on": frozenset({"waiting_customer"})},
        {"on_reopen": "never"},
    )
    for values in softer:
        assert matched(3, **values) == (house, "later"), values
        assert matched(7, **values)[0] is not house, values
    assert matched(3, seconds=1800)[0] is not house
