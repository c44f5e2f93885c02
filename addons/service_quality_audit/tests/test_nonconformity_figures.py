from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tools.period import Period

from .nonconformity_common import NonconformityCase

MARCH, APRIL = (Period("month", date(2026, month, 1)) for month in (3, 4))
SEEN = "Every cable that was looked at has a label"


@tagged("post_install", "-at_install")
class TestNonconformityFigures(NonconformityCase):
    """What nonconformities tell is counted, and the story of one is printed."""

    def _judge(self, record, answer):
        with freeze_time("2026-04-20 09:00"):
            record.with_user(self.inspector)._judge_effect(answer, SEEN)

    def _counted(self, code, period, scope="company"):
        indicator = self.env.ref(f"service_quality_audit.indicator_{code}")
        with freeze_time("2026-05-01 09:00"):
            found = self.env["service.quality.counting"]._count(
                indicator, self.company, period, ("company", "department")
            )
        return {
            one["scope_id"]: (one["value"], one["denominator"])
            for one in found
            if one["scope"] == scope
        }

    def test_figures(self):
        """Raised, effective at first, overruled, times, and causes found before."""
        other = {"source": self.other_team, "team": self.other_team}
        good, bad = self._raise(), self._raise(**other)
        self.other_team.user_id = self.head
        for record in good, bad:
            self._until(record, "check")
        self._judge(good, "yes")
        self._judge(bad, "no")
        company = self.company.id
        self.assertEqual(self._counted("nonconformities_raised", MARCH)[company][0], 2)
        departments = self._counted("nonconformities_raised", MARCH, "department")
        self.assertEqual(departments[self.team.id][0], 1)
        effective = self._counted("nonconformities_effective", APRIL)
        self.assertEqual(effective[company], (50, 2))
        effective = self._counted("nonconformities_effective", APRIL, "department")
        self.assertEqual(effective[self.other_team.id], (0, 1))
        time = self._counted("nonconformities_time", APRIL)
        self.assertEqual(time[company], (41, 1))
        self.assertEqual(
            self._counted("nonconformities_overruled", APRIL)[company], (0, 2)
        )
        with freeze_time("2026-04-22 09:00"):
            bad.with_user(self.boss)._overrule("Globex has its own racks")
        self.assertEqual(
            self._counted("nonconformities_effective", APRIL)[company], (50, 2)
        )
        self.assertEqual(
            self._counted("nonconformities_overruled", APRIL)[company], (50, 2)
        )

    def test_repeated_causes(self):
        """The same kind of cause in two nonconformities is found again."""
        first, second = self._raise(), self._raise(source=self.other_team)
        for record, day in ((first, "03"), (second, "05")):
            self._correct(record, f"2026-03-{day} 09:00")
            self._analyse(record, f"2026-03-{day} 10:00")
        found = self._counted("nonconformities_repeated", MARCH)
        self.assertEqual(found[self.company.id], (50, 2))

    def test_measures_not_done_in_time(self):
        record = self._until(self._raise(), "open")
        action = record._service_actions()
        action._write_as_step({"date_deadline": "2026-03-15"})
        late = self._counted("measures_overdue", MARCH)
        # the correction was done on its day
        self.assertEqual(late[self.company.id], (50, 2))

    def test_story(self):
        """The whole story stands on the page, with who signed, for who may read it."""
        record = self._until(self._raise(), "check")
        self._judge(record, "yes")
        html, _type = (
            self.env["ir.actions.report"]
            .with_user(self.leader)
            ._render_qweb_html("service_quality_audit.report_nonconformity", record.ids)
        )
        page = html.decode()
        told = (
            record.name, record.service_correction, "Because of thing 3",
            "Label the cables again", record.service_check_id.look_at, SEEN,
            record.signature_ids[0].digest, record.signature_ids[-1].digest,
            self.head.name, "unchanged",
        )  # fmt: skip
        for text in told:
            self.assertIn(text, page)
        with self.assertRaises(AccessError):
            record.with_user(self.caller)._story()

    def test_register(self):
        """Regulation A3.2.1: what does not conform is tracked, or the register says so.

        Its story stands in the evidence pack.
        """
        record = self._raise()
        self.assertProved("a3_2_1_1", "fulfilled", 1, 1, "2026-03-12 09:00")
        self.assertProved("a3_2_1_1", "overdue", 0, 1, "2026-03-20 09:00")
        self._correct(record, "2026-03-21 09:00")
        self.assertProved("a3_2_1_1", "fulfilled_late", 1, 1, "2026-03-22 09:00")
        evidence = self.env["service.quality.evidence"]
        [document] = evidence._documents(record)
        self.assertEqual(document.record, record)
        self.assertIn(record.name.encode(), document.content)
