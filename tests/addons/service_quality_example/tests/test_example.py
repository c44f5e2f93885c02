from odoo.tests import tagged

from odoo.addons.service_quality.tests.callback.callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestExample(CallbackCase):
    """An addon adds one of everything by ``_inherit`` alone, and it works."""

    # ------------------------------------------------------------------
    # Core
    # ------------------------------------------------------------------

    def test_metric(self):
        """A metric, its house rule, the kind of row that stops it, and a column."""
        rule = self._house_rule(metric="workaround", duration=48)
        ticket = self._ticket()
        clock = ticket.service_clock_ids.filtered(
            lambda clock: clock.metric == "workaround"
        )
        self.assertEqual((clock.target_id, clock.state), (rule, "running"))
        ticket.service_record("workaround")
        self.assertEqual((clock.state, clock.verdict), ("done", "met"))
        self.assertTrue(ticket.service_workaround_at)
        row = ticket.service_event_ids.filtered(lambda row: row.kind == "workaround")
        self.assertEqual(row.kind_name, "Workaround found")
        self.assertFalse(self.env["service.quality.ledger"]._differences(ticket.ids))
        self.assertIn(
            ("workaround", False, 48),
            self.env["service.quality.target"]._house_rules(),
        )

    def test_metric_in_a_contract(self):
        """A contract says of the metric what its clock does."""
        agreement = self._agreement({"metric": "workaround", "duration": 4})
        [(label, clauses)] = agreement._print_clauses()
        self.assertEqual(label, "Workaround")
        self.assertIn("When a way around the trouble is found.", dict(clauses)["Stops"])

    def test_purge(self):
        """What it says of staff is taken out of old tickets with the rest."""
        ticket = self._ticket(service_finder_id=self.env.uid)
        self.env["service.quality.purge"]._forget_staff(ticket.ids)
        self.assertFalse(ticket.service_finder_id)

    # ------------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------------

    def test_disposition(self):
        """What came of a call is counted as what it says, and offered to the caller."""
        call = self._handled().service_callback_ids
        sheet = call.with_user(self.caller).call_sheet()
        self.assertIn("voicemail", [one["value"] for one in sheet["dispositions"]])
        self._save(call, "2026-03-02 10:30", "voicemail")
        attempt = call.attempt_ids
        self.assertEqual((attempt.outcome, attempt.aapor_code), ("unanswered", "3.14"))
        self.assertTrue(call.next_call_at)
