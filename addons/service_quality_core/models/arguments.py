"""Reads what other programs pass to public methods, before anything is done."""

import math
from datetime import date, datetime

from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.form_text import (
    MOST_IN_HTML,
    MOST_IN_KEY,
    MOST_IN_LINE,
    MOST_IN_TEXT,
    shown,
    weigh,
    without_controls,
)
from ..tools.instants import read_moment
from ..tools.period import is_reckoned

MOST_BY_TYPE = {"char": MOST_IN_LINE, "html": MOST_IN_HTML}

LEAST_SAID = 4
"""How much a text says at least that is a reason or a short answer."""

MOST_NUMBER = 10**15
MOST_ID = 2**31 - 1


class Arguments:
    """Reads the arguments of public methods: each error names the argument and says
    what it takes.

    The name of an argument inside another one is its path, ``outcomes[0].solved``.
    """

    def __init__(self, env):
        self.env = env

    def text(self, name, value, most=MOST_IN_TEXT):
        """Return a text without blanks around it, ``""`` for none.

        Control characters are left out, as no reader of XML takes them.
        """
        if value is None or value is False:
            return ""
        try:
            text = without_controls(value).strip()
        except (TypeError, ValueError):
            self._refuse(name, value, self.env._("text"))
        if len(text) > most:
            self._refuse(name, value, self.env._("text of at most %s characters", most))
        return text

    def key(self, name, value):
        """Return an identifier of another system, ``""`` for none."""
        return self.text(name, value, MOST_IN_KEY)

    def choice(self, name, value, selection):
        """Return a key of a selection."""
        keys = [key for key, _label in selection]
        if not isinstance(value, str) or value not in keys:
            self._refuse(name, value, self.env._("one of %s", ", ".join(keys)))
        return value

    def reason(self, name, value):
        """Return a text that says why, None for none.

        :raise ValidationError: for one that says next to nothing, as a full stop does
        """
        text = self.text(name, value)
        if text and weigh(text) < LEAST_SAID:
            raise ValidationError(
                self.env._(
                    "%(field)s: “%(text)s” says too little. Write at least %(least)s "
                    "letters or digits; what is repeated counts once, a Chinese "
                    "character as two.",
                    field=name,
                    text=text.strip(),
                    least=LEAST_SAID,
                )
            )
        return text

    def date(self, name, value):
        """Return a date, from one or from text that begins with ``YYYY-MM-DD``."""
        try:
            if isinstance(value, date):
                day = value.date() if isinstance(value, datetime) else value
            else:
                day = date.fromisoformat(value[:10])
        except (TypeError, ValueError, KeyError):
            self._refuse(name, value, self.env._("a date as YYYY-MM-DD"))
        if not is_reckoned(day):
            self._refuse(name, value, self.env._("a date from 1900 to 2999"))
        return day

    def moment(self, name, value):
        """Return a naive UTC datetime in whole seconds, None for none."""
        if value is None or value is False or value == "":
            return None
        try:
            return read_moment(value)
        except (TypeError, ValueError):
            self._refuse(
                name, value, self.env._("a time as YYYY-MM-DD HH:MM:SS, in UTC")
            )

    def number(self, name, value):
        """Return a number that is not beyond all measure."""
        known = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not known or not math.isfinite(value) or abs(value) > MOST_NUMBER:
            self._refuse(name, value, self.env._("a number"))
        return value

    def whole(self, name, value, least, most):
        """Return a whole number between two others."""
        if type(value) is not int or not least <= value <= most:
            self._refuse(
                name,
                value,
                self.env._(
                    "a whole number from %(least)s to %(most)s", least=least, most=most
                ),
            )
        return value

    def ids(self, name, value):
        """Return a list of ids, of whatever may have existed once."""
        found = self.entries(name, value)
        if not all(map(is_id, found)):
            self._refuse(name, value, self.env._("a list of ids"))
        return found

    def record(self, name, value, model):
        """Return the record with an id. Whether the caller may use it is not asked."""
        records = self.env[model]
        record = records.browse(value).exists() if is_id(value) else records
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

    def domain(self, name, value, model):
        """Return the domain of records of a model, the one of all for none."""
        try:
            domain = Domain(value or [])
            domain.validate(self.env[model])
        except (TypeError, ValueError, KeyError):
            self._refuse(name, value, self.env._("a domain"))
        return domain

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
        return self.text(name, value, MOST_BY_TYPE.get(field.type, MOST_IN_TEXT))

    def _refuse(self, name, value, wanted):
        raise ValidationError(
            self.env._(
                "%(name)s takes %(wanted)s, not %(value)s. Correct it and call again; "
                "nothing was saved.",
                name=name,
                wanted=wanted,
                value=shown(repr(value)),
            )
        )


def is_id(value):
    """Return True for what may be the id of a record in the database."""
    return type(value) is int and 0 < value <= MOST_ID
