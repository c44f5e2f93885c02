from odoo import Command
from odoo.tests import tagged

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestWrongInput(ReportCase):
    """What is asked for, or given, by mistake changes no report and opens none."""

    def test_revision_of_each_kind(self):
        """A revision is about what the report before it was about."""
        for kind, subject in (
            ("customer", self.agreement),
            ("project", self.project),
            ("department", self.team),
        ):
            report = self._make(kind, subject)
            report.also_partner_ids = [Command.set(self.contact.ids)]
            self._send(report)
            revision = report.browse(report.with_user(self.quality).revise("Late"))
            self.assertEqual(revision._subject(), subject)
            self.assertEqual(revision.company_id, report.company_id)
            self.assertEqual(revision.also_partner_ids, self.contact)

    def test_token_that_is_no_token(self):
        report = self._make("customer", self.agreement)
        self._send(report)
        portal = self.env["service.quality.report.portal"]
        for token in ("é", "中文", "x" * 5000, "\0"):
            self.assertFalse(portal._find(report.id, token)[0])
        sent = report.delivery_ids.filtered(lambda one: one.partner_id == self.contact)
        token = sent.access_token
        self.assertEqual(portal._find(report.id, token)[0], report)
