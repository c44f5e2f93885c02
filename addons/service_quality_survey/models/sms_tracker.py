from odoo import fields, models

LEFT = ("process", "pending", "sent")

NO_NUMBER = frozenset(
    {
        "sms_number_missing", "sms_number_format", "sms_country_not_supported",
        "sms_invalid_destination", "sms_not_allowed", "sms_rejected", "sms_blacklist",
        "sms_optout",
    }
)  # fmt: skip
"""The person is not reached by SMS; all else is no fault of the number."""


class SmsTracker(models.Model):
    """Enters at messages of surveys what became of their text messages."""

    _inherit = "sms.tracker"

    service_message_id = fields.Many2one(
        "service.quality.survey.message", ondelete="cascade", index="btree_not_null"
    )

    def _action_update_from_provider_error(self, provider_error):
        result = super()._action_update_from_provider_error(provider_error)
        _status, failure_type, reason = result
        self._service_note_failure(failure_type, reason or provider_error)
        return result

    def _action_update_from_sms_state(
        self, sms_state, failure_type=False, failure_reason=False
    ):
        result = super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )
        if sms_state in LEFT:
            self.service_message_id._note_sent()
        elif sms_state == "error":
            self._service_note_failure(failure_type, failure_reason)
        return result

    def _service_note_failure(self, failure_type, reason):
        messages = self.service_message_id
        types = self.env["sms.sms"]._fields["failure_type"]

        def say(own):
            named = dict(types._description_selection(own.env))
            return reason or named.get(failure_type) or failure_type

        if failure_type in NO_NUMBER:
            messages._note_bounced(say)
        else:
            messages._note_failed(say)
