from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallbackDecision(CallbackCase):
    """The dialog exempts calls, or gives them up."""

    def _decide(self, calls, decision, user=None, **values):
        wizard = Form(
            self.env["service.quality.callback.decision"]
            .with_user(user or self.caller)
            .with_context(active_ids=calls.ids, default_decision=decision)
        )
        for name, value in values.items():
            wizard[name] = value
        return wizard.save().action_confirm()

    def test_exempt_counts_for_who_did_it(self):
        """Regulation A3.5.2: exemptions are counted by agent: no loophole."""
        calls = self._handled().service_callback_ids
        calls += self._handled(partner_id=self.stranger.id).service_callback_ids
        with freeze_time("2026-03-02 11:00"):
            self._decide(calls, "exempt", reason="Test tickets")
            self.assertEqual(calls.mapped("state"), ["open"] * 2)
            calls.with_user(self.manager).action_confirm_no_call()
        self.assertEqual(calls.mapped("result"), ["exempt"] * 2)
        self.assertEqual(calls.confirmed_by_id, self.manager)
        self.assertEqual(calls.exempted_by_id, self.caller)
        self.assertEqual(set(calls.mapped("end_reason")), {"Test tickets"})

    def test_own_wish_and_rules_are_no_agents_exemptions(self):
        self.contact.write(
            {"service_do_not_call": True, "service_call_source": "By mail, 1 March"}
        )
        self.contact.with_user(self.caller).action_confirm_wish()
        call = self._handled().service_callback_ids
        self.assertEqual(call.result, "declined")
        self.assertFalse(call.exempted_by_id)

    def test_a_reason_is_asked_for(self):
        call = self._handled().service_callback_ids
        with self.assertRaises(ValidationError):
            self._decide(call, "exempt", reason=" ")
        self.assertEqual(call.state, "open")

    def test_give_up(self):
        call = self._handled().service_callback_ids
        with self.assertRaisesRegex(UserError, "Nobody has tried"):
            self._decide(call, "give_up", reason="Moved away")
        self._save(call, "2026-03-02 12:00", "no_answer")
        self._decide(call, "give_up", reason="Moved away")
        self.assertEqual(call.result, "unreachable")

    def test_who_decides_nothing(self):
        """Deny: only who makes follow-up calls opens the dialog."""
        call = self._handled().service_callback_ids
        portal = new_test_user(self.env, "decision_portal", "base.group_portal")
        users = [
            self._user(f"decision_{role}", role)
            for role in ("staff", "project_manager", "executive", "sales")
        ]
        for user in (*users, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._decide(call, "exempt", user, reason="I say so")
        self.assertEqual(call.state, "open")

    def test_page_of_a_chosen_call(self):
        call = self._handled().service_callback_ids
        action = call.with_user(self.caller).action_call()
        self.assertEqual(action["tag"], "service_quality_callback.next_call")
        self.assertEqual(action["params"], {"callback_id": call.id})

    def test_deadline_is_searched_among_open_calls(self):
        Callback = self.env["service.quality.callback"]
        call = self._handled("2026-03-02 10:00").service_callback_ids
        other = self._handled("2026-03-02 14:00").service_callback_ids
        due = [("deadline", "<", "2026-03-03 12:00:00")]
        self.assertIn(call, Callback.search(due))
        self.assertNotIn(other, Callback.search(due))

    def test_ticket_counts_its_calls(self):
        ticket = self._handled()
        self.assertEqual(ticket.service_callback_count, 1)
        action = ticket.action_service_callbacks()
        self.assertEqual(action["res_id"], ticket.service_callback_ids.id)
        self._move(ticket, "active", "2026-03-02 12:00")
        self._move(ticket, "resolved", "2026-03-02 13:00")
        self.assertEqual(
            ticket.action_service_callbacks()["domain"], [("ticket_id", "=", ticket.id)]
        )
