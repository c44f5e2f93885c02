from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.arguments import is_id

MIXIN = "service.quality.rectify.mixin"

LONG = ("text", "html")


def _listed(ids):
    """Return ids as the dialog keeps them."""
    return ",".join(map(str, sorted(ids)))


class ServiceQualityRectify(models.TransientModel):
    """Rectifies one field of a record that has ended, of whichever model."""

    _name = "service.quality.rectify"
    _description = "Rectify a Record"

    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="model", required=True, readonly=True
    )
    field_name = fields.Selection(
        "_selection_field_name", string="What Is Corrected", required=True
    )
    field_type = fields.Char(compute="_compute_field")
    relation = fields.Char(compute="_compute_field")
    possible_choices = fields.Json(compute="_compute_field")
    needs_second_person = fields.Boolean(compute="_compute_field")
    is_slip = fields.Boolean(compute="_compute_field")
    old_text = fields.Text(string="Now", compute="_compute_field")

    new_line = fields.Char(
        string="Corrected to", compute="_compute_new", store=True, readonly=False
    )
    new_text = fields.Text(
        string="Corrected to (Text)",
        compute="_compute_new",
        store=True,
        readonly=False,
    )
    new_html = fields.Html(
        string="Corrected to (Letter)",
        compute="_compute_new",
        store=True,
        readonly=False,
        sanitize=False,  # the field that it is written to does it
    )
    new_choice = fields.Selection(
        "_selection_new_choice",
        string="Corrected to (Choice)",
        compute="_compute_new",
        store=True,
        readonly=False,
    )
    new_record = fields.Many2oneReference(
        string="Corrected to (Record)",
        model_field="relation",
        compute="_compute_new",
        store=True,
        readonly=False,
    )
    new_list = fields.Char(  # the ids, as no field holds records of any model
        compute="_compute_new", store=True, readonly=False
    )
    new_names = fields.Text(string="Corrected to (List)", compute="_compute_new_names")
    listed = fields.Many2oneReference(
        string="Add or Take Away",
        model_field="relation",
        help="One that is on the list already is taken away.",
    )
    new_number = fields.Float(
        string="Corrected to (Number)",
        digits=(16, 6),
        compute="_compute_new",
        store=True,
        readonly=False,
    )
    new_date = fields.Date(
        string="Corrected to (Date)", compute="_compute_new", store=True, readonly=False
    )
    new_datetime = fields.Datetime(
        string="Corrected to (Time)", compute="_compute_new", store=True, readonly=False
    )
    reason = fields.Text()

    # ------------------------------------------------------------------
    # Selections
    # ------------------------------------------------------------------

    @api.model
    def _rectified(self):
        """Return the models whose records are rectified: the one asked for, or all."""
        asked = self.env.context.get("service_rectified_model")
        rectified = [
            Model
            for Model in map(self.env.__getitem__, sorted(self.env.registry))
            if not Model._abstract and isinstance(Model, self.env.registry[MIXIN])
        ]
        return [one for one in rectified if one._name == asked] or rectified

    @api.model
    def _selection_field_name(self):
        """Return the fields of the record asked for that are evidence, or of all."""
        models, res_id = self._rectified(), self.env.context.get("default_res_id")
        record = None
        if len(models) == 1 and is_id(res_id):
            record = models[0].sudo().browse(res_id).exists()  # labels alone
        return list(
            {
                name: Model._fields[name]._description_string(self.env)
                for Model in models
                for name in Model._rectify_fields()
                if not record or record._rectify_evidence(name)
            }.items()
        )

    @api.model
    def _selection_new_choice(self):
        """Return the choices of all fields: (field:value, label)."""
        choices = {}
        for Model in self._rectified():
            for name in Model._rectify_fields():
                for value, label in self._choices(Model._fields[name]):
                    choices[f"{name}:{value}"] = label
        return list(choices.items())

    @api.model
    def _choices(self, field):
        if field.type == "boolean":
            return [("yes", self.env._("Yes")), ("", self.env._("No"))]
        if field.type == "selection":
            return field._description_selection(self.env)
        return []

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("model", "res_id", "field_name")
    def _compute_field(self):
        for wizard in self:
            record, name = wizard._record(), wizard.field_name
            field = record is not None and record._fields.get(name)
            wizard.field_type = field and field.type
            wizard.relation = field and field.comodel_name
            wizard.possible_choices = [
                f"{name}:{value}"
                for value, _label in (self._choices(field) if field else [])
            ]
            wizard.is_slip = bool(
                # who ended it is asked for everybody
                field and record.sudo()._rectify_ended()._rectify_slips()
            )
            wizard.needs_second_person = (
                field and not wizard.is_slip and record._rectify_fields().get(name)
            )
            wizard.old_text = field and record._rectify_words(
                name, record._rectify_raw(name)
            )

    @api.depends("field_name")
    def _compute_new(self):
        """Propose the present value of a text, of which often one word is wrong."""
        for wizard in self:
            record, name = wizard._record(), wizard.field_name
            field = record is not None and record._fields.get(name)
            kind = field and field.type
            value = record._rectify_raw(name) if field else None
            wizard.new_line = kind == "char" and value
            wizard.new_text = kind == "text" and value
            wizard.new_html = kind == "html" and value
            wizard.new_choice = False
            wizard.new_record = False
            wizard.new_list = kind == "many2many" and _listed(value or [])
            wizard.new_number = value if kind in ("integer", "float") else 0
            wizard.new_date = kind == "date" and value
            wizard.new_datetime = kind == "datetime" and value

    @api.depends("new_list")
    def _compute_new_names(self):
        for wizard in self:
            record, name = wizard._record(), wizard.field_name
            wizard.new_names = (
                wizard.new_list
                and record is not None
                and record._rectify_words(name, wizard._new_ids())
            )

    @api.onchange("listed")
    def _onchange_listed(self):
        """Put a record on the list, or take it away."""
        if self.listed:
            self.new_list = _listed({*self._new_ids()} ^ {self.listed})
            self.listed = False

    def _new_ids(self):
        """Return the ids on the list, as they were chosen in the dialog."""
        return [int(text) for text in (self.new_list or "").split(",") if text]

    def _record(self):
        """Return the record, None for what is not rectified."""
        self.ensure_one()
        Model = self.env.get(self.model or "")
        if Model is None or not isinstance(Model, self.env.registry[MIXIN]):
            return None
        record = Model.browse(self.res_id).exists()
        return record if record and record.has_access("read") else None

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_confirm(self):
        """Correct the field, or ask a second person to allow it."""
        self.ensure_one()
        record = self._record()
        if record is None:
            raise UserError(self.env._("There is no such record that is rectified."))
        row = record._rectify(self.field_name, self._new_value(record), self.reason)
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        if row.state != "pending":
            return reload
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "A second person decides about it. The old value holds until then."
                ),
                "next": reload,
            },
        }

    def _new_value(self, record):
        """Return what was entered for the type of the field."""
        field = record._fields[self.field_name]
        if field.type in ("selection", "boolean"):
            name, _colon, value = (self.new_choice or "").partition(":")
            return value if name == self.field_name else False
        return {
            "char": self.new_line,
            "text": self.new_text,
            "html": self.new_html,
            "many2one": self.new_record,
            "many2many": self._new_ids(),
            "integer": round(self.new_number),
            "float": self.new_number,
            "date": fields.Date.to_string(self.new_date) or "",
            "datetime": fields.Datetime.to_string(self.new_datetime) or "",
        }.get(field.type)
