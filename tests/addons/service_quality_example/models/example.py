"""One of everything that an addon adds to Service Quality, each by ``_inherit``."""

from odoo import api, fields, models

from odoo.addons.service_quality.models.callback.service_quality_callback_attempt import (  # noqa: E501
    Disposition,
)
from odoo.addons.service_quality.tools.core.instants import to_datetime
from odoo.addons.service_quality.tools.core.metrics import declare


class ServiceQualityTarget(models.Model):
    """Promises a workaround, and one within two days where no agreement says more."""

    _inherit = "service.quality.target"

    @api.model
    def _metrics(self):
        return super()._metrics() | {"workaround": self.env._("Workaround")}

    @api.model
    def _metric_rules(self):
        rule = declare("opened", "workaround handled", "cancelled", on_reopen="never")
        return super()._metric_rules() | {"workaround": rule}

    @api.model
    def _course_words(self):
        told = self.env._("When a way around the trouble is found.")
        return super()._course_words() | {"workaround": told}

    @api.model
    def _house_rules(self):
        return [*super()._house_rules(), ("workaround", False, 48)]


class ServiceQualityEvent(models.Model):
    _inherit = "service.quality.event"

    @api.model
    def _kinds(self):
        return super()._kinds() | {"workaround": self.env._("Workaround found")}


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    service_workaround_at = fields.Datetime(readonly=True, copy=False)
    service_finder_id = fields.Many2one("res.users", copy=False, ondelete="restrict")

    @api.model
    def _service_recordable(self):
        return (*super()._service_recordable(), "workaround")


class ServiceQualityLedger(models.AbstractModel):
    _inherit = "service.quality.ledger"

    @api.model
    def _ticket_columns(self):
        return (*super()._ticket_columns(), "service_workaround_at")

    @api.model
    def _ticket_values(self, folded, deadline):
        found = [at for at, token in folded.moments if token == "workaround"]
        return (
            *super()._ticket_values(folded, deadline),
            to_datetime(found[0] if found else None),
        )


class ServiceQualityPurge(models.Model):
    _inherit = "service.quality.purge"

    @api.model
    def _ticket_staff(self):
        return (*super()._ticket_staff(), "service_finder_id")


class ServiceQualityCallbackAttempt(models.Model):
    _inherit = "service.quality.callback.attempt"

    @api.model
    def _dispositions(self):
        voicemail = Disposition(self.env._("Voicemail"), "3.14", "unanswered", "v")
        return super()._dispositions() | {"voicemail": voicemail}
