from odoo import api, fields, models


class ServiceQualityKeptMixin(models.AbstractModel):
    """Keeps what was set before: old and new stand among the corrections.

    A model that takes this up names its settings in :meth:`_service_is_kept`, and in
    :meth:`_service_kept_companies` those for whom a record holds.
    """

    _name = "service.quality.kept.mixin"
    _description = "Settings of Which Changes Are Kept"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Keep what the settings that are written were before."""
        before = self._service_settings(vals)
        result = super().write(vals)
        self._service_keep(before)
        return result

    # ------------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------------

    @api.model
    def _service_is_kept(self, name):
        """Return True if a field is a setting of which changes are kept."""
        return False

    def _service_kept_companies(self):
        """Return the companies for which a record holds: without one, all of them."""
        # who changes it for all need not work in all
        own = "company_id" in self._fields and self.company_id
        # all companies, as it holds in all of them
        return own or self.env["res.company"].sudo().search([])

    def _service_settings(self, names):
        """Return how those of some fields stand that are kept.

        :return: dict of (record, name) to what is kept and the words for it
        """
        return {
            (record, name): record._service_told(name)
            for name in names
            if self._service_is_kept(name)
            for record in self
        }

    def _service_told(self, name):
        """Return a setting as it is kept, and in words."""
        field, value = self._fields[name], self.sudo()[name]  # of whoever may write it
        if field.type == "many2one":
            return value.id or None, value.display_name or ""
        if field.type == "selection":
            words = dict(field._description_selection(self.env)).get(value, value)
        else:
            words = self.env._("Yes") if value is True else str(value or "")
        return value or None, words or ""

    def _service_keep(self, before):
        """Keep what is not any more as it was.

        :param before: as :meth:`_service_settings`
        """
        rows = []
        for (record, name), old in before.items():
            new = record._service_told(name)
            if new != old:
                rows += record._service_prepare_setting(name, old, new)
        if rows:
            # nobody writes these rows
            self.env["service.quality.rectification"].sudo()._create_as_step(rows)

    def _service_prepare_setting(self, name, old, new):
        """Return what is kept of one change of a setting, for each company."""
        return [
            {
                "company_id": company.id,
                "res_model": self._name,
                "res_id": self.id,
                "field_name": name,
                "kind": "setting",
                "old_value": old[0],
                "new_value": new[0],
                "old_text": old[1],
                "new_text": new[1],
                "user_id": self.env.uid,
                "at": fields.Datetime.now(),
                "state": "done",
            }
            for company in self._service_kept_companies()
        ]
