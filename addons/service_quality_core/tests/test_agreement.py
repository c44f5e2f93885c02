import io
from datetime import date, timedelta

from freezegun import freeze_time
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.metric_words import WORDS
from ..tools.metrics import METRICS
from .common import PAPER, ServiceQualityCase, printed

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

    def test_versions_are_not_values_to_set(self):
        """Only *Amend* makes a next version: no value and no default does."""
        draft = self._agreement(TARGET, sign=False)
        other = self._agreement(TARGET, sign=False)
        Agreement = self.env["service.quality.agreement"]
        attempts = [
            lambda: other.write({"previous_id": draft.id}),
            lambda: other.write({"version": 2}),
            lambda: draft.write({"next_ids": [Command.link(other.id)]}),
            lambda: Agreement.create({"name": "X", "previous_id": draft.id}),
            lambda: Agreement.create({"name": "X", "version": 2}),
            lambda: Agreement.create(
                {"name": "X", "next_ids": [Command.link(other.id)]}
            ),
        ]
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(number=number),
                self.assertRaisesRegex(UserError, "or Amend"),
                self.env.cr.savepoint(),
            ):
                attempt()
        follower = Agreement.with_context(default_previous_id=draft.id)
        self.assertFalse(follower.create({"name": "X"}).previous_id)
        signed = Agreement.with_context(default_state="signed")
        self.assertEqual(signed.create({"name": "X"}).state, "draft")
        other._write_as_step({"previous_id": draft.id})
        with self.assertRaisesRegex(ValidationError, "is not signed"):
            other.action_sign()
        self.assertEqual((draft.state, other.state), ("draft", "draft"))

    def test_target_stays_with_its_agreement(self):
        """A target of a draft does not become a house rule without a term."""
        draft = self._agreement(TARGET, sign=False)
        with self.assertRaisesRegex(UserError, "does not leave its agreement"):
            draft.target_ids.write({"agreement_id": False})
        self.assertEqual(draft.target_ids.agreement_id, draft)

    def test_duration_is_at_most_ten_years(self):
        """What cannot be reckoned with is refused in words, in whatever unit."""
        target = self._agreement({**TARGET, "always": True}, sign=False).target_ids
        for duration, unit in (
            (87_601, "hour"),
            (3_651, "day"),
            (5_256_001, "minute"),
            (10**400, "hour"),
            (float("inf"), "hour"),
            (float("nan"), "hour"),
        ):
            values = {"duration": duration, "unit": unit}
            for attempt in (
                lambda values=values: target.write(values),
                lambda values=values: self._agreement({**TARGET, **values}),
            ):
                with (
                    self.subTest(values=values),
                    self.assertRaisesRegex(ValidationError, "longer than ten years"),
                    self.env.cr.savepoint(),
                ):
                    attempt()
        target.write({"duration": 3_650, "unit": "day"})
        self.assertEqual(target.seconds, 3_650 * 86_400)

    def test_days_lie_in_plausible_years(self):
        """A first or last day in another century is a slip, and said to be one."""
        for values in (
            {"date_start": "0001-01-01"},
            {"date_start": "1989-12-31"},
            {"date_end": "9999-12-31"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "from 1990 to 2100"),
                self.env.cr.savepoint(),
            ):
                self._agreement(TARGET, sign=False, **values)
        draft = self._agreement(
            TARGET, date_start="1990-01-01", date_end="2100-12-31", sign=False
        )
        self.assertEqual(draft.date_end, date(2100, 12, 31))

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
                self.assertRaisesRegex(UserError, "names it as"),
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

    def test_days_of_a_calendar_without_hours(self):
        """A calendar that holds no promise is named as such, not as unequal."""
        empty = self._define_calendar("Empty", [])
        flexible = self._define_calendar("Flexible", [(9, 17)], flexible_hours=True)
        for calendar, text in ((empty, "no working hours"), (flexible, "flexible")):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, text):
                calendar._service_day_seconds()

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
        with self.assertRaisesRegex(AccessError, "two persons"):
            self._draft_of(mine, projects[0]).action_sign()
        draft = self._draft_of(self.env.user, projects[0]).with_user(mine)
        draft.action_sign()
        self.assertEqual(draft.state, "signed")
        self.assertEqual(own.agreement_count, 2)
        wizard = self.env["service.quality.agreement.end"].with_user(mine)
        wizard.create(
            {
                "agreement_id": draft.id,
                "date_end": self.env.company._service_day(),
                "reason": "Over",
            }
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

    def test_documents_that_prove_it(self):
        """Regulation A4.3.1: what both signed is handed over, also of a project."""
        Evidence = self.env["service.quality.evidence"]
        project = self.env["service.quality.project"].create(
            {"name": "Acme", "partner_id": self.acme.id}
        )
        agreement = self._agreement(
            {"metric": "resolution", "duration": 8}, project_id=project.id
        )
        draft = self._agreement(
            {"metric": "resolution", "duration": 8}, sign=False, project_id=project.id
        )
        for one, name in ((agreement, "Signed.pdf"), (draft, "Draft.pdf")):
            one.document_ids = [Command.create({"name": name, "raw": PAPER})]
        self.assertEqual(
            list(Evidence._documents(agreement)), [(agreement, "Signed.pdf", PAPER)]
        )
        self.assertEqual(
            list(Evidence._documents(project)), [(project, "Signed.pdf", PAPER)]
        )
        self.assertFalse(list(Evidence._documents(self.acme)))

    def test_papers_of_a_signed_agreement_stay(self):
        """Deny: what was attached when it was signed is not taken away or changed."""
        manager = self._user("paper_manager", "service_manager")
        paper = {"name": "Signed.pdf", "raw": PAPER}
        agreement = self._agreement(
            {"metric": "resolution", "duration": 8},
            document_ids=[Command.create(paper)],
        ).with_user(manager)
        file = agreement.document_ids
        agreement.document_ids = [Command.create(paper | {"name": "Annex.pdf"})]
        self.assertEqual(len(agreement.document_ids), 2)
        for attempt in (
            lambda: agreement.write({"document_ids": [Command.unlink(file.id)]}),
            lambda: file.write({"raw": PAPER + b"%"}),
            file.unlink,
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
            self.env.invalidate_all(flush=False)

    def test_a_paper_proves_agreements_of_one_customer(self):
        """Regulation A4.3.1: one contract is no proof of what others have signed.

        Deny: the same content, attached once more, of another customer.
        """
        paper = {"name": "Signed.pdf", "raw": PAPER}

        def signed(partner):
            return self._agreement(
                {"metric": "resolution", "duration": 8},
                partner_ids=[Command.set(partner.ids)],
                document_ids=[Command.create(paper)],
            )

        for _place in range(2):  # one contract may be two agreements
            self.assertEqual(signed(self.acme).state, "signed")
        for other in (self.globex, self.globex.browse()):
            with (
                self.assertRaisesRegex(ValidationError, "proves Support already"),
                self.env.cr.savepoint(),
            ):
                signed(other)
            self.env.invalidate_all(flush=False)

    def test_papers_that_show_nothing(self):
        """Deny: an empty page, a picture of one colour, and what cannot be opened."""

        def drawn(size, *points):
            image, output = Image.new("L", size, 255), io.BytesIO()
            ImageDraw.Draw(image).line(points, 0, width=9)
            image.save(output, "PNG", pnginfo=said)
            return output.getvalue()

        said = PngInfo()  # an empty picture is small: here it is no matter of bytes
        said.add_text("Comment", "what is not seen " * 60)
        agreement = self._agreement({"metric": "resolution", "duration": 8})
        for content, words in (
            (b"%PDF-1.4\n" + b"x" * 600, "damaged"),
            (printed(), "shows nothing"),
            (printed("x"), "shows nothing"),
            (drawn((400, 300)), "shows nothing"),
            (drawn((900, 150), 0, 0, 300, 90), "less than 200"),
            (drawn((400, 300), 0, 0, 300, 90)[:-600], "damaged"),
        ):
            paper = [Command.create({"name": "Signed.pdf", "raw": content})]
            with (
                self.subTest(words=words, size=len(content)),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                agreement.document_ids = paper
            self.env.invalidate_all(flush=False)
        for content in (PAPER, drawn((400, 300), 0, 0, 300, 90)):
            agreement.document_ids = [Command.create({"name": "S", "raw": content})]

    def test_printed_course_of_a_metric(self):
        """A contract says of each metric what its clock does, and nothing else."""
        tokens = {
            token
            for metric in METRICS.values()
            for part in (metric.starts, metric.stops, metric.dies, metric.fails)
            for token in part
        }
        self.assertEqual(tokens | {"next_round"}, WORDS.keys())
        agreement = self._agreement(
            *({**TARGET, "metric": metric} for metric in METRICS)
        )
        clauses = {
            targets.metric: dict(lines)
            for targets, (_label, lines) in zip(
                agreement.target_ids, agreement._print_clauses(), strict=True
            )
        }
        cancelled = str(WORDS["cancelled"])
        for metric, lines in clauses.items():
            with self.subTest(metric):
                dies = lines["Without a verdict"]
                self.assertEqual(cancelled in dies, "cancelled" in METRICS[metric].dies)
                self.assertEqual(
                    "Missed, however early" in lines, bool(METRICS[metric].fails)
                )
        self.assertNotIn("cancelled", clauses["callback"]["Without a verdict"])


@tagged("post_install", "-at_install", "security")
class TestProjectDates(ServiceQualityCase):
    """Days on which a project has run are not taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("project_dates", "service_manager")
        cls.project = cls.env["service.quality.project"].create(
            {
                "name": "Runs",
                "partner_id": cls.acme.id,
                "date_start": "2026-01-10",
            }
        )
        cls.own = cls.project.with_user(cls.manager)

    def _refused(self, **values):
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.own.write(values)

    @freeze_time("2026-03-02 10:00:00")
    def test_what_has_run_stays(self):
        """Regulation A4.3.1: by hand and by import, neither of the dates goes back."""
        self._refused(date_start="2024-01-01", date_end="2024-12-31")
        self._refused(date_start="2026-12-01")
        self._refused(date_start=False)
        self._refused(date_end="2026-03-01")
        with self.env.cr.savepoint():
            loaded = self.own.load(
                [".id", "date_end"], [[str(self.project.id), "2026-02-01"]]
            )
        self.assertFalse(loaded["ids"])
        self.assertIn("today or a later day", loaded["messages"][0]["message"])
        self.assertFalse(self.project.date_end)

    @freeze_time("2026-03-02 10:00:00")
    def test_what_is_ahead_is_planned(self):
        """The end moves ahead, and a project that has not begun may begin later."""
        self.own.date_end = "2026-03-02"
        self.own.date_end = "2026-09-30"
        self.own.date_end = False
        self.own.create(
            {
                "name": "Comes",
                "partner_id": self.acme.id,
                "date_start": "2026-05-01",
            }
        ).date_start = "2026-06-01"
        undated = self.own.create({"name": "Undated", "partner_id": self.acme.id})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            undated.date_start = "2026-06-01"
        undated.date_start = "2026-02-01"

    def test_changes_are_told(self):
        """Who moves a date is seen."""
        told = {"tracking_disable": False, "mail_notrack": False}
        self.env.flush_all()
        self.env.cr.precommit.run()  # of what is new nothing is told
        with freeze_time("2026-03-02 10:00:00"):
            self.own.with_context(**told).date_end = "2026-09-30"
            self.env.flush_all()
            self.env.cr.precommit.run()
        self.env.invalidate_all()
        tracked = self.project.message_ids.tracking_value_ids.field_id.mapped("name")
        self.assertIn("date_end", tracked)
        self.assertTrue(self.project._fields["date_start"].tracking)
