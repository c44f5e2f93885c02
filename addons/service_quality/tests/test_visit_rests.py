from freezegun import freeze_time

from odoo.tests import tagged

from .proof_common import ProofCase

OFFLINE, IMPORTED = "a phone without a connection", "brought in by import"


@tagged("post_install", "-at_install")
class TestVisitRests(ProofCase):
    """Register and reports say how many visits rest on less than the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement({"metric": "arrival", "duration": 8})
        cls.team.user_ids |= cls.caller

    def _visit(self, ticket, arrived, left, **values):
        """Record a visit that nobody signed; return it."""
        Visit = self.env["service.quality.visit"].with_user(self.caller)
        with freeze_time(arrived):
            visit = Visit.browse(Visit.record_arrival(ticket.id, **values))
        with freeze_time(left):
            visit.record_departure()
            visit.unsigned_reason = "Nobody was there"
        return visit

    def _brought(self):
        """Return a ticket that was brought in by import, and is still open."""
        with freeze_time("2026-03-04 08:00:00"):
            [done] = self.env["helpdesk.ticket"].service_import(
                [
                    {
                        "external_ref": "v1",
                        "name": "Invented",
                        "partner": self.contact.id,
                        "team": self.team.id,
                        "opened_at": "2026-03-03 09:00:00",
                    }
                ]
            )
        ticket = self.env["helpdesk.ticket"].browse(done["ticket_id"])
        ticket.user_id = self.caller
        return ticket

    def _open(self):
        return self._ticket("2026-03-02 08:00:00", user_id=self.caller.id)

    def _remark(self):
        obligation = self._obligation("a3_6_1_2")
        [cell] = [
            cell
            for cell in self.judge("2026-03-31 20:00", obligation)
            if cell.label == "2026-03"
        ]
        cell.invalidate_recordset(["judgement_ids"])
        newest = cell.judgement_ids.sorted("id")[-1:]
        self.assertEqual(newest.remark, cell.remark)
        return cell.remark or ""

    def test_the_register_says_on_what_visits_rest(self):
        """Regulation A3.6.1: one brought in, one noted without a connection."""
        self._visit(self._open(), "2026-03-02 09:00:00", "2026-03-02 10:00:00")
        self.assertFalse(self._remark())
        self._visit(
            self._open(), "2026-03-02 12:30", "2026-03-02 13:00", seconds_ago=1800
        )
        self.assertIn(f"of what was done, 1 noted on {OFFLINE}", self._remark())
        self.assertNotIn(IMPORTED, self._remark())
        self._visit(self._brought(), "2026-03-05 09:00:00", "2026-03-05 10:00:00")
        remark = self._remark()
        self.assertIn(f"1 noted on {OFFLINE}", remark)
        self.assertIn(f"of what was done, 1 {IMPORTED}", remark)

    def test_a_report_says_on_what_arrivals_rest(self):
        """Regulation A4.2.2: an arrival that a phone noted is told in the report."""
        self._visit(self._open(), "2026-03-02 09:00:00", "2026-03-02 10:00:00")
        self._visit(
            self._open(), "2026-03-02 12:30", "2026-03-02 13:00", seconds_ago=1800
        )
        with freeze_time("2026-04-01 08:00:00"):
            report = self.env["service.quality.report"].make(
                "customer", "month", "2026-03-01", self.agreement.id
            )
        lines = self.env["service.quality.report"].browse(report).line_ids
        line = lines.filtered(lambda one: one.indicator_id.code == "sla_arrival")
        self.assertEqual((line.numerator, line.denominator), (2, 2))
        self.assertEqual(line.rests_text, "1 noted without a connection")
