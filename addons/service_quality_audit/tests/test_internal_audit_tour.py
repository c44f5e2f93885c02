from odoo import Command
from odoo.tests import HttpCase, tagged

from .internal_audit_common import InternalAuditCase


@tagged("post_install", "-at_install", "browser")
class TestInternalAuditTour(InternalAuditCase, HttpCase):
    """An auditor holds a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_an_auditor_on_a_phone(self):
        """One question on a screen; what is half done is kept."""
        audit = self._audit(
            line_ids=[
                Command.create({"name": f"{name} thing: is it so?", "seq": number})
                for number, name in enumerate(("First", "Second"))
            ]
        )
        self.expert.write({"password": self.expert.login, "lang": "en_US"})
        audit.action_start()
        action = self.env.ref("service_quality_audit.mgmtsystem_audit_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{audit.id}",
            "service_quality_internal_audit_tour",
            login=self.expert.login,
        )
        first, second = audit.line_ids
        self.assertEqual(first.service_verdict, "conform")
        self.assertTrue(first.service_is_complete)
        self.assertEqual(first.service_auditor_id, self.expert)
        self.assertEqual(second.service_verdict, "observation")
        self.assertFalse(second.service_is_complete)
