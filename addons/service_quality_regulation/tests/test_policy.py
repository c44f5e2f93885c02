from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tools.period import Period

from .regulation_common import RegulationCase


@tagged("post_install", "-at_install")
class TestPolicy(RegulationCase):
    """Regulation A4.1.1: policy, strategy, targets, catalogue, and their review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # whatever the demo's story has
        # those of the story are out of the way, reviewed or not
        services = cls.env["service.quality.service"].search([])
        services._write_as_step({"status": "retired"})

    def policy(self, **values):
        return (
            self.env["service.quality.policy"]
            .with_user(self.inspector)
            .create({"name": "Quality policy", "text": "<p>Well done</p>", **values})
        )

    def approve(self, policy, day="2026-02-01"):
        with freeze_time(day):
            policy.with_user(self.boss).action_approve()
        return policy

    def _review(self, service, next_date, **values):
        return (
            self.env["service.quality.service.review"]
            .with_user(self.inspector)
            .create(
                {
                    "service_id": service.id,
                    "result": "keep",
                    "note": "Still asked for",
                    "next_date": next_date,
                    **values,
                }
            )
        )

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def test_executives_approve(self):
        """Regulation A4.1.1: nobody but an executive puts a policy in force."""
        policy = self.policy()
        for user in (self.inspector, self.expert, self.chief, self.caller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                policy.with_user(user).action_approve()
        with self.assertRaises(UserError):
            policy.write({"state": "approved"})
        with self.assertRaises(UserError):
            policy.write({"approved_by_id": self.boss.id})
        with self.assertRaises(UserError):
            self.policy(state="approved")
        self.approve(policy)
        self.assertEqual(policy.state, "approved")
        self.assertEqual(policy.approved_by_id, self.boss)
        self.assertEqual(policy.date_start, date(2026, 2, 1))
        with self.assertRaises(UserError):
            self.approve(policy)

    def test_approved_stays(self):
        """Regulation A4.1.1: a change is a new version, the one before ends with it."""
        policy = self.approve(self.policy())
        for user in (self.inspector, self.boss):
            for vals in ({"text": "<p>Other</p>"}, {"name": "X"}, {"kind": "targets"}):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError):
                        policy.with_user(user).write(vals)
            with self.assertRaises(UserError):
                policy.with_user(user).unlink()
        with self.assertRaises(UserError):  # the next review follows from reviews
            policy.review_date = "2027-02-01"
        action = policy.action_new_version()
        draft = policy.browse(action["res_id"])
        self.assertEqual((draft.version, draft.previous_id), (2, policy))
        self.assertEqual(policy.action_new_version()["res_id"], draft.id)
        draft.text = "<p>Better</p>"
        self.approve(draft, "2026-03-01")
        self.assertEqual(policy.date_end, date(2026, 3, 1))
        with freeze_time("2026-02-15"):
            found = policy.search([("is_in_force", "=", True)])
            self.assertIn(policy, found)
            self.assertNotIn(draft, found)
        with freeze_time("2026-03-01"):
            found = policy.search([("is_in_force", "=", True)])
            self.assertIn(draft, found)
            self.assertNotIn(policy, found)
        with self.assertRaises(UserError):
            policy.action_new_version()

    def test_next_version_at_once(self):
        """Two executives who do not see each other's draft make one next version."""
        Policy = self.env["service.quality.policy"]
        policy = Policy.create({"name": "Ours", "text": "So it is"})
        policy.action_approve()
        policy.action_new_version()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            Policy._create_as_step(
                [{"name": "Ours", "text": "Not", "previous_id": policy.id}]
            )
        self.env.invalidate_all(flush=False)

    def test_approval_is_asked_for(self):
        policy = self.policy()
        policy.action_ask_approval()
        self.assertIn(self.boss, policy.activity_ids.user_id)
        self.approve(policy)
        self.assertFalse(policy.activity_ids)

    def test_drafts_are_not_for_everybody(self):
        draft, approved = self.policy(), self.approve(self.policy(kind="strategy"))
        Policy = self.env["service.quality.policy"].with_user(self.caller)
        self.assertEqual(
            Policy.search([("id", "in", (draft | approved).ids)]), approved
        )
        with self.assertRaises(AccessError):
            Policy.create({"name": "Mine", "text": "Mine"})

    # ------------------------------------------------------------------
    # Obligations
    # ------------------------------------------------------------------

    def test_policy_is_an_obligation(self):
        """Regulation A4.1.1: one of each kind is in force, which the register shows."""
        self.env.cr.execute("UPDATE service_quality_policy SET date_end = date_start")
        self.env.invalidate_all()
        obligation = self._obligation("a4_1_1_1")
        self.judge("2026-02-10", obligation)
        self.assertStands(obligation, "2026-01", "not_fulfilled", 0, 1)
        self.assertStands(obligation, "2026-02", "due", 0, 1)
        self.approve(self.policy(kind="strategy"), "2026-02-11")
        self.approve(self.policy(), "2026-02-11")
        self.judge("2026-03-02", obligation | self._obligation("a4_1_1_2"))
        self.assertStands(obligation, "2026-02", "fulfilled", 1, 1)
        self.assertStands(self._obligation("a4_1_1_2"), "2026-02", "fulfilled", 1, 1)
        self.judge("2026-03-02", self._obligation("a4_1_1_3"))
        self.assertStands(
            self._obligation("a4_1_1_3"), "2026-02", "not_fulfilled", 0, 1
        )

    def test_catalogue(self):
        """Regulation A4.1.1: each service that is offered is reviewed in its time."""
        obligation = self._obligation("a4_1_1_4")
        Service = self.env["service.quality.service"].with_user(self.inspector)
        first, second = Service.create(
            [
                {"name": "Workplace", "status": "live"},
                {"name": "Network", "status": "live"},
            ]
        )
        with freeze_time("2026-02-01"):
            self._review(first, "2026-06-30")
            self._review(second, "2026-03-10")
        Service.create({"name": "Cloud", "status": "planned"})
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 2, 2)
        self.judge("2026-03-12", obligation)
        cell = self.assertStands(obligation, "2026-03", "overdue", 1, 2)
        with freeze_time("2026-03-12"):
            self.assertTrue(second.is_review_overdue)
            self.assertFalse(first.is_review_overdue)
            action = cell.with_user(self.inspector).action_open_missing()
            self.assertEqual(Service.search(action["domain"]), second)

    def test_the_first_month(self):
        """Regulation A4.1.1: what a company begins with is reviewed in a month."""
        obligation = self._obligation("a4_1_1_4")
        agreed = self._obligation("a4_3_1_1")
        projects = self.env["service.quality.project"].with_context(active_test=False)
        projects.search([]).write({"date_start": False, "date_end": "2020-01-01"})
        projects.create({"name": "Acme", "partner_id": self.acme.id})
        Service = self.env["service.quality.service"].with_user(self.inspector)
        first, lapsed = Service.create(
            [
                {"name": "Workplace", "status": "live"},
                {"name": "Network", "status": "live"},
            ]
        )
        with freeze_time("2026-01-10"):
            self._review(lapsed, "2026-01-20")
        self.env.cr.execute("DELETE FROM service_quality_regulation_term")
        self.env.invalidate_all()
        self._in_force(self.regulation, "2026-03-10")
        self.judge("2026-03-10 06:00", agreed)
        self.assertStands(agreed, "2026-03", "due", 0, 1)
        # what had a date of its own is overdue by that
        window = obligation._window(self.company, Period("month", date(2026, 3, 1)))
        with freeze_time("2026-03-10 06:00"):
            found = obligation._evidence(window._replace(now=datetime.now()))
            self.assertEqual(Service.search(found.due & found.open), first)
            self._review(lapsed, "2026-06-30")
        self.judge("2026-03-10 08:00", obligation)
        self.assertStands(obligation, "2026-03", "due", 1, 2)
        self.judge("2026-04-09 20:00", obligation, agreed)
        self.assertStands(agreed, "2026-03", "due", 0, 1)
        self.assertStands(obligation, "2026-04", "due", 1, 2)
        self.judge("2026-04-10 06:00", obligation, agreed)
        self.assertStands(agreed, "2026-04", "overdue", 0, 1)
        self.assertStands(obligation, "2026-04", "overdue", 1, 2)

    def test_a_next_version_does_not_begin_anew(self):
        """Regulation A4.1.1: the month counts from the first version on."""
        newer = self.regulation.copy()
        self.regulation.term_ids.date_end = "2026-04-12"
        self._in_force(newer, "2026-04-12")
        period = Period("month", date(2026, 4, 1))
        with freeze_time("2026-04-12"):
            window = newer.clause_ids.obligation_ids[0]._window(self.company, period)
            self.assertFalse(window.has_just_begun())
        self.assertEqual(window.since, date(2026, 1, 1))

    def test_no_way_past_the_review(self):
        """Regulation A4.1.1: a service overdue for review leaves by its review."""
        obligation = self._obligation("a4_1_1_4")
        with freeze_time("2026-02-01"):
            Service = self.env["service.quality.service"].with_user(self.inspector)
            first, second = Service.create(
                [
                    {"name": "Workplace", "status": "live"},
                    {"name": "Network", "status": "live"},
                ]
            )
            self._review(first, "2026-06-30")
            self._review(second, "2026-03-10")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with freeze_time("2026-03-12"):
            for values in (
                {"status": "planned"},
                {"status": "retired"},
                {"active": False},
                {"company_id": elsewhere.id},
            ):
                with self.assertRaisesRegex(UserError, "overdue"):
                    with self.env.cr.savepoint():
                        second.sudo().write(values)
                second.invalidate_recordset()
            first.status = "planned"
            self.assertEqual(first.offered_until, date(2026, 3, 12))
        self.judge("2026-03-12", obligation)
        self.assertStands(obligation, "2026-03", "overdue", 1, 2)
        with freeze_time("2026-03-13"):
            self._review(second, False, result="withdraw")
        self.assertEqual(second.status, "retired")
        self.judge("2026-03-14", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled_late", 2, 2)
        self.judge("2026-04-14", obligation)
        self.assertStands(obligation, "2026-04", "nothing", 0, 0)
        first.status = "live"
        self.assertFalse(first.offered_until)

    def test_the_next_review_follows_from_a_review(self):
        """Regulation A4.1.1: a review has a result by somebody, and is no date."""
        service = (
            self.env["service.quality.service"]
            .with_user(self.inspector)
            .create({"name": "Workplace", "status": "live"})
        )
        with self.assertRaises(AccessError):
            service.review_date = "2099-01-01"
        with self.assertRaises(AccessError):
            service.create({"name": "New", "review_date": "2099-01-01"})
        self.assertTrue(service.is_review_overdue)
        with freeze_time("2026-03-02 10:00:00"):
            for values in (
                {"next_date": "2026-03-02"},
                {"next_date": "2099-01-01"},
                {"note": False},
                {"note": "."},
            ):
                with self.assertRaises(ValidationError), self.env.cr.savepoint():
                    self._review(service, **{"next_date": "2026-09-01"} | values)
            with self.assertRaises(AccessError):
                self._review(service, "2026-09-01", reviewed_by_id=self.boss.id)
            review = self._review(service, "2026-09-01")
            self.assertFalse(service.is_review_overdue)
        self.assertEqual(service.review_date, date(2026, 9, 1))
        self.assertEqual(review.reviewed_by_id, self.inspector)
        with self.assertRaises(UserError):
            review.next_date = "2099-01-01"
        with self.assertRaises(UserError):
            review.unlink()
        with self.assertRaises(AccessError):
            review.with_user(self.caller).create(
                {"service_id": service.id, "result": "keep", "note": "Fine"}
            )

    def test_in_force_from_the_approval_on(self):
        """Regulation A4.1.1: what nobody had approved was not in force."""
        policy = self.policy(date_start="2025-01-01")
        self.approve(policy, "2026-02-01")
        self.assertEqual(policy.date_start, date(2026, 2, 1))
        draft = policy.browse(policy.action_new_version()["res_id"])
        draft.date_start = "2026-02-05"
        self.approve(draft, "2026-02-10")
        self.assertEqual(draft.date_start, date(2026, 2, 10))
        self.assertEqual(policy.date_end, date(2026, 2, 10))
        later = self.policy(date_start="2026-06-01", name="Later")
        self.assertEqual(self.approve(later).date_start, date(2026, 6, 1))

    def test_one_version_is_in_force(self):
        """Regulation A4.1.1: a second document of the name is no way past versions."""
        self.approve(self.policy())
        with self.assertRaisesRegex(ValidationError, "new version"):
            self.approve(self.policy())

    def test_who_writes_does_not_approve(self):
        """Two sides of an act are two persons: an executive who wrote it."""
        self._user("policy_second_boss", "executive")
        policy = self.policy()
        policy.with_user(self.boss).text = "<p>By the boss</p>"
        with self.assertRaisesRegex(AccessError, "two persons"):
            self.approve(policy)

    def test_review(self):
        """Regulation A4.1.1: a result per item, in view of what has changed."""
        policy = self.approve(self.policy())
        service = self.env["service.quality.service"].create(
            {"name": "Workplace", "status": "live"}
        )
        obligation = self._obligation("a4_1_1_5")
        self.judge("2026-03-01", obligation)
        self.assertStands(obligation, "2026", "due", 0, 1)
        with freeze_time("2026-03-09 10:00:00"):
            Review = self.env["service.quality.policy.review"]
            review = Review.with_user(self.inspector).create({"date": "2026-03-09"})
        self.assertIn(policy, review.line_ids.policy_id)
        self.assertIn(service, review.line_ids.service_id)
        self.assertIn(self.regulation, review.line_ids.regulation_id)
        self.assertLessEqual(
            {"indicators", "organisation"}, set(review.line_ids.mapped("subject"))
        )
        with self.assertRaises(AccessError):
            review.action_close()
        with self.assertRaises(ValidationError) as refused:
            review.with_user(self.boss).action_close()
        self.assertIn("has no result", str(refused.exception))
        review.line_ids.result = "keep"
        change = review.line_ids.filtered(lambda line: line.service_id == service)
        change.result = "change"
        review.write(
            {
                "market": "Prices fall",
                "technology": "Old servers go",
                "company_change": "A new branch",
                "next_date": "2027-03-09",
            }
        )
        with self.assertRaises(ValidationError) as refused:
            review.with_user(self.boss).action_close()
        self.assertIn("say why", str(refused.exception))
        change.note = "Asked for"
        with self.assertRaises(ValidationError) as refused:
            review.with_user(self.boss).action_close()
        self.assertIn("by whom", str(refused.exception))
        # what was kept was looked at as well
        for said in (False, "."):
            (review.line_ids - change).note = said
            with self.assertRaisesRegex(ValidationError, "say why"):
                review.with_user(self.boss).action_close()
        (review.line_ids - change).note = "As good as before"
        change.write(
            {
                "action": "Extend the hours",
                "user_id": self.chief.id,
                "note": "Asked for",
            }
        )
        with freeze_time("2026-03-10 10:00:00"):
            review.with_user(self.boss).action_close()
        self.assertEqual(review.state, "done")
        self.assertEqual(review.closed_by_id, self.boss)
        self.assertEqual(review.activity_ids.user_id, self.chief)
        self.assertEqual(service.review_date, date(2027, 3, 9))
        self.judge("2026-03-11", obligation)
        self.assertStands(obligation, "2026", "fulfilled", 1, 1)

    def test_closed_review_stays(self):
        """Regulation A4.1.1: what was decided is not rewritten."""
        review = self.env["service.quality.policy.review"].create({})
        review.write(
            {
                "market": "Nothing new",
                "technology": "Nothing new",
                "company_change": "Nothing new",
                "next_date": "2027-01-01",
            }
        )
        review.line_ids.write({"result": "keep", "note": "As good as before"})
        review.with_user(self.boss).action_close()
        mine = review.with_user(self.inspector)
        for attempt in (
            lambda: mine.write({"market": "Other"}),
            lambda: mine.line_ids[0].write({"result": "change"}),
            lambda: mine.line_ids[0].unlink(),
            lambda: mine.line_ids.create(
                {"review_id": review.id, "subject": "policy", "name": "New"}
            ),
            lambda: mine.unlink(),
            lambda: mine.write({"state": "draft"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
