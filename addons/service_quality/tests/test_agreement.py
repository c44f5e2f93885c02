from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestAgreement(ServiceQualityCase):
    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def test_sales_drafts_and_the_service_manager_signs(self):
        """Regulation A4.3.1: sales prepares, the service manager signs."""
        sales = self._user("sales", "sales")
        manager = self._user("manager", "service_manager")
        with Form(self.env["service.quality.agreement"].with_user(sales)) as form:
            form.name = "Support for Acme"
            form.partner_ids.add(self.acme)
            form.calendar_id = self.office
            form.signed_by_us = form.signed_by_customer = "Both"
            form.signed_by_us_on = form.signed_by_customer_on = "2026-02-01"
            form.date_start = "2026-03-01"
        draft = form.save()
        self.env["service.quality.target"].with_user(sales).create(
            {**TARGET, "agreement_id": draft.id}
        )
        with self.assertRaisesRegex(AccessError, "Only a service manager"):
            draft.action_sign()
        self.assertEqual(draft.state, "draft")
        draft.with_user(manager).action_sign()
        self.assertEqual(draft.state, "signed")
        with self.assertRaises(AccessError):
            draft.with_user(sales).write({"salesperson_id": sales.id})

    def test_all_that_is_missing_is_said_at_once(self):
        """Regulation A4.3.1: what keeps an agreement from being signed, in one list."""
        draft = self._agreement(
            sign=False,
            signed_by_us=False,
            signed_by_customer_on=False,
            date_start=False,
        )
        with self.assertRaises(ValidationError) as refusal:
            draft.action_sign()
        text = str(refusal.exception)
        for part in (
            "at least one service target",
            "the day from which",
            "signed for us",
            "signed for the other side",
        ):
            self.assertIn(part, text)
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.term_ids)

    def test_signed_agreement_stays(self):
        """A signed promise is not changed: neither it, nor its targets, nor around."""
        agreement = self._agreement(TARGET)
        target = agreement.target_ids
        draft = self._agreement(TARGET, sign=False)
        attempts = [
            lambda: agreement.write({"name": "Other"}),
            lambda: agreement.write({"state": "draft"}),
            lambda: agreement.write({"date_end": "2026-06-01"}),
            lambda: agreement.write({"target_ids": [Command.clear()]}),
            lambda: target.write({"duration": 9}),
            lambda: target.write({"active": False}),
            lambda: target.copy(),
            lambda: target.unlink(),
            lambda: agreement.unlink(),
            lambda: draft.target_ids.write({"agreement_id": agreement.id}),
            lambda: agreement.action_sign(),
        ]
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(number=number),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                attempt()
        agreement.manager_id = self._user("next_manager", "service_manager")

    def test_what_an_agreement_names_cannot_go(self):
        """SLA case 17: deleting what a condition names makes no catch-all."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Phones"})
        process = self.env["helpdesk.ticket.type"].create({"name": "Audit"})
        team = self.team.copy({"name": "Gone"})
        calendar = self._define_calendar("Gone", [(8, 16)])
        partner = self.env["res.partner"].create({"name": "Gone"})
        self._agreement(
            {**TARGET, "category_id": category.id, "process_id": process.id},
            {**TARGET, "metric": "arrival", "team_id": team.id},
            partner_ids=partner.ids,
            calendar_id=calendar.id,
        )
        self._agreement(TARGET, team_ids=team.ids, category_ids=category.ids)
        for record in (category, process, team, calendar, partner):
            with (
                self.subTest(record._name),
                self.assertRaises(Exception),  # noqa: B017
                self.env.cr.savepoint(),
            ):
                record.unlink()
                self.env.flush_all()
            self.env.invalidate_all(flush=False)

    def test_working_day_is_settled_when_signed(self):
        """A promise in working days is that of the calendar on the day of signing."""
        calendar = self._define_calendar("Seven hours", [(8, 12), (13, 16)])
        agreement = self._agreement(
            {**TARGET, "duration": 2, "unit": "day"},
            calendar_id=calendar.id,
            sign=False,
        )
        calendar.attendance_ids.filtered(lambda line: line.hour_to == 16).hour_to = 17
        agreement.action_sign()
        self.assertEqual(agreement.target_ids.seconds, 2 * 8 * 3600)
        calendar.attendance_ids.filtered(lambda line: line.hour_to == 17).hour_to = 18
        self.assertEqual(agreement.target_ids.seconds, 2 * 8 * 3600)

    def test_unequal_days_ask_for_hours(self):
        """Where days differ in length, a working day says nothing."""
        calendar = self._define_calendar("Short Friday", [(9, 17)], days=range(4))
        calendar.attendance_ids = [
            Command.create(
                {"name": "Friday", "dayofweek": "4", "hour_from": 9, "hour_to": 12}
            )
        ]
        with self.assertRaisesRegex(ValidationError, "Give the duration in hours"):
            self._agreement({**TARGET, "unit": "day"}, calendar_id=calendar.id)

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------

    def _amend(self, agreement, start, **target):
        """Sign the next version, with other values of its only target."""
        with freeze_time(f"{start} 00:30:00"):
            action = agreement.action_amend()
            version = agreement.browse(action["res_id"])
            version.write(
                {
                    "date_start": start,
                    "signed_by_us": "Us",
                    "signed_by_us_on": start,
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": start,
                }
            )
            version.target_ids.write(target)
            version.action_sign()
        return version

    def test_amending_makes_the_next_version(self):
        """Tickets opened before stay under the old version, later ones get the new."""
        first = self._agreement(TARGET, number="C-1")
        before = self._ticket("2026-03-31 10:00:00")
        second = self._amend(first, "2026-04-01", duration=4)
        after = self._ticket("2026-04-01 09:00:00")
        self.assertEqual((second.version, second.number), (2, "C-1"))
        self.assertEqual((first.state, first.date_end), ("ended", date(2026, 4, 1)))
        self.assertEqual(self.clock(before).agreement_id, first)
        self.assertEqual(self.clock(after).agreement_id, second)
        self.assertEqual(self.clock(after).target_seconds, 4 * 3600)
        self.assertConsistent(before | after)

    def test_next_version_revives_nothing(self):
        """An agreement that had ended stays ended until its next version starts."""
        first = self._agreement(TARGET)
        self._end(first, "2026-03-10", "2026-03-01 10:00:00")
        self._amend(first, "2026-04-01")
        self.assertEqual(first.date_end, date(2026, 3, 10))
        between = self._ticket("2026-03-20 09:00:00")
        self.assertFalse(between.service_has_agreement)

    def _end(self, agreement, day, moment):
        with freeze_time(moment):
            wizard = self.env["service.quality.agreement.end"].create(
                {"agreement_id": agreement.id, "date_end": day, "reason": "Terminated"}
            )
            wizard.action_confirm()

    def test_ending(self):
        """Ended is ended for tickets opened from that day on; the reason is kept."""
        agreement = self._agreement(TARGET)
        ticket = self._ticket("2026-03-09 15:00:00")
        self._end(agreement, "2026-03-10", "2026-03-09 16:00:00")
        last = self._ticket("2026-03-09 23:59:59")
        next_day = self._ticket("2026-03-10 00:00:00")
        self.assertEqual(self.clock(ticket).state, "running")
        self.assertEqual(self.clock(last).agreement_id, agreement)
        self.assertFalse(next_day.service_has_agreement)
        newest = agreement.term_ids.sorted("number")[-1]
        self.assertEqual(newest.reason, "Terminated")
        with self.assertRaisesRegex(
            ValidationError, "Only an agreement that is signed"
        ):
            self._end(agreement, "2026-03-11", "2026-03-09 17:00:00")

    def test_end_before_start(self):
        """An end before the first day is refused, and nothing is half-written."""
        agreement = self._agreement(TARGET, date_start="2026-03-01")
        with self.assertRaisesRegex(ValidationError, "Choose that day or a later one"):
            self._end(agreement, "2026-02-28", "2026-03-09 16:00:00")
        self.assertEqual((agreement.state, agreement.date_end), ("signed", False))
        self.assertEqual(len(agreement.term_ids), 1)

    def test_backdated_end_lets_go(self):
        """Ended with an earlier day: open tickets since then are no longer under it."""
        agreement = self._agreement(TARGET)
        before = self._ticket("2026-03-03 09:00:00")
        ticket = self._ticket("2026-03-05 15:00:00")
        missed = self._ticket("2026-03-04 09:00:00")
        self._end(agreement, "2026-03-04", "2026-03-05 16:00:00")
        self.assertEqual(self.clock(before).state, "running")
        self.assertEqual(ticket.service_clock_ids.state, "cancelled")
        # its deadline had passed when it was ended
        self.assertEqual(missed.service_clock_ids.state, "running")
        self.assertConsistent(before | ticket | missed)

    def test_day_begins_in_the_zone_of_the_calendar(self):
        """SLA case 9: in force from the 10th means from midnight there."""
        calendar = self._define_calendar("Shanghai", [(0, 24)], tz="Asia/Shanghai")
        self._agreement(TARGET, calendar_id=calendar.id, date_start="2026-03-10")
        before = self._ticket("2026-03-09 15:59:59")
        after = self._ticket("2026-03-09 16:00:00")
        self.assertFalse(before.service_has_agreement)
        self.assertTrue(after.service_has_agreement)

    # ------------------------------------------------------------------
    # Signed later with an earlier date
    # ------------------------------------------------------------------

    def test_retroactive_signing_reaches_open_tickets(self):
        """What is signed later for an earlier day holds for open tickets from then."""
        ticket = self._ticket("2026-03-02 09:00:00")
        archived = self._ticket("2026-03-02 09:00:00", active=False)
        done = self._ticket("2026-03-02 09:00:00")
        self._move(done, "resolved", "2026-03-02 10:00:00")
        stranger = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        with freeze_time("2026-03-02 12:00:00"):
            agreement = self._agreement(TARGET, date_start="2026-03-01")
        for reached in (ticket, archived):
            self.assertEqual(self.clock(reached).agreement_id, agreement)
            self.assertMoment(self.clock(reached).started_at, "2026-03-02 09:00")
        self.assertFalse(done.service_has_agreement)
        self.assertEqual(self.kinds(stranger), ["opened"])
        self.assertConsistent(ticket | archived | done | stranger)

    def test_replay_sees_agreements_as_they_were_known(self):
        """SLA case 16: a judged ticket replays without what was signed afterwards."""
        old = self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        with freeze_time("2026-03-03 10:00:00"):
            self._agreement(
                {**TARGET, "duration": 0.5}, sequence=1, date_start="2026-03-01"
            )
        self._end(old, "2026-02-01", "2026-03-03 11:00:00")
        clock = self.clock(ticket)
        self.assertEqual((clock.agreement_id, clock.verdict), (old, "met"))
        self.assertConsistent(ticket)
        with freeze_time("2026-03-04 10:00:00"):
            ticket.service_record("noted")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertConsistent(ticket)

    def test_moving_categories_about_changes_no_old_decision(self):
        """SLA case 16: the tree of categories is read when a target is made."""
        Category = self.env["helpdesk.ticket.category"]
        root, phones = Category.create([{"name": "Hardware"}, {"name": "Phones"}])
        self._agreement(
            TARGET,
            {**TARGET, "duration": 4, "category_id": phones.id},
            {**TARGET, "duration": 6, "category_id": root.id},
        )
        ticket = self._ticket("2026-03-02 09:00:00", category_id=phones.id)
        phones.parent_id = root
        self.env.registry.clear_cache()
        self.assertConsistent(ticket)
        self.assertEqual(self.clock(ticket).target_seconds, 4 * 3600)

    # ------------------------------------------------------------------
    # House rules
    # ------------------------------------------------------------------

    def test_house_rule_comes_last_and_looks_forward(self):
        """A house rule holds where no agreement does, from the moment it is made."""
        before = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        with freeze_time("2026-03-02 10:00:00"):
            rule = self._house_rule(metric="resolution", duration=48)
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 11:00:00")
        other = self._ticket("2026-03-02 11:00:00", partner_id=self.globex.id)
        self.assertNotIn(rule, before.service_clock_ids.target_id)
        self.assertEqual(self.clock(ticket).kind, "sla")
        self.assertEqual(self.clock(other).target_id, rule)
        self.assertMoment(self.clock(other).deadline, "2026-03-04 11:00")
        with freeze_time("2026-03-02 12:00:00"):
            rule.active = False
        later = self._ticket("2026-03-02 13:00:00", partner_id=self.globex.id)
        self.assertNotIn(rule, later.service_clock_ids.target_id)
        self.assertEqual(self.clock(other).state, "running")
        with freeze_time("2026-03-02 14:00:00"):
            rule.active = True
        again = self._ticket("2026-03-02 15:00:00", partner_id=self.globex.id)
        self.assertEqual(self.clock(again).target_id, rule)
        self.assertConsistent(before | ticket | other | later | again)

    def test_house_rule_is_not_changed(self):
        """What tickets were judged by stays: archive it and make a new one."""
        rule = self._house_rule(metric="resolution", duration=48)
        for values in ({"duration": 24}, {"priority": "3"}, {"metric": "update"}):
            with self.assertRaisesRegex(UserError, "Archive it and make a new one"):
                rule.write(values)
        with self.assertRaisesRegex(UserError, "part of the record"):
            rule.unlink()

    # ------------------------------------------------------------------
    # Overlaps, coverage, filters
    # ------------------------------------------------------------------

    def test_overlap_is_shown(self):
        """SLA case 17: two agreements for one customer and time are shown."""
        first = self._agreement(TARGET, date_end="2026-06-01")
        second = self._agreement(TARGET, date_start="2026-05-01", sign=False)
        third = self._agreement(TARGET, date_start="2026-06-01", sign=False)
        answer = self._agreement({**TARGET, "metric": "first_response"}, sign=False)
        self.assertEqual(second.overlap_ids, first)
        self.assertFalse(third.overlap_ids)
        self.assertFalse(answer.overlap_ids)

    def test_coverage_counts_the_last_90_days(self):
        """How many tickets a draft would have matched, and how many have nothing."""
        self._agreement(TARGET, partner_ids=self.globex.ids)
        domain = [("company_id", "=", self.env.company.id)]
        moment = "2026-03-20 09:00:00"
        with freeze_time(moment):
            since = date(2026, 3, 20) - timedelta(days=90)
            known = self.env["helpdesk.ticket"].search_count(
                [*domain, ("service_opened_at", ">=", str(since))]
            )
        self._ticket("2025-12-01 09:00:00")
        self._ticket("2026-03-02 09:00:00")
        self._ticket("2026-03-02 09:00:00", priority="3")
        self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        draft = self._agreement({**TARGET, "priority": "3"}, TARGET, sign=False)
        with freeze_time(moment):
            wizard = self.env["service.quality.agreement.coverage"].create(
                {"agreement_id": draft.id}
            )
            self.assertEqual(wizard.matched_count, 2)
            self.assertEqual(wizard.ticket_count, known + 3)
            action = wizard.action_view_matched()
            found = self.env["helpdesk.ticket"].search(action["domain"])
            self.assertEqual(set(found.partner_id), {self.contact})
            without = self.env["helpdesk.ticket"].search(
                wizard.action_view_without()["domain"]
            )
            self.assertEqual(len(without), wizard.without_count)
            self.assertNotIn(self.globex, without.partner_id)

    def test_sales_sees_the_coverage_of_a_draft(self):
        """Regulation A4.3.1: sales learns whom a draft would hold for, in numbers."""
        sales = self._user("sales_coverage", "sales")
        self._ticket("2026-03-02 09:00:00")
        draft = self._agreement(TARGET, sign=False)
        with freeze_time("2026-03-20 09:00:00"):
            wizard = (
                self.env["service.quality.agreement.coverage"]
                .with_user(sales)
                .create({"agreement_id": draft.id})
            )
            self.assertEqual(wizard.matched_count, 1)

    def test_in_force_is_a_question_of_the_day(self):
        """What is in force changes by itself at the end, and can be searched for."""
        agreement = self._agreement(
            TARGET, date_start="2026-03-01", date_end="2026-04-01"
        )
        draft = self._agreement(TARGET, sign=False)
        Agreement = self.env["service.quality.agreement"]
        for day, expected in (
            ("2026-02-28", False),
            ("2026-03-01", True),
            ("2026-03-31", True),
            ("2026-04-01", False),
        ):
            with freeze_time(day):
                (agreement | draft).invalidate_recordset()
                found = Agreement.search([("is_in_force", "=", True)])
                self.assertEqual(agreement.is_in_force, expected, day)
                self.assertEqual(agreement in found, expected, day)
                self.assertFalse(draft.is_in_force)
                self.assertNotIn(draft, found)

    # ------------------------------------------------------------------
    # Service projects
    # ------------------------------------------------------------------

    def test_project_manager_looks_after_own_projects(self):
        """Regulation A4.3.3: a project manager writes the own project and no other."""
        mine, theirs = (
            self._user(name, "project_manager") for name in ("mine", "theirs")
        )
        projects = self.env["service.quality.project"].create(
            [
                {"name": user.login, "partner_id": self.acme.id, "user_id": user.id}
                for user in (mine, theirs)
            ]
        )
        own, other = projects.with_user(mine)
        other_draft = self._agreement(TARGET, sign=False, project_id=projects[1].id)
        for attempt in (
            lambda: other.write({"note": "Mine now"}),
            lambda: other.unlink(),
            lambda: own.unlink(),
            lambda: other_draft.with_user(mine).write({"name": "Mine now"}),
            lambda: other_draft.with_user(mine).action_sign(),
            lambda: other_draft.target_ids.with_user(mine).write({"duration": 1}),
            lambda: self._draft_of(mine, projects[1]),
            lambda: self._draft_of(mine, projects.browse()),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        own.note = "Handed over"
        draft = self._draft_of(mine, projects[0])
        draft.action_sign()
        self.assertEqual(draft.state, "signed")
        self.assertEqual(own.agreement_count, 1)
        wizard = self.env["service.quality.agreement.end"].with_user(mine)
        wizard.create(
            {"agreement_id": draft.id, "date_end": "2026-03-09", "reason": "Over"}
        ).action_confirm()
        self.assertEqual(draft.state, "ended")

    def _draft_of(self, user, project):
        return (
            self.env["service.quality.agreement"]
            .with_user(user)
            .create(
                {
                    "name": "Draft",
                    "project_id": project.id,
                    "partner_ids": [Command.set(self.acme.ids)],
                    "date_start": "2026-01-01",
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2025-12-01",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2025-12-01",
                    "target_ids": [Command.create(TARGET)],
                }
            )
        )

    def test_matrix_shows_the_promise(self):
        """The promise is readable as a table of conditions and metrics."""
        agreement = self._agreement(
            {**TARGET, "priority": "3", "duration": 4},
            {
                "metric": "first_response",
                "duration": 30,
                "unit": "minute",
                "always": True,
            },
        )
        self.assertIn("4 h · Office", agreement.matrix)
        self.assertIn("30 min · 24 × 7", agreement.matrix)
