from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .audit_common import SAID, AuditCase


@tagged("post_install", "-at_install")
class TestMeasure(AuditCase):
    """A measure goes its way by steps alone, each by who may take it."""

    def _open(self, **values):
        measure = self._measure(**values)
        measure.with_user(self.chief).action_approve()
        return measure

    def test_it_is_approved_done_and_checked(self):
        """Regulation A3.2.5: approved, done by its owner, checked by another."""
        measure = self._measure()
        self.assertEqual(measure.service_state, "proposed")
        measure.with_user(self.chief).action_approve()
        self.assertEqual(measure.service_state, "open")
        self.assertEqual(measure.service_approved_by_id, self.chief)
        measure.with_user(self.owner)._report_done(SAID)
        self.assertEqual(measure.service_state, "done")
        measure.with_user(self.inspector)._check_done("yes", SAID)
        self.assertEqual(measure.service_state, "closed")
        self.assertTrue(measure.date_closed)

    def test_nobody_approves_what_is_theirs(self):
        for own in (
            self._measure(user=self.chief),
            self._measure(user_id=self.chief.id),
        ):
            with self.assertRaises(AccessError):
                own.with_user(self.chief).action_approve()
            second = own._second_persons().users
            self.assertNotIn(self.chief, second)
            own.with_user(second[0]).action_approve()
            self.assertEqual(own.service_state, "open")

    def test_executives_approve_what_is_costly_or_improves(self):
        for values in (
            {"service_cost": self.company.service_costly_from},
            {"type_action": "improvement", "service_benefit": "Fewer calls at night"},
        ):
            measure = self._measure(**values)
            with self.assertRaises(AccessError):
                measure.with_user(self.chief).action_approve()
            measure.with_user(self.boss).action_approve()
            self.assertEqual(measure.service_state, "open")

    def test_an_owner_does_not_put_off_what_is_proposed(self):
        """Regulation A3.4.5: a day is moved with a reason, by somebody else."""
        measure = self._measure(user=self.owner)
        own = measure.with_user(self.owner)
        with self.assertRaisesRegex(AccessError, "Move the Date"):
            own.date_deadline = "2028-12-30"
        with self.assertRaises(ValidationError):
            own.date_deadline = False
        with self.assertRaises(ValidationError):
            measure.with_user(self.inspector).date_deadline = False
        own.date_deadline = "2026-12-01"
        Move = self.env["service.quality.due.move"].with_user(self.inspector)
        values = {
            "res_model": measure._name,
            "res_id": measure.id,
            "reason": "The spare parts come from overseas",
        }
        with freeze_time("2026-11-01"):
            with self.assertRaisesRegex(ValidationError, "at most"):
                Move.create([values | {"date_after": "2126-12-01"}])
            Move.create([values | {"date_after": "2027-02-01"}])
        self.assertEqual(str(measure.date_deadline), "2027-02-01")

    def test_a_correction_begins_at_once(self):
        measure = self._measure(type_action="immediate")
        self.assertEqual(measure.service_state, "open")
        self.assertFalse(measure.service_approved_by_id)
        costly = self._measure(
            type_action="immediate", service_cost=self.company.service_costly_from
        )
        self.assertEqual(costly.service_state, "proposed")

    def test_stages_are_not_written_by_hand(self):
        measure = self._measure()
        stages = measure._state_stages()
        for user in (self.owner, self.inspector, self.boss, self.env.user):
            for values in (
                {"stage_id": stages["closed"].id},
                {"active": False},
                {"date_closed": "2026-03-01 00:00:00"},
                {"service_state": "closed"},
                {"service_approved_by_id": user.id},
            ):
                with self.assertRaises(AccessError, msg=(user.login, values)):
                    measure.with_user(user).write(values)
        measure.with_user(self.inspector).case_open()
        self.assertEqual(measure.service_state, "proposed")
        with self.assertRaises(AccessError):
            self._measure(stage_id=stages["closed"].id)

    def test_what_was_approved_is_not_changed(self):
        measure = self._open()
        with self.assertRaises(AccessError):
            measure.with_user(self.inspector).name = "Something easier"
        with self.assertRaises(UserError):
            measure.with_user(self.inspector).unlink()

    def test_only_its_owner_reports_it_done(self):
        measure = self._open()
        with self.assertRaises(AccessError):
            measure.with_user(self.inspector)._report_done(SAID)
        with self.assertRaises(ValidationError):
            measure.with_user(self.owner)._report_done("ok")
        with self.assertRaises(UserError):
            measure.with_user(self.inspector)._check_done("yes", SAID)

    def test_nobody_checks_their_own(self):
        measure = self._open(user_id=self.inspector.id)
        measure.with_user(self.inspector)._report_done(SAID)
        with self.assertRaises(AccessError):
            measure.with_user(self.inspector)._check_done("yes", SAID)
        with self.assertRaises(AccessError):
            measure.with_user(self.chief)._check_done("yes", SAID)
        other = self._user("other_inspector", "quality")
        measure.with_user(other)._check_done("no", SAID)
        self.assertEqual(measure.service_is_effective, "no")

    def test_it_is_sent_back(self):
        measure = self._open()
        measure.with_user(self.owner)._report_done(SAID)
        measure.with_user(self.inspector)._send_back("The old rack is still on it")
        self.assertEqual(measure.service_state, "open")
        self.assertFalse(measure.service_done_at)

    def test_its_day_is_moved_by_somebody_else(self):
        """Regulation A3.2.5: late is judged by the last day before it passed."""
        with freeze_time("2026-03-02 08:00"):
            measure = self._open(date_deadline="2026-03-10")
        with self.assertRaises(AccessError):
            measure.with_user(self.owner).date_deadline = "2026-05-01"
        with freeze_time("2026-03-05 08:00"), self.assertRaises(AccessError):
            measure.with_user(self.owner)._move_due("2026-05-01", "Parts come later")
        with freeze_time("2026-03-20 08:00"):
            day = measure._fields["date_deadline"].to_date("2026-05-01")
            measure.with_user(self.inspector)._move_due(day, "Parts come later")
        self.assertEqual(str(measure.date_deadline), "2026-05-01")
        self.assertEqual(str(measure.late_after), "2026-03-10")
        with freeze_time("2026-03-21 08:00"):
            measure.invalidate_recordset()
            self.assertTrue(measure.is_overdue)

    def test_who_has_to_do_it_does_not_give_it_away(self):
        measure = self._open(user_id=self.inspector.id)
        with self.assertRaises(AccessError):
            measure.with_user(self.inspector).user_id = self.owner
        measure.with_user(self._user("other_inspector", "quality")).user_id = self.owner
        self.assertEqual(measure.user_id, self.owner)

    def test_it_is_cancelled_by_a_second_person(self):
        measure = self._open()
        with self.assertRaises(AccessError):
            measure.with_user(self.owner)._cancel("Nobody has time for it")
        measure.with_user(self.chief)._cancel("The rack was taken away")
        self.assertEqual(measure.service_state, "cancelled")

    def test_who_reads_it(self):
        measure = self._measure()
        stranger = self._user("stranger", "staff")
        for user in (self.owner, self.proposer, self.chief, self.boss, self.inspector):
            self.assertTrue(measure.with_user(user).has_access("read"), user.login)
        self.assertFalse(measure.with_user(stranger).has_access("read"))

    def test_two_companies(self):
        """An auditor of one company sees its measures alone, in lists and numbers."""
        other = self.env["res.company"].create({"name": "Other"})
        measure = self._measure()
        theirs = self.Measure.create(
            {
                "name": "Theirs",
                "type_action": "correction",
                "company_id": other.id,
                "date_deadline": "2026-12-31",
            }
        )
        found = self.Measure.with_user(self.inspector).search([])
        self.assertIn(measure, found)
        self.assertNotIn(theirs, found)

    def test_where_no_regulation_is_in_force_it_is_theirs(self):
        other = self.env["res.company"].create({"name": "Other"})
        action = self.Measure.create(
            {"name": "Theirs", "type_action": "correction", "company_id": other.id}
        )
        action.case_open()
        action.stage_id = self.env.ref("mgmtsystem_action.stage_close")
        self.assertEqual(action.service_state, "closed")
        self.assertGreaterEqual(action.number_of_days_to_close, 0)

    def test_it_sends_no_mail_of_theirs(self):
        before = self.env["mail.mail"].search_count([])
        measure = self._measure()
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertTrue(measure.activity_ids.filtered("automated"))

    def test_a_list_is_read_with_the_same_queries(self):
        names = ["name", "service_state", "service_age", "is_overdue", "user_id"]
        made = [self._measure(name=f"Label rack {n} again").id for n in range(30)]
        self.assertReadAlike(self.Measure.browse(made), names)

    def test_their_menus_are_hidden_where_ours_take_their_place(self):
        theirs = self.env.ref("mgmtsystem.menu_mgmtsystem_root").id
        ours = self.env.ref("service_quality_audit.mgmtsystem_action_menu").id
        menus = self.env["ir.ui.menu"].with_user(self.inspector)
        self.assertNotIn(theirs, menus.load_menus(False))
        self.assertIn(ours, menus.load_menus(False))
        other = self.env["res.company"].create({"name": "Other"})
        self.inspector.write({"company_ids": other.ids, "company_id": other.id})
        self.assertIn(theirs, menus.load_menus(False))

    def test_it_begins_as_proposed_whatever_the_context_says(self):
        """Deny: defaults of the context lead past the approval."""
        stages = self._measure()._state_stages()
        forged = {
            "default_stage_id": stages["closed"].id,
            "default_date_open": "2026-01-01 00:00:00",
            "default_date_closed": "2026-01-02 00:00:00",
        }
        measures = self.Measure.with_user(self.proposer).with_context(**forged)
        measure = measures.create(
            {
                "name": "Label the cables again",
                "type_action": "improvement",
                "date_deadline": "2026-12-31",
            }
        )
        self.assertEqual(measure.service_state, "proposed")
        self.assertFalse(measure.date_open or measure.date_closed)

    def test_its_lateness_is_not_written(self):
        """Deny: a later day for what is late, or another owner before."""
        measure = self._open()
        for name, value in (("late_after", "2099-12-31"), ("due_owner_ids", [])):
            with self.assertRaises(AccessError):
                measure.with_user(self.owner).write({name: value})
        with freeze_time("2026-03-02 08:00"):
            late = self._measure(date_deadline="2026-03-10")
        with freeze_time("2026-03-12 08:00"):
            late.invalidate_recordset()
            with self.assertRaises(AccessError):
                late.with_user(self.proposer).date_deadline = "2026-05-01"

    def test_an_executive_decides_on_what_was_costly_once(self):
        measure = self._measure(service_cost=self.company.service_costly_from)
        measure.with_user(self.proposer).service_cost = 1
        with self.assertRaises(AccessError):
            measure.with_user(self.chief).action_approve()
        measure.with_user(self.boss).action_approve()

    def test_what_it_comes_from_stays(self):
        """Deny: a promise is pointed at something else, or at nothing readable."""
        measure = self._open()
        with self.assertRaises(AccessError):
            measure.with_user(self.owner).service_source_id = 1
        for model, source_id in (("res.users", 1), ("mail.thread", 1), ("no.model", 1)):
            with self.assertRaises(ValidationError):
                self._measure(service_source_model=model, service_source_id=source_id)

    def test_what_has_ended_is_nobody_elses(self):
        measure = self._open()
        measure.with_user(self.chief)._cancel("The rack was taken away")
        for values in (
            {"user_id": self.proposer.id},
            {"service_about_on": "2026-01-01"},
            {"service_ticket_id": False, "service_team_id": False},
        ):
            with self.assertRaises(AccessError):
                measure.with_user(self.inspector).write(values)

    def test_who_lent_it_does_not_check_it(self):
        measure = self._measure(user_id=self.inspector.id)
        measure.with_user(self.inspector).user_id = self.owner
        measure.with_user(self.chief).action_approve()
        measure.with_user(self.owner)._report_done(SAID)
        with self.assertRaises(AccessError):
            measure.with_user(self.inspector)._check_done("yes", SAID)

    def test_odd_arguments_are_refused_in_words(self):
        for value in ("x", 10**12, -1):
            with self.assertRaises(ValidationError):
                self.Measure.search([("service_age", ">", value)])
        with self.assertRaises(ValidationError):
            self.Measure.process_reminder_queue("x")
