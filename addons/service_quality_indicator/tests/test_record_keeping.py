from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_quality_core.tests.role_common import ROLES
from odoo.addons.service_quality_core.tools.period import Period

from .figure_common import MARCH, FigureCase

APRIL = Period("month", date(2026, 4, 1))

FACTS = (
    "late_imports", "late_phones", "silent_pauses", "reopenings", "cancelled_worked",
)  # fmt: skip


class RecordCase(FigureCase):
    """Two engineers enter what they did, at once or later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.engineer = cls._user("entering", "staff", **cls.companies)
        cls.colleague = cls._user("colleague", "staff", **cls.companies)
        cls.team.user_ids = cls.engineer | cls.colleague
        cls.ticket = cls._ticket("2026-03-02 08:00", user_id=cls.engineer.id)
        cls.other = cls._ticket("2026-03-02 08:00", user_id=cls.colleague.id)

    @classmethod
    def _enter(cls, entered, *minutes, ticket=None):
        """Let the holder of a ticket enter facts, so many minutes after they were."""
        ticket = ticket or cls.ticket
        with freeze_time(entered):
            now = fields.Datetime.now()
            for before in minutes:
                ticket.with_user(ticket.user_id).service_record(
                    "noted", at=now - timedelta(minutes=before)
                )

    def _share(self, scope="company", record=None, period=MARCH):
        """Return how many rows of a figure were entered later, and of how many."""
        figure = self._figure("late_entries", scope, record, period)
        return figure.numerator, figure.denominator


@tagged("post_install", "-at_install")
class TestLateEntries(RecordCase):
    """The share entered later is of what people entered, by when they did."""

    def test_worked_numbers(self):
        """More than 30 minutes is later: 3 of 10, and 1 of 4 of the colleague."""
        self.company.service_engineer_figures = True
        self._enter("2026-03-02 12:00", 0, 0, 0, 0, 5, 30, 30, 31, 60, 200)
        self._enter("2026-03-02 12:00", 0, 0, 0, 45, ticket=self.other)
        # of March, and entered in April
        self._enter("2026-04-01 00:10", 60, 0)
        self._take("late_entries")
        self.assertEqual(self._share(), (4, 14))
        self.assertAlmostEqual(self._figure("late_entries").value, 400 / 14)
        self.assertEqual(self._share("engineer", self.engineer), (3, 10))
        self.assertEqual(
            self._figure("late_entries", "engineer", self.engineer).value, 30
        )
        self._take("late_entries", moment="2026-05-01 00:30", period=APRIL)
        self.assertEqual(self._share(period=APRIL), (1, 2))

    def test_nothing_of_a_person_below_ten_rows(self):
        """Of nine rows nothing is told of who entered them, of ten it is."""
        self.company.service_engineer_figures = True
        self._enter("2026-03-02 12:00", *[45] * 10)
        self._enter("2026-03-02 12:00", *[45] * 9, ticket=self.other)
        figures = self._take("late_entries", "opened")
        self.assertEqual(self._share(), (19, 19))
        persons = figures.filtered(
            lambda one: (
                one.scope == "engineer" and one.indicator_id.code == "late_entries"
            )
        )
        self.assertEqual(persons.user_id, self.engineer)
        # what does not tell how somebody works is told as before
        self.assertEqual(self._figure("opened", "engineer", self.colleague).value, 1)

    def test_apart(self):
        """Imports, programs and phones without a connection are in no rate."""
        self._enter("2026-03-02 12:00", 45, 0)
        with freeze_time("2026-03-02 12:00"):
            late = "2026-03-02 11:00:00"
            rows = [
                self.ticket._service_row("arrived", {}, at) | {"origin": origin}
                for origin, at in (
                    ("offline", late),
                    ("offline", "2026-03-02 11:45:00"),
                    ("rpc", late),
                    ("rpc", "2026-03-02 12:00:00"),
                    ("mail", late),
                    ("system", late),
                )
            ]
            self.env["service.quality.ledger"]._append(rows)
            self.env["helpdesk.ticket"].service_import(
                [
                    {
                        "external_ref": "old-1",
                        "name": "Imported",
                        "opened_at": "2026-01-05 08:00:00",
                        "team": self.team.id,
                        "events": [{"at": "2026-01-05 09:00:00", "kind": "responded"}],
                    }
                ]
            )
        # what is taken back says when that was
        noted = self.ticket.service_event_ids.filtered(lambda one: one.kind == "noted")
        with freeze_time("2026-03-05 12:00"):
            noted[0]._void("Wrong ticket")
        self._take("late_entries", *FACTS)
        self.assertEqual(self._share(), (1, 2))
        self.assertEqual(self._figure("late_phones").value, 1)
        # the program's row, and opening and response of the import
        self.assertEqual(self._figure("late_imports").value, 3)

    def test_a_figure_says_on_what_it_rests(self):
        """Regulation A4.2.2: what was brought in afterwards, and noted offline."""
        agreement = self._agreement({"metric": "first_response", "duration": 8})
        told, noted = (self._ticket("2026-03-03 08:00") for _place in range(2))
        with freeze_time("2026-03-03 09:00"):
            told.service_record("responded")
        with freeze_time("2026-03-03 11:00"):
            row = noted._service_row("responded", {}, "2026-03-03 09:00:00")
            self.env["service.quality.ledger"]._append([row | {"origin": "offline"}])
        invented = {
            "name": "Invented",
            "partner": self.contact.id,
            "team": self.team.id,
            "opened_at": "2026-03-04 08:00:00",
            "events": [{"at": "2026-03-04 08:05:00", "kind": "responded"}],
        }
        with freeze_time("2026-03-30 11:00"):
            self.env["helpdesk.ticket"].service_import(
                [invented | {"external_ref": f"g{n}"} for n in range(3)]
            )
        self._take("sla_first_response", "opened")
        figure = self._figure("sla_first_response", "agreement", agreement)
        self.assertEqual((figure.numerator, figure.denominator), (5, 7))
        self.assertEqual((figure.brought_count, figure.offline_count), (3, 1))
        self.assertIn("3 brought in afterwards", figure.note)
        self.assertIn("1 noted without a connection", figure.note)
        self.assertEqual(self._figure("opened").brought_count, 3)
        [counted] = figure._recount().values()
        self.assertEqual((counted["brought_count"], counted["offline_count"]), (3, 1))

    def test_a_new_limit_holds_from_then_on(self):
        """What was entered before is judged as it was, when counted again, too."""
        self._enter("2026-03-09 12:00", 45)
        with freeze_time("2026-03-10 08:00"):
            self.company.service_entry_minutes = 60
        self._enter("2026-03-11 12:00", 45, 60, 61)
        self._take("late_entries")
        self.assertEqual(self._share(), (2, 4))
        with freeze_time("2026-04-02 08:00"):
            self.company.service_entry_minutes = 5
            self.company.service_entry_minutes = 10
        figure = self._figure("late_entries")
        again = figure._recount()[figure]
        self.assertEqual((again["numerator"], again["denominator"]), (2, 4))
        self._enter("2026-04-03 12:00", 8, 11)
        self._take("late_entries", moment="2026-05-01 00:30", period=APRIL)
        self.assertEqual(self._share(period=APRIL), (1, 2))
        self.assertEqual(
            self.company._service_entry_limits(),
            [
                ["", 30],
                ["2026-03-10 08:00:00", 60],
                ["2026-04-02 08:00:00", 5],
                ["2026-04-02 08:00:00", 10],
            ],
        )

    def test_a_wide_limit_takes_back_no_miss(self):
        """Deny: what is counted as late is a setting, what is missed is none."""
        self._agreement({"metric": "first_response", "duration": 1})
        ticket = self._ticket("2026-03-09 09:00", user_id=self.ticket.user_id.id)
        self.company.service_entry_minutes = 100_000
        with (
            freeze_time("2026-03-09 12:00"),
            self.assertRaisesRegex(ValidationError, "does not take back"),
        ):
            ticket.with_user(ticket.user_id).service_record(
                "responded", at="2026-03-09 09:30:00"
            )

    def test_nobody_writes_what_held_before(self):
        admin = new_test_user(
            self.env, "settings", groups="base.group_system", **self.companies
        )
        company = self.company.with_user(admin)
        with self.assertRaises(AccessError):
            company.service_entry_history = [["", 600]]
        company.service_entry_minutes = 600
        self.assertEqual(company._service_entry_limits()[0], ["", 30])

    def test_the_cost_does_not_grow_with_rows(self):
        self.company.service_engineer_figures = True
        counts = []
        for _time in range(2):
            self._enter("2026-03-02 12:00", *[45] * 10)
            self._enter("2026-03-02 12:00", *[45] * 10, ticket=self.other)
            self._take("late_entries", *FACTS)
            before = self.env.cr.sql_log_count
            self._take("late_entries", *FACTS)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install", "security")
class TestLateEntriesSecurity(RecordCase):
    """How a person works is for the person, their line and the quality department."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_engineer_figures = True
        cls.users = {role: cls._user(role, role, **cls.companies) for role in ROLES}
        cls.leader = cls._user("leader", "staff", **cls.companies)
        cls.upper = cls._user("upper", "service_manager", **cls.companies)
        cls.head = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Head",
                "user_id": cls.upper.id,
                "company_id": cls.company.id,
            }
        )
        cls.team.write({"user_id": cls.leader.id, "parent_id": cls.head.id})
        # members of a team read figures of the team, and not those of each other
        cls.team.user_ids |= cls.users["staff"] | cls.users["desk"]
        cls._enter("2026-03-02 12:00", *[45] * 10)
        cls.figures = cls._take("late_entries")
        cls.own = cls.figures.filtered(lambda one: one.scope == "engineer")

    def _readers(self, records):
        """Return who of all users may read records, each by search and by access."""
        users = self.engineer | self.colleague | self.leader | self.upper
        users |= self.env["res.users"].union(*self.users.values())
        readers = users.browse()
        for user in users:
            own = records.with_user(user)
            if not own.browse().has_access("read"):
                continue
            found = own.search([("id", "in", records.ids)])
            self.assertEqual(found, own._filtered_access("read"))
            self.assertIn(found, (records, records.browse()))
            if found:
                readers |= user
        return readers

    def test_who_reads_how_a_person_works(self):
        """Deny: colleagues, and those who answer for others, read it not."""
        self.assertEqual(len(self.own), 1)
        self.assertEqual(self.own.user_id, self.engineer)
        self.assertEqual(
            self._readers(self.own),
            self.engineer | self.leader | self.upper | self.users["quality"],
        )
        for user in (self.colleague, self.users["service_manager"]):
            with self.assertRaises(AccessError):
                self.own.with_user(user).action_open_rows()
        of_company = self.figures.filtered(lambda one: one.scope == "company")
        self.assertIn(self.colleague, self._readers(of_company))

    def test_who_no_longer_leads_reads_no_more(self):
        self.team.user_id = self.colleague
        readers = self._readers(self.own)
        self.assertIn(self.colleague, readers)
        self.assertNotIn(self.leader, readers)

    def test_other_figures_are_read_as_before(self):
        """A leader reads no other figures of persons, a service manager all of them."""
        figure = self._take("opened").filtered(
            lambda one: one.scope == "engineer" and one.user_id == self.engineer
        )
        readers = self._readers(figure)
        self.assertNotIn(self.leader, readers)
        self.assertIn(self.users["service_manager"], readers)

    def test_corrections_are_read_as_the_figure(self):
        self._enter("2026-03-20 12:00", 0)
        self._take("late_entries", moment="2026-04-02 00:30")
        corrections = self.own.correction_ids
        self.assertEqual(len(corrections), 1)
        self.assertEqual(self._readers(corrections), self.upper | self.users["quality"])

    def test_no_deviation_tells_it(self):
        """Deviations are read by more people."""
        target = self.env["service.quality.indicator.target"].create(
            {
                "indicator_id": self._indicator("late_entries").id,
                "company_id": self.company.id,
                "scope": "engineer",
                "user_id": self.engineer.id,
                "date_from": "2026-01-01",
                "goal": 5,
            }
        )
        with freeze_time("2026-01-01 08:00"):
            target.with_user(self.users["executive"]).action_approve()
        self._take("late_entries", moment="2026-04-02 00:30")
        self.assertEqual(self.own.goal_state, "beyond")
        deviations = self.env["service.quality.deviation"].search(
            [("indicator_id", "=", target.indicator_id.id)]
        )
        self.assertFalse(deviations)


