from odoo import api, fields, models
from odoo.fields import Domain

SEEN = [("service_is_hidden", "=", False)]
"""Of the tickets that a record has: a search by their ids asks no rule of theirs."""


class ServiceQualityHiddenMixin(models.AbstractModel):
    """Hides what is said or planned about a document with the ticket that it is of.

    Record rules ask for it. Odoo's own access to messages and activities also goes by
    who was mentioned, notified or put in charge; a rule comes before all of these.
    """

    _name = "service.quality.hidden.mixin"
    _description = "Hidden With Its Ticket"

    _service_model_field = "res_model"

    service_is_hidden = fields.Boolean(
        string="Hidden From Me",
        compute="_compute_service_is_hidden",
        search="_search_service_is_hidden",
        compute_sudo=True,  # it is asked before the record may be read
    )

    @api.depends(lambda self: (self._service_model_field, "res_id"))
    @api.depends_context("uid")
    def _compute_service_is_hidden(self):
        self.service_is_hidden = False
        hidden_with = self._service_hidden_with()
        for model, records in self.grouped(self._service_model_field).items():
            if model not in hidden_with:
                continue
            documents = self._service_documents(model).search(  # batched: once a model
                self._service_hidden_document_domain(model)
                & Domain("id", "in", records.mapped("res_id"))
            )
            for record in records:
                record.service_is_hidden = record.res_id in documents.ids

    def _search_service_is_hidden(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            Domain(self._service_model_field, "=", model)
            & Domain(
                "res_id",
                "in",
                self._service_documents(model)._search(
                    self._service_hidden_document_domain(model)
                ),
            )
            for model in self._service_hidden_with()
        )

    @api.model
    def _service_hidden_with(self):
        """Return the documents that are hidden with a ticket; addons add theirs.

        :return: dict of model to the path of the ticket that it is of
        """
        return {"helpdesk.ticket": "id"}

    @api.model
    def _service_documents(self, model):
        # what the user may not see is looked for, in the archive, too
        return self.env[model].sudo().with_context(active_test=False)

    @api.model
    def _service_hidden_document_domain(self, model):
        hidden = self.env["helpdesk.ticket"]._service_hidden_domain()
        path = self._service_hidden_with()[model]
        return hidden if path == "id" else Domain(path, "any!", hidden)
