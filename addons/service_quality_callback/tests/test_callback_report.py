from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_escalation.tests.reminder_common import Reminding

from .callback_common import CallbackCase


@tagged("post_install", "-at_install")
class TestCallbackReport(CallbackCase):
    """Follow-up calls are counted, and departments act on them."""

    def _many(self, number, moment="2026-03-02 10:00"):
        """Handle tickets of as many people, and return their calls."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"Person {n}", "phone": "+49 30 1", "tz": "UTC"}
                for n in range(number)
            ]
        )
        with freeze_time("2026-03-02 08:00"):
            tickets = self.env["helpdesk.ticket"].create(
                [
                    {
                        "name": "Counted",
                        "description": "Counted",
                        "partner_id": partner.id,
                        "team_id": self.team.id,
                        "stage_id": self.stages["new"].id,
                    }
                    for partner in partners
                ]
            )
        self._move(tickets, "resolved", moment)
        return tickets.service_callback_ids.sorted("id")

    def _rates(self, calls, *names):
        self.env.flush_all()
        [row] = self.env["service.quality.callback.report"]._read_group(
            [("callback_id", "in", calls.ids)], [], [f"{name}:avg" for name in names]
        )
        return [round(value, 1) for value in row]

    def _counts(self, calls, *names):
        [row] = self.env["service.quality.callback.report"]._read_group(
            [("callback_id", "in", calls.ids)], [], [f"{name}:sum" for name in names]
        )
        return list(row)

    def test_reached_and_first_attempt_are_two_figures(self):
        """Regulation A5.1.2: 80 % reached in time, 91 % called in time, of 100 due."""
        calls = self._many(103)
        unreached, cancelled, exempt = calls[100], calls[101], calls[102]
        self._move(cancelled.ticket_id, "active", "2026-03-02 10:30")
        self._exempt(exempt, "2026-03-02 11:00", "Was told at the counter")
        for call in calls[:77]:
            self._complete(call, "2026-03-02 11:00", satisfaction="4")
        for call in calls[77:80]:
            self._save(call, "2026-03-02 11:00", "refused")
        for call in calls[80:86]:  # called in time, reached late
            self._save(call, "2026-03-02 11:00", "no_answer")
            self._complete(call, "2026-03-03 14:00", satisfaction="4")
        for call in calls[86:95]:  # nobody answered: five of them tried in time only
            first = "2026-03-02 11:00" if call in calls[86:91] else "2026-03-03 11:00"
            for moment in (first, "2026-03-03 14:00", "2026-03-03 18:00"):
                self._save(call, moment, "no_answer")
        with freeze_time("2026-03-03 20:00"):
            hundred = calls - unreached
            self.assertEqual(
                self._rates(hundred, "attempted_rate", "in_time_rate"), [91.0, 80.0]
            )
            self.assertEqual(
                self._counts(
                    hundred,
                    "handled",
                    "due",
                    "exempt",
                    "cancelled",
                    "unreachable",
                    "late",
                ),
                [102, 100, 1, 1, 9, 5],
            )
            self.assertEqual(
                self._rates(hundred, "reached_rate", "completed_rate", "refused_rate"),
                [86.0, 83.0, 3.0],
            )

    def test_open_and_not_due_is_in_no_rate(self):
        """Regulation A5.1.2: what can still be kept is no miss."""
        [call] = self._many(1)
        with freeze_time("2026-03-03 09:59"):
            self.assertEqual(self._counts(call, "due"), [0])
        with freeze_time("2026-03-03 10:01"):
            self.assertEqual(self._counts(call, "due", "late"), [1, 1])

    def test_rates_are_of_ones_own_tickets(self):
        """Staff reads own tickets only, customers nothing."""
        call = self._many(1)
        self.env.flush_all()
        Report = self.env["service.quality.callback.report"]
        domain = [("callback_id", "=", call.id)]
        staff, executive = (
            self._user("staff2", "staff"),
            self._user("boss2", "executive"),
        )
        self.assertFalse(Report.with_user(staff).search(domain))
        self.assertTrue(Report.with_user(executive).search(domain))
        with self.assertRaises(AccessError):
            Report.with_user(self._user("sales2", "sales")).search(domain)


@tagged("post_install", "-at_install")
class TestCallbackDigest(Reminding, CallbackCase):
    """Regulation A3.4.2: departments act on the results that the desk supplies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls._user("leader", "staff", tz="UTC")
        cls.team.write({"user_id": cls.leader.id, "user_ids": [(4, cls.leader.id)]})
        cls.good = cls._handled("2026-03-02 10:00").service_callback_ids
        cls.bad = cls._handled(
            "2026-03-02 10:00", partner_id=cls.stranger.id
        ).service_callback_ids

    def _digest(self):
        self._complete(self.good, "2026-03-03 09:00")
        self._complete(
            self.bad,
            "2026-03-03 10:00",
            satisfaction="2",
            reason_ids=self.reason.ids,
            comment="Too late",
        )
        digests = self.env["service.quality.callback.digest"]
        with freeze_time("2026-03-09 05:00"):
            digests._cron_make_digests()
            digests._cron_make_digests()
        return digests.search([("team_id", "=", self.team.id)])

    def test_department_gets_its_week_once(self):
        """Regulation A3.4.2: results of the week, with what was bad, to the leader."""
        digest = self._digest()
        self.assertEqual(len(digest), 1)
        self.assertEqual(
            (digest.call_count, digest.reached_count, digest.solved_count), (2, 2, 2)
        )
        self.assertEqual(
            (digest.satisfaction, str(digest.date_from)), (3.5, "2026-03-02")
        )
        self.assertEqual(digest.line_ids.callback_id, self.bad)
        self.assertEqual(digest.activity_ids.user_id, self.leader)

    def test_a_week_without_bad_results_asks_for_nothing(self):
        """The leader is told, and is not left with an activity that nothing ends."""
        self._complete(self.good, "2026-03-03 09:00")
        digests = self.env["service.quality.callback.digest"]
        with freeze_time("2026-03-09 05:00"):
            digests._cron_make_digests()
        digest = digests.search([("team_id", "=", self.team.id)])
        self.assertEqual((digest.call_count, digest.missing_count), (1, 0))
        self.assertFalse(digest.activity_ids)
        told = (
            self.env["mail.notification"]
            .search([("res_partner_id", "=", self.leader.partner_id.id)])
            .mail_message_id
        )
        told = told.filtered(
            lambda one: (one.model, one.res_id) == (digest._name, digest.id)
        )
        self.assertIn("no bad results", told.body)

    def test_analysis_and_action_are_an_answer(self):
        """Regulation A3.4.2: analysis and action of each bad result, by whom."""
        digest = self._digest()
        line = digest.line_ids.with_user(self.leader)
        line.analysis = "The part was not in stock"
        self.assertEqual(digest.missing_count, 1, "an action is asked as well")
        line.action = "Two of them are kept from now on"
        self.assertEqual((digest.missing_count, line.answered_by_id), (0, self.leader))
        self.assertFalse(digest.activity_ids, "nothing is left to do")
        with self.assertRaisesRegex(UserError, "analysis"):
            line.callback_id = self.good

    def test_missing_answer_is_overdue_and_escalates_once(self):
        """Regulation A3.4.2: a missing answer is seen, and the manager is told."""
        digest = self._digest()
        manager = self._user("manager", "service_manager")
        with freeze_time("2026-03-16 05:00"):
            self.assertFalse(digest.is_overdue)
        digest.invalidate_recordset(["is_overdue"])
        with freeze_time("2026-03-17 05:00"):
            self.assertTrue(digest.is_overdue)
            self.assertIn(digest, digest.search([("is_overdue", "=", True)]))
        self._ship("digest")
        self.assertFalse(self._remind("2026-03-16 05:00", digest, "digest"))
        for _run in range(2):
            self._remind("2026-03-17 05:00", digest, "digest")
        warned = digest.activity_ids.filtered(lambda a: a.user_id != self.leader)
        self.assertEqual(len(warned), len(warned.user_id), "once")
        self.assertIn("has not answered", warned[0].summary)
        group = self.env.ref(
            "service_quality_core.service_quality_group_service_manager"
        )
        self.assertLessEqual(warned.user_id, group.all_user_ids, manager.login)
        digest.line_ids.write({"analysis": "Parts are missing", "action": "More parts"})
        self.assertFalse(digest.activity_ids)

    def test_the_manager_of_the_service_department_answers(self):
        """Regulation A3.4.2: whom it names answers, and not a team leader alone."""
        digest = self._digest()
        manager = self._user("manager3", "service_manager")
        line = digest.line_ids.with_user(manager)
        line.write({"analysis": "Parts are missing", "action": "More parts"})
        self.assertEqual((digest.missing_count, line.answered_by_id), (0, manager))

    def test_only_the_department_answers(self):
        digest = self._digest()
        other = self._user("other", "staff")
        quality = self._user("quality2", "quality")
        self.assertFalse(digest.with_user(other).search([("id", "=", digest.id)]))
        self.assertTrue(digest.with_user(quality).search([("id", "=", digest.id)]))
        for user in (other, quality, self._user("sales3", "sales")):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                digest.line_ids.with_user(user).write({"analysis": "x"})
        with self.assertRaises(AccessError):
            digest.with_user(self.leader).write({"call_count": 9})
