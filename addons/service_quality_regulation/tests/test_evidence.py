from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.service_quality_ticket_work_mixin import (
    RecordMissing,
)

from .regulation_common import MARCH, RegulationCase


@tagged("post_install", "-at_install")
class TestEvidence(RegulationCase):
    """What the clauses are proved by of tickets, handovers, agreements and alarms."""

    def test_handovers(self):
        """Regulation A3.5.1: each shift handed over is taken over by the next."""
        with freeze_time("2026-03-03 08:00:00"):
            handover = self.env["service.quality.handover"].create(
                {
                    "team_id": self.team.id,
                    "from_user_id": self.caller.id,
                    "to_user_id": self.second.id,
                }
            )
            handover.with_user(self.caller).action_hand_over()
        self.assertProved("a3_5_1_1", "due", 0, 1, "2026-03-03 20:00")
        self.assertProved("a3_5_1_1", "overdue", 0, 1, "2026-03-05 20:00")
        with freeze_time("2026-03-06 08:00:00"):
            handover.with_user(self.second).action_take_over()
        self.assertProved("a3_5_1_1", "fulfilled_late", 1, 1)

    def _shift(self, user, start, end):
        return self.env["service.quality.duty"].create(
            {
                "team_id": self.team.id,
                "user_id": user.id,
                "date_from": start,
                "date_to": end,
            }
        )

    def test_a_handover_that_was_never_written(self):
        """Regulation A3.5.1: that is not done for ever, and not nothing to do."""
        shift = self._shift(self.caller, "2026-03-03 08:00", "2026-03-03 16:00")
        self._shift(self.second, "2026-03-03 16:00", "2026-03-03 23:00")
        self.assertProved("a3_5_1_1", "nothing", 0, 0, "2026-03-03 15:00")
        self.assertProved("a3_5_1_1", "not_fulfilled", 0, 1, "2026-03-05 20:00")
        cell = self.cell(self._obligation("a3_5_1_1"), MARCH)
        with freeze_time("2026-03-05 20:00:00"):
            action = cell.action_open_missing()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, shift)

    def test_a_handover_that_was_written(self):
        """Regulation A3.5.1: the last shift of the week is followed by nobody."""
        self._shift(self.caller, "2026-03-03 08:00", "2026-03-03 16:00")
        self._shift(self.second, "2026-03-03 16:00", "2026-03-03 23:00")
        with freeze_time("2026-03-03 15:50:00"):
            handover = self.env["service.quality.handover"].create(
                {
                    "team_id": self.team.id,
                    "from_user_id": self.caller.id,
                    "to_user_id": self.second.id,
                }
            )
            handover.with_user(self.caller).action_hand_over()
        with freeze_time("2026-03-03 16:05:00"):
            handover.with_user(self.second).action_take_over()
        self.assertProved("a3_5_1_1", "fulfilled", 1, 1, "2026-03-06 20:00")

    def _hand_over(self, giver, taker, at):
        with freeze_time(at):
            handover = self.env["service.quality.handover"].create(
                {
                    "team_id": self.team.id,
                    "from_user_id": giver.id,
                    "to_user_id": taker.id,
                }
            )
            handover.with_user(giver).action_hand_over()
            handover.with_user(taker).action_take_over()

    def test_each_shift_has_a_handover_of_its_own(self):
        """Regulation A3.5.1: one handover, of somebody else, covers no day."""
        self._shift(self.caller, "2026-03-03 00:00", "2026-03-03 04:00")
        self._shift(self.second, "2026-03-03 04:00", "2026-03-03 08:00")
        self._shift(self.caller, "2026-03-03 08:00", "2026-03-03 12:00")
        self._shift(self.second, "2026-03-03 12:00", "2026-03-03 16:00")
        self._hand_over(self.chief, self.second, "2026-03-03 11:00")
        self.assertProved("a3_5_1_1", "not_fulfilled", 1, 4, "2026-03-05 20:00")
        self._hand_over(self.caller, self.second, "2026-03-03 12:10")
        self._hand_over(self.second, self.caller, "2026-03-03 12:20")
        self.assertProved("a3_5_1_1", "not_fulfilled", 3, 4, "2026-03-05 20:00")

    def test_who_stays_on_duty_hands_over_at_the_end(self):
        """Regulation A3.5.1: two shifts of one person without a break are left once."""
        self._shift(self.caller, "2026-03-03 08:00", "2026-03-03 12:00")
        self._shift(self.caller, "2026-03-03 12:00", "2026-03-03 16:00")
        self._shift(self.second, "2026-03-03 16:00", "2026-03-03 23:00")
        self._hand_over(self.caller, self.second, "2026-03-03 15:50")
        self.assertProved("a3_5_1_1", "fulfilled", 1, 1, "2026-03-06 20:00")

    def test_record_of_the_work(self):
        """Regulation A3.6.1: a handled ticket says what was done."""
        written = self._handled(service_work_done="Fan replaced")
        bare = self._handled()
        self.assertTrue(written.closed_date and bare.closed_date)
        tickets = written | bare
        tickets._write_as_step(  # the helpdesk takes cr.now()
            {"closed_date": "2026-03-02 10:00:00"}
        )
        self.assertProved("a3_6_1_1", "overdue", 1, 2)
        with self.assertRaisesRegex(UserError, "Rectify"):
            bare.service_work_done = "Cable pushed in"
        bare._rectify("service_work_done", "Cable pushed in", "It was on paper")
        self.assertProved("a3_6_1_1", "fulfilled_late", 2, 2)

    def test_the_record_is_asked_for_on_resolving(self):
        """Regulation A3.6.1: nobody hears of it only when the register is red."""
        stage = self.stages["resolved"].id

        def resolve(day="2026-03-02", **values):
            ticket = self._ticket(f"{day} 08:00")
            with freeze_time(f"{day} 10:00"):
                ticket.invalidate_recordset()
                ticket.with_user(self.caller).write({"stage_id": stage} | values)
            return ticket

        self.assertFalse(self.team.service_require_work_done)
        with self.assertRaises(RecordMissing), self.env.cr.savepoint():
            resolve()
        with freeze_time("2026-03-02 09:00"):
            dialog = self.env["helpdesk.ticket.finish"].create(
                {"ticket_id": self._ticket().id}
            )
            self.assertTrue(dialog.require_work_done)
        told = resolve(service_work_done="Fan replaced")
        self.assertEqual(told.service_phase, "resolved")
        # before it was in force, and where it was decided that it does not apply
        resolve("2025-12-30")
        obligation = self._obligation("a3_6_1_1")
        self.judge("2026-02-28", obligation)  # the register is in use
        with freeze_time("2026-03-01"):
            waiver = self.env["service.quality.waiver"].create(
                {
                    "obligation_id": obligation.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-01",
                    "reason": "Another program keeps the record",
                }
            )
            waiver.with_user(self.boss).action_approve()
        resolve()

    def test_a_share_is_asked_for_of_nobody(self):
        """Regulation A3.6.1: half of them is not each of them."""
        rule = {"evidence": "tickets_recorded", "rule": "every", "goal_percent": 50}
        self.env.cr.execute("DELETE FROM service_quality_regulation_term")
        self.env.invalidate_all()
        self._in_force(self._own(rule))
        with freeze_time("2026-03-02 10:00"):
            self.assertFalse(self._ticket().service_require_work_done)

    def test_agreements(self):
        """Regulation A4.3.1: each project that runs has an agreement both signed."""
        projects = self.env["service.quality.project"].with_context(active_test=False)
        projects.search([]).write({"date_start": False, "date_end": "2020-01-01"})
        project = self.env["service.quality.project"].create(
            {
                "name": "Acme",
                "partner_id": self.acme.id,
                "date_start": "2026-02-10",
            }
        )
        self.assertProved("a4_3_1_1", "overdue", 0, 1)
        draft = self._agreement(
            {"metric": "resolution", "duration": 8},
            sign=False,
            project_id=project.id,
            date_start="2026-03-15",
        )
        self.assertProved("a4_3_1_1", "overdue", 0, 1)
        draft.action_sign()
        self.assertProved("a4_3_1_1", "fulfilled_late", 1, 1)
        self.assertStands(self._obligation("a4_3_1_1"), "2026-02", "overdue", 0, 1)
        self.assertStands(self._obligation("a4_3_1_1"), "2026-01", "nothing")

    def test_early_warnings(self):
        """Regulation A4.3.4: an alarm that reaches nobody warns nobody."""
        self._agreement({"metric": "resolution", "duration": 8})
        with freeze_time("2026-01-01"):
            self.env["service.quality.escalation"].search([]).active = False
            self.env["service.quality.escalation"].create(
                {
                    "name": "Half",
                    "step_ids": [
                        Command.create(
                            {
                                "trigger": "percent",
                                "amount": 50,
                                "recipient": "user",
                                "user_id": self.chief.id,
                                "action": "activity",
                            }
                        )
                    ],
                }
            )
        self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 13:00:00"):
            self.env["service.quality.sweep"]._sweep(200)
        alarm = self.env["service.quality.escalation.alarm"].search(
            [("fired_at", ">=", "2026-03-01"), ("fired_at", "<", "2026-04-01")]
        )
        self.assertEqual(len(alarm), 1)
        self.assertProved("a4_3_4_1", "fulfilled", 1, 1)
        self.env.cr.execute(
            "UPDATE service_quality_escalation_alarm SET outcome = 'nobody' "
            "WHERE id = %s",
            [alarm.id],
        )
        self.env.invalidate_all()
        self.assertProved("a4_3_4_1", "not_fulfilled", 0, 1)

    def test_a_month_without_rules_that_warn(self):
        """Regulation A4.3.4: without rules no alarm is raised; that proves nothing."""
        self.assertProved("a4_3_4_1", "nothing", 0, 0, "2026-03-20")
        rules = self.env["service.quality.escalation"].search(
            [("company_id", "=", self.company.id), ("subject", "=", "promise")]
        )
        self.assertTrue(rules)
        with freeze_time("2026-03-21 10:00:00"):
            rules.with_user(self.chief).action_archive()
        with freeze_time("2026-03-21 10:30:00"):
            rules.action_unarchive()  # another took its place
        self.assertProved("a4_3_4_1", "nothing", 0, 0, "2026-03-22")
        with freeze_time("2026-03-22 10:00:00"):
            rules.with_user(self.chief).action_archive()
        with freeze_time("2026-03-28 10:00:00"):
            rules.action_unarchive()
        cell = self.assertProved("a4_3_4_1", "not_fulfilled", 0, 2)  # both together
        self.assertIn(self.chief.name, cell.note)
        self.assertNotIn("without conditions", cell.note)

    def test_short_times_without_rules_count_together(self):
        """Regulation A4.3.4: archived for 59 minutes of each hour is not there."""
        rules = self.env["service.quality.escalation"].search(
            [("company_id", "=", self.company.id), ("subject", "=", "promise")]
        )
        with freeze_time("2026-02-28 08:00:00"):
            rules.action_archive()
        with freeze_time("2026-02-28 08:59:00"):
            rules.action_unarchive()
        with freeze_time("2026-03-20 08:00:00"):
            rules.action_archive()
        with freeze_time("2026-03-20 08:59:00"):
            rules.action_unarchive()
        self.assertProved("a4_3_4_1", "nothing", 0, 0, "2026-03-21")
        with freeze_time("2026-03-21 09:00:00"):
            rules.with_user(self.chief).action_archive()
        cell = self.assertProved("a4_3_4_1", "not_fulfilled", 0, 2)
        self.assertIn("one rule without conditions", cell.note)

    def test_rule_of_an_addon_that_is_gone(self):
        """An obligation keeps the code of its rule, and is not supported."""
        obligation = self._obligation("a3_5_2_1")
        self.env.cr.execute(
            "UPDATE service_quality_obligation SET evidence = 'gone' WHERE id = %s",
            [obligation.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.judge("2026-03-31 20:00", obligation)
        self.assertStands(obligation, MARCH, "not_supported", 0, 0)
        self.assertIn(("gone", "gone"), obligation._selection_evidence())
        obligation.evidence = "gone"
        self.assertTrue(obligation.read(["evidence"]))
