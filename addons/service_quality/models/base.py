from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext
from odoo.tools.misc import clean_context

from ..tools.typed import find_blank

OWN = "service.quality."


class Base(models.AbstractModel):
    """Whoever creates a record may not say what only its steps write.

    A caller may send any ``default_`` in the context. For a field that nobody enters,
    as who approved something and when, only the default of the model itself counts.
    """

    _inherit = "base"

    @api.model
    def default_get(self, fields):
        """Take defaults of the context for fields that people enter, and no others.

        Also where a step creates with all rights: the context is still the caller's.
        """
        if self._transient or not self._name.startswith(OWN):
            return super().default_get(fields)
        kept = self._service_readonly(fields)
        entered = [name for name in fields if name not in kept]
        values = super().default_get(entered)
        if kept:
            clean = self.with_env(self.env(context=clean_context(self.env.context)))
            values |= super(Base, clean).default_get(kept)
        return values

    @api.model
    def _service_readonly(self, names):
        """Return those of some names that are fields nobody enters."""
        return [
            name
            for name in names
            if name in self._fields and self._fields[name].readonly
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

    def _service_keeping(self):
        """Return the records whose attached files nobody changes any more."""
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
