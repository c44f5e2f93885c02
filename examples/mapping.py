"""Read and check a mapping file: how the export of a ticketing system is to be read.

Plain Python without Odoo. A mistake is a ``ValueError`` of one sentence that names the
section and the key; see ``incidents_mapping.toml`` for what each key means.
"""

import codecs
import tomllib
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PHASES = frozenset(
    "new active waiting_customer waiting_third_party resolved closed cancelled".split()
)
COLUMNS = frozenset(
    "incident opened_at changed_at state priority team user category channel partner "
    "partner_name title description until".split()
)
REQUIRED_COLUMNS = ("incident", "opened_at", "changed_at", "state")
SEVERAL = {"title", "description"}

KEYS = {
    "file": {
        "source": str, "encoding": str, "delimiter": str, "date_format": (str, list),
        "time_zone": str, "not_recorded": list,
    },
    "rules": {"unanswered_states": list, "reclassified": str},
    "import": {
        "records_per_call": int, "create_missing": list, "users": str,
        "user_login": str,
    },
    "agreement": {
        "number": str, "name": str, "date_start": date, "date_end": date,
        "signed_by_us": str, "signed_by_customer": str, "signed_on": date,
        "calendar": str, "time_zone": str, "weekdays": list, "hours": list,
        "days_off": list, "targets": list,
    },
    "agreement.targets": {
        "name": str, "metric": str, "priority": str, "duration": int, "unit": str,
        "always": bool, "pause_on": str, "on_reopen": str, "warning_percent": int,
    },
}  # fmt: skip
SECTIONS = {*KEYS, "columns", "states", "priorities", "milestones"}
OPTIONAL = {"date_end", "priority", "always", "pause_on", "on_reopen", "name",
            "warning_percent"}  # fmt: skip
ITEMS = {
    "not_recorded": str, "unanswered_states": str, "create_missing": str,
    "weekdays": int, "targets": dict,
}  # fmt: skip
"""What lists are of."""
CHOICES = {
    ("rules", "reclassified"): {"last", "history"},
    ("import", "users"): {"archived", "no"},
}


class Mapping:
    """A mapping file that was checked."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            try:
                self.data = tomllib.load(file)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ValueError(f"{path} is no TOML: {error}") from error
        self._check_sections()
        self.file, self.columns = self.data["file"], self.data["columns"]
        self.states = self.data.get("states", {})
        self.priorities = self.data.get("priorities", {})
        self.rules = self.data.get("rules", {})
        self.milestones = self.data.get("milestones", {})
        self.settings = self.data.get("import", {})
        self.agreement = self.data.get("agreement")
        self.not_recorded = set(self.file.get("not_recorded", [""])) | {""}
        self._check_file()
        self._check_values()
        if self.agreement is not None:
            self._check_agreement()

    @property
    def in_history(self):
        """True where a changed priority is a change, not a correction."""
        return self.rules.get("reclassified", "last") == "history"

    def names(self, key):
        """Return the names of the columns that hold something."""
        names = self.columns.get(key, [])
        return [names] if isinstance(names, str) else names

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _fail(self, section, text):
        raise ValueError(f"{self.path}: [{section}] {text}")

    def _check_sections(self):
        unknown = self.data.keys() - SECTIONS
        if unknown:
            raise ValueError(
                f"{self.path}: there is no section [{min(unknown)}]; there are "
                f"{', '.join(sorted(SECTIONS))}"
            )
        for section in ("file", "columns"):
            if section not in self.data:
                raise ValueError(f"{self.path}: the section [{section}] is missing")
        for section, found in self.data.items():
            if not isinstance(found, dict):
                self._fail(section, "is no section")
            if section in KEYS:
                self._check_keys(section, found)

    def _check_keys(self, section, found):
        known = KEYS[section]
        unknown = found.keys() - known
        if unknown:
            self._fail(section, f"has no key {min(unknown)}; {_choose(known)}")
        for key, value in found.items():
            is_number = known[key] is int and isinstance(value, bool)
            if not isinstance(value, known[key]) or is_number:
                self._fail(section, f"{key} cannot be {value!r}")
            if key in ITEMS and not all(isinstance(one, ITEMS[key]) for one in value):
                self._fail(section, f"{key} cannot be {value!r}")
            if value not in CHOICES.get((section, key), [value]):
                self._fail(section, f"{key}: {_choose(CHOICES[section, key])}")

    def _check_file(self):
        for key in ("source", "date_format"):
            if key not in self.file:
                self._fail("file", f"has no {key}")
        try:
            self.zone = ZoneInfo(self.file.get("time_zone", "UTC"))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._fail("file", f"there is no time zone {self.file['time_zone']}")
        try:
            codecs.lookup(self.file.get("encoding", "utf-8"))
        except LookupError:
            self._fail("file", f"there is no encoding {self.file['encoding']}")
        if len(self.file.get("delimiter", ",")) != 1:
            self._fail("file", "delimiter is one character")
        formats = self.file["date_format"]
        self.formats = [formats] if isinstance(formats, str) else formats
        if not self.formats or not all(isinstance(one, str) for one in self.formats):
            self._fail("file", "date_format is a text or a list of texts")

    def _check_values(self):
        unknown = self.columns.keys() - COLUMNS
        if unknown:
            self._fail("columns", f"has no key {min(unknown)}; {_choose(COLUMNS)}")
        for key in REQUIRED_COLUMNS:
            if key not in self.columns:
                self._fail("columns", f"has no {key}")
        for key, names in self.columns.items():
            several = isinstance(names, list) and key in SEVERAL
            if not all(
                isinstance(name, str) for name in (names if several else [names])
            ):
                self._fail("columns", f"{key} is the name of a column")
        for section, choices in (
            ("states", PHASES),
            ("priorities", set("0123")),
            ("milestones", PHASES),
        ):
            for key, value in self.data.get(section, {}).items():
                if not isinstance(value, str) or value not in choices:
                    self._fail(section, f"{key} = {value!r}; {_choose(choices)}")
        size = self.settings.get("records_per_call", 200)
        if not 1 <= size <= 500:
            self._fail("import", "records_per_call is a number from 1 to 500")

    def _check_agreement(self):
        agreement = self.agreement
        missing = KEYS["agreement"].keys() - OPTIONAL - agreement.keys()
        if missing:
            self._fail("agreement", f"has no {min(missing)}")
        for target in agreement["targets"]:
            self._check_keys("agreement.targets", target)
            missing = {"metric", "duration", "unit"} - target.keys()
            if missing:
                self._fail("agreement.targets", f"has no {min(missing)}")
        try:
            ZoneInfo(agreement["time_zone"])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._fail("agreement", f"there is no time zone {agreement['time_zone']}")
        if not set(agreement["weekdays"]) <= set(range(7)) or not agreement["weekdays"]:
            self._fail("agreement", "weekdays are numbers from 0, Monday, to 6")
        hours = agreement["hours"]
        numbers = len(hours) == 2 and all(isinstance(h, int | float) for h in hours)
        if not numbers or not 0 <= hours[0] < hours[1] <= 24:
            self._fail("agreement", "hours are two numbers from 0 to 24")
        if not all(_is_day(day) for day in agreement["days_off"]):
            self._fail("agreement", "days_off are dates as 2016-03-28")


def _is_day(value):
    return isinstance(value, date) and not isinstance(value, datetime)


def _choose(choices):
    return f"choose among {', '.join(sorted(choices))}"
