from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError
from psycopg2.errors import LockNotAvailable

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.helpdesk_ticket import EARLIEST
from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestTerm(ServiceQualityCase):
    """When agreements and house rules are in force, and as they were known."""

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

    def test_next_version_is_not_dated_back(self):
        """Regulation A4.3.4: a softer version frees nobody of a promise that runs."""
        first = self._agreement(TARGET)
        before = self._ticket("2026-03-09 09:00:00")
        morning = self._ticket("2026-03-10 09:00:00")
        due = {ticket: self.clock(ticket).deadline for ticket in before | morning}
        with freeze_time("2026-03-10 10:00:00"):
            second = first.browse(first.action_amend()["res_id"])
            second.target_ids.duration = 5000
            second.write(
                {
                    "date_start": "2026-03-01",
                    "signed_by_us": "Us",
                    "signed_by_us_on": "2026-03-01",
                    "signed_by_customer": "Them",
                    "signed_by_customer_on": "2026-03-01",
                }
            )
            second.action_sign()
            # nor does a change that matches it again
            (before | morning).write({"priority": "3"})
        self.assertEqual(second.date_start, date(2026, 3, 10))
        self.assertIn("a next version holds", second.message_ids[0].body)
        after = self._ticket("2026-03-10 10:00:01")
        self.assertEqual(self.clock(after).agreement_id, second)
        for ticket in before | morning:
            self.assertEqual(self.clock(ticket).agreement_id, first)
            self.assertEqual(self.clock(ticket).deadline, due[ticket])
        self.assertConsistent(before | morning | after)

    def test_next_version_that_has_ended_already(self):
        """Deny: it cannot begin today and end before."""
        second = self._draft_of_next(self._agreement(TARGET), "2026-03-01")
        second.date_end = "2026-03-09"
        with (
            freeze_time("2026-03-10 10:00:00"),
            self.assertRaisesRegex(ValidationError, "Set a later end"),
        ):
            second.action_sign()

    def _draft_of_next(self, agreement, start):
        with freeze_time("2026-03-10 08:00:00"):
            version = agreement.browse(agreement.action_amend()["res_id"])
        version.write(
            {
                "date_start": start,
                "signed_by_us": "Us",
                "signed_by_us_on": start,
                "signed_by_customer": "Them",
                "signed_by_customer_on": start,
            }
        )
        return version

    def test_amending_the_newest_version_only(self):
        """A version has one signed next version; its draft is opened again."""
        first = self._agreement(TARGET)
        second = self._draft_of_next(first, "2026-04-01")
        self.assertEqual(first.action_amend()["res_id"], second.id)
        rival = second.copy()
        following = {"previous_id": first.id, "version": 2}
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            rival._write_as_step(following)
            self.env.flush_all()
        self.env.invalidate_all(flush=False)
        rival.write(
            {
                "signed_by_us": "Us",
                "signed_by_us_on": "2026-03-01",
                "signed_by_customer": "Them",
                "signed_by_customer_on": "2026-03-01",
            }
        )
        second.action_sign()
        self.env.flush_all()
        rival._write_as_step(following)
        with self.assertRaisesRegex(UserError, r"newest one: Support \(version 2\)"):
            first.action_amend()
        with self.assertRaisesRegex(ValidationError, r"Support \(version 2\) already"):
            rival.action_sign()
        self.assertFalse(rival.term_ids)
        third = second.browse(second.action_amend()["res_id"])
        self.assertEqual((third.version, third.previous_id), (3, second))

    @mute_logger("odoo.sql_db")
    def test_signing_waits_for_another(self):
        """Who signs while another does waits, and is not sent away by the database."""
        self._agreement(TARGET)  # this transaction has drawn the newest number
        with self.registry.cursor() as other:
            other.execute("SET LOCAL lock_timeout = '200ms'")
            Term = self.env(cr=other)["service.quality.term"]
            with self.assertRaisesRegex(LockNotAvailable, "lock timeout"):
                Term.create([{"date_start": "2026-01-01"}])
            other.rollback()

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
            self._end(agreement, "2026-03-11", "2026-03-10 17:00:00")

    def test_end_ahead_can_be_corrected(self):
        """An end that still lies in the future is moved, and its targets hold on."""
        agreement = self._agreement(TARGET)
        self._end(agreement, "2026-03-31", "2026-03-09 16:00:00")
        with freeze_time("2026-03-09 16:30:00"):
            agreement.invalidate_recordset()
            self.assertTrue(agreement.target_ids.is_in_force)
        self._end(agreement, "2026-04-30", "2026-03-09 17:00:00")
        self.assertEqual(agreement.date_end, date(2026, 4, 30))
        ticket = self._ticket("2026-04-01 09:00:00")
        self.assertEqual(self.clock(ticket).agreement_id, agreement)
        with freeze_time("2026-04-30 10:00:00"):
            self.env.invalidate_all()
            self.assertFalse(agreement.target_ids.is_in_force)

    def test_end_does_not_reach_into_the_next_version(self):
        """Two versions are never in force on the same day."""
        first = self._agreement(TARGET)
        second = self._draft_of_next(first, "2026-04-01")
        with freeze_time("2026-03-10 09:00:00"):
            second.action_sign()
        with self.assertRaisesRegex(ValidationError, "earlier one"):
            self._end(first, "2026-04-02", "2026-03-10 10:00:00")
        self._end(first, "2026-03-20", "2026-03-10 10:00:00")
        self.assertEqual(first.date_end, date(2026, 3, 20))

    def test_end_without_a_plausible_year(self):
        """A slip in the year is named, and changes nothing."""
        agreement = self._agreement(TARGET)
        with (
            self.assertRaisesRegex(ValidationError, "from 1990 to 2100"),
            self.env.cr.savepoint(),
        ):
            self._end(agreement, "9999-12-31", "2026-03-09 16:00:00")
        self.assertEqual(len(agreement.term_ids), 1)

    def test_end_before_start(self):
        """An end before the first day is refused, and nothing is half-written."""
        agreement = self._agreement(TARGET, date_start="2026-03-01")
        with self.assertRaisesRegex(ValidationError, "Choose that day or a later one"):
            self._end(agreement, "2026-02-28", "2026-03-09 16:00:00")
        self.assertEqual((agreement.state, agreement.date_end), ("signed", False))
        self.assertEqual(len(agreement.term_ids), 1)

    def test_end_is_not_dated_back(self):
        """Regulation A4.3.4: an end frees nobody of a promise that runs."""
        agreement = self._agreement(TARGET)
        with self.assertRaisesRegex(ValidationError, "not for the past"):
            self._end(agreement, "2026-03-04", "2026-03-05 16:00:00")
        self.assertEqual((agreement.state, agreement.date_end), ("signed", False))

    def test_end_of_today_begins_now(self):
        """Regulation A4.3.4: what came in this morning stays, also when matched again.

        That holds when the contact is merged later, which enters a term anew.
        """
        agreement = self._agreement(TARGET)
        morning = self._ticket("2026-03-05 09:00:00")
        due = self.clock(morning).deadline
        self._end(agreement, "2026-03-05", "2026-03-05 16:00:00")
        after = self._ticket("2026-03-05 16:00:01")
        with freeze_time("2026-03-06 10:00:00"):
            agreement._enter_terms("Contacts were merged")
            morning.priority = "3"
        self.assertEqual(self.clock(morning).agreement_id, agreement)
        self.assertEqual(self.clock(morning).deadline, due)
        self.assertEqual(self.clock(morning).state, "running")
        self.assertFalse(after.service_has_agreement)
        self.assertConsistent(morning | after)

    def test_end_ahead_that_is_moved_to_today(self):
        """Regulation A4.3.4: it frees nobody of what came in before it was moved."""
        agreement = self._agreement(TARGET)
        self._end(agreement, "2026-03-31", "2026-03-02 16:00:00")
        morning = self._ticket("2026-03-05 09:00:00")
        self._end(agreement, "2026-03-05", "2026-03-05 16:00:00")
        self.assertEqual(self.clock(morning).agreement_id, agreement)
        self.assertConsistent(morning)

    def test_house_rule_that_rests_for_a_moment(self):
        """Regulation A4.3.4: archiving a rule and taking it back frees nobody."""
        with freeze_time("2026-03-01 08:00:00"):
            rule = self._house_rule(**TARGET)
        before = self._ticket("2026-03-05 09:00:00")
        due = self.clock(before).deadline
        for minute in (0, 10):  # also a second time
            with freeze_time(f"2026-03-05 10:{minute:02}:00"):
                rule.active = False
            between = self._ticket(f"2026-03-05 10:{minute + 3:02}:00")
            with freeze_time(f"2026-03-05 10:{minute + 5:02}:00"):
                rule.active = True
        after = self._ticket("2026-03-05 10:30:00")
        with freeze_time("2026-03-05 11:00:00"):
            (before | between | after).write({"priority": "3"})
        self.assertEqual(self.clock(before).target_id, rule)
        self.assertEqual(self.clock(before).deadline, due)
        self.assertEqual(self.clock(before).state, "running")
        self.assertFalse(between.service_clock_ids)
        self.assertEqual(self.clock(after).target_id, rule)
        self.assertConsistent(before | between | after)

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

    def test_retroactive_signing_takes_no_ticket_from_another(self):
        """A ticket that was under an agreement when it came in stays there.

        Deny: a softer agreement of the very customer, dated back, which goes first.
        """
        self._house_rule(metric="resolution", duration=48)
        general = self._agreement(TARGET, partner_ids=False)
        ticket = self._ticket("2026-03-02 09:00:00")
        due = self.clock(ticket).deadline
        with freeze_time("2026-03-02 12:00:00"):
            softer = self._agreement(
                {**TARGET, "duration": 5000}, sequence=1, date_start="2026-03-01"
            )
            ticket.priority = "3"
        self.assertEqual(self.clock(ticket).agreement_id, general)
        self.assertEqual(self.clock(ticket).deadline, due)
        [steps] = ticket.service_explain().values()
        self.assertEqual(steps[0]["agreement"], general.display_name)
        self.assertIn("only after the ticket had come in", steps[1]["reason"])
        later = self._ticket("2026-03-02 13:00:00")
        self.assertEqual(self.clock(later).agreement_id, softer)
        self.assertConsistent(ticket | later)

    def test_first_agreement_dated_back_frees_no_clock_of_a_house_rule(self):
        """What came in before it was signed stays under a rule that promises more.

        Neither what is missed already nor what runs is given more time, whatever
        becomes of the ticket afterwards. A stricter agreement does hold at once.
        """
        with freeze_time("2026-02-01 00:00:00"):
            self._house_rule(metric="resolution", duration=8)
            self._house_rule(metric="first_response", duration=8)
        missed = self._ticket("2026-03-02 01:00:00")
        running = self._ticket("2026-03-02 09:00:00")
        due = self.clock(running).deadline
        with freeze_time("2026-03-02 12:00:00"):
            agreement = self._agreement(
                {**TARGET, "duration": 5000},
                {"metric": "first_response", "duration": 1, "unit": "minute"},
                date_start="2026-03-01",
                calendar_id=False,
            )
            (missed | running).priority = "3"
        for ticket in (missed, running):
            self.assertEqual(self.clock(ticket).kind, "house")
        self.assertEqual(self.clock(running).deadline, due)
        response = self.clock(running, "first_response", agreement)
        self.assertMoment(response.started_at, "2026-03-02 09:00")
        steps = running.service_explain()[str(self.clock(running).target_id.id)]
        self.assertEqual(steps[0]["agreement"], "House rule")
        self._move(missed | running, "resolved", "2026-03-02 18:00:00")
        self.assertEqual(
            (missed | running).mapped(lambda t: self.clock(t).verdict), ["missed"] * 2
        )
        self.assertConsistent(missed | running)

    def test_replay_sees_agreements_as_they_were_known(self):
        """SLA case 16: a judged ticket replays without what was signed afterwards."""
        old = self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        with freeze_time("2026-03-03 10:00:00"):
            self._agreement(
                {**TARGET, "duration": 0.5}, sequence=1, date_start="2026-03-01"
            )
        self._end(old, "2026-03-03", "2026-03-03 11:00:00")
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
        agreement = self._agreement(
            TARGET,
            {**TARGET, "duration": 4, "category_id": phones.id},
            {**TARGET, "duration": 6, "category_id": root.id},
        )
        ticket = self._ticket("2026-03-02 09:00:00", category_id=phones.id)
        with self.assertRaisesRegex(UserError, "would cover other tickets"):
            phones.parent_id = root
        self._end(agreement, "2026-03-03", "2026-03-03 11:00:00")
        phones.parent_id = root
        self.env.registry.clear_cache()
        self.assertConsistent(ticket)
        self.assertEqual(self.clock(ticket).target_seconds, 4 * 3600)

    def test_a_signed_agreement_covers_what_was_approved(self):
        """Deny: a category is moved below, or away from, what is in force."""
        Category = self.env["helpdesk.ticket.category"]
        soft, hard, beside = Category.create(
            [{"name": name} for name in ("Requests", "Outages", "Moves")]
        )
        own = Category.create({"name": "Accounts", "parent_id": soft.id})
        draft = self._agreement(
            TARGET, category_ids=[Command.set(soft.ids)], sign=False
        )
        hard.parent_id = soft  # nothing is signed yet
        hard.parent_id = False
        draft.action_sign()
        self.assertEqual(draft.signed_categories, "Requests\nRequests / Accounts")
        for category, parent in ((hard, soft), (own, beside), (own, Category)):
            with self.assertRaisesRegex(UserError, "Support"), self.env.cr.savepoint():
                category.parent_id = parent
        hard.parent_id = beside  # neither is covered
        soft.parent_id = beside  # it is covered wherever it stands
        below = Category.create({"name": "Passwords", "parent_id": own.id})
        ticket = self._ticket("2026-03-02 09:00:00", category_id=below.id)
        self.assertEqual(self.clock(ticket).agreement_id, draft)
        own.name = "Whatever comes"
        self.assertIn("Requests / Accounts", draft.signed_categories)
        kept = self.env["service.quality.rectification"].search(
            [("res_model", "=", own._name), ("field_name", "=", "name")]
        )
        self.assertIn(
            ("Accounts", "Whatever comes"),
            [(row.old_text, row.new_text) for row in kept],
        )

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

    def test_house_rules_shipped_by_an_addon_that_comes_later(self):
        """Each company there is gets them once, for tickets of any age."""
        Target = type(self.env["service.quality.target"])
        companies = self.env["res.company"].search([])
        shipped = Target._house_rules
        self.patch(
            Target, "_house_rules", lambda t: [*shipped(t), ("update", "major", 8)]
        )
        domain = [("metric", "=", "update"), ("severity", "=", "major")]
        targets = self.env["service.quality.target"]
        self.patch(self.env.registry, "updated_modules", [])
        targets._register_hook()
        self.assertFalse(targets.search(domain), "nothing was installed or updated")
        self.env.registry.updated_modules.append("later")
        for _time in range(2):
            targets._register_hook()
        rules = targets.search(domain)
        self.assertEqual(rules.company_id, companies)
        self.assertEqual(len(rules), len(companies))
        self.assertEqual(set(rules.mapped("seconds")), {8 * 3600})
        valid = [rule.term_ids.sorted("number")[-1] for rule in rules]
        self.assertEqual({term.date_start for term in valid}, {EARLIEST})

    def test_house_rule_is_not_changed(self):
        """What tickets were judged by stays: archive it and make a new one."""
        rule = self._house_rule(metric="resolution", duration=48)
        for values in ({"duration": 24}, {"priority": "3"}, {"metric": "update"}):
            with self.assertRaisesRegex(UserError, "Archive it and make a new one"):
                rule.write(values)
        with self.assertRaisesRegex(UserError, "part of the record"):
            rule.unlink()
