from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import new_test_user

from .common import ServiceQualityCase


class PortalCase(ServiceQualityCase):
    """A ticket of Acme with an agreement of each kind, and a portal user each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement(
            {"metric": "first_response", "duration": 25, "unit": "minute"},
            {"metric": "resolution", "duration": 9},
            calendar_id=False,
        )
        cls._agreement(
            {"metric": "resolution", "duration": 3.25},
            kind="ola",
            partner_ids=False,
            team_ids=cls.team.ids,
            calendar_id=False,
        )
        cls.agent = cls._user("tending", "desk", name="Zebedee Quill")
        cls.team.user_ids = cls.agent
        cls.customer = cls._portal_user("acme_portal", cls.acme)
        cls.stranger = cls._portal_user("globex_portal", cls.globex)
        cls.opened = fields.Datetime.now() - timedelta(hours=1)
        with freeze_time(cls.opened - timedelta(days=1)):
            cls._house_rule(metric="arrival", duration=7.75)
        cls.ticket = cls._ticket(
            service_opened_at=cls.opened, user_id=cls.agent.id, name="No dial tone"
        )
        cls.ticket.service_record("responded", at=cls.opened + timedelta(minutes=10))
        # the page names who holds a ticket by itself; the clocks must not
        cls.ticket.user_id = False

    @classmethod
    def _portal_user(cls, login, company):
        user = new_test_user(
            cls.env, login=login, groups="base.group_portal", tz="Asia/Shanghai"
        )
        user.partner_id.parent_id = company
        return user
