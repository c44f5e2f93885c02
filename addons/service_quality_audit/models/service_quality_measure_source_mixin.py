from odoo import api, fields, models

MEASURE = "mgmtsystem.action"

DAYS = 30
"""Within so many days what nobody gave a day is done."""


class ServiceQualityMeasureSourceMixin(models.AbstractModel):
    """Is something from which measures come.

    A person adds as many as are wanted by *Add a Measure*. Where only a text was typed,
    the text becomes one when the record is handed in: each measure that somebody has
    promised stands in one list.

    A model says in :meth:`_measure_values` what a measure of it is made of, and calls
    :meth:`_commit_measures` where it is handed in.
    """

    _name = "service.quality.measure.source.mixin"
    _description = "Something From Which Measures Come"

    _service_ours = True

    service_measure_ids = fields.One2many(
        MEASURE,
        "service_source_id",
        string="Measures",
        domain=lambda self: [("service_source_model", "=", self._name)],
        readonly=True,
    )
    service_measure_count = fields.Integer(
        string="Number of Measures", compute="_compute_service_measure_count"
    )

    @api.depends("service_measure_ids")
    def _compute_service_measure_count(self):
        for record in self:
            record.service_measure_count = len(record.service_measure_ids)

    # ------------------------------------------------------------------
    # What a model says
    # ------------------------------------------------------------------

    def _measure_values(self):
        """Return the values of a measure of one record, as far as it knows them.

        ``name`` is what was typed, empty where nothing was. ``service_about_on`` is a
        day of what the measure is about: reports tell it with the period of that day.
        """
        raise NotImplementedError

    def _measure_name(self):
        """Return what the measure is about, in the language of the context."""
        return self.display_name

    def _measure_approval(self):
        """Return who has decided that it is done: (user, moment), or None.

        A measure of what an executive has ordered needs no approval of its own.
        """
        return None

    def _follow_done(self, result):
        """Follow when one of its measures was reported done; models add what follows.

        :param result: what was done, as its owner has said
        """

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_add_measure(self):
        """Open the form of a new measure of the record."""
        self.ensure_one()
        self.check_access("read")
        values = self._measure_values() | self._measure_source()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add a Measure"),
            "res_model": MEASURE,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                f"default_{name}": fields.Date.to_string(value)
                if name in ("date_deadline", "service_about_on")
                else value
                for name, value in values.items()
                if name != "name"
            },
        }

    def action_view_measures(self):
        """List the measures of the record."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_audit.mgmtsystem_action_action"
        )
        return action | {
            "domain": [("id", "in", self.service_measure_ids.ids)],
            "context": {"create": False},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _standing_measures(self):
        """Return the measures of one record that nobody has cancelled."""
        self.ensure_one()
        measures = self.sudo().service_measure_ids  # whoever may read them
        return measures.filtered(lambda one: one.service_state != "cancelled")

    def _measure_source(self):
        """Return the values that say where a measure comes from."""
        return {
            "service_source_model": self._name,
            "service_source_id": self.id,
            "service_source_name": self._measure_name(),
        }

    def _commit_measures(self):
        """Make a measure of what was typed in records that have none.

        :return: the new measures
        """
        Measure = self.env[MEASURE].sudo()  # who hands in need not write measures
        made = []
        records = self.sudo()  # whoever may read what was promised
        for record in records.filtered(lambda one: not one._standing_measures()):
            company = record.company_id
            own = record.with_context(lang=company._service_lang())
            values = own._measure_values()
            text = (values.get("name") or "").strip()
            if not text:
                continue
            day = company._service_day()
            made.append(
                {
                    "type_action": "correction",
                    "company_id": company.id,
                    "user_id": self.env.uid,
                    "service_about_on": day,
                }
                | {name: value for name, value in values.items() if value}
                | own._measure_source()
                | {
                    "name": text.splitlines()[0][:200],
                    "description": text,
                    "date_deadline": values.get("date_deadline")
                    or fields.Date.add(day, days=DAYS),
                }
            )
        measures = Measure._propose(made, self.env.user)
        for record, own in measures.grouped(lambda one: one._source()).items():
            approval = record._measure_approval()
            if approval:
                own._start(*approval)
        return measures.sudo(self.env.su)
