from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.period_list import About

from .figure_common import MARCH
from .test_exclusion import RESOLUTION
from .test_record_keeping import RecordCase


@tagged("post_install", "-at_install")
class TestPeriodList(RecordCase):
    """A report lists what was excluded, corrected and entered later."""

    def _list(self, code):
        about = About(self.company, MARCH, *MARCH.bounds("UTC"))
        with freeze_time("2026-04-01 08:00:00"):
            lists = self.env["service.quality.period.list"]._lists(about)
        return next(one for one in lists if one.code == code)

    def test_exclusions(self):
        """Asked for and approved are listed; whether it counts is said."""
        empty = self._list("exclusions")
        self.assertEqual((empty.rows, empty.note), ([], ""))
        self.assertTrue(empty.empty)
        agreement = self._agreement(
            RESOLUTION, exclusion_ground_ids=[Command.create({"name": "Power cut"})]
        )
        missed = self._ticket("2026-03-02 09:00")
        self._move(missed, "resolved", "2026-03-10 12:00")
        document = self.env["ir.attachment"].create(
            {"name": "Grid", "raw": b"No power from 9 to 17"}
        )
        exclusion = self.env["service.quality.exclusion"].create(
            {
                "clock_id": self.clock(missed).id,
                "ground_id": agreement.exclusion_ground_ids.id,
                "evidence": "The grid was down from 9 to 17",
                "document_ids": [Command.link(document.id)],
            }
        )
        quality = self._user("quality", "quality", **self.companies)
        told = self._list("exclusions")
        self.assertEqual(told.rows[0].cells[0], missed.number)
        self.assertEqual(told.rows[0].ticket_id, missed.id)
        self.assertEqual(told.rows[0].cells[3:], ("Requested", "–"))
        self.assertTrue(told.note)
        exclusion.with_user(quality).action_approve()
        [row] = self._list("exclusions").rows
        self.assertEqual(row.cells[3:], ("Approved", quality.name))

    def test_corrected_figures(self):
        """A figure that came out different later stands with both values and why."""
        self._take("opened")
        self.assertFalse(self._list("corrections").rows)
        self._ticket("2026-03-05 09:00")
        self._take("opened", moment="2026-04-02 00:30")
        [row] = self._list("corrections").rows
        self.assertEqual(
            row.cells[1:5], (MARCH.label, "2", "3", "The test asks for it")
        )

    def test_entered_later(self):
        """So many of so many; what, when it was and when it was entered; not by whom.

        Deny: how a person works is not told.
        """
        none = self._list("late_entries")
        self.assertEqual((none.title, none.rows), ("Entered later", []))
        self._enter("2026-03-02 12:00", 0, 5, 45)
        told = self._list("late_entries")
        self.assertEqual(told.title, "Entered later: 1 of 3")
        [row] = told.rows
        self.assertEqual(
            row.cells,
            (
                self.ticket.number,
                "Taken note of",
                "2026-03-02 11:15",
                "2026-03-02 12:00",
            ),
        )
        self.assertEqual(row.ticket_id, self.ticket.id)
        self.assertNotIn(self.engineer.name, str(told))

    def test_a_measure_has_its_own_day(self):
        """Until when something is done is what its owner says, not the analysis."""
        figure = self._take("opened").filtered(lambda one: one.scope == "company")
        deviation = self.env["service.quality.deviation"]._create_as_step(
            [
                {
                    "figure_id": figure.id,
                    "deadline": "2026-04-11",
                    "action": "Buy a second router",
                    "action_until": "2026-05-20",
                }
            ]
        )
        told = self.env["service.quality.period.list"]._measure_of(deviation)
        self.assertEqual(str(told.until), "2026-05-20")
