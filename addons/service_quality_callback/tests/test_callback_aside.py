from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .callback_common import CallbackCase

IN_TIME = "2026-03-02 11:00"
LATE = "2026-03-03 12:00"
"""The calls of these tests fall due on 2026-03-03 at 10:00."""


@tagged("post_install", "-at_install")
class TestCallbackAside(CallbackCase):
    """Nobody makes a call vanish alone, and nobody at all once it was missed."""

    def setUp(self):
        super().setUp()
        self.call = self._handled().service_callback_ids

    def _counted(self, calls):
        """Return how many of some calls the register and the figure count, and met."""
        with freeze_time("2026-03-10 12:00"):
            rows = self.env["service.quality.callback.report"].search(
                [("callback_id", "in", calls.ids), ("due", "=", 1)]
            )
        clocks = calls.ticket_id.service_clock_ids.filtered(
            lambda clock: (
                clock.metric == "callback"
                and (clock.verdict or clock.state == "running")
            )
        )
        self.assertEqual(rows.ticket_id, clocks.ticket_id, "one source")
        return len(rows), len(rows.filtered("in_time_rate"))

    def test_nothing_exempts_after_the_deadline(self):
        """Regulation A5.1.2: 17 of 29 do not become 17 of 27."""
        done = self._handled(partner_id=self.stranger.id).service_callback_ids
        self._complete(done, IN_TIME)
        calls = self.call + done
        self.assertEqual(self._counted(calls), (2, 1))
        for user in (self.caller, self.manager):
            with (
                freeze_time(LATE),
                self.assertRaisesRegex(UserError, "nothing exempts"),
            ):
                self.call.with_user(user).exempt("Spoke to her in person")
        self.assertEqual(self._counted(calls), (2, 1))

    def test_an_exemption_is_confirmed_before_the_deadline(self):
        """What was asked for in time and confirmed too late counts as missed."""
        with freeze_time(IN_TIME):
            self.call.with_user(self.caller).exempt("A test ticket")
        with freeze_time(LATE), self.assertRaisesRegex(UserError, "nothing exempts"):
            self.call.with_user(self.manager).action_confirm_no_call()
        self.assertEqual(self._counted(self.call), (1, 0))
        self.call.with_user(self.caller).action_call_after_all()
        self.assertEqual(self._next(LATE), self.call)

    def test_who_confirms(self):
        """Deny: who asked, who handled the ticket, and who has no such role."""
        resolver = self._user("aside_resolver", "desk", "service_manager")
        call = self._handled(user_id=resolver.id).service_callback_ids
        with freeze_time(IN_TIME):
            call.with_user(self.manager).exempt("A test ticket")
            refused = [
                self._user(f"aside_{role}", role)
                for role in ("staff", "desk", "technical_centre", "sales")
            ]
            for user in (*refused, self.manager, resolver):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    call.with_user(user).action_confirm_no_call()
            self.assertEqual(call.state, "open")
            call.with_user(
                self._user("aside_quality", "quality")
            ).action_confirm_no_call()
        self.assertEqual((call.state, call.result), ("ended", "exempt"))
        self.assertEqual(call.exempted_by_id, self.manager)
        self.assertEqual(self._counted(call), (0, 0))

    def test_what_is_decided_stays_on_the_ticket(self):
        with freeze_time(IN_TIME):
            self.call.with_user(self.caller).exempt("A test ticket")
            self.call.with_user(self.caller).action_call_after_all()
        notes = "".join(map(str, self.call.ticket_id.message_ids.mapped("body")))
        self.assertIn("A test ticket", notes)
        self.assertIn("after all", notes)

    def test_a_wish_after_the_deadline_is_obeyed_and_stays_missed(self):
        with freeze_time(LATE):
            self.contact.write(
                {"service_do_not_call": True, "service_call_source": "By mail"}
            )
        self.assertEqual((self.call.state, self.call.result), ("ended", "declined"))
        self.contact.with_user(self.caller).action_confirm_wish()
        self.assertEqual(self._counted(self.call), (1, 0))
        self.assertConsistent(self.call.ticket_id)

    def test_a_wish_leaves_the_figure_once_it_is_confirmed(self):
        """A colleague at the desk who knows the customer's words may confirm it."""
        self.contact.invalidate_recordset()
        with freeze_time(IN_TIME):
            self.contact.with_user(self.manager).sudo().write(
                {"service_do_not_call": True, "service_call_source": "By mail"}
            )
            self.assertEqual(self.call.aside_as, "declined")
            with self.assertRaises(AccessError):
                self.contact.with_user(self.manager).action_confirm_wish()
            with self.assertRaises(AccessError):
                self.call.with_user(self.manager).action_confirm_no_call()
            self.call.with_user(self.second).action_confirm_no_call()
        self.assertEqual((self.call.state, self.call.result), ("ended", "declined"))
        self.assertEqual(self._counted(self.call), (0, 0))
        self.assertEqual(self.contact.service_wish_confirmed_by_id, self.second)
        self.assertConsistent(self.call.ticket_id)

    def test_a_wish_that_nobody_confirms_counts_as_missed(self):
        self.contact.write(
            {"service_do_not_call": True, "service_call_source": "By mail"}
        )
        call = self._handled().service_callback_ids
        self.assertEqual((call.state, call.aside_as), ("open", "declined"))
        self.assertFalse(self._next(IN_TIME))
        self.assertEqual(self._counted(call), (1, 0))
        with freeze_time(LATE):
            call.with_user(self.caller).action_confirm_no_call()
        self.assertEqual(self._counted(call), (1, 0), "too late to leave the figure")

    def test_whose_word_it_is_is_not_written_by_hand(self):
        editor = self._user("aside_editor", "service_manager")
        editor.group_ids += self.env.ref("base.group_partner_manager")
        contact = self.contact.with_user(editor)
        for name in ("service_wish_by_id", "service_wish_confirmed_by_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                contact.write({name: self.second.id})
        contact.write({"service_do_not_call": True, "service_call_source": "By mail"})
        self.assertEqual(contact.service_wish_by_id, editor)
        contact.with_user(self.second).action_confirm_wish()
        contact.service_call_source = "By mail, so he says"
        self.assertFalse(contact.service_wish_confirmed_by_id, "worded anew")

    def test_another_contact_is_called_instead(self):
        """The wish is of one person: another of the customer's may be asked."""
        with freeze_time(IN_TIME):
            self.contact.write(
                {"service_do_not_call": True, "service_call_source": "By mail"}
            )
            other = self.env["res.partner"].create(
                {"name": "Eve", "parent_id": self.acme.id, "phone": "+49 30 2"}
            )
            self.call.with_user(self.caller).set_contact(other.id)
        self.assertFalse(self.call.aside_as)
        self.assertEqual(self._next("2026-03-02 12:00"), self.call)

    def test_reopening_does_not_take_back_a_miss(self):
        """What was missed and is then reopened counts in the register as well."""
        self._move(self.call.ticket_id, "active", LATE)
        self.assertEqual(self.call.result, "cancelled")
        self.assertEqual(self._counted(self.call), (1, 0))


@tagged("post_install", "-at_install")
class TestExemptionRule(CallbackCase):
    """A rule exempts only what is handled after an executive approved it."""

    def setUp(self):
        super().setUp()
        self.executive = self._user("rule_executive", "executive", "quality")
        self.rule = (
            self.env["service.quality.callback.exemption"]
            .with_user(self._user("rule_quality", "quality"))
            .create(
                {
                    "name": "Everything",
                    "no_contact": False,
                    "company_id": self.env.company.id,
                }
            )
        )

    def _result(self):
        return self._handled().service_callback_ids.result

    def test_from_its_approval_on(self):
        before = self._handled().service_callback_ids
        self.assertEqual(before.state, "open", "not approved yet")
        self.rule.with_user(self.executive).action_approve()
        self.assertEqual(before.state, "open", "handled before")
        self.assertEqual(self._result(), "exempt")
        self.rule.no_contact = True
        self.rule.no_contact = False
        self.assertEqual(self.rule.state, "requested", "it exempts other tickets")
        self.assertFalse(self._result())

    def test_who_approves(self):
        """Deny: who wrote it, and who is no executive."""
        for role in ("quality", "service_manager", "desk"):
            user = self._user(f"rule_no_{role}", role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.rule.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            self.rule.state = "approved"
        own = self.rule.with_user(self.executive)
        own.channel_id = self.env["helpdesk.ticket.channel"].search([], limit=1)
        with self.assertRaises(AccessError):
            own.action_approve()
        self.assertEqual(self.rule.state, "requested")

    def test_a_rule_that_was_used_stays(self):
        self.rule.with_user(self.executive).action_approve()
        self.assertEqual(self._result(), "exempt")
        with self.assertRaisesRegex(UserError, "part of the record"):
            self.rule.unlink()

    def test_categories_as_they_were_approved(self):
        """What comes below the category later is called until it is approved again."""
        Category = self.env["helpdesk.ticket.category"]
        narrow = Category.create({"name": "Self test"})
        below = Category.create({"name": "Nightly", "parent_id": narrow.id})
        wide = Category.create({"name": "Network"})
        self.rule.category_id = narrow
        self.rule.with_user(self.executive).action_approve()
        self.assertEqual(self.rule.covered_ids, narrow | below)
        admin = self._user("rule_admin")
        admin.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        wide.with_user(admin).sudo(False).parent_id = narrow
        results = [
            self._handled(category_id=category.id).service_callback_ids.result
            for category in (narrow, below, wide)
        ]
        self.assertEqual(results, ["exempt", "exempt", False])
        with self.assertRaises(AccessError):
            self.rule.covered_ids += wide
        self.rule.channel_id = self.env["helpdesk.ticket.channel"].search([], limit=1)
        self.assertFalse(self.rule.covered_ids, "to be approved again")
        self.rule.channel_id = False
        self.rule.with_user(self.executive).action_approve()
        again = self._handled(category_id=wide.id).service_callback_ids
        self.assertEqual(again.result, "exempt", "approved again")

    def test_channel_by_which_it_was_opened(self):
        """Another channel, set before the ticket is handled, spares nobody a call."""
        alarm, other = self.env["helpdesk.ticket.channel"].create(
            [{"name": "Alarm"}, {"name": "Letter"}]
        )
        self.rule.channel_id = alarm
        self.rule.with_user(self.executive).action_approve()
        ticket = self._ticket("2026-03-02 08:00", channel_id=other.id)
        with freeze_time("2026-03-02 09:55"):
            ticket.channel_id = alarm
            with self.assertRaises(AccessError):
                ticket.service_first_channel_id = alarm
        self._move(ticket, "resolved", "2026-03-02 10:00")
        self.assertEqual(ticket.service_callback_ids.state, "open")
        opened = self._handled(channel_id=alarm.id)
        self.assertEqual(opened.service_callback_ids.result, "exempt")
