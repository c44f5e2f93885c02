from freezegun import freeze_time

from odoo import Command

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase

START = "2026-01-01"


class RegulationCase(CallbackCase, ComplaintCase):
    """Regulation A in force since January, and who answers for its clauses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env.cr.execute("DELETE FROM service_quality_regulation_term")
        cls.env.invalidate_all()
        cls.company.partner_id.tz = "UTC"
        cls.company.resource_calendar_id.tz = "UTC"
        cls.boss = cls._user("boss", "executive", email="boss@us.example")
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
