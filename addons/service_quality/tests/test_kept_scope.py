from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.common import PAPER, printed
from odoo.addons.service_quality_visit.tests.test_visit import drawn_signature

from .proof_common import ProofCase

JANUARY, FEBRUARY, MARCH = "2026-01", "2026-02", "2026-03"

LATER = "2026-04-20"


@tagged("post_install", "-at_install")
class TestKeptScope(ProofCase):
    """What is asked for in a period is what was there then, wherever it is now."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        projects = cls.env["service.quality.project"].with_context(active_test=False)
        projects.search([]).write({"date_start": False, "date_end": "2020-01-01"})
        cls.shadow = cls.env["res.company"].create({"name": "Shadow"})
        cls.env.user.company_ids |= cls.shadow
        cls.first = cls._ticket("2026-02-03 09:00:00")
        cls.second = cls._ticket("2026-02-04 09:00:00", team_id=cls.other_team.id)
        cls._move(cls.first | cls.second, "resolved", "2026-02-05 10:00:00")

    def assertDue(self, number, label, state, due):
        obligation = self._obligation(number)
        self.judge(LATER, obligation)
        return self.assertStands(obligation, label, state, 0, due)

    def test_tickets_moved_to_another_department(self):
        """Regulations A3.4.5, A3.5.5: a department that had work is told of it."""
        with freeze_time("2026-04-01"):
            self.second.team_id = self.team
        self.assertDue("a3_5_5_1", FEBRUARY, "overdue", 2)
        self.assertDue("a3_4_5_1", "2026-Q1", "overdue", 2)
        # and who gets what was over long ago has had no work with it
        self.assertDue("a3_5_5_1", MARCH, "nothing", 0)

    def test_tickets_moved_to_a_shadow_company(self):
        """Regulations A3.4.5, A3.5.5: they were ours, and so was the work."""
        with freeze_time("2026-04-01"):
            (self.first | self.second).write({"company_id": self.shadow.id})
        self.assertDue("a3_5_5_1", FEBRUARY, "overdue", 2)
        self.assertDue("a3_4_5_1", "2026-Q1", "overdue", 2)

    def test_what_was_worked_on_elsewhere(self):
        """A company is asked for no report of what it had given away before."""
        ticket = self._ticket("2026-01-20 09:00:00")
        with freeze_time("2026-01-21"):
            ticket.write({"company_id": self.shadow.id})
        self._move(ticket, "resolved", "2026-03-20 10:00:00")
        self.assertDue("a3_5_5_1", JANUARY, "overdue", 1)
        self.assertDue("a3_5_5_1", MARCH, "nothing", 0)

    def test_a_team_is_given_to_no_shadow_company(self):
        """Deny: a department that has worked leaves with nothing that it is owed."""
        self.other_team.company_id = self.env.company
        with (
            self.assertRaisesRegex(UserError, "make a new team"),
            self.env.cr.savepoint(),
        ):
            self.other_team.company_id = self.shadow
        self.env.invalidate_all(flush=False)
        self.other_team.active = False
        self.assertDue("a3_5_5_1", FEBRUARY, "overdue", 2)
        idle = self.env["helpdesk.ticket.team"].create({"name": "Idle"})
        idle.company_id = self.shadow

    # ------------------------------------------------------------------
    # Agreements
    # ------------------------------------------------------------------

    def _project(self):
        return self.env["service.quality.project"].create(
            {"name": "Acme", "partner_id": self.acme.id, "date_start": "2026-01-05"}
        )

    def _signed(self, moment, **values):
        with freeze_time(moment):
            return self._agreement(
                {"metric": "resolution", "duration": 8},
                project_id=self._project().id,
                **values,
            )

    def test_an_agreement_dated_back(self):
        """Regulation A4.3.1: what was signed here later was not there before."""
        agreement = self._signed("2026-03-10")
        self.assertEqual(str(agreement.proved_from), "2026-03-10")
        obligation = self._obligation("a4_3_1_1")
        self.judge(LATER, obligation)
        for label in (JANUARY, FEBRUARY):
            cell = self.assertStands(obligation, label, "fulfilled_late", 1, 1)
            self.assertEqual(str(cell.late_on), "2026-03-10")
        self.assertStands(obligation, MARCH, "fulfilled", 1, 1)

    def test_an_agreement_with_its_paper(self):
        """Regulation A4.3.1: a paper that both had signed before proves it."""
        paper = {"name": "signed.pdf", "raw": PAPER}
        agreement = self._signed("2026-03-10", document_ids=[Command.create(paper)])
        self.assertEqual(str(agreement.proved_from), "2025-12-01")
        obligation = self._obligation("a4_3_1_1")
        self.judge(LATER, obligation)
        self.assertStands(obligation, JANUARY, "fulfilled", 1, 1)

    def test_an_agreement_with_an_empty_page(self):
        """Deny: a day that is typed beside a blank page proves nothing earlier."""
        for content in (b"%PDF-1.4\n" + b"x" * 600, printed()):
            blank = {"name": "signed.pdf", "raw": content}
            with (
                self.assertRaisesRegex(ValidationError, "signed.pdf"),
                self.env.cr.savepoint(),
            ):
                self._signed("2026-03-10", document_ids=[Command.create(blank)])
            self.env.invalidate_all(flush=False)

    def test_a_file_that_is_no_paper(self):
        """Deny: any other file, or one that is attached afterwards, proves nothing."""
        file = {"name": "signed.txt", "raw": b"Signed by both of us"}
        agreement = self._signed("2026-03-10", document_ids=[Command.create(file)])
        paper = {"name": "signed.pdf", "raw": PAPER}
        agreement.document_ids = [Command.create(paper)]
        obligation = self._obligation("a4_3_1_1")
        self.judge(LATER, obligation)
        self.assertStands(obligation, JANUARY, "fulfilled_late", 1, 1)

    def test_a_review_dated_back(self):
        """Regulation A4.1.1: a review counts when it was closed, not as it is dated."""
        review = self.env["service.quality.policy.review"].create(
            {"date": "2026-02-01", "user_id": self.inspector.id}
        )
        review._write_as_step({"state": "done", "closed_at": "2027-01-10 09:00:00"})
        obligation = self._obligation("a4_1_1_5")
        self.judge("2027-01-10 12:00", obligation)
        self.assertStands(obligation, "2026", "fulfilled_late", 1, 1)

    # ------------------------------------------------------------------
    # Visits
    # ------------------------------------------------------------------

    def _left(self):
        ticket = self._ticket("2026-03-02 08:00", user_id=self.caller.id)
        visits = self.env["service.quality.visit"].with_user(self.caller)
        with freeze_time("2026-03-02 09:00:00"):
            visit = visits.browse(visits.record_arrival(ticket.id))
        with freeze_time("2026-03-02 10:00:00"):
            visit.record_departure()
        return visit

    def test_why_nobody_signed_is_said_in_time(self):
        """Regulation A3.6.1: what is entered weeks later is late."""
        visit = self._left()
        with freeze_time("2026-03-20"):
            visit.unsigned_reason = "Nobody was there"
        self.assertProved("a3_6_1_2", "fulfilled_late", 1, 1)

    def test_why_nobody_signed_was_said_in_time(self):
        """Regulation A3.6.1: what is entered on the next day is in time."""
        visit = self._left()
        with freeze_time("2026-03-03 09:00:00"):
            visit.unsigned_reason = "Nobody was there"
        with freeze_time("2026-03-20"):
            visit.unsigned_reason = "Nobody was there, it was a holiday"
        self.assertProved("a3_6_1_2", "fulfilled", 1, 1)

    def test_a_signature_dated_back(self):
        """Regulation A3.6.1: a time that is given for it makes it no earlier."""
        visit = self._left()
        visit.work_done = "Fan replaced and tested"
        for given in ({"at": "2026-03-02 10:00:00"}, {"seconds_ago": 18 * 86_400}):
            with (
                self.subTest(given),
                self.env.cr.savepoint() as savepoint,
                freeze_time("2026-03-20 10:00:00"),
            ):
                visit.sign("Ann", drawn_signature(), **given)
                self.assertEqual(str(visit.settled_at), "2026-03-20 10:00:00")
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
        with freeze_time("2026-03-20 10:00:00"):
            visit.sign("Ann", drawn_signature(), at="2026-03-02 10:00:00")
        self.assertProved("a3_6_1_2", "fulfilled_late", 1, 1)

    def test_a_visit_that_nobody_ends(self):
        """Regulation A3.6.1: whoever never leaves has no signed sheet either."""
        visit = self._left()
        visit.work_done = "Fan replaced and tested"
        self.assertProved("a3_6_1_2", "overdue", 0, 1, "2026-03-10")
        with freeze_time("2026-03-10 12:00:00"):
            times = {"arrived": visit.arrived_at, "departed": False}
            visit._correct(times, "Entered for another visit")
        self.assertFalse(visit.left_at)
        self.assertProved("a3_6_1_2", "overdue", 0, 1, "2026-03-11")

    def test_an_addon_that_was_gone_for_a_while(self):
        """Regulation A3.6.1: its records went with it; what was missed stays so."""
        visit = self._left()
        obligation = self._obligation("a3_6_1_2")
        self.assertProved("a3_6_1_2", "overdue", 0, 1, "2026-03-10")
        self._evidence(obligation, "gone")
        self.assertProved("a3_6_1_2", "overdue", 0, 1, "2026-03-11")
        # uninstalling drops the tables, and installing makes empty ones
        self.env.cr.execute(
            "DELETE FROM service_quality_visit WHERE id = %s", [visit.id]
        )
        self._evidence(obligation, "visits_signed")
        self.assertProved("a3_6_1_2", "overdue", 0, 1, "2026-03-12")
        self.assertProved("a3_6_1_2", "overdue", 0, 1, "2026-06-12")
        cell = self.cell(obligation, MARCH)
        self.assertEqual((cell.why, cell.missing_count), ("withdrawn", 1))

    def _evidence(self, obligation, code):
        """Name the rule of an addon that goes, and comes back, as the database does."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_obligation SET evidence = %s WHERE id = %s",
            [code, obligation.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
