from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .callback_common import CallbackCase

HANDLED = "2026-03-02 10:00:00"
CONTENT = {"solved": "yes", "satisfaction": "5"}
BAD = {"solved": "no", "satisfaction": "1", "comment": "Still dead"}


@tagged("post_install", "-at_install")
class TestCallbackWrittenAnswer(CallbackCase):
    """A customer answers by link or in the portal."""

    def _call(self):
        return self._handled(HANDLED, user_id=self.env.uid).service_callback_ids

    def _in_writing(self, call, moment="2026-03-02 11:00:00", **values):
        with freeze_time(moment):
            return call._answer_in_writing(CONTENT | values, "link")

    @freeze_time(HANDLED)
    def _link(self, call):
        return call._make_links()[call].rsplit("/", 1)[1]

    # ------------------------------------------------------------------
    # The answer
    # ------------------------------------------------------------------

    def test_recorded_beside(self):
        """Regulation A5.1.2: an answer by link does not do for the call."""
        call = self._call()
        answer = self._in_writing(call, comment=" Fine ")
        self.assertEqual(call.state, "open")
        self.assertFalse(call.satisfaction)
        self.assertFalse(call.reached_at)
        self.assertEqual(answer.comment, "Fine")
        self.assertFalse(answer.is_instead)
        self.assertEqual(self.clock(call.ticket_id, "callback").state, "running")

    def test_instead_of_the_call(self):
        """Regulation A5.1.2: it ends the call where the agreement says so."""
        self._agreement(
            {"metric": "resolution", "duration": 4, "unit": "hour"},
            callback_in_writing=True,
        )
        call = self._call()
        self.contact.phone = False  # what is said in writing needs no number
        answer = self._in_writing(call)
        self.assertTrue(answer.is_instead)
        self.assertEqual((call.state, call.result), ("ended", "answered"))
        self.assertEqual((call.channel, call.satisfaction), ("link", "5"))
        self.assertFalse(call.reached_at, "not by telephone")
        self.assertEqual(self.clock(call.ticket_id, "callback").verdict, "met")
        self.assertConsistent(call.ticket_id)

    def test_not_solved_reopens(self):
        self._agreement(
            {"metric": "resolution", "duration": 4, "unit": "hour"},
            callback_in_writing=True,
        )
        call = self._call()
        self._in_writing(call, **BAD)
        self.assertEqual(call.ticket_id.stage_id._service_phase(), "active")
        self.assertIn("Still dead", call.ticket_id.message_ids[:1].body)

    def test_anybody_with_the_link_answers(self):
        """Regulation A5.1.2: the customer needs no account to answer."""
        self._agreement(
            {"metric": "resolution", "duration": 4, "unit": "hour"},
            callback_in_writing=True,
        )
        public = self.env.ref("base.public_user")
        for answer in (CONTENT, BAD, CONTENT | {"solved": "partly"}):
            with self.subTest(answer):
                call = self._call()
                token = self._link(call)
                with freeze_time("2026-03-02 11:00:00"):
                    found = self.env[call._name].with_user(public)._by_token(token)
                    found._answer_in_writing(answer, "link")
                self.assertEqual(call.result, "answered")
                self.assertEqual(call.ended_by_id, public)
                self.assertConsistent(call.ticket_id)

    def test_partly_is_followed_up(self):
        self._agreement(
            {"metric": "resolution", "duration": 4, "unit": "hour"},
            callback_in_writing=True,
        )
        call = self._call()
        self._in_writing(call, solved="partly")
        activity = call.ticket_id.activity_ids
        self.assertEqual(activity.user_id, call.resolver_id)
        self.assertEqual(str(activity.date_deadline), "2026-03-03")

    def test_not_content_is_called_at_once(self):
        call = self._call()
        call.next_call_at = "2026-03-02 15:00:00"
        self._in_writing(call, **BAD)
        self.assertMoment(call.next_call_at, "2026-03-02 11:00")
        self.assertEqual(call.ticket_id.stage_id._service_phase(), "resolved")

    def test_a_promise_is_kept(self):
        call = self._call()
        call.write({"next_call_at": "2026-03-02 15:00:00", "is_promised": True})
        self._in_writing(call, **BAD)
        self.assertMoment(call.next_call_at, "2026-03-02 15:00")

    def test_not_content_when_nobody_calls_any_more(self):
        manager = self._user("writing_manager", "service_manager")
        call = self._call()
        with freeze_time("2026-03-02 10:30:00"):
            self.env["service.quality.ledger"]._append(
                call._end("unreachable", call.opened_at)
            )
        with freeze_time("2026-03-03 10:00:00"):
            self._in_writing(call, "2026-03-03 10:00:00", **BAD)
        activity = call.ticket_id.activity_ids
        self.assertIn("Still dead", activity.note)
        self.assertTrue(activity.user_id)
        self.assertTrue(manager)

    def test_one_answer(self):
        call = self._call()
        self._in_writing(call)
        self.assertFalse(call._is_answerable())
        with self.assertRaisesRegex(UserError, "answered already"):
            self._in_writing(call)

    def test_none_after_the_call(self):
        call = self._call()
        with freeze_time("2026-03-02 10:30:00"):
            call.save_call("completed", [CONTENT | {"callback_id": call.id}])
        with self.assertRaises(UserError):
            self._in_writing(call)

    def test_none_when_taken_up_again(self):
        call = self._call()
        self._move(call.ticket_id, "active", "2026-03-02 10:30:00")
        with self.assertRaises(UserError):
            self._in_writing(call)

    def test_impossible(self):
        call = self._call()
        for wrong in (
            {"solved": "maybe"},
            {"solved": None},
            {"satisfaction": "6"},
            {"satisfaction": ""},
        ):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self._in_writing(call, **wrong)
        self.assertFalse(call.answer_ids)

    def test_reasons(self):
        call = self._call()
        answer = self._in_writing(
            call, satisfaction="2", reason_ids=[str(self.reason.id), "0", "x"]
        )
        self.assertEqual(answer.reason_ids, self.reason)

    def test_reasons_of_the_content_are_dropped(self):
        call = self._call()
        answer = self._in_writing(call, reason_ids=self.reason.ids)
        self.assertFalse(answer.reason_ids)

    def test_long_words_are_cut(self):
        answer = self._in_writing(self._call(), comment="x" * 1_000_000)
        self.assertEqual(len(answer.comment), 2000)

    def test_stays_as_written(self):
        answer = self._in_writing(self._call())
        manager = self._user("writing_manager", "service_manager", "quality")
        with self.assertRaises(AccessError):
            answer.with_user(manager).comment = "Splendid"
        with self.assertRaises(UserError):
            answer.unlink()

    # ------------------------------------------------------------------
    # The link
    # ------------------------------------------------------------------

    def test_link_finds_its_call(self):
        call, other = self._call(), self._call()
        token, other_token = self._link(call), self._link(other)
        with freeze_time("2026-03-30 10:00:00"):
            self.assertEqual(self.env[call._name]._by_token(token), call)
            self.assertEqual(self.env[call._name]._by_token(other_token), other)

    def test_link_expires(self):
        call = self._call()
        token = self._link(call)
        with freeze_time("2026-04-01 10:00:00"):
            self.assertFalse(self.env[call._name]._by_token(token))

    def test_link_is_void_when_a_new_one_is_made(self):
        call = self._call()
        first, second = self._link(call), self._link(call)
        with freeze_time(HANDLED):
            self.assertFalse(self.env[call._name]._by_token(first))
            self.assertTrue(self.env[call._name]._by_token(second))

    def test_link_is_not_guessed(self):
        call = self._call()
        token = self._link(call)
        with freeze_time(HANDLED):
            for wrong in ("", None, False, 7, token[:-1], token + "x", "é" * 43, "%"):
                with self.subTest(wrong):
                    self.assertFalse(self.env[call._name]._by_token(wrong))
            self.assertFalse(self.env[call._name]._by_token(call.link_hash))

    def test_link_is_not_stored(self):
        call = self._call()
        token = self._link(call)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT link_hash FROM service_quality_callback WHERE id = %s", [call.id]
        )
        stored = self.env.cr.fetchone()[0]
        self.assertNotIn(token, stored)
        self.assertEqual(len(stored), 64)

    def test_nobody_reads_the_hash(self):
        call = self._call()
        self._link(call)
        desk = self._user("writing_desk", "desk")
        with self.assertRaises(AccessError):
            call.with_user(desk).read(["link_hash"])
