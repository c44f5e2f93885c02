from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase
from odoo.addons.service_quality_escalation.tests.escalation_common import (
    EscalationCase,
)

NOW = "2026-03-02 13:00:00"


@tagged("post_install", "-at_install")
class TestLeaving(EscalationCase, CallbackCase, ComplaintCase):
    """SLA case 28: who leaves takes no duty along, however they are archived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver = cls._user("leaver", "desk", email="leaver@us.example")
        cls.leader = cls._user("leader", "desk", email="leader@us.example")
        cls.relief = cls._user("relief", "desk", email="relief@us.example")
        cls.team.write(
            {
                "user_id": cls.leader.id,
                "user_ids": (cls.leaver | cls.leader | cls.relief).ids,
            }
        )

    def leave(self, how="write", user=None):
        with freeze_time(NOW):
            if how == "write":
                (user or self.leaver).write({"active": False})
            else:
                (user or self.leaver).action_archive()
        self.env.invalidate_all()

    def todo(self, record, user=None, **values):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "summary": "Ask the supplier",
                "user_id": (user or self.leaver).id,
                "date_deadline": "2026-03-03",
                **values,
            }
        )

    def test_tickets_return_to_the_team(self):
        """SLA case 28: open ones, archived too; what is closed keeps its name."""
        for how in ("write", "action_archive"):
            leaver = self._user(f"leaver_{how}", "desk")
            self.team.user_ids |= leaver
            ticket, hidden, done = (
                self._ticket("2026-03-02 09:00", user_id=leaver.id) for _n in range(3)
            )
            hidden.active = False
            self._move(done, "resolved", "2026-03-02 10:00")
            self.leave(how, leaver)
            with self.subTest(how):
                self.assertFalse((ticket | hidden).user_id)
                self.assertEqual((ticket | hidden).team_id, self.team)
                self.assertEqual(done.user_id, leaver)
                self.assertEqual(self.kinds(ticket)[-1], "assigned")
                self.assertConsistent(ticket | hidden | done)

    def test_a_call_in_hand_goes_back_to_the_queue(self):
        """SLA case 28: somebody else gets it, and plans it."""
        call = self._handled().service_callback_ids
        with freeze_time("2026-03-02 12:50"):
            call.with_user(self.leaver).take()
        self.assertEqual(call._activities().user_id, self.leaver)
        self.leave()
        self.assertFalse(call.user_id)
        self.assertFalse(call.taken_at)
        self.assertTrue(call._activities())
        self.assertFalse(call._activities().user_id)
        self.assertEqual(self._next(NOW), call)

    def test_who_takes_over(self):
        """SLA case 28: who is on duty, else the leader, else the service manager."""
        for how in ("duty", "leader", "manager"):
            leaver = self._user(f"leaver_to_{how}", "desk")
            ticket = self._ticket("2026-03-02 09:00", user_id=leaver.id)
            todo = self.todo(ticket, leaver)
            if how == "duty":
                shift = self.env["service.quality.duty"].create(
                    {
                        "team_id": self.team.id,
                        "user_id": self.relief.id,
                        "date_from": "2026-03-02 08:00:00",
                        "date_to": "2026-03-02 20:00:00",
                    }
                )
                heirs = self.relief
            elif how == "leader":
                shift.unlink()
                heirs = self.leader
            else:
                self.team.user_id = False
                heirs = self.company._service_role_users("service_manager")
            self.leave("action_archive", leaver)
            with self.subTest(how):
                self.assertTrue(todo.exists())
                self.assertIn(todo.user_id, heirs)

    def test_alarms_are_raised_again(self):
        """SLA case 28: an alarm of an open ticket never ends with nobody."""
        rule = self._rule({"trigger": "percent", "amount": 50, "recipient": "assignee"})
        ticket = self._ticket("2026-03-02 09:00", user_id=self.leaver.id)
        [alarm] = self._sweep(NOW)
        self.assertEqual(alarm.activity_ids.user_id, self.leaver)
        self.leave("action_archive")
        self.assertEqual(alarm.activity_ids.user_id, self.leader)
        told = alarm.with_context(active_test=False).user_ids
        self.assertEqual(told, self.leaver | self.leader)
        self.assertNotIn(self.leader.partner_id, ticket.message_partner_ids)
        self.assertTrue(rule)

    def test_the_accused_takes_nothing_over(self):
        """SLA case 28: a complaint is not handed to the person whom it is about."""
        self.env["service.quality.duty"].create(
            {
                "team_id": self.other_team.id,
                "user_id": self.relief.id,
                "date_from": "2026-03-02 08:00:00",
                "date_to": "2026-03-02 20:00:00",
            }
        )
        complaint = self._complaint(
            "2026-03-02 09:00",
            team_id=self.other_team.id,
            service_about_team_id=False,
            service_about_user_id=self.relief.id,
        )
        todo = self.todo(complaint)
        self.leave()
        self.assertTrue(todo.exists())
        self.assertTrue(todo.user_id)
        self.assertNotIn(todo.user_id, self.relief | self.leaver)

    def test_own_duties_have_a_new_owner(self):
        """SLA case 28: what one person has to do is done by another one."""
        project = self.env["service.quality.project"].create(
            {
                "name": "Acme service",
                "partner_id": self.acme.id,
                "user_id": self.leaver.id,
                "team_id": self.team.id,
            }
        )
        todo = self.todo(project)
        self.leave()
        self.assertTrue(project.user_id.active)
        self.assertTrue(todo.user_id.active)

    def test_nothing_twice(self):
        """SLA case 28: what the heir has to do already is not planned again."""
        ticket = self._ticket("2026-03-02 09:00", user_id=self.leaver.id)
        todo, same = self.todo(ticket), self.todo(ticket, self.leader)
        self.leave()
        self.assertFalse(todo.exists())
        self.assertEqual(same.user_id, self.leader)

    def test_others_are_left_alone(self):
        """SLA case 28: activities of other addons are Odoo's to delete."""
        todo = self.todo(self.acme)
        self.leave("action_archive")
        self.assertFalse(todo.exists())
