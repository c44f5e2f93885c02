"""Properties of the fold that hold for every history, not only for the usual ones."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_quality_core.tools.fold import fold
from service_quality_core.tools.instants import parse_epoch, to_text
from service_quality_core.tools.matching import Matcher, Target
from service_quality_core.tools.metrics import (
    CALLBACK_ENDS,
    HANDLED_PHASES,
    METRICS,
    ON_REOPEN,
    OPEN_PHASES,
    PAUSES,
)
from service_quality_core.tools.timetable import ALWAYS, Timetable
from service_quality_core.tools.track import Row

pytestmark = pytest.mark.plain
settings.register_profile("fold", max_examples=150, deadline=None)
settings.load_profile("fold")

START = 1_000_000
TEAMS, PARTIES, CUSTOMERS = (10, 11), (20, 21), (1, 2)
OFFICE = Timetable(
    [(START + day * 1000 + 100, START + day * 1000 + 500) for day in range(-2, 60)],
    START - 5_000,
    START + 60_000,
)
CLOSED = HANDLED_PHASES | {"cancelled"}


def make_target(number, kind, metric, seconds, **values):
    """Return a target in force for ever, with any condition given by name."""
    empty = {name: None for name in Target._fields} | {
        "customers": frozenset(),
        "suppliers": frozenset(),
        "teams": frozenset(),
        "categories": frozenset(),
        "agreement": number if kind != "house" else None,
        "pause_on": PAUSES["both"],
        "rule": METRICS[metric],
        "on_reopen": METRICS[metric].on_reopen,
        "warning_seconds": seconds * 8 // 10,
        "company": 1,
        "agreement_rank": (10, 0),
        "rank": (10, number),
        "terms": ((number, 0, None),),
    }
    empty.update(id=number, kind=kind, metric=metric, seconds=seconds, **values)
    return Target(**empty)


def make_targets(reopen, pause, calendar):
    """Return targets that compete with each other for every metric."""
    sla = {"customers": frozenset({1}), "calendar": calendar}
    found = []
    for number, metric in enumerate(METRICS):
        found += [
            make_target(3 * number + 1, "house", metric, 900),
            make_target(3 * number + 2, "sla", metric, 500, **sla),
            make_target(3 * number + 3, "sla", metric, 150, priority="3", **sla),
        ]
    found += [
        make_target(90, "ola", "resolution", 300, teams=frozenset(TEAMS)),
        make_target(91, "uc", "resolution", 300, suppliers=frozenset(PARTIES)),
    ]
    return [
        target._replace(
            on_reopen=reopen or target.on_reopen,
            pause_on=frozenset() if target.kind == "uc" else PAUSES[pause],
        )
        for target in found
    ]


MATCHING = st.fixed_dictionaries(
    {
        "company": st.just(1),
        "customer": st.sampled_from([*CUSTOMERS, None]),
        "contact": st.none(),
        "team": st.sampled_from([*TEAMS, None]),
        "category_path": st.just([]),
        "process": st.none(),
        "priority": st.sampled_from("13"),
        "severity": st.sampled_from([None, None, "minor"]),
        "watermark": st.just(1000),
    }
)
PHASE = st.sampled_from(sorted(OPEN_PHASES | CLOSED)).flatmap(
    lambda phase: st.fixed_dictionaries(
        {
            "phase": st.just(phase),
            "party": st.sampled_from(PARTIES)
            if phase == "waiting_third_party"
            else st.none(),
            "until": st.sampled_from([None, 0, 1, 150, 600, 5000])
            if phase.startswith("waiting_")
            else st.none(),
        }
    )
)
HOLDER = st.fixed_dictionaries(
    {"user": st.sampled_from([5, 6, None]), "team": st.sampled_from([*TEAMS, None])}
)
FACTS = (
    "responded updated arrived departed acknowledged investigating answered "
    "answer_refused complaint_closed callback_opened callback_attempted archived "
    "restored noted"
).split()
EVENT = st.one_of(
    st.tuples(st.just("phase"), PHASE),
    st.tuples(st.just("phase"), PHASE),
    st.tuples(st.just("assigned"), HOLDER),
    st.tuples(st.just("reclassified"), MATCHING),
    st.tuples(
        st.just("duplicated"),
        st.fixed_dictionaries({"of": st.sampled_from([77, None])}),
    ),
    st.tuples(st.sampled_from(FACTS), st.just({})),
    st.tuples(
        st.just("callback_ended"),
        st.fixed_dictionaries({"result": st.sampled_from(sorted(CALLBACK_ENDS))}),
    ),
    st.tuples(
        st.just("deadline_set"),
        st.fixed_dictionaries(
            {
                "metric": st.sampled_from(sorted(METRICS)),
                "after": st.sampled_from([1, 40, 400, 4000, None]),
            }
        ),
    ),
)
GAP = st.sampled_from([0, 0, 1, 30, 150, 151, 399, 500, 777, 2000])


@st.composite
def histories(draw, events=EVENT, voids=False):
    """Draw the rows of one ticket, in order and several of them in one second."""
    first = with_until(draw(PHASE), START) | draw(HOLDER) | draw(MATCHING)
    at, rows = START, [Row(1, START, "opened", first, None)]
    for gap, (kind, value) in draw(
        st.lists(st.tuples(GAP, events), min_size=1, max_size=12)
    ):
        at += gap
        if kind == "deadline_set":
            after = value["after"]
            value = {
                "metric": value["metric"],
                "deadline": after and to_text(at + after),
            }
        elif kind == "phase":
            value = with_until(value, at)
        rows.append(Row(len(rows) + 1, at, kind, value, None))
    if voids:
        for void in draw(st.lists(st.integers(2, len(rows)), max_size=4)):
            rows.append(Row(len(rows) + 1, rows[void - 1].at, "voided", {}, void))
        rows.sort(key=lambda row: (row.at, row.id))
    return rows


def with_until(value, at):
    """Return the value of a row of a phase, its end a text where it has one."""
    value = dict(value)
    after = value.pop("until")
    return value if after is None else value | {"until": to_text(at + after)}


CONDITIONS = st.tuples(
    st.sampled_from([*ON_REOPEN, None]),
    st.sampled_from(sorted(PAUSES)),
    st.sampled_from([None, 1]),
)


def timetable_of(target, *_key):
    return OFFICE if target.calendar else ALWAYS


def run(rows, targets):
    return fold(
        rows,
        Matcher(targets),
        timetable_of,
        lambda *_given: OFFICE,
    )


def by_key(folded):
    return {(clock.target.id, *clock[1:4]): clock for clock in folded.clocks}


@given(histories(voids=True), CONDITIONS)
def test_spans_have_no_gap_and_add_up_to_wall_time(rows, conditions):
    """Every second since the opening is under exactly one label."""
    spans = run(rows, make_targets(*conditions)).spans
    assert spans[0].start == rows[0].at
    assert spans[-1].end is None
    for span, following in zip(spans, spans[1:], strict=False):
        assert span.end == following.start
        assert span.start < span.end
        assert 0 <= span.open_seconds <= span.end - span.start
    wall = spans[-1].start - rows[0].at
    assert sum(span.end - span.start for span in spans[:-1]) == wall


def is_unreachable(clock, rows):
    """Return True if the clock is of a call that ended without reaching anybody."""
    return clock.target.metric == "callback" and any(
        row.kind == "callback_ended"
        and row.value.get("result") == "unreachable"
        and row.at == clock.stopped_at
        for row in rows
    )


@given(histories(voids=True), CONDITIONS)
def test_every_clock_is_consistent(rows, conditions):
    """What a clock says of itself fits together, whatever happened."""
    last = max(row.at for row in rows)
    for clock in run(rows, make_targets(*conditions)).clocks:
        end = clock.stopped_at
        if end is None:
            end = clock.running_since or max(last, clock.paused_at)
        assert 0 <= clock.elapsed <= end - clock.started_at
        assert clock.attributes is not None
        assert (clock.state in ("done", "cancelled")) == (clock.stopped_at is not None)
        assert (clock.state == "running") == (clock.running_since is not None)
        assert (clock.state == "paused") == (clock.paused_at is not None)
        assert (clock.verdict is None) == (clock.judged_at is None)
        if clock.state == "done":
            assert clock.verdict is not None
        if clock.verdict == "met":
            assert clock.state == "done"
            assert clock.judged_at == clock.stopped_at
            assert clock.deadline is None or clock.deadline >= clock.stopped_at
        if clock.verdict == "missed" and is_unreachable(clock, rows):
            # a miss, however early, that counts where it would have been missed
            assert clock.judged_at == (clock.deadline or clock.stopped_at)
        elif clock.verdict == "missed":
            assert clock.judged_at == clock.deadline
            assert clock.stopped_at is None or clock.stopped_at > clock.deadline
        if clock.state == "paused" and clock.deadline is not None:
            assert clock.deadline_set or clock.verdict == "missed"
        if clock.warning_at is not None and clock.deadline is not None:
            assert clock.warning_at <= clock.deadline


@given(histories(), CONDITIONS)
def test_a_promise_counts_once(rows, conditions):
    """Of one kind, metric, cycle and round there is at most one that counts."""
    clocks = run(rows, make_targets(*conditions)).clocks
    counts = Counter(
        (
            clock.target.kind,
            clock.target.metric,
            *clock[1:4],
        )
        for clock in clocks
        if clock.counted
    )
    assert not [key for key, number in counts.items() if number > 1]


@given(histories(), CONDITIONS)
def test_what_was_missed_stays_missed(rows, conditions):
    """SLA case 6: no later row but a voiding one takes a miss back.

    Also one that was not judged yet: a deadline that had passed when a row was written.
    """
    targets = make_targets(*conditions)
    full = by_key(run(rows, targets))
    for size in range(1, len(rows)):
        now = rows[size].at
        for key, clock in by_key(run(rows[:size], targets)).items():
            if clock.deadline is None:
                continue
            is_open = clock.state in ("running", "paused")
            if clock.verdict == "missed" or (is_open and clock.deadline < now):
                after = full[key]
                assert after.deadline == clock.deadline
                assert after.verdict == "missed" or after.state in ("running", "paused")


@given(histories(), CONDITIONS)
def test_what_was_met_stays_met_until_reopened(rows, conditions):
    """A promise that was kept is not taken back by reclassifying.

    What is changed in the very second of the opening belongs to the opening.
    """
    targets = make_targets(*conditions)
    for size in range(1, len(rows)):
        now, before = run(rows[: size + 1], targets), run(rows[:size], targets)
        if now.cycle != before.cycle or rows[size].at == START:
            continue
        after = by_key(now)
        for key, clock in by_key(before).items():
            if clock.verdict == "met":
                assert outcome(after[key]) == outcome(clock)


def outcome(clock):
    """Return a clock without what the rest of its last second may still change."""
    return clock._replace(
        attributes=None,
        user=None,
        team=None,
        deadline=None,
        deadline_set=None,
        deadline_computed=None,
    )


@given(histories(), CONDITIONS)
def test_a_final_phase_silences_every_clock(rows, conditions):
    """SLA case 5: nothing runs on a closed ticket but what is due after closing."""
    folded = run(rows, make_targets(*conditions))
    if folded.phase not in CLOSED:
        return
    running = [
        clock.target.metric
        for clock in folded.clocks
        if clock.state in ("running", "paused")
    ]
    assert not [metric for metric in running if not METRICS[metric].any_phase]


@given(histories(), CONDITIONS)
def test_each_holder_is_measured_alone(rows, conditions):
    """SLA case 18: a team's clock holds no second in which another team had it."""
    targets = [t for t in make_targets(*conditions) if t.kind in ("ola", "uc")]
    folded = run(rows, targets)
    for clock in folded.clocks:
        position = 2 if clock.target.kind == "ola" else 3
        held = sum(
            span.end - span.start
            for span in folded.spans
            if span[position] == clock.holder and span.end is not None
        )
        assert clock.elapsed <= held
        if clock.target.kind == "ola":
            assert clock.team == clock.holder
    keys = [(clock.target.id, *clock[1:4]) for clock in folded.clocks]
    assert len(set(keys)) == len(keys)


