import io
import json
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.service_quality_audit.tests.nonconformity_common import (
    CORRECTION,
    RESULT,
    NonconformityCase,
)
from odoo.addons.service_quality_audit.tests.test_management_review import ReviewCase
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.period import Period
from odoo.addons.service_quality_regulation.tests.pack_common import PackCase

JANUARY = Period("month", date(2026, 1, 1))
PRINTER = "odoo.addons.base.models.ir_actions_report"
FOUND = "Ten records of the month were looked at, and all are complete"


@tagged("post_install", "-at_install")
class TestImprovementCircle(ReviewCase, NonconformityCase, PackCase):
    """Regulations A3.2.1, A3.1.3 and A4.2.3: from a missed figure to its paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicator = cls.env["service.quality.indicator"].create(
            {
                "code": "test_circle",
                "name": "Resolution in time",
                "sentence": "How many tickets were resolved within the promised time.",
                "formula": "attainment",
                "metric": "resolution",
                "clock_kind": "sla",
                "owner_id": cls.leader.id,
            }
        )
        cls._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        target = cls.env["service.quality.indicator.target"].create(
            {"indicator_id": cls.indicator.id, "goal": 95, "date_from": "2026-01-01"}
        )
        with freeze_time("2026-01-01 08:00"):
            target.with_user(cls.boss).action_approve()

    def _month(self, number, late, in_time):
        """Handle tickets in a month, and take its figure when it is over."""
        period = JANUARY.shifted(number)
        monday = period.start + timedelta((7 - period.start.weekday()) % 7)
        for count in range(late + in_time):
            day = monday + timedelta(count // 5)
            ticket = self._ticket(f"{day} 09:00")
            end = f"{day + timedelta(1)} 15:00" if count < late else f"{day} 10:00"
            self._move(ticket, "resolved", end)
            ticket._write_as_step({"closed_date": fields.Datetime.to_datetime(end)})
        with freeze_time(f"{period.end} 08:00"):
            self.env["service.quality.figure"]._take(
                self.company, period, self.indicator, reason="The test asks for it"
            )

    def _raised(self):
        """Return what the rule has raised of the indicator."""
        figures = self.env["service.quality.figure"].search(
            [("indicator_id", "=", self.indicator.id)]
        )
        return self.Nonconformity.search(
            [
                ("res_model", "=", figures._name),
                ("res_id", "in", figures.ids),
            ]
        )

    def _mend(self, record, day, approver):
        """Walk from the search for the cause to the check of the effect."""
        self._analyse(record, f"{day} 09:00")
        self._plan(
            record,
            f"{day} 10:00",
            look_at=False,
            looker_id=False,
            indicator_id=self.indicator.id,
            scope="department",
            wanted=98,
            least_cases=5,
            wait_days=20,
        )
        self._approve(record, approver, f"{day} 11:00")
        self._carry_out(record, f"{day} 16:00")

    def _conclude(self, moment):
        with freeze_time(moment):
            self.env["service.quality.effect.check"]._due()._conclude()

    def _missed_duty(self):
        """Return a duty of each ticket, and its cell of March that nobody can mend."""
        obligation = self._own(
            {"evidence": "tickets_recorded", "rule": "every", "repair": "never"}
        ).obligation_ids
        self._in_force(obligation.regulation_id, "2026-03-01")
        self.judge("2026-04-05", obligation)
        return obligation, self.cell(obligation, "2026-03")

    def _walked(self):
        """Return a nonconformity that was closed in its second round, and its cell."""
        self._month(1, late=3, in_time=3)
        self.assertFalse(self._raised(), "one miss is none")
        self._month(2, late=3, in_time=3)
        record = self._raised()
        self.assertEqual(len(record), 1)
        obligation, cell = self._missed_duty()
        self.assertEqual(cell.state, "not_fulfilled")
        with freeze_time("2026-04-05 10:00"):
            # the same cause stands behind both
            linked = self.Nonconformity._service_raise(
                [
                    {
                        "source": cell,
                        "grade": "minor",
                        "name": "Nobody wrote down what was done",
                        "description": "Tickets of March do not say what was done",
                        "key": record.service_key,
                    }
                ]
            )
        self.assertEqual(linked, record)
        record.with_user(self.inspector).service_team_id = self.team
        self._correct(record, "2026-04-06 09:00")
        self._mend(record, "2026-04-07", self._approver(record))
        first = record.service_check_id
        self.assertEqual((record.state, first.value_before), ("check", 50))
        self._month(4, late=3, in_time=3)
        self._conclude(f"{first.due_on} 09:00")
        self.assertEqual((first.state, first.value_after), ("failed", 50))
        self.assertEqual(record.state, "analysis")
        self.assertEqual((record.service_round, record.service_level), (2, 1))
        self._mend(record, "2026-06-08", self.boss)
        self._month(6, late=0, in_time=6)
        self._conclude(f"{record.service_check_id.due_on} 09:00")
        self.assertEqual(record.service_check_id.state, "reached")
        self.assertEqual(record.state, "done")
        return record, obligation, cell

    def _approver(self, record):
        """Return somebody who may approve, before it is handed in."""
        others = record._second_persons().users - self.leader - self.owner
        self.assertTrue(others)
        return others[:1]

    def test_from_a_missed_figure_to_its_paper(self):
        """Regulation A3.2.1: missed, mended, failed, mended again, and shown."""
        record, obligation, cell = self._walked()
        self.assertEqual(cell.state, "corrected")
        self.assertEqual(cell._correction(), record)
        self.assertFalse(record.is_signature_broken)
        review = self._review()
        told = self._input(review, "nonconformities")
        self.assertFalse(told.is_missing)
        self.assertTrue(told.rows["rows"])
        rows = self._input(review, "register").rows["rows"]
        [row] = [row for row in rows if row[0] == obligation.display_name]
        said = ("Not fulfilled, corrected", record.display_name)
        self.assertEqual((row[2], row[5]), said)
        self._check_pack(obligation, record)

    def _check_pack(self, obligation, record):
        """Follow the cell to the signed paper, given nothing but the pack."""
        Nonconformity = type(self.Nonconformity)
        printed = Nonconformity._story_document
        self.patch(
            Nonconformity,
            "_story_document",
            lambda one: printed(one.with_context(force_report_rendering=True)),
        )
        # where no server answers, wkhtmltopdf warns that it has no style sheets
        with mute_logger(PRINTER), freeze_time("2026-12-11"):
            files = self.make(
                self.env["service.quality.evidence.pack"].create(
                    {
                        "regulation_id": obligation.regulation_id.id,
                        "date_from": "2026-03-01",
                        "date_to": "2026-03-31",
                        "names_shown": True,
                        "names_reason": "Whoever audits asks who has signed",
                    }
                )
            )
        [entry] = json.loads(files["manifest.json"])["obligations"]
        self.assertEqual(
            (entry["state"], entry["reason"]), ("corrected", record.display_name)
        )
        [path] = [
            one for one in entry["documents"] if one.endswith(f"{record.ref}.pdf")
        ]
        self.assertTrue(files[path].startswith(b"%PDF"))
        pages = PdfFileReader(io.BytesIO(files[path])).pages
        text = " ".join(page.extract_text() for page in pages)
        for digest in record.signature_ids.mapped("digest"):
            self.assertIn(digest[:8], text)


@tagged("post_install", "-at_install")
class TestCircleOfEight(NonconformityCase):
    """A company of eight people with three roles each comes to no dead end."""

    ROLES = (
        "executive", "quality", "service_manager", "technical_centre",
        "project_manager", "desk", "sales", "staff",
    )  # fmt: skip

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.small = cls.env["res.company"].create({"name": "Eight"})
        cls.small.partner_id.tz = "UTC"
        cls._in_force(cls.regulation, company_id=cls.small.id)
        cls.people = cls.env["res.users"]
        for number in range(8):
            roles = [cls.ROLES[(number + step) % 8] for step in range(3)]
            cls.people |= new_test_user(
                cls.env,
                login=f"eight_{number}",
                groups=",".join(map(group_of, roles)),
                company_id=cls.small.id,
                company_ids=[Command.set(cls.small.ids)],
            )

    def _own(self, record, user):
        return record.with_user(user).with_company(self.small)

    def _start(self, number, grade):
        """Raise one for which a person answers who owns the action as well."""
        person = self.people[number]
        return self._raise(
            source=person.partner_id,
            company=self.small,
            team=False,
            grade=grade,
            responsible=person,
            key=f"eight {number} {grade}",
        )

    def _until_handed_in(self, record):
        """Let who answers for it plan, and own what is done."""
        person = record.responsible_user_id
        own = self._own(record, person)
        own.service_correction = CORRECTION
        own.action_correct()
        self._analyse_as(own)
        looker = (self.people - person)[:1]
        self.Measure.with_user(person).with_company(self.small).create(
            own._measure_values()
            | own._measure_source()
            | {"name": "Label the cables again", "date_deadline": "2026-12-31"}
        )
        own.service_check_ids = [
            Command.create(
                {
                    "look_at": "Whether each cable of Acme has a label",
                    "looker_id": looker.id,
                    "wait_days": 30,
                }
            )
        ]
        own.action_submit()

    def _analyse_as(self, own):
        own.service_cause_ids = [
            Command.create(
                {
                    "question": f"Why number {number}",
                    "answer": f"Because of thing {number}",
                    "is_root": number == 3,
                    "cause_id": self.cause.id if number == 3 else False,
                    "evidence": "Talk with the fitter" if number == 3 else False,
                }
            )
            for number in (1, 2, 3)
        ]
        own.action_analysed()

    def _gate(self, record):
        """Return who has the next step: somebody, and only people of the company."""
        people = record._answerable(self.small._service_role_users)
        self.assertTrue(people, f"{record.display_name}: {record.state}")
        self.assertLessEqual(people, self.people)
        return people[:1]

    def _round(self, record, answer, day):
        """Walk one round to the judgement of its effect."""
        with freeze_time(f"{day} 09:00"):
            self._until_handed_in(record) if record.state == "draft" else (
                self._again(record)
            )
            self._own(record, self._gate(record)).action_approve()
            self.assertEqual(record.state, "open")
            owner = record.responsible_user_id
            measures = record._service_actions().filtered(
                lambda one: one.service_state == "open"
            )
            self._own(measures, owner)._report_done(RESULT)
            own = self._own(record, owner)
            own.service_result = RESULT
            own.action_report_done()
        day = date.fromisoformat(day) + timedelta(40)
        with freeze_time(f"{day} 09:00"):
            self._own(record, self._gate(record))._judge_effect(answer, FOUND)

    def _again(self, record):
        """Plan the second round."""
        person = record.responsible_user_id
        own = self._own(record, person)
        self._analyse_as(own)
        self.Measure.with_user(person).with_company(self.small).create(
            own._measure_values()
            | own._measure_source()
            | {"name": "Print the labels", "date_deadline": "2026-12-31"}
        )
        own.service_check_ids = [
            Command.create(
                {
                    "look_at": "Whether each cable of Acme has a label",
                    "looker_id": (self.people - person)[-1:].id,
                    "wait_days": 30,
                }
            )
        ]
        own.action_submit()

    def test_the_circle_of_each(self):
        """Whoever answers for it, somebody decides at each gate, twice."""
        for number, person in enumerate(self.people):
            with self.subTest(person.login):
                record = self._start(number, ("minor", "major")[number % 2])
                self._gate(record)
                self._round(record, "no", "2026-03-10")
                self.assertEqual((record.state, record.service_level), ("analysis", 1))
                self._round(record, "yes", "2026-05-10")
                self.assertEqual(record.state, "done")
                self.assertFalse(record.is_signature_broken)

    def test_the_only_leader(self):
        """What the only one who decides has planned is decided on somebody's paper."""
        boss = self.people[0]
        (self.people - boss).write({"group_ids": [Command.set([])]})
        record = self._start(0, "major")
        with freeze_time("2026-03-10 09:00"):
            self._until_handed_in(record)
            second = record._second_persons()
            self.assertEqual(second.capacity, "outsider")
            self.assertEqual(self._gate(record), boss)
