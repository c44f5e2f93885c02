"""The example that reads exports: small files with what real ones have in them."""

import gzip
import sys

import pytest

pytestmark = pytest.mark.plain

MAPPING = """
[file]
source = "desk/"
date_format = ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"]
time_zone = "Europe/Paris"
[columns]
incident = "key"
opened_at = "opened"
changed_at = "changed"
state = "state"
priority = "urgency"
description = "text"
until = "till"
[states]
Neu = "new"
Arbeit = "active"
Warten = "waiting_customer"
Fertig = "resolved"
[priorities]
hoch = "3"
tief = "0"
[rules]
unanswered_states = ["Neu"]
"""
HEAD = "key,opened,changed,state,urgency,text,till\n"
DAY = "2024-03-01 09:00:00"


@pytest.fixture(scope="module", autouse=True)
def examples(root):
    sys.path.insert(0, str(root / "examples"))
    yield
    sys.path.remove(str(root / "examples"))


@pytest.fixture
def read(tmp_path):
    """Read an export: read(text or bytes) returns records by key, and the findings."""

    def run(content, mapping=MAPPING, name="export.csv"):
        from incident_log import Findings, read_incidents
        from mapping import Mapping

        (tmp_path / name).write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
        (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        findings = Findings()
        incidents, _lines = read_incidents(
            tmp_path / name, Mapping(tmp_path / "mapping.toml"), findings
        )
        run.incidents = [incident for incident, _record in incidents]
        return {r["external_ref"]: r for _one, r in incidents}, findings

    return run


def line(key="I1", opened=DAY, changed=DAY, state="Neu", *rest):
    return (
        ",".join([key, opened, changed, state, *rest, *[""] * (3 - len(rest))]) + "\n"
    )


def events(records, key="desk/I1"):
    return [
        (event["at"], event.get("phase", event["kind"]))
        for event in records[key]["events"]
    ]


# ----------------------------------------------------------------------
# Files
# ----------------------------------------------------------------------


def test_numbers_of_two_systems_never_meet(read):
    records, findings = read(HEAD + line())
    assert list(records) == ["desk/I1"]
    assert records["desk/I1"]["opened_at"] == "2024-03-01 08:00:00"
    assert not findings.lost


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_wins_over_what_was_declared(read, encoding):
    mapping = MAPPING.replace("[columns]", 'encoding = "cp1252"\n[columns]')
    records, _findings = read((HEAD + line("Ü1")).encode(encoding), mapping)
    assert list(records) == ["desk/Ü1"]


def test_another_encoding(read):
    mapping = MAPPING.replace("[columns]", 'encoding = "gb18030"\n[columns]')
    records, _findings = read((HEAD + line("工单00012")).encode("gb18030"), mapping)
    assert list(records) == ["desk/工单00012"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_header_has_the_delimiter(read, delimiter):
    records, _findings = read((HEAD + line()).replace(",", delimiter))
    assert list(records) == ["desk/I1"]


def test_lines_that_are_no_incident(read):
    """They are counted, and every line is accounted for."""
    text = f"sep=,\n{HEAD}{line()}{HEAD}{line('I2')}Total,,,,,,\n,,,,,,\n"
    records, findings = read(text)
    assert list(records) == ["desk/I1", "desk/I2"]
    assert sum(findings.counts.values()) == 3
    assert not findings.lost


def test_ragged_lines_are_in_and_said(read):
    short, long = f"I1,{DAY},{DAY},Neu\n", line("I2").strip() + ",one more\n"
    records, findings = read(HEAD + short + long)
    assert list(records) == ["desk/I1", "desk/I2"]
    assert [findings.examples[what] for what in findings.counts] == [["2"], ["3"]]


def test_a_backslash_before_a_quote(read):
    quoted = line("I1", DAY, DAY, "Neu", "", r'"said \"no\", twice"')
    records, _findings = read(HEAD + quoted + line("I2"))
    assert list(records) == ["desk/I1", "desk/I2"]
    assert "said &quot;no&quot;, twice" in records["desk/I1"]["description"]


def test_a_cell_of_300_kb_is_cut(read):
    records, findings = read(HEAD + line("I1", DAY, DAY, "Neu", "", "x" * 300_000))
    assert len(records["desk/I1"]["description"]) < 51_000
    assert any("cut" in what for what in findings.counts)


def test_a_number_that_went_through_a_workbook(read):
    text = (HEAD + line('"2,02403E+15"') + line("2024030110000012")).encode()
    records, findings = read(text)
    assert list(records) == ["desk/2024030110000012"]
    assert findings.lost == 1


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (HEAD + line("I1", DAY, DAY, "Neu", "", '"a 19"" rack'), "line 2 has a quote"),
        (b"PK\x03\x04" + bytes(100), "workbook"),
        ("<html><body>Log in</body></html>", "web page"),
        (gzip.compress((HEAD + line()).encode())[:-12], "cut off"),
        (HEAD.encode() + "é".encode("cp1252"), "line 2"),
        (HEAD.replace("opened", "begun") + line(), "no column opened"),
        ("", "no column"),
        (HEAD + line() + line("I2", DAY, DAY, "Neu", "", "\0"), "characters"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(read, content, word):
    with pytest.raises(ValueError, match=word) as caught:
        read(content)
    assert "\n" not in str(caught.value)


# ----------------------------------------------------------------------
# Times
# ----------------------------------------------------------------------


def times(opened, changed, date_format, zone="Europe/Paris"):
    from zoneinfo import ZoneInfo

    from moments import Clockface

    face = Clockface(date_format, ZoneInfo(zone))
    return [[str(at)[:19] for at in face.instants(text)] for text in (opened, changed)]


@pytest.mark.parametrize(
    ("text", "date_format", "utc"),
    [
        ("2024-03-01T09:00:00+08:00", "iso", "2024-03-01 01:00:00"),
        ("2024-03-01T09:00:00Z", "iso", "2024-03-01 09:00:00"),
        ("01.03.2024 09:00 +0800", "%d.%m.%Y %H:%M %z", "2024-03-01 01:00:00"),
        ("2024-03-01 09:00:00.987", "iso", "2024-03-01 08:00:00"),
        ("45352.375", "serial", "2024-03-01 08:00:00"),
        ("2024/3/1 上午 12:05:00", "%Y/%m/%d %p %I:%M:%S", "2024-02-29 23:05:00"),
        ("01/十二月/23 9:05 下午", "%d/%b/%y %I:%M %p", "2023-12-01 20:05:00"),
    ],
)
def test_an_offset_wins_over_the_zone(text, date_format, utc):
    """Seven hours were thrown away in silence; and other ways to write a time."""
    assert times(text, None, date_format) == [[utc], []]


@pytest.mark.parametrize(
    "never",
    ["0001-01-01 00:00:00", "1900-01-01 00:00:00", "1970-01-01 00:00:00",
     "9999-12-31 23:59:59", "0000-00-00 00:00:00"],
)  # fmt: skip
def test_what_stands_for_never(read, never):
    records, findings = read(HEAD + line("I1", never, DAY) + line("I2", DAY, never))
    assert records["desk/I1"]["opened_at"] == "2024-03-01 08:00:00"
    assert not records["desk/I2"]["events"]
    assert findings.lost == 1


def test_the_column_decides_which_is_the_day(read):
    mapping = MAPPING.replace(
        '["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"]',
        '["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"]',
    )
    first, last = "01/02/2024 09:00", "13/02/2024 10:00"
    records, _findings = read(
        HEAD + line("I1", first, first) + line("I1", first, last, "Arbeit"), mapping
    )
    assert records["desk/I1"]["opened_at"] == "2024-02-01 08:00:00"
    with pytest.raises(ValueError, match="name one date_format"):
        read(HEAD + line("I1", first, first), mapping)


def test_the_hour_that_comes_twice_follows_the_lines(read):
    opened, later = "2024-10-27 02:30:00", "2024-10-27 02:10:00"
    records, _findings = read(
        HEAD + line("I1", opened, opened) + line("I1", opened, later, "Arbeit")
    )
    assert records["desk/I1"]["opened_at"] == "2024-10-27 00:30:00"
    assert events(records)[0] == ("2024-10-27 01:10:00", "active")


def test_the_hour_that_there_is_not_is_said(read):
    skipped = "2024-03-31 02:30:00"
    records, findings = read(HEAD + line("I1", skipped, skipped))
    assert records["desk/I1"]["opened_at"] == "2024-03-31 01:30:00"
    assert any("spring" in what for what in findings.counts)


def test_an_opening_later_than_the_history(read):
    late = line("I1", "2024-03-09 09:00:00", DAY)
    records, findings = read(HEAD + late + line("I2") + line("I3"))
    assert records["desk/I1"]["opened_at"] == "2024-03-01 08:00:00"
    assert any("later" in what for what in findings.counts)
    with pytest.raises(ValueError, match="most lines"):
        read(HEAD + late)


def test_waiting_until(read):
    """SLA case 37: *until* ends a pause in an import."""
    waits = line("I1", DAY, DAY, "Warten", "", "", "2024-03-04 09:00:00")
    records, _findings = read(HEAD + waits)
    [phase, _answer] = records["desk/I1"]["events"]
    assert phase["until"] == "2024-03-04 08:00:00"


# ----------------------------------------------------------------------
# Mapping, and a newer export
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong", "word"),
    [
        ("[rules]", "[rule]", r"no section \[rule\]"),
        ("unanswered_states", "unanswered", "no key unanswered"),
        ('state = "state"', 'status = "state"', "no key status"),
        ('source = "desk/"', "", "no source"),
        ("Europe/Paris", "Europe/Pariis", "no time zone"),
        ('Neu = "new"', 'Neu = "neu"', "choose among"),
        ('hoch = "3"', 'hoch = "9"', "choose among"),
        ('hoch = "3"', "hoch = [3]", "choose among"),
        ('["Neu"]', "[[1]]", "unanswered_states cannot be"),
        ('key"', "key", "no TOML"),
        ("[rules]", '[rules]\nreclassified = "first"', "choose among"),
        ("[columns]", 'encoding = "klingon"\n[columns]', "no encoding"),
        ("[rules]", '[agreement]\nnumber = "A"\n[rules]', "agreement.* has no"),
    ],
)
def test_mistakes_in_a_mapping_are_one_sentence(read, right, wrong, word):
    with pytest.raises(ValueError, match=word) as caught:
        read(HEAD + line(), MAPPING.replace(right, wrong, 1))
    assert "\n" not in str(caught.value).split(": ", 1)[0]


def test_a_correction_is_known_again(read):
    """The row that corrects the opening is the same as long as nothing changes."""
    first = line("I1", DAY, DAY, "Neu", "tief")
    second = line("I1", DAY, "2024-03-01 10:00:00", "Arbeit", "hoch")
    third = line("I1", DAY, "2024-03-01 11:00:00", "Fertig", "hoch")
    rows = []
    for text in (first + second, first + second + third):
        records, _findings = read(HEAD + text)
        [incident] = read.incidents
        rows.append(incident.correction(records["desk/I1"])["events"][-1])
    assert rows[0] == rows[1]
    assert (rows[0]["at"], rows[0]["priority"]) == ("2024-03-01 08:00:00", "3")
