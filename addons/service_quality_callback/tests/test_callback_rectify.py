from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallbackRectify(CallbackCase):
    """What a customer said in a call is rectified, and not rewritten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quality = cls._user("call-quality", "quality")

    def _ended(self):
        ticket = self._handled()
        call = self._next("2026-03-02 11:00")
        self._complete(call, "2026-03-02 11:05", comment="All is well")
        self.assertEqual(ticket.service_callback_ids, call)
        return call

    def test_outcome(self):
        """Deny: nobody writes over it; a grade waits for a second person."""
        call = self._ended()
        with self.assertRaisesRegex(UserError, "Rectify"):
            call.sudo().write({"comment": "Bad"})
        with self.assertRaises(UserError):
            call.with_user(self.caller).write({"satisfaction": "1"})
        mine = call.with_user(self.caller)
        mine._rectify("comment", "All is very well", "Not all of it")
        self.assertEqual(call.comment, "All is very well")
        row = mine._rectify("satisfaction", "4", "A slip of the key")
        self.assertEqual(call.satisfaction, "5")
        row.with_user(self.quality).action_approve()
        self.assertEqual((call.satisfaction, call.satisfaction_score), ("4", 4))

    def test_a_list_is_rectified_in_the_dialog(self):
        """Reasons are added and taken away; old and new are shown by their names."""
        call = self._ended()
        slow, rude = self.env["service.quality.callback.reason"].search([], limit=2)
        call.sudo()._rectify_erasing().reason_ids = slow
        action = call.with_user(self.caller).action_service_rectify()
        Dialog = self.env[action["res_model"]].with_user(self.caller)
        with Form(Dialog.with_context(**action["context"])) as form:
            form.field_name = "reason_ids"
            self.assertEqual((form.old_text, form.new_names), (slow.name, slow.name))
            form.listed = rude.id
            self.assertIn(rude.name, form.new_names)
            form.listed = slow.id
            self.assertEqual(form.new_names, rude.name)
            form.reason = "A slip of the mouse"
        form.save().action_confirm()
        row = self.env["service.quality.rectification"].search(
            [("res_id", "=", call.id), ("field_name", "=", "reason_ids")]
        )
        self.assertEqual((row.old_text, row.new_text), (slow.name, rude.name))
        self.assertEqual(call.reason_ids, slow)
        row.with_user(self.quality).action_approve()
        self.assertEqual(call.reason_ids, rude)

    def test_what_a_reason_was_called_is_kept(self):
        """Regulation A5.1.2: what customers have said gets no other name unseen."""
        call = self._ended()
        call.sudo()._rectify_erasing().reason_ids = self.reason
        named = self.reason.with_user(self.quality)
        before = named.name
        named.name = "Attitude"
        row = self.env["service.quality.rectification"].search(
            [("res_model", "=", named._name), ("res_id", "=", named.id)], limit=1
        )
        self.assertEqual((row.old_text, row.new_text), (before, "Attitude"))
        self.assertEqual(row.user_id, self.quality)
        with self.assertRaisesRegex(ValidationError, "Archive it instead"):
            named.unlink()

    def test_voided_end_keeps_what_was_said(self):
        """Voiding the end opens the call again, and its texts are kept."""
        call = self._ended()
        events = call.ticket_id.service_event_ids
        end = events.filtered(lambda event: event.kind == "callback_ended")
        with freeze_time("2026-03-02 11:10"):
            end._void("Another customer")
        self.assertEqual((call.state, call.comment), ("open", False))
        rows = self.env["service.quality.rectification"].search(
            [("res_model", "=", call._name), ("res_id", "=", call.id)]
        )
        self.assertIn("All is well", rows.mapped("old_text"))
        self.assertEqual(set(rows.mapped("kind")), {"step"})

    def test_answer_of_the_department(self):
        """Deny: what a department answered to a bad result is not rewritten."""
        call = self._ended()
        digest = self.env["service.quality.callback.digest"].create(
            [
                {
                    "team_id": self.team.id,
                    "company_id": call.company_id.id,
                    "date_from": "2026-03-02",
                }
            ]
        )
        line = self.env["service.quality.callback.digest.line"]._create_as_step(
            [{"digest_id": digest.id, "callback_id": call.id}]
        )
        with freeze_time("2026-03-09 08:00"):
            line.write({"analysis": "Too few people", "action": "One more"})
        with self.assertRaisesRegex(UserError, "Rectify"):
            line.analysis = "Bad luck"
        line._rectify("analysis", "Too few at noon", "More precise")
        self.assertEqual(line.analysis, "Too few at noon")
