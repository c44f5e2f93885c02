from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import convert_file, mute_logger

from odoo.addons.service_quality_escalation.tests.reminder_common import Reminding

from .regulation_common import RegulationCase


@tagged("post_install", "-at_install")
class TestRegister(Reminding, RegulationCase):
    """How obligations stand by period, and what stays of it."""

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------

    def test_number_in_a_period(self):
        """So many in the period: due while it runs, then overdue, and made up for."""
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
        partners = self.acme | self.globex
        partners.ref = "proof"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2026-02-03' WHERE id IN %s",
            [tuple(partners.ids)],
        )
        self.env.invalidate_all()
        self.judge("2026-04-03", obligation)
        self.assertStands(obligation, "2026-Q1", "fulfilled", 2, 2)
        self.assertStands(obligation, "2026-Q2", "due", 0, 2)

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
        obligation = self._obligation("a3_5_2_1")
        self.judge("2026-03-02 09:00:00", obligation)
        self.assertStands(obligation, "2026-02", "not_applicable", 0, 0)
        first = self._handled("2026-03-02 10:00").service_callback_ids
        second = self._handled("2026-03-02 11:00").service_callback_ids
        self._complete(first, "2026-03-02 15:00")
        self.judge("2026-03-02 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 1, 1)
        self.judge("2026-03-04 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 1, 2)
        self._complete(second, "2026-03-05 15:00")
        self.judge("2026-03-06 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 2, 2)

    def test_share(self):
        """A regulation of one's own may ask for less than all."""
        rule = {"evidence": "calls_made", "rule": "every", "goal_percent": 50}
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        call = self._handled("2026-03-02 10:00").service_callback_ids
        self._handled("2026-03-02 11:00")
        self._complete(call, "2026-03-02 15:00")
        self.judge("2026-03-04 16:00:00", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 1, 2)

    def test_not_yet_supported(self):
        """What another addon will carry, or nothing proves, is said to be so."""
        carried = self._obligation("a3_2_1_1")
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

    def test_not_applicable(self):
        """That it does not apply has a reason and somebody who decided it."""
        obligation = self._obligation("a5_1_2_1")
        self._handled("2026-03-02 10:00")
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        Waiver = self.env["service.quality.waiver"].with_user(self.inspector)
        with freeze_time("2026-03-06 10:00:00"):
            waiver = Waiver.create(
                {
                    "obligation_id": obligation.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "reason": "The telephone exchange is being replaced.",
                }
            )
        cell = self.assertStands(obligation, "2026-03", "not_applicable")
        self.assertEqual(cell.why, "decided")
        self.assertEqual(cell.note, waiver.reason)
        self.assertEqual(cell.decided_by_id, self.inspector)
        self.judge("2026-04-05", obligation)
        self.assertStands(obligation, "2026-04", "not_applicable", 0, 0)
        self.assertEqual(self.cell(obligation, "2026-04").why, "nothing_due")
        with self.assertRaises(UserError):
            waiver.reason = "Another"
        with self.assertRaises(UserError):
            waiver.unlink()
        with self.assertRaises(AccessError):
            Waiver.with_user(self.chief).create(
                {"obligation_id": obligation.id, "reason": "I say so"}
            )

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
                rule = {"evidence": "calls_made", "rule": "every", "period": period}
                obligation = self._own(rule, code=period).obligation_ids
                self._in_force(obligation.regulation_id)
                self.judge("2026-03-02", obligation)
                cell = self.cell(obligation, label)
                self.assertEqual(
                    (f"{cell.date_from}", f"{cell.date_to}"), (first, last)
                )

    def test_only_while_in_force(self):
        """A call before the regulation was in force, or after, is none of its own."""
        rule = {"evidence": "calls_made", "rule": "every"}
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-03", date_end="2026-03-10")
        self._handled("2026-03-02 10:00")
        self.judge("2026-04-20", obligation)
        self.assertStands(obligation, "2026-03", "not_applicable", 0, 0)
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
        obligation = self._obligation("a3_5_2_1")
        ticket = self._ticket("2026-03-31 08:00")
        self._move(ticket, "resolved", "2026-03-31 17:00")  # 1 April there
        self.judge("2026-04-03", obligation)
        self.assertStands(obligation, "2026-03", "not_applicable", 0, 0)
        self.assertStands(obligation, "2026-04", "overdue", 0, 1)

    # ------------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------------

    def test_judgements_stay(self):
        """What the state was on 31 March, and why, is known in May."""
        obligation = self._obligation("a3_5_2_1")
        call = self._handled("2026-03-30 10:00").service_callback_ids
        self.judge("2026-03-31 20:00:00", obligation)
        self.judge("2026-04-01 20:00:00", obligation)
        self._complete(call, "2026-04-02 10:00")
        self.judge("2026-04-02 20:00:00", obligation)
        self.judge("2026-04-03 20:00:00", obligation)
        cell = self.cell(obligation, "2026-03")
        found = cell.judgement_ids.sorted("id")
        self.assertEqual(found.mapped("state"), ["overdue", "fulfilled"])
        self.assertEqual(found[0].why, "missing")
        self.assertEqual(
            found[0].sample["missing"],
            self.env["service.quality.callback.report"]
            .search([("callback_id", "=", call.id)])
            .ids,
        )
        self.assertMoment(cell.judged_at, "2026-04-02 20:00:00")  # settled then
        register = self.env["service.quality.register"].with_user(self.inspector)
        with freeze_time("2026-05-04"):
            for as_of, state in (("2026-03-31", "overdue"), (False, "fulfilled")):
                shown = register.matrix(self.regulation.id, 2026, as_of)
                self.assertEqual(self.shown(shown, obligation)["2026-03"], state)
            before = register.matrix(self.regulation.id, 2026, "2026-03-30")
        self.assertNotIn("2026-03", self.shown(before, obligation))

    def test_a_sample_names_what_the_reader_may_read(self):
        """Somebody who follows a judgement reads names, where they may."""
        obligation = self._obligation("a3_5_2_1")
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
        obligation = self._obligation("a3_5_2_1")
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
        obligation = self._obligation("a3_5_2_1")
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
        obligation = self._obligation("a3_5_2_1")
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
        self.acme.ref = "proof"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2026-03-03' WHERE id = %s",
            [self.acme.id],
        )
        self.env.invalidate_all()
        self.judge("2026-04-08", obligation, remind=True)
        self.assertFalse(cell.activity_ids)
        self.assertFalse(self._remind("2026-05-20 08:00:00", cell, "obligation"))

    def test_what_is_missing_early_climbs_early(self):
        """Of what was missed in the middle of a period people hear the same day."""
        self._ship("obligation")
        obligation = self._obligation("a3_5_2_1")
        call = self._handled("2026-03-02 11:00").service_callback_ids
        self.judge("2026-03-04 16:00:00", obligation)
        cell = self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        sent = self._remind("2026-03-04 20:00:00", cell, "obligation")
        self.assertIn(self.inspector, sent.user_ids)
        self.assertFalse(self._remind("2026-03-09 20:00:00", cell, "obligation"))
        sent = self._remind("2026-03-10 20:00:00", cell, "obligation")
        self.assertIn(self.boss, sent.user_ids)
        self._complete(call, "2026-03-11 15:00")
        self.judge("2026-03-12 16:00:00", obligation)
        self.assertEqual((cell.state, cell.overdue_since), ("fulfilled", False))
        self.assertFalse(self.urged(cell))

    def test_of_many_months_the_newest_is_told(self):
        """Who has to do it hears of the newest month due, and the newest overdue."""
        self._ship("obligation")
        obligation = self._own({"evidence": "calls_made"}).obligation_ids
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
        obligation = self._own({"evidence": "calls_made", "role": "sales"})
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
        obligation = self._own({"evidence": "calls_made"}).obligation_ids
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
        obligation = self._own({"evidence": "calls_made"}).obligation_ids
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
        obligation = self._obligation("a3_5_2_1")
        done = self._handled("2026-03-02 10:00").service_callback_ids
        late = self._handled("2026-03-02 11:00").service_callback_ids
        self._complete(done, "2026-03-02 15:00")
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
                self.assertEqual(found.callback_id, expected)
            unproved = self._obligation("a3_2_1_1")
            unproved._judge(self.company)
            with self.assertRaisesRegex(UserError, "addon that carries it"):
                self.cell(unproved, "2026-03").action_open_evidence()

    def test_what_is_missing_of_a_number(self):
        """Where a number is asked for, the records that do not count yet are listed.

        Without any, the empty list says who is to make them.
        """
        obligation = self._obligation("a4_2_1_1")
        self.judge("2026-04-20", obligation)
        cell = self.cell(obligation, "2026-03")
        self.assertEqual((cell.state, cell.missing_count), ("overdue", 1))
        with freeze_time("2026-04-20"):
            action = cell.action_open_missing()
        self.assertEqual(action["res_model"], "service.quality.report")
        self.assertIn("0 of 1", action["help"])
        self.assertIn("Quality Department", action["help"])
        Report = self.env["service.quality.report"]
        draft = Report.create(
            {"kind": "organisation", "period_kind": "month", "date_from": "2026-03-01"}
        )
        found = Report.search(action["domain"])
        self.assertEqual(found, draft)

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
        obligation = self._obligation("a3_5_2_1")
        self._handled("2026-03-02 10:00")
        with freeze_time("2026-03-05"):
            obligation._judge(self.company)
            obligation._judge(other)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        there = self.cell(obligation, "2026-03", other)
        self.assertEqual(there.state, "not_applicable")
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
        yearly = next(row for row in rows if row["code"] == "A3.1.3")
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


@tagged("post_install", "-at_install")
class TestRegulation(RegulationCase):
    """Writing, copying and putting in force."""

    def test_shipped(self):
        """Every sub-clause of the three regulations is there, with what it asks for."""
        for code, count in (("a", 40), ("b", 8), ("c", 6)):
            regulation = self.env.ref(f"service_quality_regulation.regulation_{code}")
            self.assertFalse(regulation.company_id)
            with self.subTest(code):
                self.assertGreaterEqual(len(regulation.clause_ids), count - 3)
                for clause in regulation.clause_ids:
                    self.assertTrue(clause.obligation_ids, clause.code)
                    self.assertTrue(clause.text and clause.chapter, clause.code)

    def test_shipped_stays(self):
        clause = self.regulation.clause_ids[0].with_user(self.inspector)
        for record, vals in (
            (self.regulation.with_user(self.inspector), {"name": "Ours"}),
            (clause, {"text": "Less"}),
            (clause.obligation_ids[0], {"grace_days": 90}),
        ):
            with self.subTest(record), self.assertRaises(UserError):
                record.write(vals)

    def test_texts_that_were_edited_survive_an_update(self):
        """An update writes what comes with the product, but what people changed."""
        edited, left = self.env["service.quality.obligation"].search(
            [("regulation_id.company_id", "=", False)], limit=2
        )
        edited.name = "As our company says it"
        shipped = left.name
        # as if an earlier release had said it in other words
        self.env.cr.execute(
            "UPDATE service_quality_obligation SET name = %s WHERE id = %s",
            ['{"en_US": "In other words"}', left.id],
        )
        self.env.invalidate_all()
        name = "data/service.quality.obligation.csv"
        convert_file(self.env, "service_quality_regulation", name, {}, mode="update")
        self.env.invalidate_all()
        self.assertEqual(edited.name, "As our company says it")
        self.assertEqual(left.name, shipped)

    def test_parts_of_what_is_locked(self):
        """Nothing is added to what is locked, moved into it or taken out."""
        clause = self.regulation.clause_ids[0].with_user(self.inspector)
        mine = self.regulation.with_user(self.inspector).copy().clause_ids[0]
        for part, own, into in (
            (clause, mine, {"regulation_id": self.regulation.id, "code": "9.9.9"}),
            (
                clause.obligation_ids[0],
                mine.obligation_ids[0],
                {"clause_id": clause.id},
            ),
        ):
            for step, act in (
                ("add", lambda part=part, into=into: part.copy(into)),
                ("move", lambda own=own, into=into: own.write(into)),
                ("delete", part.unlink),
            ):
                with (
                    self.subTest(f"{part._name}: {step}"),
                    self.assertRaisesRegex(UserError, "stays as it is"),
                    self.env.cr.savepoint(),
                ):
                    act()
                self.env.invalidate_all(flush=False)

    def test_versions(self):
        """A copy is one's own next version; in force it is locked."""
        mine = self.regulation.with_user(self.inspector).copy()
        self.assertEqual(mine.version, 2)
        self.assertEqual(mine.previous_id, self.regulation)
        self.assertEqual(mine.company_id, self.company)
        self.assertEqual(len(mine.clause_ids), len(self.regulation.clause_ids))
        self.assertEqual(len(mine.obligation_ids), len(self.regulation.obligation_ids))
        mine.name = "Our regulation"
        mine.obligation_ids[0].grace_days = 3
        with freeze_time("2026-03-10"):
            mine.put_in_force()
        first = self.regulation.term_ids
        self.assertEqual(first.date_end, date(2026, 3, 10))
        with freeze_time("2026-03-10"):
            self.env.invalidate_all()
            self.assertTrue(mine.is_in_force)
            self.assertFalse(self.regulation.is_in_force)
        with self.assertRaises(UserError):
            mine.name = "Another name"
        with self.assertRaises(UserError):
            mine.obligation_ids[0].grace_days = 30
        third = mine.copy()
        self.assertEqual((third.version, third.previous_id), (3, mine))
        third.name = "A third one"
        with freeze_time("2026-03-20"):
            mine.end_force()
            self.assertFalse(mine.is_in_force)
            with self.assertRaises(UserError):
                mine.end_force()

    def test_one_version_at_a_time(self):
        mine = self.regulation.copy()
        with self.assertRaises(ValidationError):
            self._in_force(mine, "2025-06-01", date_end="2026-02-01")

    def test_terms_stay(self):
        term = self.regulation.term_ids.with_user(self.inspector)
        with self.assertRaises(UserError):
            term.date_start = "2025-01-01"
        with self.assertRaises(UserError):
            term.unlink()

    def test_who_decides(self):
        for user in (self.chief, self.boss, self.caller, self.expert):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.regulation.with_user(user).put_in_force("2026-05-01")

    def test_what_it_asks(self):
        """Other addons ask by a word whether a regulation in force asks for it."""
        asks = self.company._service_regulation_asks
        self.assertFalse(asks("pass_on_complaints"))
        self._in_force(
            self.env.ref("service_quality_regulation.regulation_c"), "2026-03-01"
        )
        with freeze_time("2026-03-02"):
            self.assertTrue(asks("pass_on_complaints"))
            self.assertFalse(asks("what nobody knows"))

    # ------------------------------------------------------------------
    # Menus
    # ------------------------------------------------------------------

    def menus(self, company, user=None):
        Menu = self.env["ir.ui.menu"].with_user(user or self.inspector)
        Menu = Menu.with_context(allowed_company_ids=company.ids)
        return {
            menu["xmlid"]
            for key, menu in Menu.load_menus(False).items()
            if key != "root"
        }

    def test_menus_of_what_is_in_force(self):
        """A company that uses only B or C sees no agreement menus."""
        agreements = "service_quality_core.service_quality_agreement_menu"
        complaints = "service_quality_complaint.helpdesk_ticket_complaint_menu"
        self.regulation.term_ids.date_start = "2026-01-01"
        other = self.env["res.company"].create({"name": "Corner shop"})
        self.inspector.company_ids += other
        with freeze_time("2026-03-02"):
            self.assertIn(agreements, self.menus(self.company))
            self.assertIn(agreements, self.menus(other), "nothing is decided yet")
            self.env["service.quality.regulation.term"].create(
                {
                    "regulation_id": self.env.ref(
                        "service_quality_regulation.regulation_c"
                    ).id,
                    "company_id": other.id,
                    "date_start": "2026-03-01",
                }
            )
            self.assertNotIn(agreements, self.menus(other))
            self.assertIn(complaints, self.menus(other))
            self.assertIn(agreements, self.menus(self.company))
            self.assertIn(agreements, self.menus(self.company | other))
            shown = self.env["ir.ui.menu"].with_user(self.inspector)
            shown = shown.with_context(allowed_company_ids=other.ids)
            tree = shown.load_menus(False)
            for menu in tree.values():
                self.assertLessEqual(set(menu["children"]), tree.keys())
        # other programs see what access rights allow
        self.env["service.quality.agreement"].with_user(self.inspector).search([])

    def test_menus_follow_the_days(self):
        agreements = "service_quality_core.service_quality_agreement_menu"
        self.regulation.term_ids.date_end = "2026-04-01"
        self._in_force(
            self.env.ref("service_quality_regulation.regulation_b"), "2026-01-01"
        )
        with freeze_time("2026-03-31"):
            self.assertIn(agreements, self.menus(self.company))
        with freeze_time("2026-04-01"):
            self.assertNotIn(agreements, self.menus(self.company))


@tagged("post_install", "-at_install", "security")
class TestRegisterSecurity(RegulationCase):
    MODELS = (
        "service.quality.compliance",
        "service.quality.judgement",
        "service.quality.waiver",
        "service.quality.policy.review",
        "service.quality.evidence.pack",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-05"):
            cls.regulation.obligation_ids._judge(cls.company)

    def test_nobody_writes_how_it_stands(self):
        cell = self.env["service.quality.compliance"].search([], limit=1)
        for user in (self.inspector, self.boss, self.expert, self.chief, self.caller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                cell.with_user(user).write({"state": "fulfilled"})
            with self.assertRaises(AccessError):
                cell.judgement_ids.with_user(user).create({"label": "2026-03"})

    def test_roles_see_their_own(self):
        for role in ("staff", "project_manager", "desk", "sales"):
            user = self._user(f"one_{role}", role)
            for name in ("compliance", "judgement"):
                found = self.env[f"service.quality.{name}"].with_user(user).search([])
                with self.subTest(role=role, model=name):
                    self.assertLessEqual(set(found.mapped("role")), {role})

    def test_those_who_answer_see_all(self):
        count = self.env["service.quality.compliance"].search_count([])
        for user in (self.inspector, self.boss, self.expert, self.chief):
            Cell = self.env["service.quality.compliance"].with_user(user)
            with self.subTest(user.login):
                self.assertEqual(Cell.search_count([]), count)

    def test_others_see_nothing(self):
        portal = self._portal()
        employee = self._user("employee")
        public = self.env.ref("base.public_user")
        for user in (portal, employee, public):
            for model in (
                *self.MODELS,
                "service.quality.regulation",
                "service.quality.clause",
                "service.quality.obligation",
                "service.quality.regulation.term",
                "service.quality.policy",
                "service.quality.service",
                "service.quality.evidence.pack.part",
            ):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["service.quality.register"].with_user(user).matrix()

    def _portal(self):
        return new_test_user(self.env, login="guest", groups="base.group_portal")

    def test_reviews_and_packs_are_for_those_who_answer(self):
        for role in ("staff", "project_manager", "desk", "sales"):
            user = self._user(f"two_{role}", role)
            for model in ("service.quality.waiver", *self.MODELS[3:]):
                with self.subTest(role=role, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])

    def test_a_judgement_asked_for_is_not_a_way_in(self):
        """Judging now is for who sees the cell."""
        cell = self.cell(self._obligation("a4_2_1_1"), "2026-02")
        with self.assertRaises(AccessError):
            cell.with_user(self.caller).action_judge()
        with self.assertRaises(AccessError):
            cell.with_user(self.caller).action_open_evidence()
        cell.with_user(self.inspector).action_judge()

    def test_own_regulation_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["service.quality.regulation"].create(
            {
                "name": "Theirs",
                "code": "T",
                "company_id": other.id,
                "clause_ids": [Command.create({"code": "1", "name": "One"})],
            }
        )
        for record in (theirs, theirs.clause_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.inspector).read(["name"])
