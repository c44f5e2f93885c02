from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.models.period_list import About
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_escalation.tests.reminder_common import Reminding

from .regulation_common import RegulationCase


@tagged("post_install", "-at_install")
class TestRegister(Reminding, RegulationCase):
    """How obligations stand by period, and what stays of it."""

    def _prove(self, partners, day):
        """Make partners what proves an obligation by a domain, created on a day."""
        partners.ref = "proof"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id IN %s",
            [day, tuple(partners.ids)],
        )
        self.env.invalidate_all()

    def test_a_missing_case_is_not_changed_for_a_done_one(self):
        """Regulation A3.6.1: a case that is taken away is missing still.

        Deny: one without a record goes, and one with a record is added in its place.
        """
        rule = {"evidence": "tickets_recorded", "rule": "every"}
        own = self._own(rule)
        self._in_force(own, "2026-03-01")
        told = {"service_work_done": "Replaced the cable of the printer"}
        self._handled(**told)
        bare = self._handled()
        cells = self.judge("2026-04-01 10:00", own.obligation_ids)
        cell = cells.filtered(lambda one: one.date_from == date(2026, 3, 1))
        self.assertEqual((cell.state, cell.done_count), ("overdue", 1))
        bare._write_as_step({"closed_date": "2026-04-02 10:00:00"})
        self._handled(**told)
        for moment in ("2026-04-02 10:00", "2026-04-03 10:00"):
            self.judge(moment, own.obligation_ids)
            self.assertEqual((cell.state, cell.why), ("overdue", "withdrawn"))
            self.assertEqual((cell.done_count, cell.due_count), (2, 3))
        # it may come back, and be done
        bare._write_as_step({"closed_date": "2026-03-02 10:00:00", **told})
        self.judge("2026-04-04 10:00", own.obligation_ids)
        self.assertEqual((cell.state, cell.done_count), ("fulfilled_late", 3))
        self.assertFalse(cell.missing_cases)

    def test_a_role_that_was_held_briefly_is_named(self):
        """Regulation A3.1.2: a puppet is given the role for an act, and loses it.

        Who has the role for long, or was given it before, is not named.
        """
        rule = {"evidence": "tickets_recorded", "rule": "every", "role": "executive"}
        own = self._own(rule)
        self._in_force(own, "2026-03-01")
        self._handled(service_work_done="Replaced the cable of the printer")
        group = self.env.ref("service_quality_core.service_quality_group_executive")
        with freeze_time("2026-03-05 09:00:00"):
            lasting = self._user("lasting", "executive")
        with freeze_time("2026-03-20 09:00:00"):
            puppet = self._user("puppet", "executive")
        with freeze_time("2026-03-20 10:00:00"):
            group.user_ids -= puppet
        [cell] = self.judge("2026-03-31 10:00", own.obligation_ids)
        self.assertIn("Executive for less than 7 days: ", cell.remark)
        self.assertIn(puppet.name, cell.remark)
        self.assertNotIn(lasting.name, cell.remark)
        self.assertEqual(cell.judgement_ids[:1].remark, cell.remark)
        kept = self.env["service.quality.rectification"].search(
            [("res_model", "=", "res.users"), ("res_id", "=", puppet.id)], order="id"
        )
        self.assertEqual(kept[:1].new_text, "Executive")
        self.assertEqual(kept[-1:].old_text, "Executive")
        self.assertEqual(set(kept.mapped("kind")), {"setting"})

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------

    def test_what_was_brought_in_by_import_is_told(self):
        """Regulation A3.6.1: a cell says how many of what was done came by import."""
        rule = {"evidence": "tickets_recorded", "rule": "every"}
        own = self._own(rule)
        self._in_force(own, "2026-03-01")
        self._handled(service_work_done="Replaced the cable of the printer")
        with freeze_time("2026-03-30 11:00:00"):
            [done] = self.env["helpdesk.ticket"].service_import(
                [
                    {
                        "external_ref": "g1",
                        "name": "Invented",
                        "partner": self.contact.id,
                        "team": self.team.id,
                        "opened_at": "2026-03-20 09:00:00",
                        "events": [
                            {
                                "at": "2026-03-20 09:10:00",
                                "kind": "phase",
                                "phase": "resolved",
                            }
                        ],
                    }
                ]
            )
        brought = self.env["helpdesk.ticket"].browse(done["ticket_id"])
        brought._write_as_step({"service_work_done": "Replaced the other cable too"})
        [cell] = self.judge("2026-03-31 10:00", own.obligation_ids)
        self.assertEqual((cell.done_count, cell.due_count), (2, 2))
        self.assertEqual(cell.remark, "of what was done, 1 brought in by import")
        self.assertEqual(cell.judgement_ids[:1].remark, cell.remark)

    def test_number_in_a_period(self):
        """So many in the period: due while it runs, then overdue, then done late."""
        rule = {
            "evidence": "domain",
            "evidence_model": "res.partner",
            "evidence_date": "create_date",
            "evidence_domain": "[('ref', '=', 'proof')]",
            "minimum_count": 2,
            "period": "quarter",
        }
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        self.judge("2026-03-15", obligation)
        self.assertStands(obligation, "2026-Q1", "due", 0, 2)
        self.judge("2026-04-02", obligation)
        self.assertStands(obligation, "2026-Q1", "overdue", 0, 2)
        self._prove(self.acme | self.globex, "2026-02-03")
        self.judge("2026-04-03", obligation)
        self.assertStands(obligation, "2026-Q1", "fulfilled_late", 2, 2)
        self.assertStands(obligation, "2026-Q2", "due", 0, 2)

    def test_a_report_lists_the_red_cells(self):
        """Those of the period with their numbers; of before, how many are overdue."""
        rule = {
            "evidence": "domain",
            "evidence_model": "res.partner",
            "evidence_date": "create_date",
            "evidence_domain": "[('ref', '=', 'proof')]",
            "minimum_count": 2,
            "period": "month",
        }
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        told = self.env["service.quality.period.list"]

        def listed(month):
            period = Period("month", date(2026, month, 1))
            return told._list_of_red_cells(
                About(self.company, period, *period.bounds("UTC"))
            )

        self.judge("2026-03-15", obligation)
        self.assertFalse(listed(3).rows, "it is due, and not missed")
        self.assertTrue(listed(3).empty)
        self.judge("2026-04-02", obligation)
        [row] = [
            row for row in listed(3).rows if row.cells[0] == obligation.display_name
        ]
        self.assertEqual(row.cells[2:], ("2026-03", "Overdue", "0 / 2"))
        self.assertEqual(row.state, "beyond")
        self.assertIn("2 more are overdue", listed(3).note)

    def test_grace(self):
        """What is overdue is so only after the days of grace."""
        rule = {
            "evidence": "domain",
            "evidence_model": "res.partner",
            "evidence_date": "create_date",
            "evidence_domain": "[('ref', '=', 'proof')]",
            "grace_days": 10,
        }
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id, "2026-02-01")
        self.judge("2026-03-10 23:00:00", obligation)
        cell = self.assertStands(obligation, "2026-02", "due")
        self.assertEqual(cell.date_due, date(2026, 3, 10))
        self.judge("2026-03-11 00:00:00", obligation)
        self.assertStands(obligation, "2026-02", "overdue")

    def test_each_one_that_falls_due(self):
        """One missing is overdue at once; a period without any is not fulfilled."""
        obligation = self._obligation("a3_6_1_1")
        self.judge("2026-03-02 09:00:00", obligation)
        self.assertStands(obligation, "2026-02", "nothing", 0, 0)
        first = self._handled("2026-03-02 10:00")
        first._rectify("service_work_done", "Fan replaced", "It was on paper")
        self.judge("2026-03-02 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 1, 1)
        second = self._handled("2026-03-03 11:00")
        self.judge("2026-03-04 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 1, 2)
        second._rectify("service_work_done", "Cable pushed in", "It was on paper")
        self.judge("2026-03-06 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled_late", 2, 2)

    def test_share(self):
        """A regulation of one's own may ask for less than all."""
        rule = {"evidence": "tickets_recorded", "rule": "every", "goal_percent": 50}
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        self._handled("2026-03-02 10:00", service_work_done="Fan replaced")
        self._handled("2026-03-02 11:00")
        self.judge("2026-03-04 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 1, 2)

    def test_not_yet_supported(self):
        """What another addon will carry, or nothing proves, is said to be so."""
        carried = self._obligation("a3_5_4_1")
        unproved = self._own({}).obligation_ids
        self._in_force(unproved.regulation_id)
        self.judge("2026-03-02", carried | unproved)
        cell = self.assertStands(carried, "2026-02", "not_supported")
        self.assertEqual(cell.why, "not_installed")
        cell = self.assertStands(unproved, "2026-02", "not_supported")
        self.assertEqual(cell.why, "no_evidence")
        carried.sudo().carried_by = "helpdesk_mgmt"  # which is installed
        self.judge("2026-03-03", carried)
        self.assertEqual(self.cell(carried, "2026-03").why, "no_evidence")

    def test_late_stays_late(self):
        """What was found missed and is done now was done late, and the day is kept."""
        obligation = self._obligation("a3_6_1_1")
        ticket = self._handled("2026-03-02 10:00")
        self.judge("2026-03-05", obligation)
        ticket._rectify("service_work_done", "Fan replaced", "On paper")
        self.judge("2026-03-09", obligation)
        cell = self.assertStands(obligation, "2026-03", "fulfilled_late", 1, 1)
        self.assertEqual((cell.why, cell.late_on), ("late", date(2026, 3, 9)))
        self.judge("2026-06-01", obligation)
        with freeze_time("2026-06-02"):
            cell.action_judge()
        self.assertEqual(cell.state, "fulfilled_late")
        self.assertEqual(cell.late_on, date(2026, 3, 9))
        self.assertEqual(cell.judgement_ids.sorted("id")[-1].late_on, cell.late_on)

    def test_until_when_it_can_be_made_good(self):
        """After that day it is not fulfilled for ever, and no one is reminded of it."""
        rule = {
            "evidence": "domain",
            "evidence_model": "res.partner",
            "evidence_date": "create_date",
            "evidence_domain": "[('ref', '=', 'proof')]",
            "grace_days": 2,
            "repair": "days",
            "repair_days": 10,
        }
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id, "2026-02-01")
        self._ship("obligation")
        self.judge("2026-03-03", obligation, remind=True)
        cell = self.assertStands(obligation, "2026-02", "overdue", 0, 1)
        self.assertEqual(cell.date_due, date(2026, 3, 2))
        self.assertEqual(cell.repair_until, date(2026, 3, 12))
        self.assertTrue(cell.activity_ids)
        self.judge("2026-03-12 23:00:00", obligation)
        self.assertStands(obligation, "2026-02", "overdue", 0, 1)
        self.judge("2026-03-13", obligation)
        cell = self.assertStands(obligation, "2026-02", "not_fulfilled", 0, 1)
        self.assertEqual(cell.why, "lost")
        self.assertFalse(cell.activity_ids)
        self.assertFalse(self._remind("2026-03-20 08:00:00", cell, "obligation"))
        self._prove(self.acme, "2026-02-03")
        with freeze_time("2026-03-21"):
            cell.action_judge()
        self.assertStands(obligation, "2026-02", "not_fulfilled", 1, 1)

    def test_what_cannot_be_made_good(self):
        """Where nothing can be made good, it was done in its time or never."""
        rule = {"evidence": "tickets_recorded", "rule": "every", "repair": "never"}
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        self._handled("2026-03-02 10:00")
        self.judge("2026-03-05", obligation)
        cell = self.assertStands(obligation, "2026-03", "not_fulfilled", 0, 1)
        self.assertEqual(cell.repair_until, date(2026, 3, 31))

    def test_each_one_and_one_at_least(self):
        """A period without a case is not done where one is asked for at least."""
        rule = {"evidence": "tickets_recorded", "rule": "all"}
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-03", "due", 0, 1)
        self.assertStands(obligation, "2026-02", "overdue", 0, 1)
        self._handled("2026-03-06 10:00", service_work_done="Fan replaced")
        self.judge("2026-03-07", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 1, 1)

    def test_a_case_that_is_gone_is_missed_still(self):
        """What was missed stays missed, however it ceased to be a case."""
        obligation = self._obligation("a3_6_1_1")
        ticket = self._handled("2026-03-02 10:00")
        self.judge("2026-03-05", obligation)
        self._move(ticket, "cancelled", "2026-03-06 10:00")
        self.judge("2026-03-07", obligation)
        cell = self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        self.assertEqual((cell.why, cell.missing_count), ("withdrawn", 1))
        count = len(cell.judgement_ids)
        self.judge("2026-06-08", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        self.assertEqual(len(cell.judgement_ids), count)

    def _partners_due(self, **rule):
        """Return an obligation: each partner called so is done when it has a mail."""
        rule = {
            "rule": "every",
            "evidence": "domain",
            "evidence_model": "res.partner",
            "evidence_date": "create_date",
            "evidence_due": "[('ref', '=', 'proof')]",
            "evidence_domain": "[('ref', '=', 'proof'), ('function', '=', 'done')]",
        } | rule
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id, "2026-02-01")
        self._prove(self.acme | self.globex, "2026-02-03")
        return obligation

    def test_withdrawn_and_put_back(self):
        """Fewer cases are no way out; those that come back are judged as any."""
        obligation = self._partners_due()
        self.judge("2026-03-03", obligation)
        self.assertStands(obligation, "2026-02", "overdue", 0, 2)
        self.acme.function = "done"
        self.globex.ref = False
        self.judge("2026-03-04", obligation)
        cell = self.assertStands(obligation, "2026-02", "overdue", 1, 2)
        self.acme.ref = False
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-02", "overdue", 1, 2)
        (self.acme | self.globex).ref = "proof"
        self.judge("2026-03-06", obligation)
        self.assertStands(obligation, "2026-02", "overdue", 1, 2)
        self.assertEqual(cell.why, "missing")
        self.globex.function = "done"
        self.judge("2026-03-07", obligation)
        self.assertStands(obligation, "2026-02", "fulfilled_late", 2, 2)
        (self.acme | self.globex).ref = False
        with freeze_time("2026-06-08"):
            cell.action_judge()
        self.assertStands(obligation, "2026-02", "fulfilled_late", 2, 2)

    def test_fulfilled_is_not_nothing(self):
        """What was done for a period that was over is not undone by a date."""
        obligation = self._partners_due()
        (self.acme | self.globex).function = "done"
        self.judge("2026-03-03", obligation)
        self.assertStands(obligation, "2026-02", "fulfilled", 2, 2)
        (self.acme | self.globex).ref = False
        with freeze_time("2026-03-04"):
            cell = self.cell(obligation, "2026-02")
            cell.action_judge()
        self.assertStands(obligation, "2026-02", "fulfilled", 2, 2)

    def test_what_was_withdrawn_is_lost_in_its_time(self):
        """Until when it can be made good holds for what is no case any more, too."""
        obligation = self._partners_due(repair="days", repair_days=10)
        self.judge("2026-03-03", obligation)
        (self.acme | self.globex).ref = False
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-02", "overdue", 0, 2)
        self.judge("2026-03-15", obligation)
        cell = self.assertStands(obligation, "2026-02", "not_fulfilled", 0, 2)
        self.judge("2026-03-25", obligation)
        self.assertFalse(cell._is_settled())
        (self.acme | self.globex).write({"ref": "proof", "function": "done"})
        self.judge("2026-03-26", obligation)
        self.assertStands(obligation, "2026-02", "not_fulfilled", 2, 2)
        self.assertEqual(cell.why, "lost")

    def test_taking_out_an_addon_takes_back_nothing(self):
        """What was missed stays missed when the addon that carried it goes."""
        obligation = self._obligation("a3_6_1_1")
        ticket = self._handled("2026-03-02 10:00")
        self.judge("2026-03-05", obligation)
        obligation.carried_by = "gone"
        self.judge("2026-03-06", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        self._move(ticket, "cancelled", "2026-03-06 10:00")
        obligation.carried_by = False  # it came back, and not all of its records
        self.judge("2026-03-07", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)

    # ------------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------------

    def test_kinds_of_periods(self):
        for period, label, first, last in (
            ("month", "2026-03", "2026-03-01", "2026-03-31"),
            ("quarter", "2026-Q1", "2026-01-01", "2026-03-31"),
            ("half", "2026-H1", "2026-01-01", "2026-06-30"),
            ("year", "2026", "2026-01-01", "2026-12-31"),
            ("continuous", "2026-03", "2026-03-01", "2026-03-31"),
            ("trigger", "2026-03", "2026-03-01", "2026-03-31"),
        ):
            with self.subTest(period):
                rule = {
                    "evidence": "tickets_recorded",
                    "rule": "every",
                    "period": period,
                }
                obligation = self._own(rule, code=period).obligation_ids
                self._in_force(obligation.regulation_id)
                self.judge("2026-03-02", obligation)
                cell = self.cell(obligation, label)
                self.assertEqual(
                    (f"{cell.date_from}", f"{cell.date_to}"), (first, last)
                )

    def test_only_while_in_force(self):
        """What was handled before it was in force, or after, is none of its own."""
        rule = {"evidence": "tickets_recorded", "rule": "every"}
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-03", date_end="2026-03-10")
        self._handled("2026-03-02 10:00")
        self.judge("2026-04-20", obligation)
        self.assertStands(obligation, "2026-03", "nothing", 0, 0)
        self.assertFalse(
            self.env["service.quality.compliance"].search(
                [
                    ("obligation_id", "=", obligation.id),
                    ("label", "in", ("2026-02", "2026-04")),
                ]
            )
        )

    def test_month_of_the_company(self):
        """The month begins at midnight where the company is."""
        self.company.partner_id.tz = "Asia/Shanghai"
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        obligation = self._obligation("a3_6_1_1")
        self._handled("2026-03-31 17:00")  # 1 April there
        self.judge("2026-04-03", obligation)
        self.assertStands(obligation, "2026-03", "nothing", 0, 0)
        self.assertStands(obligation, "2026-04", "overdue", 0, 1)

    # ------------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------------

    def test_judgements_stay(self):
        """What the state was on 31 March, and why, is known in May."""
        obligation = self._obligation("a3_6_1_1")
        ticket = self._handled("2026-03-30 10:00")
        self.judge("2026-03-31 20:00:00", obligation)
        self.judge("2026-04-01 20:00:00", obligation)
        ticket._rectify("service_work_done", "Fan replaced", "On paper")
        self.judge("2026-04-02 20:00:00", obligation)
        self.judge("2026-04-03 20:00:00", obligation)
        cell = self.cell(obligation, "2026-03")
        found = cell.judgement_ids.sorted("id")
        self.assertEqual(found.mapped("state"), ["overdue", "fulfilled_late"])
        self.assertEqual(found[0].why, "missing")
        self.assertEqual(found[0].sample["missing"], ticket.ids)
        self.assertMoment(cell.judged_at, "2026-04-02 20:00:00")  # settled then
        register = self.env["service.quality.register"].with_user(self.inspector)
        with freeze_time("2026-05-04"):
            for as_of, state in (("2026-03-31", "overdue"), (False, "fulfilled_late")):
                shown = register.matrix(self.regulation.id, 2026, as_of)
                self.assertEqual(self.shown(shown, obligation)["2026-03"], state)
            before = register.matrix(self.regulation.id, 2026, "2026-03-30")
        self.assertNotIn("2026-03", self.shown(before, obligation))

    def test_a_sample_names_what_the_reader_may_read(self):
        """Somebody who follows a judgement reads names, where they may."""
        obligation = self._obligation("a3_6_1_1")
        judgement = self.env["service.quality.judgement"].new(
            {
                "obligation_id": obligation.id,
                "sample": {
                    "model": obligation._name,
                    "done": obligation.ids,
                    "missing": [0],
                },
            }
        )
        text = judgement.sample_text
        self.assertIn(f"done: {obligation.display_name}", text)
        self.assertIn("missing: 0", text)
        nobody = self._user("register_nobody")
        self.assertFalse(judgement.with_user(nobody)._sample_names())

    def test_a_sample_is_opened(self):
        """From the judgement one comes to what was missing then, else to what was done.

        The list shows what the reader may read.
        """
        obligation = self._obligation("a3_6_1_1")
        sample = {"model": obligation._name, "done": obligation.ids, "missing": [0]}
        judgement = self.env["service.quality.judgement"].new({"sample": sample})
        action = judgement.action_open_sample()
        self.assertEqual(action["res_model"], obligation._name)
        self.assertEqual(action["domain"], [("id", "in", [0])])
        judgement.sample = sample | {"missing": []}
        action = judgement.action_open_sample()
        self.assertEqual(action["domain"], [("id", "in", obligation.ids)])
        for nothing in (False, sample | {"model": "gone.model"}):
            judgement.sample = nothing
            with self.assertRaises(UserError):
                judgement.action_open_sample()

    def test_a_new_clause_and_obligation_have_no_odd_name(self):
        """A form that is still empty says nothing, and not what is missing twice."""
        for model in ("service.quality.clause", "service.quality.obligation"):
            self.assertFalse(self.env[model].new({}).display_name)

    def shown(self, register, obligation):
        return {
            cell["label"]: cell["state"]
            for chapter in register["chapters"]
            for row in chapter["rows"]
            for cell in row["cells"]
            if row["id"] == obligation.id
        }

    def test_nobody_changes_a_judgement(self):
        """Append-only: not by hand, not as superuser, not by SQL."""
        obligation = self._obligation("a3_6_1_1")
        judgement = self.judge("2026-03-02", obligation)[:1].judgement_ids
        with self.assertRaises(UserError):
            judgement.state = "fulfilled"
        with self.assertRaises(UserError):
            judgement.unlink()
        for query in (
            "UPDATE service_quality_judgement SET state = 'fulfilled'",
            "DELETE FROM service_quality_judgement",
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(Exception, "append-only"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query)

    def test_nothing_new_nothing_written(self):
        obligation = self._obligation("a3_6_1_1")
        self.judge("2026-03-02", obligation)
        count = self.env["service.quality.judgement"].search_count([])
        self.judge("2026-03-03", obligation)
        self.assertEqual(self.env["service.quality.judgement"].search_count([]), count)

    def test_cron(self):
        """Each night, for each company, what is in force; once is enough."""
        cron = self.env.ref("service_quality_regulation.ir_cron_judge")
        with freeze_time("2026-03-02 02:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        cells = self.env["service.quality.compliance"].search([])
        self.assertEqual(cells.obligation_id, self.regulation.obligation_ids)
        self.assertTrue(all(cell.judgement_ids for cell in cells))

    def test_wrong_days(self):
        regulation = self.regulation.with_user(self.inspector)
        register = self.env["service.quality.register"].with_user(self.inspector)
        for attempt, values in (
            (regulation.put_in_force, ("soon",)),
            (regulation.end_force, (20260101,)),
            (register.matrix, (regulation.id, "this")),
            (register.matrix, (regulation.id, 2026, "yesterday")),
        ):
            with self.assertRaises(ValidationError):
                attempt(*values)

    def test_a_day_ends_where_the_company_is(self):
        """What was judged on 1 April in Shanghai is no answer about 31 March."""
        self.company.partner_id.tz = "Asia/Shanghai"
        register = self.env["service.quality.register"].with_user(self.inspector)
        obligation = self._obligation("a3_6_1_1")
        with freeze_time("2026-03-31 17:00:00"):
            obligation._judge(self.company)

        def shown(day):
            chapters = register.matrix(self.regulation.id, 2026, day)["chapters"]
            return [
                row["id"] for one in chapters for row in one["rows"] if row["cells"]
            ]

        self.assertNotIn(obligation.id, shown("2026-03-31"))
        self.assertIn(obligation.id, shown("2026-04-01"))

    @mute_logger("odoo.addons.service_quality_core.tools.isolation")
    def test_trouble_of_one_company(self):
        """What is wrong in one company keeps no other from being judged."""
        other = self.env["res.company"].create({"name": "After it"})
        self._in_force(self.regulation, company_id=other.id)
        obligations = type(self.regulation.obligation_ids)
        judge = obligations._judge

        def fail(some, company):
            if company == self.company:
                raise ValueError("wrong")
            return judge(some, company)

        cron = self.env.ref("service_quality_regulation.ir_cron_judge")
        with (
            patch.object(obligations, "_judge", fail),
            freeze_time("2026-03-02 02:00:00"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        cells = self.env["service.quality.compliance"].search([])
        self.assertIn(other, cells.company_id)

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    def test_reminders(self):
        """Who has to do it is reminded when it comes due, and no longer when done."""
        rule = {
            "evidence": "domain",
            "evidence_model": "res.partner",
            "evidence_date": "create_date",
            "evidence_domain": "[('ref', '=', 'proof')]",
            "role": "technical_centre",
            "lead_days": 7,
        }
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-01")
        self._ship("obligation")
        self.judge("2026-03-20", obligation, remind=True)
        cell = self.cell(obligation, "2026-03")
        self.assertFalse(cell.activity_ids)
        self.judge("2026-03-25", obligation, remind=True)
        self.judge("2026-03-26", obligation, remind=True)
        self.assertIn(self.expert, cell.activity_ids.user_id)
        count = len(cell.activity_ids)
        for day in ("2026-04-02", "2026-04-03"):
            self.judge(day, obligation, remind=True)
            self._remind(f"{day} 08:00:00", cell, "obligation")
        self.assertEqual(cell.state, "overdue")
        self.assertTrue(cell.is_overdue)
        self.assertIn(self.inspector, cell.activity_ids.user_id)
        added = len(cell.activity_ids) - count
        quality = self.company._service_role_users("quality")
        self.assertEqual(added, len(quality), "escalated once")
        sent = self._remind("2026-04-07 08:00:00", cell, "obligation")
        self.assertIn(self.boss, sent.user_ids)
        self.assertIn("Overdue", sent.summary)
        self._prove(self.acme, "2026-03-03")
        self.judge("2026-04-08", obligation, remind=True)
        self.assertFalse(cell.activity_ids)
        self.assertFalse(self._remind("2026-05-20 08:00:00", cell, "obligation"))

    def test_nobody_is_reminded_of_what_cannot_be_done_yet(self):
        """What is due some days after its period is asked for when that is over."""
        rule = {"evidence": "tickets_recorded", "role": "technical_centre"}
        obligation = self._own(rule | {"grace_days": 5}).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-01")
        self._ship("obligation")
        for day, is_asked in (("2026-03-31", False), ("2026-04-01", True)):
            with self.subTest(day):
                self.judge(day, obligation, remind=True)
                cell = self.cell(obligation, "2026-03")
                self.assertEqual(self.expert in cell.activity_ids.user_id, is_asked)

    def test_what_is_missing_early_climbs_early(self):
        """Of what was missed in the middle of a period people hear the same day."""
        self._ship("obligation")
        obligation = self._obligation("a3_6_1_1")
        ticket = self._handled("2026-03-02 11:00")
        self.judge("2026-03-04 16:00:00", obligation)
        cell = self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        sent = self._remind("2026-03-04 20:00:00", cell, "obligation")
        self.assertIn(self.inspector, sent.user_ids)
        self.assertFalse(self._remind("2026-03-09 20:00:00", cell, "obligation"))
        sent = self._remind("2026-03-10 20:00:00", cell, "obligation")
        self.assertIn(self.boss, sent.user_ids)
        ticket._rectify("service_work_done", "Fan replaced", "On paper")
        self.judge("2026-03-12 16:00:00", obligation)
        self.assertEqual(cell.state, "fulfilled_late")
        self.assertEqual(cell.overdue_since, date(2026, 3, 4))
        self.assertFalse(self.urged(cell))

    def test_of_many_months_the_newest_is_told(self):
        """Who has to do it hears of the newest month due, and the newest overdue."""
        self._ship("obligation")
        obligation = self._own({"evidence": "tickets_recorded"}).obligation_ids
        self._in_force(obligation.regulation_id, "2026-01-01")
        self.judge("2026-04-20", obligation, remind=True)
        sent = self.env["service.quality.escalation.reminder"].search(
            [("subject", "=", "obligation"), ("recipient", "=", "assignee")]
        )
        cells = self.env["service.quality.compliance"].browse(sent.mapped("res_id"))
        own = cells.filtered(lambda cell: cell.obligation_id == obligation)
        self.assertEqual(sorted(set(own.mapped("label"))), ["2026-03", "2026-04"])

    def test_who_stands_in_for_a_role_without_people(self):
        """The quality department is reminded where nobody has the role."""
        self._ship("obligation")
        obligation = self._own({"evidence": "tickets_recorded", "role": "sales"})
        self._in_force(obligation, "2026-03-01")
        self.env.ref(
            "service_quality_core.service_quality_group_sales"
        ).user_ids = False
        self.judge("2026-03-20", obligation.obligation_ids, remind=True)
        cell = self.cell(obligation.obligation_ids, "2026-03")
        self.assertIn(self.inspector, cell.activity_ids.user_id)
        self.assertNotIn(self.boss, cell.activity_ids.user_id)

    def test_months_before_the_rule_are_not_told(self):
        """Nobody hears of what was overdue before the rule was made."""
        self._ship("obligation", "2026-04-01 00:00:00")
        obligation = self._own({"evidence": "tickets_recorded"}).obligation_ids
        self._in_force(obligation.regulation_id, "2026-01-01")
        self.judge("2026-04-02", obligation)
        self.assertStands(obligation, "2026-02", "overdue")
        newest = self.cell(obligation, "2026-03")
        self._remind("2026-04-08 08:00:00", newest, "obligation")
        sent = self.env["service.quality.escalation.reminder"].search(
            [("rule_id.name", "=", "Obligations overdue")]
        )
        cells = self.env["service.quality.compliance"].browse(sent.mapped("res_id"))
        own = cells.filtered(lambda cell: cell.obligation_id == obligation)
        self.assertEqual(own, newest)

    def test_who_is_told_of_what_the_quality_department_misses(self):
        obligation = self._own({"evidence": "tickets_recorded"}).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-01")
        self._ship("obligation")
        self.judge("2026-04-02", obligation, remind=True)
        cell = self.cell(obligation, "2026-03")
        self._remind("2026-04-02 08:00:00", cell, "obligation")
        self.assertNotIn(self.boss, cell.activity_ids.user_id)
        self._remind("2026-04-07 08:00:00", cell, "obligation")
        self.assertIn(self.boss, cell.activity_ids.user_id)

    # ------------------------------------------------------------------
    # Evidence of one's own
    # ------------------------------------------------------------------

    def test_domains_are_tried(self):
        """What cannot be counted is refused where it is written."""
        good = {
            "evidence": "domain",
            "evidence_model": "helpdesk.ticket",
            "evidence_date": "create_date",
            "evidence_domain": "[('name', '=', 'x')]",
        }
        self._own(good, code="good")
        for number, bad in enumerate(
            (
                {"evidence_model": "no.such.model"},
                {"evidence_date": "name"},
                {"evidence_domain": "[('nonsense', '=', 1)]"},
                {"evidence_domain": "__import__('os')"},
                {"evidence_domain": "[("},
            )
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self._own(good | bad, code=f"bad{number}")

    def test_cell_opens_its_evidence(self):
        obligation = self._obligation("a3_6_1_1")
        done = self._handled("2026-03-02 10:00", service_work_done="Fan replaced")
        late = self._handled("2026-03-02 11:00")
        with freeze_time("2026-03-05"):
            obligation._judge(self.company)
            cell = self.cell(obligation, "2026-03").with_user(self.inspector)
            for action, expected in (
                (cell.action_open_evidence(), done),
                (cell.action_open_missing(), late),
                (cell.action_open_due(), done | late),
            ):
                Model = self.env[action["res_model"]].with_user(self.inspector)
                found = Model.search(action["domain"])
                self.assertEqual(found, expected)
            unproved = self._obligation("a3_5_4_1")
            unproved._judge(self.company)
            with self.assertRaisesRegex(UserError, "addon that carries it"):
                self.cell(unproved, "2026-03").action_open_evidence()

    def test_what_is_missing_of_a_number(self):
        """Where a number is asked for, the records that do not count yet are listed.

        Without any, the empty list says who is to make them.
        """
        obligation = self._obligation("a4_1_1_5")
        self.judge("2027-01-20", obligation)
        cell = self.cell(obligation, "2026")
        self.assertEqual((cell.state, cell.missing_count), ("overdue", 1))
        with freeze_time("2027-01-20"):
            action = cell.action_open_missing()
        self.assertEqual(action["res_model"], "service.quality.policy.review")
        self.assertIn("0 of 1", action["help"])
        self.assertIn("Executive", action["help"])
        Review = self.env["service.quality.policy.review"]
        of_the_story = Review.search([])
        draft = Review.create({"date": "2026-12-01"})
        found = Review.search(action["domain"])
        self.assertEqual(found - of_the_story, draft)

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------

    def test_companies_apart(self):
        """What another company does proves nothing here, and is not shown."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["service.quality.regulation.term"].create(
            {
                "regulation_id": self.regulation.id,
                "company_id": other.id,
                "date_start": "2026-01-01",
            }
        )
        obligation = self._obligation("a3_6_1_1")
        self._handled("2026-03-02 10:00")
        with freeze_time("2026-03-05"):
            obligation._judge(self.company)
            obligation._judge(other)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        there = self.cell(obligation, "2026-03", other)
        self.assertEqual(there.state, "nothing")
        seen = self.env["service.quality.compliance"].with_user(self.inspector)
        self.assertNotIn(there, seen.search([]))
        with self.assertRaises(AccessError):
            there.with_user(self.inspector).read(["state"])
        own = self._own({}, code="own")
        with self.assertRaises(ValidationError):
            self.env["service.quality.regulation.term"].create(
                {"regulation_id": own.id, "company_id": other.id}
            )

    # ------------------------------------------------------------------
    # The page
    # ------------------------------------------------------------------

    def test_matrix(self):
        self.judge("2026-03-05", self.regulation.obligation_ids)
        register = self.env["service.quality.register"].with_user(self.inspector)
        with freeze_time("2026-03-05"):
            shown = register.matrix()
        self.assertEqual(shown["regulation_id"], self.regulation.id)
        rows = [row for chapter in shown["chapters"] for row in chapter["rows"]]
        self.assertEqual(len(rows), len(self.regulation.obligation_ids))
        self.assertEqual(shown["chapters"][0]["name"], "Executives")
        yearly = next(row for row in rows if row["code"] == "A3.1.1")
        self.assertEqual(
            [(c["month"], c["span"], c["state"]) for c in yearly["cells"]],
            [(0, 12, "not_supported")],
        )
        self.assertEqual(
            sum(shown["counts"].values()), sum(len(row["cells"]) for row in rows)
        )
        with self.assertRaises(UserError), freeze_time("2026-03-05"):
            register.matrix(year=99999)
        nothing = register.with_company(self.company).matrix(year=2020)
        self.assertEqual(nothing["chapters"], [])

    def test_matrix_of_a_role(self):
        """The desk sees what the desk has to do."""
        self.judge("2026-03-05", self.regulation.obligation_ids)
        register = self.env["service.quality.register"].with_user(self.caller)
        with freeze_time("2026-03-05"):
            shown = register.matrix()
        who = {row["who"] for chapter in shown["chapters"] for row in chapter["rows"]}
        self.assertEqual(who, {"Service Desk"})
