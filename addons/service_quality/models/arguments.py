"""Reading what other programs pass to public methods, before anything is done."""

import math
from datetime import date

from odoo.exceptions import ValidationError

from ..tools.period import is_reckoned

MOST_SHOWN = 60
"""How many characters of a wrong argument the error shows."""


class Arguments:
    """What a caller gave: each error names the argument and says what it takes.

    The name of an argument inside another one is its path, ``outcomes[0].solved``.
    """

    def __init__(self, env):
        self.env = env

    def text(self, name, value):
        """Return a text without blanks around it, ``""`` for none."""
        if value is None or value is False:
            return ""
        if not isinstance(value, str) or "\0" in value:
            self._refuse(name, value, self.env._("text"))
        return value.strip()

    def choice(self, name, value, selection):
        """Return a key of a selection."""
        keys = [key for key, _label in selection]
        if not isinstance(value, str) or value not in keys:
            self._refuse(name, value, self.env._("one of %s", ", ".join(keys)))
        return value

    def date(self, name, value):
        """Return a date, from one or from text that begins with ``YYYY-MM-DD``."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value[:10])
        except (TypeError, ValueError):
            self._refuse(name, value, self.env._("a date as YYYY-MM-DD"))

    def day(self, name, value):
        """Return a date of which periods can be reckoned."""
        day = self.date(name, value)
        if not is_reckoned(day):
            self._refuse(name, value, self.env._("a date from 1900 to 2999"))
        return day

    def number(self, name, value):
        """Return a finite number."""
        known = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not known or not math.isfinite(value):
            self._refuse(name, value, self.env._("a number"))
        return value

    def ids(self, name, value):
        """Return a list of ids, of whatever may have existed once."""
        found = self.entries(name, value)
        if not all(map(_is_id, found)):
            self._refuse(name, value, self.env._("a list of ids"))
        return found

    def record(self, name, value, model):
        """Return the record with an id. Whether the caller may use it is not asked."""
        records = self.env[model]
        record = records.browse(value).exists() if _is_id(value) else records
        if not record:
            self._refuse(
                name,
                value,
                self.env._("the id of a record of %s", records._description),
            )
        return record

    def records(self, name, value, model):
        """Return the records with ids."""
        records = self.env[model].browse(self.ids(name, value))
        if records - records.exists():
            self._refuse(
                name,
                value,
                self.env._("ids of records of %s", records._description),
            )
        return records

    def entries(self, name, value):
        """Return a list, an empty one for none."""
        if value is None or value is False:
            return []
        if not isinstance(value, (list, tuple)):
            self._refuse(name, value, self.env._("a list"))
        return list(value)

    def mapping(self, name, value, keys):
        """Return a dict that has no other keys than some."""
        if not isinstance(value, dict) or value.keys() - set(keys):
            self._refuse(
                name,
                value,
                self.env._("a dictionary with the keys %s", ", ".join(keys)),
            )
        return value

    def field(self, name, value, field):
        """Return what a field of a record is to be written with; False for nothing."""
        if field.type == "boolean":
            return bool(value)
        if value is None or value is False or value == "":
            return False
        if field.type == "selection":
            return self.choice(name, value, field._description_selection(self.env))
        if field.type == "many2one":
            return self.record(name, value, field.comodel_name).id
        if field.type == "many2many":
            return self.records(name, value, field.comodel_name).ids
        if field.type in ("float", "integer"):
            return self.number(name, value)
        return self.text(name, value)

    def _refuse(self, name, value, wanted):
        shown = repr(value)
        if len(shown) > MOST_SHOWN:
            shown = f"{shown[:MOST_SHOWN]}…"
        raise ValidationError(
            self.env._(
                "%(name)s takes %(wanted)s, not %(value)s. Correct it and call again; "
                "nothing was saved.",
                name=name,
                wanted=wanted,
                value=shown,
            )
        )


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
