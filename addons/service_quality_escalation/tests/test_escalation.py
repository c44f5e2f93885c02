from datetime import datetime

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .escalation_common import TARGET, EscalationCase

FIRST_RESPONSE = {"metric": "first_response", "duration": 1}


@tagged("post_install", "-at_install")
class TestEscalation(EscalationCase):
    """When the steps of rules are due on a clock: ``next_alert_at``."""

    def assertNext(self, ticket, expected, metric="resolution"):
        clock = self.clock(ticket, metric)
        if expected is None:
            self.assertFalse(clock.next_alert_at)
        else:
            self.assertMoment(clock.next_alert_at, expected)

    # ------------------------------------------------------------------
    # Working time
    # ------------------------------------------------------------------

    def test_who_archived_a_rule_is_kept(self):
        """Regulation A4.3.4: a rule that warns no more says since when, and by whom."""
        rule = self._rule({"trigger": "percent", "amount": 80})
        self.env.flush_all()
        self.env.cr.flush()
        manager = self._user("rule_manager", "service_manager")
        own = rule.with_user(manager).sudo()
        own.with_context(tracking_disable=False, mail_notrack=False).active = False
        self.env.flush_all()
        self.env.cr.flush()
        kept = rule.message_ids.sudo().filtered("tracking_value_ids")
        self.assertEqual(kept.tracking_value_ids.field_id.name, "active")
        self.assertEqual(kept.author_id, manager.partner_id)

    def test_what_a_step_said_before_is_kept(self):
        """Regulation A4.3.4: a warning that comes later says so at its rule."""
        rule = self._rule({"trigger": "percent", "amount": 80})
        manager = self._user("step_manager", "service_manager")
        steps = rule.step_ids.with_user(manager)
        for change, words in (
            (lambda: steps.write({"amount": 95}), "at 95 %"),
            (lambda: steps.action_archive(), "→ (at 95 %"),
            (lambda: steps.unlink(), "→ –"),
        ):
            change()
            kept = rule.message_ids.sudo().sorted("id")[-1]
            self.assertIn(words, kept.body)
            self.assertEqual(kept.author_id, manager.partner_id)

    def _gaps(self):
        return self.env["service.quality.escalation.gap"].search(
            [("company_id", "=", self.env.company.id)]
        )

    def test_times_without_a_rule_that_warns_early_are_kept(self):
        """Regulation A4.3.4: archived, deleted, about something else, or too late."""
        Rule = self.env["service.quality.escalation"]
        Rule.search([("company_id", "=", self.env.company.id)]).active = False
        self._gaps().sudo()._write_as_step({"date_end": "2026-01-01"})
        before = self._gaps()
        rule = self._rule({"trigger": "percent", "amount": 80})
        for change, back in (
            (lambda: rule.action_archive(), lambda: rule.action_unarchive()),
            (
                lambda: rule.step_ids.write({"amount": 100}),
                lambda: rule.step_ids.write({"amount": 80}),
            ),
            (
                lambda: rule.step_ids.action_archive(),
                lambda: rule.with_context(
                    active_test=False
                ).step_ids.action_unarchive(),
            ),
        ):
            change()
            gap = self._gaps() - before
            self.assertEqual((len(gap), gap.date_end), (1, False))
            self.assertEqual(gap.user_id, self.env.user)
            back()
            self.assertTrue(gap.date_end)
            before += gap
        rule.unlink()
        gap = self._gaps() - before
        self.assertFalse(gap.date_end)
        with self.assertRaises(UserError):
            gap.unlink()
        manager = self._user("gap_manager", "service_manager")
        with self.assertRaises(AccessError):
            gap.with_user(manager).write({"date_end": "2026-03-01"})

    def test_a_rule_with_conditions_does_not_warn_of_all(self):
        """Regulation A4.3.4: a rule that fits hardly anything stands in for none.

        Deny: narrowed by each condition; kept from all by another that is the last.
        """
        Rule = self.env["service.quality.escalation"]
        Rule.search([("company_id", "=", self.env.company.id)]).active = False
        self._gaps().sudo()._write_as_step({"date_end": "2026-01-01"})
        before = self._gaps()
        rule = self._rule({"trigger": "percent", "amount": 80})
        category = self.env["helpdesk.ticket.category"].create({"name": "Never used"})
        late = self._rule(
            {"trigger": "after", "amount": 9}, category_id=category.id, sequence=1
        )
        for one, vals, back in (
            (rule, {"kind": "uc"}, {"kind": False}),
            (rule, {"metric": "update"}, {"metric": False}),
            (rule, {"agreement_id": self.agreement.id}, {"agreement_id": False}),
            (rule, {"team_id": self.team.id}, {"team_id": False}),
            (rule, {"category_id": category.id}, {"category_id": False}),
            (rule, {"process_id": self.change.id}, {"process_id": False}),
            (rule, {"priority": "3"}, {"priority": False}),
            (rule, {"severity": "major"}, {"severity": False}),
            (late, {"is_last": True}, {"is_last": False}),
            (late, {"is_last": True}, {"sequence": 99}),
        ):
            with self.subTest(vals):
                one.write(vals)
                gap = self._gaps() - before
                self.assertEqual((len(gap), gap.date_end), (1, False))
                self._rule(
                    {"trigger": "percent", "amount": 80}, **vals | {"sequence": 99}
                )
                self.assertFalse(gap.date_end)
                one.write(back)
                self.assertTrue(gap.date_end)
                before += gap

    def test_percent_is_working_time_from_the_start(self):
        """SLA case 12: 80 % of a working day from Friday noon is Monday morning."""
        self._rule({"trigger": "percent", "amount": 80})
        # 6 h 24 of 8 h: five on Friday, the rest on Monday
        self.assertNext(self._ticket("2026-03-06 12:00:00"), "2026-03-09 10:24")

    def test_minutes_before_are_working_time(self):
        """SLA case 12: an hour before Monday 09:30 is Friday 16:30, not midnight."""
        self._rule({"trigger": "before", "amount": 60})
        ticket = self._ticket("2026-03-06 09:30:00")
        self.assertMoment(self.clock(ticket).deadline, "2026-03-09 09:30")
        self.assertNext(ticket, "2026-03-06 16:30")

    def test_minutes_after_are_working_time(self):
        """SLA case 12: two hours after Friday 16:00 are Monday 10:00."""
        self._rule({"trigger": "after", "amount": 120})
        self.assertNext(self._ticket("2026-03-05 16:00:00"), "2026-03-09 10:00")

    def test_at_the_deadline(self):
        """All of the time, and no minutes after it, are the deadline itself."""
        for step in ({"amount": 100}, {"trigger": "after", "amount": 0}):
            rule = self._rule({"trigger": "percent", **step})
            ticket = self._ticket("2026-03-05 16:00:00")
            self.assertEqual(
                self.clock(ticket).next_alert_at, self.clock(ticket).deadline
            )
            rule.unlink()

    def test_more_minutes_before_than_promised(self):
        """Two days before the end of one begins with it."""
        self._rule({"trigger": "before", "amount": 2 * 24 * 60})
        self.assertNext(self._ticket("2026-03-02 09:00:00"), "2026-03-02 09:00")

    def test_the_first_step_comes_first(self):
        """The next moment is that of the step that is due first."""
        self._rule(
            {"trigger": "percent", "amount": 100},
            {"trigger": "percent", "amount": 50},
            {"trigger": "before", "amount": 60},
        )
        self.assertNext(self._ticket("2026-03-02 09:00:00"), "2026-03-02 13:00")

    def test_waiting_pushes_the_steps_away(self):
        """SLA case 12: time spent waiting is not used, so the warning comes later."""
        self._rule({"trigger": "percent", "amount": 50})
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self.assertNext(ticket, None)
        self._move(ticket, "active", "2026-03-02 15:00:00")
        # one hour was used, three are left of the four
        self.assertNext(ticket, "2026-03-03 10:00")

    def test_no_steps_once_it_is_over(self):
        """SLA case 5: a ticket that is resolved or cancelled waits for no alarm."""
        self._rule({"trigger": "percent", "amount": 50})
        for phase in ("resolved", "closed", "cancelled"):
            ticket = self._ticket("2026-03-02 09:00:00")
            self.assertNext(ticket, "2026-03-02 13:00")
            self._move(ticket, phase, "2026-03-02 10:00:00")
            clocks = ticket.service_clock_ids
            self.assertFalse(clocks.filtered("next_alert_at"), phase)

    def test_deadline_set_by_hand(self):
        """Shares are those of the way to the deadline that was set, pauses or not."""
        self._rule(
            {"trigger": "percent", "amount": 50},
            {"trigger": "after", "amount": 30},
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 09:30:00"):
            ticket.service_set_deadline(
                "resolution",
                datetime(2026, 3, 8, 12),
                "Agreed on the telephone",
                attachment_ids=self._consent(ticket),
            )
        # five working days lie before that Sunday
        self.assertNext(ticket, "2026-03-04 13:00")
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        self.assertNext(ticket, "2026-03-04 13:00")
        self._sweep("2026-03-04 13:00:00")
        self.assertNext(ticket, "2026-03-09 09:30")

    def test_what_can_never_be_due(self):
        """A calendar without working time left has no alarms, and breaks nothing."""
        self._rule({"trigger": "percent", "amount": 50})
        empty = self._define_calendar("Short", [(9, 17)])
        self._agreement(
            FIRST_RESPONSE, calendar_id=empty.id, partner_ids=self.globex.ids
        )
        with freeze_time("2026-03-01 09:00:00"):
            empty.attendance_ids.unlink()
            self.env["service.quality.calendar.change"].search(
                [("calendar_id", "=", empty.id)]
            ).action_approve()
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        self.assertNext(ticket, None, "first_response")

    # ------------------------------------------------------------------
    # Which clocks
    # ------------------------------------------------------------------

    def test_conditions(self):
        """SLA case 17: an empty condition fits all, a set one only what it names."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Lines"})
        below = self.env["helpdesk.ticket.category"].create(
            {"name": "Copper", "parent_id": category.id}
        )
        values = {"priority": "2", "category_id": below.id, "type_id": self.change.id}
        ticket = self._ticket("2026-03-02 09:00:00", **values)
        other = self._ticket("2026-03-02 09:00:00", team_id=self.other_team.id)
        for condition in (
            {"priority": "2"},
            {"category_id": category.id},
            {"process_id": self.change.id},
            {"team_id": self.team.id},
        ):
            with self.subTest(condition):
                rule = self._rule({"amount": 50}, **condition)
                self._sweep("2026-03-02 09:10:00")
                self.assertNext(ticket, "2026-03-02 13:00")
                self.assertNext(other, None)
                rule.unlink()
                self._sweep("2026-03-02 09:10:00")
                self.assertNext(ticket, None)
        for condition in (
            {"kind": "sla"},
            {"metric": "resolution"},
            {"agreement_id": self.agreement.id},
            {"company_id": self.env.company.id},
        ):
            with self.subTest(condition):
                rule = self._rule({"amount": 50}, **condition)
                self.assertNext(self._ticket("2026-03-02 09:00:00"), "2026-03-02 13:00")
                rule.unlink()
        for condition in (
            {"kind": "ola"},
            {"metric": "arrival"},
            {"severity": "minor"},
        ):
            with self.subTest(condition):
                rule = self._rule({"amount": 50}, **condition)
                self.assertNext(self._ticket("2026-03-02 09:00:00"), None)
                rule.unlink()

    def test_other_companies_rules(self):
        """A rule holds for its own company only."""
        there = self.env["res.company"].create({"name": "There"})
        self._rule({"amount": 50}, company_id=there.id)
        self.assertNext(self._ticket("2026-03-02 09:00:00"), None)

    def test_all_rules_that_fit_apply(self):
        """SLA case 17: rules add up in their order, as far as one that is the last."""
        first = self._rule({"amount": 75}, sequence=1, priority="1")
        self._rule({"amount": 25}, sequence=2)
        self.assertNext(self._ticket("2026-03-02 09:00:00"), "2026-03-02 11:00")
        first.is_last = True
        self.assertNext(self._ticket("2026-03-02 09:00:00"), "2026-03-02 15:00")
        other = self._ticket("2026-03-02 09:00:00", priority="2")
        self.assertNext(other, "2026-03-02 11:00")

    def test_rule_that_was_hidden(self):
        """A rule that comes to light counts from then on, and wakes no past."""
        first = self._rule({"amount": 75}, sequence=1, is_last=True)
        self._rule({"amount": 25}, sequence=2)
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertNext(ticket, "2026-03-02 15:00")
        changes = (lambda: first.write({"is_last": False}), first.unlink)
        for change in changes:
            with freeze_time("2026-03-02 13:00:00"):
                change()
            self.assertFalse(self._sweep("2026-03-02 13:01:00"))
        later = self._ticket("2026-03-02 13:00:00")
        self.assertNext(later, "2026-03-02 15:00")

    def test_next_version_of_an_agreement(self):
        """A rule about an agreement holds for the version that follows it."""
        self._rule({"amount": 50}, agreement_id=self.agreement.id)
        with freeze_time("2026-02-01 00:00:00"):
            action = self.agreement.action_amend()
            following = self.env["service.quality.agreement"].browse(action["res_id"])
            following.write(
                {
                    "date_start": "2026-03-01",
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2026-02-01",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2026-02-01",
                }
            )
            following.action_sign()
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertEqual(self.clock(ticket).agreement_id, following)
        self.assertNext(ticket, "2026-03-02 13:00")

    def test_archived_rules_and_steps(self):
        """What is archived raises no more alarms, and does again when it is back."""
        rule = self._rule({"amount": 50})
        rule.step_ids.active = False
        self.assertNext(self._ticket("2026-03-02 09:00:00"), None)
        with freeze_time("2026-03-02 00:00:00"):
            rule.with_context(active_test=False).step_ids.active = True
        self.assertNext(self._ticket("2026-03-02 09:00:00"), "2026-03-02 13:00")
        rule.active = False
        self.assertNext(self._ticket("2026-03-02 09:00:00"), None)

    def test_reclassified(self):
        """SLA case 6: the steps follow the target that a change of priority brings."""
        self._agreement(
            {**TARGET, "duration": 2, "priority": "3"},
            TARGET,
            sequence=1,
            partner_ids=self.globex.ids,
        )
        self._rule({"amount": 50})
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        self.assertNext(ticket, "2026-03-02 13:00")
        with freeze_time("2026-03-02 09:30:00"):
            ticket.priority = "3"
        self.assertNext(ticket, "2026-03-02 10:00")

    # ------------------------------------------------------------------
    # Rules change
    # ------------------------------------------------------------------

    def test_rule_added_later(self):
        """Open clocks follow a rule that is made, changed or taken away."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertNext(ticket, None)
        rule = self._rule({"amount": 50}, since="2026-03-02 10:00:00")
        self._sweep("2026-03-02 10:01:00")
        self.assertNext(ticket, "2026-03-02 13:00")
        with freeze_time("2026-03-02 10:05:00"):
            rule.step_ids.amount = 75
        self._sweep("2026-03-02 10:06:00")
        self.assertNext(ticket, "2026-03-02 15:00")
        rule.unlink()
        self._sweep("2026-03-02 10:07:00")
        self.assertNext(ticket, None)

    def test_a_new_rule_does_not_wake_the_past(self):
        """What was due before there was the rule is not told, what comes later is."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._rule({"amount": 50}, {"amount": 100}, since="2026-03-02 14:00:00")
        self.assertFalse(self._sweep("2026-03-02 14:01:00"))
        self.assertNext(ticket, "2026-03-02 17:00")

    def test_planning_is_the_same_in_ledger_and_sweep(self):
        """SLA case 25: what the ledger reckons is what the sweep reckons."""
        self._rule({"amount": 40}, {"trigger": "before", "amount": 30})
        tickets = self._ticket("2026-03-02 09:00:00") | self._ticket(
            "2026-03-02 10:00:00", priority="3"
        )
        self._move(tickets[0], "waiting_customer", "2026-03-02 10:10:00")
        self._move(tickets[0], "active", "2026-03-02 10:40:00")
        clocks = tickets.service_clock_ids
        planned = {clock: clock.next_alert_at for clock in clocks}
        self.env["service.quality.escalation"]._plan_again()
        self._sweep("2026-03-02 10:50:00")
        for clock in clocks:
            self.assertEqual(clock.next_alert_at, planned[clock])
        with freeze_time("2026-03-02 10:50:00"):
            self.env["service.quality.ledger"]._refold(tickets.ids)
        for clock in clocks:
            self.assertEqual(clock.next_alert_at, planned[clock])
        self.assertConsistent(tickets)

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def test_steps_that_make_no_sense(self):
        """A step needs an amount that can come, and somebody to tell."""
        for step in (
            {"trigger": "percent", "amount": 0},
            {"trigger": "percent", "amount": 10_001},
            {"trigger": "before", "amount": -1},
            {"trigger": "after", "amount": 5_256_001},
        ):
            with (
                self.subTest(step),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._rule(step)
        for step in (
            {"recipient": False},
            {"recipient": "user"},
            {"action": "webhook"},
        ):
            with self.subTest(step), self.assertRaisesRegex(ValidationError, "Choose"):
                self._rule(step)

    def test_channels_of_other_companies(self):
        """A step does not write to another company's channel."""
        there = self.env["res.company"].create({"name": "There"})
        channel = self.env["service.quality.webhook"].create(
            {"name": "Theirs", "url": "https://example.com/x", "company_id": there.id}
        )
        with self.assertRaisesRegex(ValidationError, "another company"):
            self._rule({"action": "webhook", "webhook_id": channel.id})

    def test_steps_say_what_they_do(self):
        """A step reads as a sentence in the list of a rule."""
        rule = self._rule(
            {"amount": 80},
            {"trigger": "after", "amount": 0, "recipient": "leader", "action": "mail"},
            {"trigger": "before", "amount": 15, "action": "raise_priority"},
            {"amount": 90, "recipient": "user", "user_id": self.agent.id},
        )
        self.assertEqual(
            rule.step_ids.mapped("display_name"),
            [
                "at 80 % · Assignee · Activity",
                "at the deadline · Team leader · E-mail",
                "15 min before the deadline · Raise the priority",
                "at 90 % · Agent · Activity",
            ],
        )

    def test_rules_that_raised_alarms_stay(self):
        """SLA case 13: a step that has fired is archived, so that it is on record."""
        rule = self._rule({"amount": 50})
        self._ticket("2026-03-02 09:00:00", user_id=self.agent.id)
        self.assertTrue(self._sweep("2026-03-02 13:00:00"))
        self.assertEqual(rule.alarm_count, 1)
        for record in (rule.step_ids, rule):
            with self.assertRaisesRegex(UserError, "Archive it"):
                record.unlink()

    # ------------------------------------------------------------------
    # What is shipped
    # ------------------------------------------------------------------

    def test_each_company_has_rules_from_the_first_minute(self):
        """Regulation A4.3.4: early warning works without anybody setting it up."""
        Rule = self.env["service.quality.escalation"]
        for company in self.env["res.company"].search([]):
            self.assertTrue(
                Rule.search([("company_id", "=", company.id)]), company.name
            )
        with freeze_time("2026-02-01 00:00:00"):
            there = self.env["res.company"].create({"name": "There"})
        shipped = Rule.search([("company_id", "=", there.id)])
        self.assertEqual(set(shipped.mapped("subject")), set(Rule._subjects()))
        rule = shipped.filtered(lambda rule: rule.subject == "promise")[0]
        self.assertFalse(rule.severity)
        levels = rule.step_ids.mapped(lambda s: (s.amount, s.recipient, s.action))
        self.assertEqual(
            levels,
            [
                (80, "assignee", "activity"),
                (100, "duty", "activity"),
                (100, "leader", "mail"),
                (150, "service_manager", "activity"),
                (150, "service_manager", "mail"),
            ],
        )

    def test_shipped_once(self):
        """A company that archived or deleted its rules is not given them again."""
        Rule = self.env["service.quality.escalation"]
        company = self.env["res.company"].create({"name": "There"})
        first, *others = Rule.search([("company_id", "=", company.id)])
        first.unlink()
        Rule.union(*others).active = False
        self.assertFalse(Rule._ship_rules(company))
        self.assertFalse(Rule.search([("company_id", "=", company.id)]))

    def test_shipped_by_an_addon_that_comes_later(self):
        """Each company is given a second rule about something, and that one alone."""
        Rule = self.env["service.quality.escalation"]
        companies = self.env["res.company"].search([])
        before = Rule.with_context(active_test=False).search([])
        shipped = type(Rule)._shipped

        def more(rules):
            rule = shipped(rules)["promise"]._replace(name="Once more", sequence=99)
            return shipped(rules) | {"later": rule}

        self.patch(type(Rule), "_shipped", more)
        self.patch(self.env.registry, "updated_modules", ["later"])
        for _time in range(2):
            Rule._register_hook()
        after = Rule.with_context(active_test=False).search([]) - before
        self.assertEqual(after.company_id, companies)
        self.assertEqual(len(after), len(companies))
        self.assertEqual(set(after.mapped("name")), {"Once more"})
        there = self.env["res.company"].create({"name": "There"})
        self.assertIn(
            "Once more", Rule.search([("company_id", "=", there.id)]).mapped("name")
        )

    def test_three_levels_of_a_new_company(self):
        """Regulation A4.3.4: a ticket of a new company climbs the three levels."""
        with freeze_time("2026-02-01 00:00:00"):
            there = self.env["res.company"].create({"name": "There"})
        people = self.agent | self.leader | self.manager
        people.write({"company_ids": [Command.link(there.id)]})
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Line", "company_id": there.id, "user_id": self.leader.id}
        )
        with freeze_time("2026-02-01 00:00:00"):
            self._house_rule(metric="resolution", duration=10, company_id=there.id)
        ticket = self._ticket(
            "2026-03-02 09:00:00",
            team_id=team.id,
            company_id=there.id,
            user_id=self.agent.id,
        )
        first = self._sweep("2026-03-02 17:00:00")
        self.assertEqual(first.user_ids, self.agent)
        self.assertEqual(self.activities(ticket).user_id, self.agent)
        second = self._sweep("2026-03-02 19:00:00")
        # nobody is on duty: the leader stands in
        self.assertEqual(second.mapped("action"), ["mail", "activity"])
        self.assertEqual(second.user_ids, self.leader)
        third = self._sweep("2026-03-03 00:00:00")
        self.assertEqual(third.user_ids, self.manager)
        self.assertEqual(len(third), 2)
