from freezegun import freeze_time

from odoo import Command

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}
"""Eight hours of an office open from 9 to 17: a whole working day."""


class EscalationCase(ServiceQualityCase):
    """Rules that count from the beginning of 2026, and people to tell.

    The rules that the addon ships count from its installation, so that no ticket of
    March 2026 is a concern of theirs.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls._user(
            "alarm_agent", "desk", name="Agent", email="agent@example.com"
        )
        cls.leader = cls._user(
            "alarm_leader", "desk", name="Leader", email="leader@example.com"
        )
        cls.manager = cls._user(
            "alarm_manager", "service_manager", email="manager@example.com"
        )
        cls.team.write(
            {"user_id": cls.leader.id, "user_ids": [Command.set(cls.agent.ids)]}
        )
        cls.agreement = cls._agreement(TARGET, manager_id=cls.manager.id)

    @classmethod
    def _rule(cls, *steps, since="2026-01-01 00:00:00", **values):
        """Make a rule of steps given as dicts, which counts from a moment on."""
        with freeze_time(since):
            return cls.env["service.quality.escalation"].create(
                {
                    "name": "Ladder",
                    "step_ids": [Command.create(step) for step in steps],
                    **values,
                }
            )

    @classmethod
    def _sweep(cls, moment):
        """Fire all that is due at a moment; return the alarms raised by it."""
        Alarm = cls.env["service.quality.escalation.alarm"]
        before = Alarm.search([])
        with freeze_time(moment):
            while cls.env["service.quality.sweep"]._sweep(200):
                pass
        return Alarm.search([]) - before

    def activities(self, ticket):
        """Return the open activities that alarms have planned on a ticket."""
        return ticket.activity_ids.filtered("service_alarm_id")
