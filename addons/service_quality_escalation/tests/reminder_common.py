from freezegun import freeze_time

from odoo import Command


class Reminding:
    """Rules about what is due until a day, for test cases that have such things."""

    @classmethod
    def _ship(cls, subject, since="2026-01-01 00:00:00"):
        """Have the shipped rule about something be the only one, from a moment on."""
        Rule = cls.env["service.quality.escalation"]
        Rule.search([("subject", "=", subject)]).active = False
        with freeze_time(since):
            values = Rule._prepare_shipped(cls.env.company, subject)
            return Rule.create(values)

    @classmethod
    def _ladder(cls, subject, *steps, since="2026-01-01 00:00:00", **values):
        """Make a rule of steps given as dicts: on the first day unless they say so."""
        with freeze_time(since):
            return cls.env["service.quality.escalation"].create(
                {
                    "name": "Ladder",
                    "subject": subject,
                    "step_ids": [
                        Command.create({"trigger": "days", "amount": 1} | step)
                        for step in steps
                    ],
                    **values,
                }
            )

    @classmethod
    def _remind(cls, moment, record, subject):
        """Remind at a moment of all about a subject; return what is about a record."""
        with freeze_time(moment):
            sent = cls.env["service.quality.escalation.reminder"]._remind_of(subject)
        return sent.filtered(
            lambda one: (one.res_model, one.res_id) == (record._name, record.id)
        )

    def assertClimbs(self, record, subject, steps):
        """Assert who is reminded on which day, and that nobody is twice.

        :param steps: list of (day, users, or nobody)
        """
        for day, users in steps:
            with self.subTest(day=day):
                sent = self._remind(f"{day} 08:00:00", record, subject)
                self.assertEqual(bool(sent), bool(users))
                self.assertLessEqual(users, sent.user_ids)
                # and no others of those that the test knows
                others = self.people() - users
                self.assertFalse(others & sent.user_ids)
                self.assertFalse(self._remind(f"{day} 20:00:00", record, subject))

    def people(self):
        return self.env["res.users"].union(
            *(
                value
                for value in vars(type(self)).values()
                if getattr(value, "_name", None) == "res.users"
            )
        )

    def urged(self, place):
        """Return who has to look after something by a reminder."""
        activities = place.sudo().activity_ids
        return activities.filtered("service_reminder_id").user_id
