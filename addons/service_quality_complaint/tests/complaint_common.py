from freezegun import freeze_time

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


class ComplaintCase(ServiceQualityCase):
    """The company has two outlets under a head office, and a technical centre."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-01"):
            for metric, severity, hours in cls.env[
                "service.quality.target"
            ]._house_rules():
                if severity:  # of complaints, as shipped
                    cls._house_rule(metric=metric, severity=severity, duration=hours)
        cls.company = cls.env.company
        cls.chief = cls._user("chief", "service_manager", email="chief@us.example")
        cls.head = cls._user("head", "desk", email="head@us.example")
        cls.officer = cls._user("officer", "staff", email="officer@us.example")
        cls.clerk = cls._user("clerk", "desk", email="clerk@us.example")
        cls.expert = cls._user("expert", "technical_centre", email="expert@us.example")
        cls.inspector = cls._user("inspector", "quality", email="inspector@us.example")
        Team = cls.env["helpdesk.ticket.team"]
        cls.head_office = Team.create({"name": "Head office", "user_id": cls.chief.id})
        cls.outlet = Team.create(
            {
                "name": "Outlet",
                "parent_id": cls.head_office.id,
                "user_id": cls.head.id,
                "user_ids": cls.clerk.ids,
            }
        )
        cls.centre = Team.create(
            {"name": "Centre", "user_id": cls.expert.id, "user_ids": cls.expert.ids}
        )
        # whatever the demo's story says of the company
        cls.company.write(
            {
                "service_technical_centre_id": cls.centre.id,
                "service_complaint_team_id": False,
                "service_pass_on_every_complaint": False,
                "service_hotline": False,
                "service_hotline_tester_id": False,
            }
        )
        cls.env["service.quality.complaint.route"].search([]).active = False

    @classmethod
    def _complaint(cls, moment=None, **values):
        """Open a complaint of Acme's contact about the outlet at a moment."""
        return cls._ticket(
            moment,
            **{
                "name": "Kept waiting",
                "service_is_complaint": True,
                "service_about_team_id": cls.outlet.id,
                **values,
            },
        )

    @classmethod
    def _answer(cls, complaint, moment, way="phone", **values):
        with freeze_time(moment):
            complaint.service_complaint_answer("<p>Sorry</p>", way, **values)

    def mails(self, records):
        """Return the mails about some records, oldest first."""
        return (
            self.env["mail.mail"]
            .search([("model", "=", records._name), ("res_id", "in", records.ids)])
            .sorted("id")
        )
