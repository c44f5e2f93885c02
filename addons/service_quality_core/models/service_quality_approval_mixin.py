from odoo import fields, models


class ServiceQualityApprovalMixin(models.AbstractModel):
    """Holds from its approval on, by a second person who has not written it.

    A model that takes this up names who approves in ``_second_roles``, and says in
    :meth:`_refusal` what everybody else is told, in :meth:`_check_decidable` what is
    not decided any more, and in :meth:`_prepare_decided` what a decision writes. What
    follows from a decision extends :meth:`_decide`. Another decision than the approval,
    as *Refuse*, is an action of the model that calls :meth:`_take_decision`.
    """

    _name = "service.quality.approval.mixin"
    _description = "Holds From Its Approval On"
    _inherit = ["service.quality.steps.mixin", "service.quality.decision.mixin"]

    def action_approve(self):
        """Let it hold from now on.

        :return: True
        :raise AccessError: for who is not the second person, as its author
        :raise UserError: for what cannot be approved, or was decided already
        """
        return self._take_decision("approved", self.env._("Approved"))

    def _take_decision(self, state, name):
        """Let the user decide as the second person, and write what was decided.

        :param state: the value of ``state`` that the decision leads to
        :param name: what is decided, for example "Approved"
        """
        self._ensure_some()
        self.check_access("read")
        self._check_decidable(state)
        self._decide_as_second_person(name, self._refusal())
        return self.sudo()._decide(state)  # who decides does not write

    def _check_decidable(self, state):
        """Refuse what cannot be decided so.

        :raise UserError: where it cannot
        """

    def _refusal(self):
        """Return what a user is told who is not of those who decide."""
        raise NotImplementedError

    def _decide(self, state):
        """Write what was decided; models add what follows from it.

        :return: True
        """
        for record in self:
            record._write_as_step(record._prepare_decided(state))
        return True

    def _prepare_decided(self, state):
        """Return the values that a decision writes into one record."""
        return {
            "state": state,
            "decided_by_id": self.env.uid,
            "decided_at": fields.Datetime.now(),
        }
