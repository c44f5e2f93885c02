from freezegun import freeze_time

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


class CallbackCase(ServiceQualityCase):
    """The fixture has customers with telephones in UTC, a house rule and a caller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # calls of the demo's story are not in the queue
        open_calls = cls.env["service.quality.callback"].search(
            [("state", "=", "open")]
        )
        open_calls.needs_number = True
        cls.rule = cls._house_rule(
            metric="callback", duration=24, unit="hour", pause_on="nothing"
        )
        # in force before the month in which the tests play
        cls.rule._enter_house_rules("2026-01-01 00:00:00")
        cls.contact.write({"phone": "+49 30 123456", "tz": "UTC"})
        cls.stranger = cls.env["res.partner"].create(
            {
                "name": "Bo",
                "parent_id": cls.globex.id,
                "phone": "+86 10 6000",
                "tz": "UTC",
            }
        )
        cls.caller = cls._user("caller", "desk", tz="UTC")
        cls.second = cls._user("second", "desk", tz="UTC")
        cls.manager = cls._user("call_manager", "service_manager", tz="UTC")
        cls.reason = cls.env.ref("service_quality_callback.callback_reason_slow")

    @classmethod
    def _handled(cls, moment="2026-03-02 10:00", **values):
        """Return a ticket that was opened at 08:00 and handled at a moment."""
        ticket = cls._ticket("2026-03-02 08:00", **values)
        cls._move(ticket, "resolved", moment)
        return ticket

    def _next(self, moment, user=None, **kwargs):
        """Return the call that a caller gets at a moment, an empty one if none."""
        Callback = self.env["service.quality.callback"].with_user(user or self.caller)
        with freeze_time(moment):
            sheet = Callback.next_call(**kwargs)["call"]
        return Callback.browse(sheet and sheet["id"]).sudo()

    def _save(self, call, moment, disposition, user=None, **kwargs):
        with freeze_time(moment):
            call.with_user(user or self.caller).save_call(disposition, **kwargs)

    def _exempt(self, calls, moment, reason="I say so"):
        """Let calls be set aside by the caller and confirmed by the manager."""
        with freeze_time(moment):
            calls.with_user(self.caller).exempt(reason)
            calls.with_user(self.manager).action_confirm_no_call()

    def _complete(self, call, moment, user=None, **outcome):
        """Enter that a customer was reached and content, or what else is given."""
        outcome = {
            "callback_id": call.id,
            "solved": "yes",
            "satisfaction": "5",
            **outcome,
        }
        self._save(call, moment, "completed", user, outcomes=[outcome])
