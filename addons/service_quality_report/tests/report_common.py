from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period

TARGET = {"metric": "resolution", "duration": 4, "goal_percent": 95}


class ReportCase(ServiceQualityCase):
    """Acme has a service project and an agreement; people have the roles of reports.

    The tests stand on 1 April 2026 and look back on March.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.executive = cls._user("executive", "executive", email="boss@us.example")
        cls.quality = cls._user("quality", "quality", email="quality@us.example")
        cls.centre = cls._user("centre", "technical_centre", email="centre@us.example")
        cls.manager = cls._user(
            "manager", "project_manager", email="manager@us.example"
        )
        cls.staff = cls._user("staff", "staff", email="staff@us.example")
        cls.project, cls.silent = cls.env["service.quality.project"].create(
            [
                {
                    "name": name,
                    "partner_id": partner.id,
                    "user_id": cls.manager.id,
                    "team_id": cls.team.id,
                    "date_start": "2026-01-01",
                }
                for name, partner in (
                    ("Acme service", cls.acme),
                    ("Silent service", cls.globex),
                )
            ]
        )
        cls.env["service.quality.project"].search(
            [("id", "not in", (cls.project + cls.silent).ids)]
        ).active = False
        cls.agreement = cls._agreement(
            TARGET,
            project_id=cls.project.id,
            report_partner_ids=[Command.set(cls.contact.ids)],
        )
        cls.env["res.company"].search([]).partner_id.tz = "UTC"
        # whatever a regulation in force asks for
        cls.env["res.company"].search([]).service_report_project_cadence = "month"

    @classmethod
    def _handle(cls, opened, resolved, **values):
        """Open a ticket and resolve it."""
        ticket = cls._ticket(opened, **values)
        cls._move(ticket, "resolved", resolved)
        return ticket

    @classmethod
    def _make(cls, kind="organisation", subject=None, day="2026-03-01", **values):
        """Make a report's draft on 1 April, as the quality department."""
        with freeze_time("2026-04-01 08:00:00"):
            Report = cls.env["service.quality.report"].with_user(cls.quality)
            made = Report.make(
                kind, values.get("period", "month"), day, subject and subject.id
            )
            return cls.env["service.quality.report"].browse(made)

    def _period(self, day, kind="month"):
        return Period(kind, date.fromisoformat(day))

    def _send(self, report, moment="2026-04-02 08:00:00"):
        with freeze_time(moment):
            report.with_user(self.quality).review()
            report.with_user(self.quality).send()

    def _say(self, user, action, text):
        """Enter the text that the dialog of a step asks for; return what follows."""
        Dialog = self.env[action["res_model"]].with_user(user)
        with Form(Dialog.with_context(**action["context"])) as form:
            form.text = text
        return form.save().action_say()

    def _line(self, report, formula="attainment"):
        """Return the figure of all that was agreed."""
        return report.line_ids.filtered(
            lambda line: (
                line.indicator_id.formula == formula
                and not line.indicator_id.metric
                and line.section != "target"
            )
        )[:1]