@given(histories(voids=True), CONDITIONS)
def test_rows_of_one_second_keep_their_order(rows, conditions):
    """Splitting a history anywhere and folding in batches changes nothing."""
    targets = make_targets(*conditions)
    store = Store(targets)
    for row in sorted(rows, key=lambda row: row.id):
        store.append([row])
    assert store.clocks == by_key(run(rows, targets))


@given(histories(voids=True), CONDITIONS, st.data())
def test_batches_fold_like_the_whole(rows, conditions, data):
    """Any batches of rows, in the order in which they are written, give the same."""
    targets = make_targets(*conditions)
    store, left = Store(targets), sorted(rows, key=lambda row: row.id)
    while left:
        size = data.draw(st.integers(1, len(left)))
        store.append(left[:size])
        left = left[size:]
    assert store.clocks == by_key(run(rows, targets))
    assert store.spans == run(rows, targets).spans


class Store:
    """A projection in memory: it keeps the timetable of what is over, as Odoo does."""

    def __init__(self, targets):
        self.matcher = Matcher(targets)
        self.rows, self.clocks, self.kept, self.spans = [], {}, {}, []

    def append(self, rows):
        self.rows = sorted([*self.rows, *rows], key=lambda row: (row.at, row.id))
        used = {}

        def kept_timetable(target, *key):
            key = (target.id, *key)
            used[key] = self.kept.get(key) or timetable_of(target)
            return used[key]

        folded = fold(
            self.rows,
            self.matcher,
            kept_timetable,
            lambda *_given: OFFICE,
        )
        self.clocks, self.spans = by_key(folded), folded.spans
        self.kept = {
            key: used[key]
            for key, clock in self.clocks.items()
            if clock.state in ("done", "cancelled")
        }


