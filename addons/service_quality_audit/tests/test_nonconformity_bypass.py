from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .nonconformity_common import DAY, RESULT, NonconformityCase

FOUND = "Every cable that was looked at has a label"
MAJOR = "mgmtsystem_nonconformity.nonconformity_severity_maj"
TRACKED = {"tracking_disable": False, "mail_notrack": False}
MINOR = "mgmtsystem_nonconformity.nonconformity_severity_min"


@tagged("post_install", "-at_install", "security")
class TestNonconformityBypass(NonconformityCase):
    """Nobody makes a nonconformity look better than it is past its gates."""

    def _judge(self, record, user=None, answer="yes"):
        with freeze_time("2026-04-20 09:00"):
            record.with_user(user or self.inspector)._judge_effect(answer, FOUND)

    def _unlink(self, measure):
        """Take a measure off whatever it is a measure of, as any program might."""
        measure.write({"service_source_id": False, "nonconformity_ids": [(5, 0, 0)]})

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def test_what_follows_from_dates_and_owners_is_not_written(self):
        """Nobody writes until when it was due, nor who has had it."""
        record = self._raise()
        for user in (self.leader, self.inspector, self.boss):
            for name, value in (("late_after", "2030-01-01"), ("due_owner_ids", [])):
                with self.assertRaises(AccessError, msg=name):
                    record.with_user(user).write({name: value})
        self.assertEqual(record.late_after, record.service_due_on)

    def test_source_is_said_once(self):
        """In what it was found is not exchanged, or it would be raised again."""
        record = self._raise()
        for user in (self.head, self.inspector, self.boss):
            for name, value in (("res_model", "res.users"), ("res_id", 1)):
                with self.assertRaises(AccessError, msg=name):
                    record.with_user(user).write({name: value})
        self.assertEqual(record.res_id, self.team.id)

    def test_nothing_begins_closed(self):
        """The context of a caller closes nothing, nor counts it twice."""
        Nonconformity = self.Nonconformity.with_user(self.inspector).with_context(
            default_closing_date="2026-03-10 09:00:00",
            default_number_of_nonconformities=0,
            is_writing=True,
        )
        record = Nonconformity.create(
            {"name": "Spare parts", "description": "Spare parts were missing twice"}
        )
        self.assertFalse(record.closing_date)
        self.assertEqual(record.number_of_nonconformities, 1)

    def test_a_rewritten_finding_is_kept(self):
        """What was found is rewritten by who may, with its old and its new words."""
        record = self._raise()
        old = record.description
        self.env.cr.precommit.run()  # what it was raised with is not tracked
        own = record.with_user(self.inspector).with_context(**TRACKED)
        own.write({"description": "Four racks have no labels", "name": "No labels"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        record.invalidate_recordset()
        kept = record.message_ids.sudo().tracking_value_ids
        texts = {(one.old_value_text, one.new_value_text) for one in kept}
        self.assertIn((old, "Four racks have no labels"), texts)
        names = {(one.old_value_char, one.new_value_char) for one in kept}
        self.assertIn(("Cables without labels", "No labels"), names)

    def test_finding_is_rewritten_by_others(self):
        """Finders make it graver alone; who found it, and quality, rewrite it."""
        record = self._raise(grade="major", responsible=self.head)
        record.manager_user_id = self.inspector
        minor, major = self.env.ref(MINOR), self.env.ref(MAJOR)
        for user in (self.head, self.inspector):
            for name, value in (
                ("severity_id", minor.id),
                ("severity_id", False),
                ("name", "Nothing"),
                ("description", "One label came off"),
            ):
                with self.assertRaises(AccessError, msg=name):
                    record.with_user(user).write({name: value})
        record.responsible_user_id = self.leader
        with self.assertRaises(AccessError, msg="who has answered for it"):
            record.with_user(self.head).severity_id = minor
        with self.assertRaises(AccessError, msg="who neither found it, nor is quality"):
            record.with_user(self.chief).severity_id = minor
        record.with_user(self._user("other_judge", "quality")).severity_id = minor
        record.with_user(self.inspector).severity_id = major
        self.assertTrue(record.service_is_major)

    def test_meaning_of_what_is_shipped_is_kept(self):
        """No stage is made the end of all in it; names are everybody's own."""
        changed = {
            "mgmtsystem_nonconformity.stage_draft": {"state": "done"},
            "mgmtsystem_nonconformity.stage_open": {"is_starting": True},
            "mgmtsystem_action.stage_draft": {"is_ending": True},
            "mgmtsystem_action.stage_open": {"is_starting": True},
            MAJOR: {"service_is_major": False},
            MINOR: {"service_needs_cause": False},
        }
        record = self._raise()
        for xmlid, values in changed.items():
            shipped = self.env.ref(xmlid)
            with self.assertRaises(UserError, msg=xmlid):
                shipped.write(values)
            shipped.write({"name": "Our name", "sequence": 7})
            shipped.write({name: shipped[name] for name in values})
            own = shipped.create({"name": "Own"})
            own.write(values)
        self.assertEqual(record.state, "draft")

    # ------------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------------

    def test_action_is_not_taken_off_an_approved_plan(self):
        """An action that was approved is waited for, whatever it is linked to."""
        record = self._until(self._raise(), "open")
        measure = record._service_actions()
        self._unlink(measure)
        own = record.with_user(self.leader)
        own.service_result = RESULT
        with self.assertRaises(ValidationError):
            own.action_report_done()
        measure.with_user(self.owner)._report_done(RESULT)
        own.action_report_done()
        self.assertEqual(record.state, "check")

    def test_costly_action_is_not_taken_off_for_an_approval(self):
        self.company.service_costly_from = 5000
        record = self._until(self._raise(), "submitted", cost=5000)
        self._unlink(record.service_measure_ids)
        self.assertEqual(record.service_cost, 5000)
        with self.assertRaises(AccessError):
            self._approve(record)
        self._approve(record, self.boss)

    def test_closed_keeps_its_measures(self):
        """Nobody adds a measure to what is closed, or takes one off it."""
        record = self._until(self._raise(), "check")
        self._judge(record)
        self.assertEqual(record.state, "done")
        measure = record.service_measure_ids
        with self.assertRaises(AccessError):
            self._unlink(measure)
        self.env.invalidate_all()
        link = {"nonconformity_ids": [Command.link(record.id)]}
        with self.assertRaises(AccessError):
            self._measure(user=self.env.user, **link)
        with self.assertRaises(AccessError):
            self._measure(user=self.env.user, **record._measure_source())
        with self.assertRaises(AccessError):
            self._measure(user=self.env.user).write(link)

    def test_closed_with_it_names_no_checker(self):
        """Regulation A3.2.5: whoever looks at the effect is not the department that
        checks measures.
        """
        record = self._until(self._raise(), "check")
        self._judge(record)
        measures = record._get_all_actions()
        self.assertEqual(set(measures.mapped("service_state")), {"closed"})
        self.assertFalse(measures.service_checked_by_id)
        self.assertTrue(all(measures.mapped("service_checked_at")))

    # ------------------------------------------------------------------
    # Time
    # ------------------------------------------------------------------

    def test_taking_back_gives_no_time(self):
        """What one takes back oneself is due when it was."""
        record = self._until(self._raise(), "pending")
        due, since = record.service_due_on, record.service_step_since
        late = "2026-03-25 09:00"
        self._plan(record, late)
        self.assertGreater(record.service_due_on, due)
        with freeze_time(late):
            record.with_user(self.leader)._send_back("The plan lacks an action")
            self.assertTrue(record.is_overdue)
        self.assertEqual(record.service_due_on, due)
        self.assertEqual(record.late_after, due)
        self.assertEqual(record.service_step_since, since)
        with freeze_time(late):
            record.with_user(self.leader).action_submit()
            record.with_user(self.head)._send_back("The plan lacks a drawing")
        self.assertEqual(record.service_due_on, fields.Date.to_date("2026-04-04"))

    def test_time_of_a_plan_is_a_year_at_most(self):
        """Nobody plans to look after everybody has forgotten it."""
        record = self._until(self._raise(), "pending")
        measure = self._plan(record, submit=False)
        check = record.service_check_id.with_user(self.leader)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            check.wait_days = 367
            check.flush_recordset()
        self.env.invalidate_all()
        check.wait_days = 366
        own = record.with_user(self.leader)
        measure.date_deadline = "2027-03-12"
        with freeze_time(DAY), self.assertRaises(ValidationError):
            own.action_submit()
        measure.date_deadline = "2027-03-11"
        with freeze_time(DAY):
            own.action_submit()
        self.assertTrue(record.service_awaits_approval)

    # ------------------------------------------------------------------
    # Effect
    # ------------------------------------------------------------------

    def test_nobody_judges_what_has_become_ones_own(self):
        """Who was to look does not once the work was theirs, also in between."""
        for case in ("owner", "done", "responsible"):
            with self.subTest(case):
                source = self.team.create({"name": case})
                record = self._until(self._raise(source=source), "open")
                measure = record._service_actions()
                if case == "responsible":
                    record.responsible_user_id = self.inspector
                    self.env.flush_all()  # each is a request of its own
                    record.responsible_user_id = self.leader
                else:
                    measure.user_id = self.inspector
                if case == "owner":
                    self.env.flush_all()
                    measure.user_id = self.owner
                self._carry_out(record)
                with self.assertRaises(AccessError):
                    self._judge(record)
                self._judge(record, self.head)
                self.assertEqual(record.state, "done")
