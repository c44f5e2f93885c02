import json
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.evidence import Document
from odoo.addons.service_quality_core.models.period_list import About
from odoo.addons.service_quality_core.tools.period import Period

from .pack_common import PackCase


@tagged("post_install", "-at_install")
class TestRegisterCorrection(PackCase):
    """What was not fulfilled, and was corrected: it is told apart, and never green."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.correction = cls.env["res.partner"].create({"name": "How it was mended"})

    def _missed(self, **rule):
        """Return an obligation, and its cell of March with one ticket missed."""
        rule = {"evidence": "tickets_recorded", "rule": "every"} | rule
        obligation = self._own(rule).obligation_ids
        self._in_force(obligation.regulation_id)
        self._handled("2026-03-02 10:00")
        self.judge("2026-04-05", obligation)
        return obligation, self.cell(obligation, "2026-03")

    def _correct(self, cell, moment="2026-04-06 09:00:00"):
        with freeze_time(moment):
            return cell._mark_corrected(self.correction)

    def test_what_is_missed_for_good_is_corrected(self):
        """Regulation A3.2.1: tracked until it is put right, and by what is kept."""
        _obligation, cell = self._missed(repair="never")
        self.assertEqual(cell.state, "not_fulfilled")
        self.assertEqual(self._correct(cell), cell)
        self.assertEqual((cell.state, cell.why), ("corrected", "corrected"))
        self.assertEqual(cell.note, "How it was mended")
        action = cell.action_open_correction()
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(action["res_id"], self.correction.id)
        newest = cell.judgement_ids.sorted("id")[-1]
        self.assertEqual((newest.state, newest.note), ("corrected", cell.note))
        self.assertEqual((newest.done_count, newest.due_count), (0, 1))
        self.assertFalse(self._correct(cell), "it was corrected before")
        self.assertEqual(cell.judgement_ids.sorted("id")[-1], newest)
        self.correction.unlink()
        with self.assertRaises(UserError):
            cell.action_open_correction()
        self.assertEqual(cell.correction_name, "How it was mended")

    def test_it_is_taken_back_where_it_has_not_worked(self):
        """Regulation A3.2.1: what corrected it was overruled, and is open again."""
        _obligation, cell = self._missed(repair="never")
        self._correct(cell)
        other = self.env["res.partner"].create({"name": "Another"})
        self.assertFalse(cell._take_back_corrections(other))
        self.assertEqual(cell._take_back_corrections(self.correction), cell)
        self.assertEqual((cell.state, cell.why), ("not_fulfilled", "lost"))
        self.assertFalse(cell.correction_name or cell.corrected_at)
        newest = cell.judgement_ids.sorted("id")[-1]
        self.assertEqual(newest.state, "not_fulfilled")

    def test_no_judgement_takes_it_back(self):
        """Not what is done later, nor a decision, nor an addon that is gone."""
        obligation, cell = self._missed(repair="never")
        self._correct(cell)
        with freeze_time("2026-04-20"):
            cell.action_judge()
        self.assertStands(obligation, "2026-03", "corrected", 0, 1)
        ticket = self.env["helpdesk.ticket"].search([], order="id desc", limit=1)
        ticket._rectify("service_work_done", "Fan replaced", "It was on paper")
        with freeze_time("2026-04-21"):
            cell.action_judge()
        self.assertStands(obligation, "2026-03", "corrected", 1, 1)
        self.assertEqual(cell.note, "How it was mended")
        obligation.carried_by = "gone"
        with freeze_time("2026-04-22"):
            cell.action_judge()
        self.assertStands(obligation, "2026-03", "corrected", 1, 1)
        self.assertTrue(cell._is_judged(), "a waiver begins after it")

    def test_what_can_be_made_good_is_not_corrected(self):
        """Only for good: what is overdue can be done, unless its share is final."""
        number = self._own(
            {
                "evidence": "domain",
                "evidence_model": "res.partner",
                "evidence_date": "create_date",
                "evidence_domain": "[('ref', '=', 'proof')]",
            }
        ).obligation_ids
        self._in_force(number.regulation_id)
        self.judge("2026-04-05", number)
        cell = self.assertStands(number, "2026-03", "overdue", 0, 1)
        self.assertFalse(self._correct(cell))
        running = self.cell(number, "2026-04")
        self.assertFalse(self._correct(running))
        self.assertEqual((cell.state, running.state), ("overdue", "due"))

    def test_a_share_that_was_missed_is_corrected(self):
        """Of duties for each ticket: the share when the period closed."""
        obligation, cell = self._missed(goal_percent=90)
        self._handled("2026-04-02 10:00")
        self.judge("2026-04-05", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 0, 1)
        running = self.assertStands(obligation, "2026-04", "overdue", 0, 1)
        self.assertEqual(self._correct(cell | running), cell)
        self.assertEqual(running.state, "overdue")
        self.judge("2026-04-09", obligation)
        self.assertStands(obligation, "2026-03", "corrected", 0, 1)

    def test_it_is_counted_and_found(self):
        """The register counts it apart; as of an earlier day it was not corrected."""
        obligation, cell = self._missed(repair="never")
        self._correct(cell)
        told = self.env["service.quality.register"]
        matrix = told.matrix(obligation.regulation_id.id, 2026)
        self.assertEqual(matrix["counts"]["corrected"], 1)
        self.assertFalse(matrix["counts"]["not_fulfilled"])
        self.assertIn("corrected", dict(matrix["states"]))
        before = told.matrix(obligation.regulation_id.id, 2026, "2026-04-05")
        self.assertEqual(before["counts"]["not_fulfilled"], 1)
        self.assertFalse(before["counts"]["corrected"])

    def test_a_report_lists_it_below_the_red_cells(self):
        """It is not red any more, and is told all the same."""
        _obligation, cell = self._missed(repair="never")
        self._correct(cell)
        period = Period("month", date(2026, 3, 1))
        listed = self.env["service.quality.period.list"]._list_of_red_cells(
            About(self.company, period, *period.bounds("UTC"))
        )
        [row] = listed.rows
        self.assertEqual(row.cells[3], "Not fulfilled, corrected")
        self.assertFalse(row.state)
        self.assertNotIn(":", listed.title)

    def test_the_pack_holds_what_corrected_it(self):
        """Its papers are in the pack, though no record proves the obligation."""
        obligation, cell = self._missed(repair="never")
        self._correct(cell)
        paper = Document(self.correction, "signed.txt", b"It was mended")
        self.patch(
            type(self.env["service.quality.evidence"]),
            "_documents",
            lambda rules, records: (
                iter([paper]) if records._name == "res.partner" else iter(())
            ),
        )
        with freeze_time("2026-04-07"):
            pack = self.env["service.quality.evidence.pack"].create(
                {
                    "regulation_id": obligation.regulation_id.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "names_shown": True,
                    "names_reason": "A test",
                }
            )
            files = self.make(pack)
        [entry] = json.loads(files["manifest.json"])["obligations"]
        self.assertEqual(entry["state"], "corrected")
        self.assertEqual(entry["reason"], "How it was mended")
        [path] = entry["documents"]
        self.assertEqual(files[path], b"It was mended")
        self.assertIn(b"Not fulfilled, corrected", files["index.html"])

    def test_nobody_marks_it_by_hand(self):
        """No role writes it, and who may not read the correction does not open it."""
        _obligation, cell = self._missed(repair="never")
        for user in (self.inspector, self.boss, self.expert, self.chief):
            with self.subTest(user.login), self.assertRaises(AccessError):
                cell.with_user(user).write({"state": "corrected"})
        self._correct(cell)
        with self.assertRaises(AccessError):
            cell.with_user(self.caller).action_open_correction()