# ----------------------------------------------------------------------
# An oracle: one target, second by second
# ----------------------------------------------------------------------


@given(
    histories(events=st.tuples(st.just("phase"), PHASE)),
    st.sampled_from(sorted(PAUSES)),
)
def test_resolution_agrees_with_counting_each_second(rows, pause):
    """SLA case 1: elapsed is the sum of the running seconds, whatever came between.

    SLA case 2: closed hours and pauses add nothing, and are not taken off twice.
    """
    first = rows[0].value | {"customer": 1, "priority": "1"}
    rows = [rows[0]._replace(value=first), *rows[1:]]
    target = make_target(
        1, "sla", "resolution", 500, customers=frozenset({1}), calendar=1,
        on_reopen="continue", pause_on=PAUSES[pause],
    )  # fmt: skip
    [clock] = run(rows, [target]).clocks
    rows = with_ends_of_pauses(rows)
    elapsed, ran_out, state = count_seconds(rows, target)
    assert clock.state == state
    if state == "running":
        elapsed -= OFFICE.open_seconds(clock.running_since, rows[-1].at)
    assert clock.elapsed == elapsed
    if ran_out is not None:
        assert clock.deadline == ran_out
        assert clock.verdict == "missed" or state == "running"
    else:
        assert clock.verdict == ("met" if state == "done" else None)


