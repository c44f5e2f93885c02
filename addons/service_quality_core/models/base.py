from functools import wraps

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.service import model as service_model
from odoo.tools import SQL, html2plaintext, ormcache
from odoo.tools.misc import clean_context

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..tools.form_text import find_blank, weigh
from ..tools.isolation import COLLISIONS
from .arguments import LEAST_SAID, is_id

OWN = "service.quality."
TICKET = "helpdesk.ticket"
OURS = (OWN, TICKET)

ADDED = "service_"
"""Begins the names of the fields that we add to models of others."""

LEAST_EVIDENCE, LEAST_REASON = 10, LEAST_SAID
"""How much a text says at least that is evidence, and one that is a short answer."""


class CarriedJson(fields.Json):
    """Holds a value in which programs read False where there is nothing.

    XML-RPC has no word for None.
    """

    def convert_to_read(self, value, record, use_display_name=True):
        """Return the value with False for None, at any depth."""
        return _without_none(super().convert_to_read(value, record, use_display_name))


class Base(models.AbstractModel):
    """Keeps every model from what would change our records behind their back.

    A caller may send any ``default_`` in the context. For a field that no user enters,
    as who approved something and when, only the default of the model itself counts.

    What a record of ours names is not deleted: a rule for one category would hold for
    all of them without it. The fields that do so are declared ``ondelete="restrict"``.
    """

    _inherit = "base"

    _service_ours = False
    """Whether callers are answered as for our own models: ours, or one that takes up
    steps or measures of ours."""

    _service_settled = frozenset()
    """Fields of a model of others that our steps write, or that are said each time."""

    @api.model
    def default_get(self, fields):
        """Take defaults of the context for fields that people enter, and no others.

        Also where a step creates with all rights: the context is still the caller's.
        """
        kept = self._service_readonly(fields)
        entered = [name for name in fields if name not in kept]
        values = super().default_get(entered)
        if kept:
            clean = self.with_env(self.env(context=clean_context(self.env.context)))
            values |= super(Base, clean).default_get(kept)
        return values

    def unlink(self):
        """Delete records; that an addon is being removed is no caller's word.

        Odoo asks nothing before it deletes while the context says so, which a caller
        may send. An addon is removed with all rights.
        """
        removing = self.env.context.get(MODULE_UNINSTALL_FLAG)
        if removing and not self.env.su and self._name.startswith(OURS):
            self = self.with_context(**{MODULE_UNINSTALL_FLAG: False})
        return super().unlink()

    def ensure_one(self):
        """Refuse none and several of our records in words that a caller understands."""
        if self._service_ours or self._name.startswith(OURS):
            if len(self._ids) != 1:
                raise UserError(
                    self.env._(
                        "Choose one record of %(model)s: %(count)s were chosen. "
                        "Nothing was done.",
                        model=self._description,
                        count=len(self._ids),
                    )
                )
            if not isinstance(self._ids[0], api.NewId):
                self._ensure_some()
        return super().ensure_one()

    def _ensure_some(self):
        """Refuse a step about nothing, or about what is no record of the database.

        :return: self
        """
        if not self._ids or not all(map(is_id, self._ids)):
            raise UserError(
                self.env._(
                    "Choose at least one record of %s by its id. Nothing was done.",
                    self._description,
                )
            )
        return self

    @api.model
    def _service_readonly(self, names):
        """Return those of some names that are fields which no user enters.

        In a model of others these are fields that we add to it.
        """
        if self._transient:
            return []
        start = "" if self._name.startswith(OWN) else ADDED
        return [
            name
            for name in names
            if name.startswith(start)
            and name in self._fields
            and self._fields[name].readonly
        ]

    @api.model
    def _service_without_default(self, names):
        """Return those of some names that begin by no default of a user.

        They are what no user enters, in models of others too.
        """
        return [
            *self._service_readonly(names),
            *(
                name
                for name in names
                if name in self._service_settled
                or (
                    name.startswith("service_")
                    and name in self._fields
                    and self._fields[name].readonly
                    and self._fields[name].store
                )
            ),
        ]

    def _service_check_filled_in(self, *names):
        """Refuse records with a text in which a blank of a template was left.

        :param names: fields of text or HTML
        :raise ValidationError: with the line that has the blank
        """
        for record in self:
            for name in names:
                record._service_check_text(name, record[name])

    @api.model
    def _service_check_text(self, name, text):
        """Refuse a text for a field in which a blank of a template was left."""
        field = self._fields[name]
        blank = find_blank(html2plaintext(text or "") if field.type == "html" else text)
        if blank:
            raise ValidationError(
                self.env._(
                    "%(field)s still has a blank: “%(line)s”. Write what belongs "
                    "there, or delete the line.",
                    field=field._description_string(self.env),
                    line=blank,
                )
            )

    def _service_check_says(self, names, least=LEAST_EVIDENCE):
        """Refuse records with a text that says next to nothing, as a full stop does.

        :param names: fields of text or HTML; whether one may be empty is not asked here
        :param least: as :func:`weigh` counts
        """
        for record in self:
            for name in names:
                record._service_check_said(name, record[name], least)

    @api.model
    def _service_check_said(self, name, text, least=LEAST_EVIDENCE, beyond=""):
        """Refuse a text for a field that says next to nothing; see above.

        :param beyond: what others wrote: said again it is no finding of one's own. A
            fourth is new, or as much as is asked for; of long texts words come again.
        """
        field = self._fields[name]
        plain = html2plaintext(text or "") if field.type == "html" else text or ""
        said = weigh(plain)
        if beyond and said >= least and weigh(plain, beyond) < min(least, said / 4):
            raise ValidationError(
                self.env._(
                    "%s: this stands in the record already. Write in words of your own "
                    "what you find.",
                    field._description_string(self.env),
                )
            )
        if plain and said < least:
            raise ValidationError(
                self.env._(
                    "%(field)s: “%(text)s” says too little. Write at least %(least)s "
                    "letters or digits; what is repeated counts once, a Chinese "
                    "character as two.",
                    field=field._description_string(self.env),
                    text=plain.strip(),
                    least=least,
                )
            )

    @api.model
    def _service_keeps_files(self):
        """Return True if a model has files that only its steps write.

        Our models do, and those of others that take up our steps.
        """
        return self._name.startswith(OWN)

    def _service_keeping(self):
        """Return the records whose attached files are not changed any more."""
        return self.browse()

    def _service_keep_edited(self):
        """Have an update of the addon leave these records as people changed them."""
        if not self.env.context.get("install_mode"):
            # which records came with the addon is written by no user
            records = self.env["ir.model.data"].sudo()
            records.search(
                [
                    ("model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("noupdate", "=", False),
                ]
            ).noupdate = True

    # ------------------------------------------------------------------
    # Naming
    # ------------------------------------------------------------------

    @api.model
    @ormcache()
    def _service_confidential(self):
        """Return the names of fields with a ticket, or with what is of a ticket."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            and field.comodel_name.startswith(OURS)
            and (
                field.comodel_name == TICKET
                or any(
                    part.comodel_name == TICKET and part.type == "many2one"
                    for part in self.env[field.comodel_name]._fields.values()
                )
            )
        )

    def _update_cache(self, values, validate=True):
        """Keep a form from being filled in from a ticket that the user may not read.

        What a form takes from the ticket that it names is computed with all rights.
        """
        result = super()._update_cache(values, validate)
        for name in [] if self.env.su else self._service_confidential() & set(values):
            before = self._origin.sudo()[name]  # it may name one already
            (self[name]._origin - before).check_access("read")
        return result

    def _validate_fields(self, field_names, excluded_names=()):
        """Keep no ticket, in a dialog either, that the user may not read."""
        field_names = set(field_names)
        for name in [] if self.env.su else self._service_confidential() & field_names:
            self[name].check_access("read")
        return super()._validate_fields(field_names, excluded_names)

    # ------------------------------------------------------------------
    # Deleting
    # ------------------------------------------------------------------

    @api.model
    @ormcache()
    def _service_naming(self):
        """Return (model, field) of what keeps records of this model from deletion."""
        return tuple(
            (model._name, field.name)
            for model in map(self.env.__getitem__, sorted(self.env.registry))
            if model._auto and not model._transient
            for field in model._fields.values()
            if field.store
            and field.comodel_name == self._name
            and getattr(field, "ondelete", None) == "restrict"
            and (model._name.startswith(OURS) or field.name.startswith("service_"))
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unnamed(self):
        """Refuse to delete what another record names, in words that users know."""
        for model, name in self._service_naming():
            # also by what the caller may not see
            naming = self.env[model].sudo().with_context(active_test=False)
            named = [(name, "in", self.ids)]
            used = naming.search(named, limit=1)  # batched: once a field
            if used:
                raise UserError(used._service_naming_error(name, self))

    def _service_naming_error(self, name, records):
        """Return why records that this one names in a field are not deleted."""
        _ = self.env._
        named = (self[name] & records.sudo())[:1]  # they were to be deleted
        seen = self.sudo(False).has_access("read")
        words = {
            "name": named.display_name,
            "field": self._fields[name]._description_string(self.env),
            "kind": self.env["ir.model"]._get(self._name).name,
            "used": self.display_name if seen else _("one that you may not see"),
        }
        if "active" in named._fields:
            return _(
                "%(name)s is not deleted: %(kind)s %(used)s names it as %(field)s. "
                "Archive it instead.",
                **words,
            )
        return _(
            "%(name)s is not deleted: %(kind)s %(used)s names it as %(field)s. Change "
            "that first.",
            **words,
        )

    # ------------------------------------------------------------------
    # What two do at once
    # ------------------------------------------------------------------

    def _service_lock(self):
        """Let no other transaction take a step with these records meanwhile.

        Who comes second waits, is run again, and reads what the first one did. A lock
        alone would let the second go on with what it has read before.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET id = id WHERE id IN (SELECT id FROM %(table)s "
                "WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE)",
                table=SQL.identifier(self._table),
                ids=self.ids,
            )
        )

    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Return what to do where two people have just done the same."""
        if isinstance(exc, errors.UniqueViolation) and self._name.startswith(OURS):
            return self.env._(
                "The same was entered at this moment by someone else. Reload the page "
                "and look whether anything is left to do."
            )
        if isinstance(exc, errors.RestrictViolation):
            return self.env._(
                "A record names what is to be deleted. Archive it instead."
            )
        return super()._sql_error_to_message_generic(exc)

    def _service_check_most(self, name, most):
        """Refuse more lines than a person keeps up and the server reckons with.

        :param name: of a field with lines
        """
        for record in self.with_context(active_test=False):
            if len(record[name]) > most:
                raise ValidationError(
                    self.env._(
                        "%(record)s has %(count)s %(lines)s. At most %(most)s are "
                        "possible.",
                        record=record.display_name,
                        count=len(record[name]),
                        lines=record._fields[name]._description_string(self.env),
                        most=most,
                    )
                )

    @api.model
    def _read_group_postprocess_aggregate(self, aggregate_spec, raw_values):
        """Return sums of seconds as floats: XML-RPC has no whole number beyond 2³¹."""
        values = super()._read_group_postprocess_aggregate(aggregate_spec, raw_values)
        if aggregate_spec.endswith("seconds:sum") and self._name.startswith(OWN):
            return (value and float(value) for value in values)
        return values


def _without_none(value):
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value is not None and value


def _in_words(retrying):
    """Return Odoo's ``retrying`` with a sentence for who met another at every try.

    The client, JSON-2 and XML-RPC all pass through it and nothing else: a method of a
    model is over before the database refuses what it did. The client shows the
    sentence above the form, in which what was typed still stands.
    """

    @wraps(retrying)
    def retrying_in_words(func, env):
        try:
            return retrying(func, env)
        except (*COLLISIONS, ConcurrencyError) as error:
            if env.cr.closed:
                raise
            busy = UserError(
                env._(
                    "Someone else is changing the same thing at this moment. Nothing "
                    "of yours was saved: try again in a moment."
                )
            )
            busy.http_status = 409  # a program may repeat the call as it is
            raise busy from error

    return retrying_in_words


service_model.retrying = _in_words(service_model.retrying)
