from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.metrics import HANDLED_PHASES

START = "2026-01-01"
MARCH = "2026-03"


class RegulationCase(ServiceQualityCase):
    """Regulation A in force since January, and who answers for its clauses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.partner_id.tz = "UTC"
        cls.company.resource_calendar_id.tz = "UTC"
        cls.boss = cls._user("boss", "executive", email="boss@us.example")
        cls.inspector = cls._user("judge", "quality", email="judge@us.example")
        cls.chief = cls._user("service_chief", "service_manager")
        cls.expert = cls._user("technician", "technical_centre")
        cls.caller, cls.second = (
            cls._user(login, "desk") for login in ("desk_early", "desk_late")
        )
        cls.regulation = cls.env.ref("service_quality_regulation.regulation_a")
        cls._in_force(cls.regulation)

    @classmethod
    def _in_force(cls, regulation, start=START, **values):
        return cls.env["service.quality.regulation.term"].create(
            {
                "regulation_id": regulation.id,
                "company_id": cls.env.company.id,
                "date_start": start,
                **values,
            }
        )

    @classmethod
    def _move(cls, tickets, phase, moment, **values):
        """Move tickets; what is not told of the work is missing afterwards.

        The regulation asks for it on resolving. What was handled before it was in
        force, or was resolved by a customer, has none.
        """
        bare = tickets.filtered(lambda one: not one.service_work_done)
        if phase not in HANDLED_PHASES or "service_work_done" in values or not bare:
            super()._move(tickets, phase, moment, **values)
            return
        super()._move(tickets - bare, phase, moment, **values)
        super()._move(
            bare, phase, moment, service_work_done="Nobody told what", **values
        )
        bare._write_as_step(
            dict.fromkeys(
                ("service_work_done", "service_work_at", "service_work_by_id"), False
            )
        )

    @classmethod
    def _handled(cls, moment="2026-03-02 10:00", **values):
        """Return a ticket that was opened at 08:00 and handled at a moment."""
        ticket = cls._ticket("2026-03-02 08:00", **values)
        cls._move(ticket, "resolved", moment)
        # the helpdesk takes cr.now()
        ticket._write_as_step({"closed_date": fields.Datetime.to_datetime(moment)})
        return ticket

    @classmethod
    def _obligation(cls, number):
        """Return a shipped obligation: ``a3_5_2_1``."""
        return cls.env.ref(f"service_quality_regulation.obligation_{number}")

    @classmethod
    def _own(cls, *obligations, code="X", **values):
        """Make a regulation of the company's own with one clause."""
        return cls.env["service.quality.regulation"].create(
            {
                "name": "Our own",
                "code": code,
                "clause_ids": [
                    Command.create(
                        {
                            "code": "1",
                            "name": "First",
                            "obligation_ids": [
                                Command.create(
                                    {"name": "Do it", "role": "quality", **one}
                                )
                                for one in obligations
                            ],
                        }
                    )
                ],
                **values,
            }
        )

    def judge(self, moment, *obligations, remind=False):
        """Judge obligations at a moment, and return their cells."""
        found = self.env["service.quality.obligation"].union(*obligations)
        with freeze_time(moment):
            cells = found._judge(self.company)
            if remind:
                Reminder = self.env["service.quality.escalation.reminder"]
                Reminder._remind_of("obligation")
        return cells

    def cell(self, obligation, label, company=None):
        cell = self.env["service.quality.compliance"].search(
            [
                ("obligation_id", "=", obligation.id),
                ("label", "=", label),
                ("company_id", "=", (company or self.company).id),
            ]
        )
        self.assertEqual(len(cell), 1, label)
        return cell

    def assertStands(self, obligation, label, state, done=None, due=None):
        cell = self.cell(obligation, label)
        self.assertEqual(cell.state, state, f"{obligation.display_name} {label}")
        if done is not None:
            self.assertEqual((cell.done_count, cell.due_count), (done, due))
        return cell

    def assertProved(
        self, number, state, done, due, moment="2026-03-31 20:00", label=MARCH
    ):
        obligation = self._obligation(number)
        self.judge(moment, obligation)
        return self.assertStands(obligation, label, state, done, due)