def with_ends_of_pauses(rows):
    """SLA case 37: a pause with an end is a pause and, then, work again."""
    found = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        found.append(row)
        until = row.value.get("until")
        if until:
            until = parse_epoch(until)
            if following is None or until <= following.at:
                found.append(Row(None, until, "phase", {"phase": "active"}, None))
    return found


def count_seconds(rows, target):
    """Return the seconds used, when they ran out or None, and the clock's state."""
    runs_in = OPEN_PHASES - target.pause_on
    elapsed, ran_out, previous, state = 0, None, None, "paused"
    ends = [row.at for row in rows[1:]] + [rows[-1].at]
    for row, end in zip(rows, ends, strict=True):
        phase = row.value["phase"]
        if phase in OPEN_PHASES:
            state = "running" if phase in runs_in else "paused"
        elif state in ("running", "paused"):
            state = "done" if phase in HANDLED_PHASES else "cancelled"
        if state != "running" or end == row.at:
            continue
        if elapsed == target.seconds and ran_out is None:
            ran_out = row.at  # it runs on with nothing left
        for second in filter(OFFICE.is_open, range(row.at, end)):
            if elapsed == target.seconds and ran_out is None:
                ran_out = previous
            elapsed += 1
            previous = second + 1
        if elapsed == target.seconds and ran_out is None and end > previous:
            ran_out = previous  # closed hours are past the deadline as well
    return elapsed, ran_out, state
