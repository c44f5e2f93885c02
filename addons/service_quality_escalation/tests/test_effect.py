from odoo import Command
from odoo.tests import new_test_user, tagged

from .escalation_common import TARGET, EscalationCase

HALF = {"trigger": "percent", "amount": 50}


@tagged("post_install", "-at_install")
class TestEffect(EscalationCase):
    """Whom alarms tell, and what they do."""

    def _alarm(self, moment="2026-03-02 13:00:00", ticket=None, **step):
        """Have one step fire on a ticket of the agent."""
        rule = self._rule({**HALF, **step})
        ticket = ticket or {"user_id": self.agent.id}
        self._ticket("2026-03-02 09:00:00", **ticket)
        [alarm] = self._sweep(moment)
        rule.active = False  # the next one is about another ticket
        return alarm

    # ------------------------------------------------------------------
    # Whom
    # ------------------------------------------------------------------

    def test_assignee(self):
        """The assignee is told."""
        self.assertEqual(self._alarm().user_ids, self.agent)

    def _shift(self, user):
        return self.env["service.quality.duty"].create(
            {
                "team_id": self.team.id,
                "user_id": user.id,
                "date_from": "2026-03-02 12:00:00",
                "date_to": "2026-03-02 20:00:00",
            }
        )

    def test_nobody_has_it(self):
        """Whoever is on duty stands in for an assignee that there is not."""
        guard = self._user("alarm_guard", "desk")
        self._shift(guard)
        self.assertEqual(self._alarm(ticket={"name": "Nobody's"}).user_ids, guard)

    def test_nobody_is_on_duty(self):
        """The leader stands in for whoever is on duty, and a manager for the leader."""
        alarm = self._alarm(recipient="duty")
        self.assertEqual(alarm.user_ids, self.leader)
        self._move(alarm.ticket_id, "resolved", "2026-03-02 13:30:00")
        self.team.user_id = False
        self.assertEqual(self._alarm(recipient="duty").user_ids, self.manager)

    def test_nobody_at_all(self):
        """Without service managers the administrators are told, and never nobody."""
        managers = self.env.ref(
            "service_quality_core.service_quality_group_service_manager"
        )
        managers.user_ids = [Command.clear()]
        self.agreement._write_as_step({"manager_id": False})
        self.team.user_id = False
        alarm = self._alarm(recipient="leader")
        self.assertEqual(alarm.outcome, "done")
        self.assertIn(self.env.ref("base.user_admin"), alarm.user_ids)

    def test_ticket_without_a_team(self):
        """SLA case 15: a ticket without a team alarms the service manager."""
        alarm = self._alarm(recipient="leader", ticket={"team_id": False})
        self.assertEqual(alarm.user_ids, self.manager)

    def test_roles(self):
        """Regulation A3.4.4: each role of the regulation can be told."""
        project = self.env["service.quality.project"].create(
            {"name": "P", "partner_id": self.acme.id, "user_id": self.agent.id}
        )
        self.agreement._write_as_step({"project_id": project.id})
        people = {
            role: self._user(f"alarm_{role}", role)
            for role in ("quality", "technical_centre", "executive")
        }
        people |= {"project_manager": self.agent, "service_manager": self.manager}
        for role, user in people.items():
            with self.subTest(role):
                alarm = self._alarm(recipient=role)
                self.assertIn(user, alarm.user_ids)
                self._move(alarm.ticket_id, "resolved", "2026-03-02 13:30:00")
        step = {"recipient": "user", "user_id": self.leader.id}
        self.assertEqual(self._alarm(**step).user_ids, self.leader)

    def test_who_has_left(self):
        """The leader is told in place of an assignee who has left."""
        self._rule(HALF)
        self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        self.agent.active = False
        self.assertEqual(self._sweep("2026-03-02 13:00:00").user_ids, self.leader)

    def test_who_may_not_see_the_ticket(self):
        """Somebody who may not see the ticket is not told of it."""
        stranger = new_test_user(self.env, "alarm_stranger", groups="base.group_user")
        alarm = self._alarm(recipient="user", user_id=stranger.id)
        self.assertEqual(alarm.user_ids, self.manager)

    def test_colleagues_of_other_companies(self):
        """Somebody of another company is not told."""
        there = self.env["res.company"].create({"name": "There"})
        other = self._user(
            "alarm_other",
            "service_manager",
            company_id=there.id,
            company_ids=[Command.set(there.ids)],
        )
        self.agreement._write_as_step({"manager_id": False})
        alarm = self._alarm(recipient="service_manager")
        self.assertIn(self.manager, alarm.user_ids)
        self.assertNotIn(other, alarm.user_ids)

    # ------------------------------------------------------------------
    # What
    # ------------------------------------------------------------------

    def test_activity(self):
        """An activity for each person, with the deadline, and no mail beside it."""
        before = self.env["mail.mail"].search_count([])
        self.agent.tz = "Asia/Shanghai"
        alarm = self._alarm()
        [activity] = alarm.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(activity.res_id, alarm.ticket_id.id)
        self.assertEqual(activity.summary, "Resolution: 50 % of the time used")
        self.assertIn("Due 3/3/26, 1:00", activity.note)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_one_person_has_one_thing_to_do(self):
        """Of one promise a person has what the last step said."""
        self._rule(
            HALF,
            {"trigger": "percent", "amount": 100},
            {"trigger": "percent", "amount": 100, "recipient": "leader"},
        )
        self._rule({"trigger": "percent", "amount": 100, "recipient": "leader"})
        self.team.user_id = self.agent
        other = self._ticket("2026-03-02 08:30:00", user_id=self.agent.id)
        ticket = self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        self._sweep("2026-03-02 13:00:00")
        self._sweep("2026-03-02 17:00:00")
        self.assertEqual(
            self.activities(ticket).mapped("summary"), ["Resolution: late"]
        )
        self.assertEqual(self.activities(other).mapped("summary"), ["Resolution: late"])
        alarms = self.env["service.quality.escalation.alarm"]
        told = alarms.search([("ticket_id", "=", ticket.id)])
        self.assertEqual(len(told), 4, "each step stays on record")

    def test_nobody_follows_the_ticket(self):
        """Who is told of a promise does not get all that is said on the ticket."""
        alarm = self._alarm(recipient="service_manager")
        followers = alarm.ticket_id.message_partner_ids
        self.assertNotIn(self.manager.partner_id, followers)

    def test_mail(self):
        """One mail for all whom the step tells, kept, and queued to leave at once."""
        second = self._user("alarm_second", "quality", email="second@example.com")
        third = self._user("alarm_third", "quality", email="third@example.com")
        silent = self._user("alarm_silent", "quality")
        silent.email = False
        alarm = self._alarm(recipient="quality", action="mail")
        mail = alarm.mail_id
        self.assertLessEqual((second | third).partner_id, mail.recipient_ids)
        self.assertNotIn(silent.partner_id, mail.recipient_ids)
        self.assertEqual(mail.state, "outgoing")
        self.assertFalse(mail.auto_delete)
        self.assertEqual(
            mail.subject,
            f"[{alarm.ticket_id.number}] Resolution: 50 % of the time used",
        )
        for text in ("No dial tone", "Acme", f"res_id={alarm.ticket_id.id}"):
            self.assertIn(text, mail.body_html)
        self.assertIn("auto-generated", mail.headers)
        # an answer to it must not reach the customer
        self.assertFalse(mail.model)
        self.assertNotIn(mail.mail_message_id, alarm.ticket_id.message_ids)
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))

    def test_mail_in_the_readers_language(self):
        """A mail speaks the language and the time zone of who reads it."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.agent.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        alarm = self._alarm(action="mail")
        # five in the afternoon in London is one in the night there
        self.assertIn("2026/3/3 01:00", alarm.mail_id.body_html)

    def test_text_message(self):
        """A text message in the queue of Odoo, with number and deadline."""
        self.agent.partner_id.write({"phone": "+86 139 1099 8888"})
        alarm = self._alarm(action="sms")
        [sms] = self.env["sms.sms"].search(
            [("partner_id", "=", self.agent.partner_id.id)]
        )
        self.assertEqual(sms.number, "+8613910998888")
        self.assertEqual(sms.state, "outgoing")
        self.assertIn(alarm.ticket_id.number, sms.body)

    def test_no_number(self):
        """Who has no telephone is stood in for by somebody who has one."""
        self.leader.partner_id.phone = "+86 139 1099 8888"
        self.assertEqual(self._alarm(action="sms").user_ids, self.leader)

    def test_nobody_can_be_reached(self):
        """Where no one has a number the alarm says that nobody was reached."""
        self.env["res.partner"].search([("phone", "!=", False)]).phone = False
        alarm = self._alarm(action="sms")
        self.assertEqual(alarm.outcome, "nobody")
        self.assertFalse(alarm.user_ids)

    def test_reassign(self):
        """The ticket is given to the first person of the kind, once."""
        alarm = self._alarm(action="reassign", recipient="leader")
        ticket = alarm.ticket_id
        self.assertEqual(ticket.user_id, self.leader)
        self.assertIn("assigned", self.kinds(ticket))
        self.assertEqual(alarm.outcome, "done")
        self.assertConsistent(ticket)

    def test_reassign_to_somebody_who_cannot_work(self):
        """A ticket is not given to somebody who is no agent."""
        boss = self._user("alarm_boss2", "executive")
        alarm = self._alarm(action="reassign", recipient="user", user_id=boss.id)
        self.assertEqual(alarm.ticket_id.user_id, self.manager)

    def test_raise_priority(self):
        """The priority is raised by one, and the highest stays."""
        for before, after in (("1", "2"), ("3", "3")):
            alarm = self._alarm(ticket={"priority": before}, action="raise_priority")
            ticket = alarm.ticket_id
            self.assertEqual(ticket.priority, after)
            self.assertEqual(alarm.outcome, "done")
            self._move(ticket, "resolved", "2026-03-02 13:30:00")
            self.assertConsistent(ticket)

    def test_raised_once(self):
        """SLA case 13: the promise of a raised priority raises it no further."""
        self._agreement(
            *({**TARGET, "priority": code, "duration": hours}
              for code, hours in (("0", 8), ("1", 4), ("2", 2), ("3", 1))),
            partner_ids=self.globex.ids,
        )  # fmt: skip
        self._rule({**HALF, "action": "raise_priority"})
        ticket = self._ticket(
            "2026-03-02 09:00:00", priority="0", partner_id=self.globex.id
        )
        alarms = self._sweep("2026-03-02 13:00:00")
        self.assertEqual(ticket.priority, "1")
        alarms |= self._sweep("2026-03-02 13:01:00")
        self.assertEqual(ticket.priority, "1")
        self.assertEqual(sorted(alarms.mapped("outcome")), ["done", "repeated"])

    def test_raised_once_for_two_promises(self):
        """SLA case 13: two promises that are due together raise it by one."""
        self._agreement(
            {**TARGET, "metric": "first_response"}, TARGET, partner_ids=self.globex.ids
        )
        self._rule({**HALF, "action": "raise_priority"})
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        alarms = self._sweep("2026-03-02 13:00:00")
        self.assertEqual(ticket.priority, "2")
        self.assertEqual(sorted(alarms.mapped("outcome")), ["done", "repeated"])

    def test_ticket_that_refuses(self):
        """A ticket that cannot be changed says why, and the others are changed."""
        self._rule({**HALF, "action": "raise_priority"})
        tickets = [self._ticket("2026-03-02 09:00:00") for _number in range(3)]
        # a program or an import may leave a ticket without its process
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET type_id = NULL WHERE id = %s", [tickets[1].id]
        )
        self.env.invalidate_all()
        tickets[1].company_id.service_process_id = False
        Ticket = type(self.env["helpdesk.ticket"])
        write = Ticket.write

        def refuse(records, vals):
            if tickets[1].id in records.ids and "priority" in vals:
                records = records.with_context(lang="en_US")
                records._check_type_id()
            return write(records, vals)

        self.patch(Ticket, "write", refuse)
        alarms = self._sweep("2026-03-02 13:00:00")
        found = {alarm.ticket_id: alarm for alarm in alarms}
        self.assertEqual(found[tickets[1]].outcome, "failed")
        self.assertIn("belongs to a process", found[tickets[1]].failure)
        self.assertEqual(found[tickets[0]].outcome, "done")
        self.assertEqual([t.priority for t in tickets], ["2", "1", "2"])

    # ------------------------------------------------------------------
    # What an addon left behind
    # ------------------------------------------------------------------

    def _leave(self, step, **codes):
        """Write codes into a step as the addon did that knew them."""
        for name, code in codes.items():
            self.env.cr.execute(
                f"UPDATE service_quality_escalation_step SET {name} = %s WHERE id = %s",
                [code, step.id],
            )
        step.invalidate_recordset()
        self.env.registry.clear_all_caches()

    def test_action_that_is_gone(self):
        """A step whose action is not known says so in its alarm, and once."""
        rule = self._rule({**HALF, "user_id": self.agent.id}, HALF)
        self._leave(rule.step_ids[0], action="gone")
        self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        alarms = self._sweep("2026-03-02 13:00:00")
        left, told = alarms.sorted(lambda alarm: alarm.action != "gone")
        self.assertEqual((left.outcome, told.outcome), ("failed", "done"))
        self.assertIn("gone", left.failure)
        self.assertFalse(left.user_ids)
        self.assertFalse(self._sweep("2026-03-02 13:20:00"))

    def test_recipient_that_is_gone(self):
        """The service manager stands in for somebody whose addon is gone."""
        rule = self._rule(HALF)
        self._leave(rule.step_ids, recipient="gone")
        self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        self.assertEqual(self._sweep("2026-03-02 13:00:00").user_ids, self.manager)

    def test_trigger_that_is_gone(self):
        """A step whose moment is not known never comes, and the others do."""
        rule = self._rule(HALF, {**HALF, "recipient": "leader"})
        self._leave(rule.step_ids[0], trigger="gone")
        self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        self.assertEqual(self._sweep("2026-03-02 17:00:00").user_ids, self.leader)
