from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.service_quality_core.models.service_quality_ticket_work_mixin import (
    RecordMissing,
)

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaint(ComplaintCase):
    """A complaint goes through its steps before it is closed."""

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def test_every_step_is_a_row(self):
        """Regulation A3.5.3: received, handled, answered; the ledger says when."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self.assertEqual(complaint.service_complaint_state, "registered")
        self.assertMoment(complaint.service_complained_at, "2026-03-02 09:00")
        with freeze_time("2026-03-02 10:00:00"):
            complaint.service_complaint_acknowledge()
        self.assertEqual(complaint.service_complaint_state, "acknowledged")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_investigate()
        self.assertEqual(complaint.service_complaint_state, "investigating")
        self._answer(complaint, "2026-03-02 12:00:00")
        self.assertEqual(complaint.service_complaint_state, "answered")
        with freeze_time("2026-03-02 13:00:00"):
            complaint.service_complaint_accepted()
        self.assertEqual(complaint.service_answer_verdict, "accepted")
        with freeze_time("2026-03-02 14:00:00"):
            self.assertTrue(complaint.service_complaint_close())
        self.assertEqual(complaint.service_complaint_state, "closed")
        self.assertEqual(complaint.service_phase, "closed")
        kinds = self.kinds(complaint)
        steps = ["opened", "acknowledged", "investigating", "answered"]
        steps += ["answer_accepted", "complaint_closed"]
        self.assertEqual([kind for kind in kinds if kind in steps], steps)
        self.assertMoment(complaint.service_acknowledged_at, "2026-03-02 10:00")
        self.assertMoment(complaint.service_answered_at, "2026-03-02 12:00")
        self.assertConsistent(complaint)

    def test_answering_at_once_acknowledges(self):
        """Who answers, or looks into it, has taken the complaint up."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 09:30:00")
        self.assertMoment(complaint.service_acknowledged_at, "2026-03-02 09:30")
        self.assertEqual(self.clock(complaint, "complaint_acknowledge").verdict, "met")
        self.assertEqual(self.clock(complaint, "complaint_answer").verdict, "met")

    def test_targets_per_severity(self):
        """Regulation A3.5.3: acknowledged and answered in the time of its severity."""
        for severity, acknowledged, answered in (
            ("minor", "2026-03-03 09:00", "2026-03-09 09:00"),
            ("important", "2026-03-02 13:00", "2026-03-05 09:00"),
            ("major", "2026-03-02 10:00", "2026-03-03 09:00"),
        ):
            complaint = self._complaint(
                "2026-03-02 09:00:00", service_severity=severity
            )
            clock = self.clock(complaint, "complaint_acknowledge")
            self.assertMoment(clock.deadline, acknowledged)
            clock = self.clock(complaint, "complaint_answer")
            self.assertMoment(clock.deadline, answered)

    def test_steps_follow_each_other(self):
        """A step that does not follow from where a complaint stands is refused."""
        complaint = self._complaint("2026-03-02 09:00:00")
        for attempt in (
            complaint.service_complaint_accepted,
            lambda: complaint.service_complaint_refused("No"),
            self._ticket().service_complaint_acknowledge,
        ):
            with (
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                attempt()
        self._answer(complaint, "2026-03-02 10:00:00")
        for attempt in (
            complaint.service_complaint_acknowledge,
            complaint.service_complaint_investigate,
        ):
            with (
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                attempt()

    def test_a_step_may_be_entered_later(self):
        """Backdated, but neither before the last step nor in the future."""
        complaint = self._complaint("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 12:00:00"):
            complaint.service_complaint_acknowledge(at="2026-03-02 09:45:00")
            self.assertMoment(complaint.service_acknowledged_at, "2026-03-02 09:45")
            for at in ("2026-03-02 09:40:00", "2026-03-02 12:30:00", "yesterday"):
                with (
                    self.assertRaises(ValidationError),
                    self.env.cr.savepoint(),
                    self.env.cr.savepoint(),
                ):
                    complaint.service_complaint_investigate(at=at)
            complaint.service_complaint_answer(
                "Sorry", "in_person", at="2026-03-02 11:00:00"
            )
        self.assertMoment(complaint.service_answered_at, "2026-03-02 11:00")

    def test_a_voided_answer_is_none(self):
        """A step entered by mistake is taken back with its row; state and clock too."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        [row] = complaint.service_event_ids.filtered(lambda row: row.kind == "answered")
        with freeze_time("2026-03-02 11:00:00"):
            row._void("Another customer's")
        self.assertEqual(complaint.service_complaint_state, "acknowledged")
        self.assertFalse(complaint.service_answered_at)
        self.assertEqual(self.clock(complaint, "complaint_answer").state, "running")
        with self.assertRaises(RecordMissing), self.env.cr.savepoint():
            self._move(complaint, "resolved", "2026-03-02 12:00:00")

    def test_the_answer_of_what_is_closed_is_not_voided(self):
        """Regulation C2.3: it would be closed without one, unless taken up again."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        self._move(complaint, "closed", "2026-03-02 11:00:00")
        [row] = complaint.service_event_ids.filtered(lambda row: row.kind == "answered")
        with self.assertRaisesRegex(UserError, "without an answer"):
            row._void("Another customer's")
        self._move(complaint, "active", "2026-03-02 12:00:00")
        with freeze_time("2026-03-02 13:00:00"):
            row._void("Another customer's")
        self.assertFalse(complaint.service_answered_at)

    def test_nobody_writes_what_the_complainant_was_told(self):
        """Regulation C2.3: the answer on record is the one that was given."""
        complaint = self._complaint("2026-03-02 09:00:00", team_id=self.outlet.id)
        self._answer(complaint.with_user(self.clerk), "2026-03-02 10:00:00")
        for name, value in (
            ("service_answer", "<p>Something else</p>"),
            ("service_answer_way", "mail"),
            ("service_refusal", "Fine"),
            ("service_receipt", "AAAA2222"),
        ):
            values = {"name": "New", "description": "New", name: value}
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "by hand"):
                complaint.with_user(self.clerk).write({name: value})
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "by hand"):
                self.env["helpdesk.ticket"].with_user(self.clerk).create(values)
        self.assertEqual(complaint.service_answer, "<p>Sorry</p>")

    def test_an_answer_by_mail_is_sent(self):
        """Regulation C2.3: the complainant gets it, whatever a program says."""
        complaint = self._complaint("2026-03-02 09:00:00")
        sent = self.mails(complaint)
        self._answer(
            complaint.with_context(service_automatic=True),
            "2026-03-02 10:00:00",
            "mail",
        )
        self.assertEqual(len(self.mails(complaint) - sent), 1)

    def test_an_answer_is_a_response(self):
        """The first response to a complaint is at the latest its answer."""
        self._agreement({"metric": "first_response", "duration": 8})
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        self.assertEqual(self.clock(complaint, "first_response").verdict, "met")

    def test_nobody_writes_the_state(self):
        """State and dates follow from the ledger."""
        complaint = self._complaint("2026-03-02 09:00:00")
        for name, value in (
            ("service_complaint_state", "closed"),
            ("service_answered_at", "2026-03-02 09:00:00"),
            ("service_answer_verdict", "accepted"),
            ("service_refused", "once"),
        ):
            with (
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                complaint.write({name: value})

    # ------------------------------------------------------------------
    # None closes without an answer
    # ------------------------------------------------------------------

    def test_none_closes_without_an_answer(self):
        """Regulation C2.3: each complaint is answered, whichever way it is closed."""
        complaint = self._complaint("2026-03-02 09:00:00")
        ticket = self._ticket("2026-03-02 09:00:00")
        done = self.env["helpdesk.ticket.finish"].create({"ticket_id": complaint.id})
        for attempt in (
            lambda: complaint.write({"stage_id": self.stages["resolved"].id}),
            # as dragged in kanban
            lambda: complaint.web_save({"stage_id": self.stages["closed"].id}, {}),
            # a mass edit
            lambda: (ticket | complaint).write({"stage_id": self.stages["closed"].id}),
            complaint.service_complaint_close,
            done.action_confirm,
            lambda: complaint.sudo().write({"stage_id": self.stages["closed"].id}),
        ):
            with (
                self.assertRaises(RecordMissing) as caught,
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                attempt()
            self.assertIn("Answer to the Complainant", str(caught.exception))
            self.assertIn(complaint.number, str(caught.exception))
            # what to enter it in
            action = caught.exception.context["action"]
            self.assertEqual(action["res_model"], "helpdesk.ticket.complaint.answer")
        self.assertEqual(ticket.service_phase, "new")
        self._answer(complaint, "2026-03-02 10:00:00")
        self._move(complaint, "resolved", "2026-03-02 11:00:00")
        self._move(complaint, "closed", "2026-03-02 12:00:00")
        self.assertEqual(complaint.service_complaint_state, "closed")

    def test_none_is_entered_as_closed(self):
        """Regulation C2.3: nor is a complaint born closed."""
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._complaint(stage_id=self.stages["closed"].id)

    def test_a_finished_ticket_does_not_become_one(self):
        """Regulation C2.3: it would be a complaint that nobody answers."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            ticket.service_is_complaint = True

    def test_an_open_ticket_becomes_one(self):
        """From then on it has the clocks of a complaint."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            ticket.service_is_complaint = True
        self.assertEqual(ticket.service_severity, "minor")
        self.assertMoment(ticket.service_complained_at, "2026-03-02 11:00")
        clock = self.clock(ticket, "complaint_answer")
        self.assertMoment(clock.started_at, "2026-03-02 11:00")

    def test_it_stays_one(self):
        """Regulation C2.3: a complaint is neither deleted, unmarked nor archived."""
        complaint = self._complaint("2026-03-02 09:00:00")
        for attempt in (
            complaint.unlink,
            lambda: complaint.write({"service_is_complaint": False}),
            complaint.action_archive,
        ):
            with (
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
                self.env.cr.savepoint(),
            ):
                attempt()

    def test_a_stage_cannot_close_complaints_by_a_new_meaning(self):
        """Regulation C2.3: whoever renames a stage would close what stands in it."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._move(complaint, "active", "2026-03-02 10:00:00")
        with self.assertRaises(RecordMissing), self.env.cr.savepoint():
            self.stages["active"].service_phase = "closed"

    def test_a_customer_cannot_close_it_unanswered(self):
        """Regulation C2.3: nor does the portal's button, which runs as superuser."""
        portal = new_test_user(
            self.env,
            "complaint_portal",
            "base.group_portal",
            partner_id=self.contact.id,
        )
        complaint = self._complaint("2026-03-02 09:00:00")
        with (
            self.assertRaisesRegex(UserError, complaint.number),
            self.env.cr.savepoint(),
        ):
            complaint.with_user(portal).sudo().stage_id = self.stages["resolved"]
        self._answer(complaint, "2026-03-02 10:00:00")
        complaint.with_user(portal).sudo().stage_id = self.stages["resolved"]
        self.assertEqual(complaint.service_phase, "resolved")

    def test_taken_up_again_it_is_answered_again(self):
        """Regulation C2.3: a complaint reopened by hand owes another answer."""
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        with freeze_time("2026-03-02 11:00:00"):
            complaint.service_complaint_close()
        self._move(complaint, "active", "2026-03-02 12:00:00")
        self.assertEqual(complaint.service_complaint_state, "investigating")
        with self.assertRaises(RecordMissing), self.env.cr.savepoint():
            self._move(complaint, "closed", "2026-03-02 13:00:00")
        self.assertConsistent(complaint)

    def test_the_team_may_ask_for_more(self):
        """What a team asks for before resolving is asked of complaints as well."""
        self.team.service_require_cause = True
        complaint = self._complaint("2026-03-02 09:00:00")
        self._answer(complaint, "2026-03-02 10:00:00")
        with self.assertRaisesRegex(RecordMissing, "Cause"), self.env.cr.savepoint():
            complaint.service_complaint_close()

    # ------------------------------------------------------------------
    # Major
    # ------------------------------------------------------------------

    def test_a_major_one_stays_with_the_centre(self):
        """Regulation A3.3.3: nobody takes it from there but who may cancel it."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            complaint.with_user(self.clerk).team_id = self.team
        complaint.with_user(self.expert).user_id = self.expert
        complaint.with_user(self.chief).team_id = self.team
        self.assertEqual(complaint.team_id, self.team)

    def test_every_company_has_the_house_rules(self):
        """Regulation A3.5.3: a time for each severity, in companies to come as well."""
        company = self.env["res.company"].create({"name": "Founded today"})
        rules = self.env["service.quality.target"].search(
            [("company_id", "=", company.id), ("metric", "=like", "complaint_%")]
        )
        hours = {(one.metric, one.severity): one.seconds // 3600 for one in rules}
        self.assertEqual(len(hours), 6)
        self.assertEqual(hours["complaint_acknowledge", "major"], 1)
        self.assertEqual(hours["complaint_answer", "minor"], 7 * 24)

    def test_checklist_says_what_is_missing(self):
        """Screens, Complaint: what is missing to close it, as a list."""
        complaint = self._complaint("2026-03-02 09:00:00", service_severity="major")
        items = dict(complaint._service_complaint_items())
        for asked in ("Answer to the Complainant", "Root Cause", "Handling"):
            self.assertIs(items[asked], False, asked)
        self._answer(complaint, "2026-03-02 10:00:00")
        complaint.invalidate_recordset()
        self.assertTrue(
            dict(complaint._service_complaint_items())["Answer to the Complainant"]
        )
        self.assertIn("Root Cause", complaint.service_complaint_checklist)

    def test_index_of_the_desk(self):
        """Open complaints are found by their deadline, and listed by their state."""
        indexes = self.env.execute_query(
            SQL("SELECT indexdef FROM pg_indexes WHERE tablename = 'helpdesk_ticket'")
        )
        definitions = " ".join(definition for (definition,) in indexes)
        self.assertIn("(service_deadline) WHERE ((service_is_complaint", definitions)
        self.assertIn("(company_id, service_complaint_state) WHERE", definitions)