@tagged("post_install", "-at_install")
class TestRecordFacts(RecordCase):
    """Facts beside the share: each with the cases that are not in it."""

    def _paused(self, *spells, **values):
        """Return a ticket that waits for its customer in spells of the 3rd."""
        ticket = self._ticket("2026-03-03 08:00", **values)
        for start, end in spells:
            self._move(ticket, "waiting_customer", f"2026-03-03 {start}")
            if end:
                self._move(ticket, "active", f"2026-03-03 {end}")
        return ticket

    def _said(self, ticket, at):
        with freeze_time("2026-03-03 20:00"):
            ticket.service_record("responded", at=f"2026-03-03 {at}:00")

    def _rows(self, code):
        """Return the tickets of the rows that a figure of the company counts."""
        figure = self._figure(code)
        ids = self.Counting._row_ids(
            figure.indicator_id, self.company, MARCH, "company", self.company.id
        )
        spans = self.env["service.quality.span"].browse(ids)
        self.assertEqual(figure.value, len(spans))
        return spans.ticket_id, len(spans)

    def test_pauses_without_a_message(self):
        """An hour before the pause is early enough, and until it ends late enough."""
        spell = ("12:00", "14:00")
        for at in ("11:00", "12:00", "13:00", "14:00"):
            self._said(self._paused(spell), at)
        early, late = self._paused(spell), self._paused(spell)
        self._said(early, "10:59")
        self._said(late, "14:01")
        twice = self._paused(spell, ("16:00", "18:00"))
        voided = self._paused(spell)
        self._said(voided, "13:00")
        with freeze_time("2026-03-04 09:00"):
            voided.service_event_ids.filtered(
                lambda one: one.kind == "responded"
            )._void("Nobody was reached")
        self._paused(("12:00", None))  # goes on
        # one pause, whoever holds it, and a message while another one did
        passed_on = self._paused(("12:00", None), user_id=self.engineer.id)
        self._said(passed_on, "12:30")
        with freeze_time("2026-03-03 13:00"):
            passed_on.user_id = self.colleague
        self._move(passed_on, "active", "2026-03-03 14:30")
        self._take("silent_pauses")
        found = early | late | twice | voided
        self.assertEqual(self._rows("silent_pauses"), (found, 5))

    def test_what_is_a_message(self):
        """A public message of ours is; notes and what the customer writes are not."""
        spoken, noted, heard = (
            self._paused(("12:00", None), user_id=self.engineer.id) for _n in range(3)
        )
        with freeze_time("2026-03-03 13:00"):
            comment = {"message_type": "comment", "body": "Please tell us more"}
            spoken.with_user(self.engineer).message_post(
                subtype_xmlid="mail.mt_comment", **comment
            )
            noted.with_user(self.engineer).message_post(
                subtype_xmlid="mail.mt_note", **comment
            )
            heard.message_post(
                author_id=self.contact.id, subtype_xmlid="mail.mt_comment", **comment
            )
        self._move(spoken | noted | heard, "active", "2026-03-03 14:00")
        self._take("silent_pauses")
        self.assertEqual(self._rows("silent_pauses"), (noted | heard, 2))

    def test_imported_pauses_are_not_counted(self):
        with freeze_time("2026-03-10 08:00"):
            self.env["helpdesk.ticket"].service_import(
                [
                    {
                        "external_ref": "old-1",
                        "name": "Imported",
                        "opened_at": "2026-03-03 08:00:00",
                        "team": self.team.id,
                        "events": [
                            {
                                "at": f"2026-03-03 {hour}:00:00",
                                "kind": "phase",
                                "phase": phase,
                            }
                            for hour, phase in (
                                ("12", "waiting_customer"),
                                ("14", "active"),
                            )
                        ],
                    }
                ]
            )
        imported = self.env["helpdesk.ticket"].search(
            [("service_external_ref", "=", "old-1")]
        )
        self._take("silent_pauses")
        self.assertEqual(self._figure("silent_pauses").value, 0)
        # what it waits for here is
        self._move(imported, "waiting_customer", "2026-03-11 12:00")
        self._move(imported, "active", "2026-03-11 14:00")
        self._take("silent_pauses")
        self.assertEqual(self._rows("silent_pauses"), (imported, 1))

    def test_reopened(self):
        """The count is what the rate has above its line."""
        tickets = [self._ticket("2026-03-03 08:00") for _number in range(3)]
        for ticket in tickets:
            self._move(ticket, "resolved", "2026-03-03 10:00")
        self._move(tickets[0], "active", "2026-03-04 10:00")
        self._take("reopened", "reopenings")
        self.assertEqual(self._rows("reopenings"), (tickets[0], 1))
        rate = self._figure("reopened")
        self.assertEqual((rate.numerator, rate.denominator), (1, 3))

    def test_cancelled_after_work(self):
        """In progress, answered or resolved; no duplicate, and nothing voided."""
        new, begun, answered, resolved, duplicate, taken_back, later = (
            self._ticket("2026-03-03 08:00") for _number in range(7)
        )
        self._move(begun | duplicate | later, "active", "2026-03-03 10:00")
        self._said(answered | taken_back, "10:00")
        with freeze_time("2026-03-03 21:00"):
            taken_back.service_event_ids.filtered(
                lambda one: one.kind == "responded"
            )._void("Wrong ticket")
            duplicate.duplicate_id = begun
        self._move(resolved, "resolved", "2026-03-03 10:00")
        for ticket in new | begun | answered | resolved | taken_back:
            self._move(ticket, "cancelled", "2026-03-04 10:00")
        self._move(later, "cancelled", "2026-04-01 00:10")
        self._take("cancelled_worked")
        self.assertEqual(
            self._rows("cancelled_worked"), (begun | answered | resolved, 3)
        )

    def test_cancelled_when_half_of_the_time_had_run(self):
        """Also without work, and as a duplicate: the promise ended shortly before."""
        self._agreement({"metric": "resolution", "duration": 8})
        main, early, late, double, doubled_early = (
            self._ticket("2026-03-03 08:00") for _number in range(5)
        )
        with freeze_time("2026-03-03 11:00"):
            doubled_early.duplicate_id = main
        self._move(early, "cancelled", "2026-03-03 11:00")
        with freeze_time("2026-03-03 15:00"):
            double.duplicate_id = main
        self._move(late, "cancelled", "2026-03-03 15:00")
        self._take("cancelled_worked")
        self.assertEqual(self._rows("cancelled_worked"), (late | double, 2))

    def test_counted_again(self):
        """What is voided later changes no closed figure."""
        ticket = self._paused(("12:00", "14:00"))
        self._said(ticket, "13:00")
        self._move(ticket, "cancelled", "2026-03-04 10:00")
        figures = self._take("silent_pauses", "cancelled_worked").filtered(
            lambda one: one.scope == "company"
        )
        with freeze_time("2026-04-10 09:00"):
            ticket.service_event_ids.filtered(
                lambda one: one.kind == "responded"
            )._void("Nobody was reached")
        counted = figures._recount()
        self.assertEqual([counted[one]["value"] for one in figures], [0.0, 1.0])
