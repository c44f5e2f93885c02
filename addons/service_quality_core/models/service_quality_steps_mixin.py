from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache


class ServiceQualityStepsMixin(models.AbstractModel):
    """Refuses to write fields that only the steps of a model write, as *Approved By*.

    They are the stored fields declared ``readonly``: no form offers them, but any
    program may send them. No right leads past the guard, not even ``sudo()``: a step,
    which is a button or a job, checks what must hold and then calls
    :meth:`_write_as_step` or :meth:`_create_as_step`.

    A model that takes this up extends :meth:`_written_by_steps` where other fields
    count as well, and :meth:`_step_refusal` to say which buttons do it.
    """

    _name = "service.quality.steps.mixin"
    _description = "Fields That Only Steps Write"

    _service_ours = True

    @api.model
    @ormcache()
    def _written_by_steps(self):
        """Return the names of the fields that only steps write, as a frozenset."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.readonly and field.store and name not in models.MAGIC_COLUMNS
        )

    @api.model
    def _step_refusal(self, label):
        """Return what a user is told who writes one of these fields by hand.

        :param label: the name of the field, as the user knows it
        """
        return self.env._(
            "%s is not written by hand. It follows from the buttons of the form.", label
        )

    @api.model
    def _check_by_hand(self, vals):
        """Refuse values of fields that only steps write."""
        forged = self._written_by_steps() & vals.keys()
        if forged:
            field = self._fields[min(forged)]
            raise AccessError(self._step_refusal(field._description_string(self.env)))

    @api.model
    def _service_readonly(self, names):
        kept = self._written_by_steps()
        return [name for name in names if name in kept]

    @api.model
    def _service_keeps_files(self):
        return True

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_by_hand(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_by_hand(vals)
        return super().write(vals)

    def copy_data(self, default=None):
        """Let a copy begin where every record does."""
        kept = self._written_by_steps()
        return [
            {name: value for name, value in vals.items() if name not in kept}
            for vals in super().copy_data(default)
        ]

    @api.model
    def _create_as_step(self, vals_list):
        """Create records with values that only a step of the model sets.

        It goes past what the model itself checks when people create.
        """
        return super().create(vals_list)

    def _write_as_step(self, vals):
        """Write what a step of the model changes.

        It goes past what the model itself checks when people write.
        """
        return super().write(vals)
