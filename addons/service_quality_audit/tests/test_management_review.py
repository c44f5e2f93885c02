import base64
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .audit_common import SAID, AuditCase

NOTHING = "Nothing of it came up, as the quality department has asked everybody"


class ReviewCase(AuditCase):
    """A management review that the quality department prepares."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.env["mgmtsystem.review"]

    def _review(self, moment="2026-12-10 09:00:00", **values):
        with freeze_time(moment):
            return self.Review.with_user(self.inspector).create(
                {
                    "name": "Review 2026",
                    "date": moment,
                    "service_date_from": "2026-01-01",
                    "service_date_to": "2026-11-30",
                    "user_ids": [Command.set((self.inspector | self.boss).ids)],
                    **values,
                }
            )

    def _judge_all(self, review, **values):
        """Write what people say, as the quality department does in the meeting."""
        for one in review.service_input_ids.filtered("is_missing"):
            one.note = NOTHING
        review.write(
            {
                "service_suitable": "yes",
                "service_suitable_reason": SAID,
                "service_adequate": "partly",
                "service_adequate_reason": SAID,
                "service_effective": "no",
                "service_effective_reason": SAID,
                "service_direction": SAID,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Hire somebody for the night",
                            "decision": "Hire somebody for the night shift",
                            "service_owner_id": self.owner.id,
                            "service_deadline": "2027-03-31",
                        }
                    )
                ],
                **values,
            }
        )

    def _held(self, moment="2026-12-10 09:00:00", **values):
        review = self._review(moment)
        with freeze_time(moment):
            review.action_service_freeze()
            self._judge_all(review, **values)
        return review

    def _signed(self, moment="2026-12-10 11:00:00"):
        review = self._held()
        with freeze_time(moment):
            review.with_user(self.boss).button_close()
        return review

    def _input(self, review, code):
        return review.service_input_ids.filtered(lambda one: one.code == code)


@tagged("post_install", "-at_install")
class TestManagementReview(ReviewCase):
    """Inputs are found and frozen, people judge, an executive signs."""

    def test_inputs_are_found_with_their_clauses(self):
        """Regulation A4.1.2: each with its clause; what is missing is named."""
        review = self._review(
            service_date_from="2020-01-01", service_date_to="2020-12-31"
        )
        inputs = review.service_input_ids
        self.assertGreaterEqual(len(inputs), 16)
        self.assertTrue(all(inputs.mapped("clauses")))
        letters = " ".join(filter(None, inputs.mapped("iso9001")))
        for letter in ("a", "b", "c 1", "c 2", "c 3", "c 4", "c 5", "c 6", "c 7"):
            self.assertIn(letter, letters)
        self.assertLessEqual({"d", "e", "f"}, set(inputs.mapped("iso9001")))
        self.assertLessEqual(
            set("abdefhijkl"), set(" ".join(inputs.mapped("iso20000")).split())
        )
        context = self._input(review, "context")
        self.assertTrue(context.is_missing)
        self.assertTrue(context.summary)
        self.assertFalse(self._input(review, "resources").is_missing)
        self.assertEqual(
            review.service_missing_count, len(inputs.filtered("is_missing"))
        )

    def test_periodic_reviews_are_reused(self):
        """Regulation A4.1.1: what was reviewed item by item is an input."""
        review = self._review()
        policy = self.env["service.quality.policy.review"].create(
            {
                "name": "What is set out",
                "date": "2026-06-01",
                "market": "Customers ask for nights",
                "technology": "Nothing new",
                "company_change": "A second site",
                "next_date": "2027-06-01",
            }
        )
        policy.line_ids.write({"result": "keep", "note": SAID})
        with freeze_time("2026-06-02"):
            policy.with_user(self.boss).action_close()
        with freeze_time("2026-12-10 09:00:00"):
            review.action_service_gather()
        found = self._input(review, "set_out")
        self.assertFalse(found.is_missing)
        told = [row for row in found.rows["rows"] if row[0] == policy.name]
        self.assertEqual(len(told), len(policy.line_ids))
        self.assertIn("Customers ask for nights", self._input(review, "context").table)
        action = review.action_service_policy_reviews()
        self.assertIn(
            policy, self.env["service.quality.policy.review"].search(action["domain"])
        )

    def test_the_register_is_shown(self):
        """What was not fulfilled and is corrected stands in the review."""
        obligation = self._own(
            {"evidence": "tickets_recorded", "rule": "every", "repair": "never"}
        ).obligation_ids
        self._in_force(obligation.regulation_id)
        self._handled("2026-03-02 10:00")
        self.judge("2026-04-05", obligation)
        cell = self.cell(obligation, "2026-03")
        cell._mark_corrected(self.acme)
        review = self._review()
        told = self._input(review, "register").rows["rows"]
        [row] = [row for row in told if row[0] == obligation.display_name]
        self.assertEqual(row[2:4], ["Not fulfilled, corrected", "2026-03"])
        self.assertEqual(row[5], self.acme.display_name)

    def test_figures_promises_and_measures_are_inputs(self):
        """Numbers of the time alone, and of the company alone."""
        for day in ("2026-05-05", "2025-05-05"):
            self._measure(
                name=f"A second line of {day}",
                type_action="prevention",
                service_about_on=day,
            )
        review = self._review()
        risks = self._input(review, "risks").rows["rows"]
        [row] = [row for row in risks if row[0].startswith("A second line")]
        self.assertEqual(row[:2], ["A second line of 2026-05-05", self.owner.name])
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._in_force(self.regulation, company_id=other.id)
        theirs = self.Review.create(
            {
                "name": "Theirs",
                "date": "2026-12-10",
                "company_id": other.id,
                "service_date_from": "2026-01-01",
                "service_date_to": "2026-11-30",
            }
        )
        self.assertTrue(self._input(theirs, "risks").is_missing)

    def test_queries_do_not_grow(self):
        """Regulation A4.1.2: as many queries for a hundred measures as for one."""
        review = self._review()
        Input = self.env["service.quality.review.input"]

        def count():
            return self._count_queries(lambda: Input._gather(review.sudo()))

        self._measure(type_action="improvement", service_about_on="2026-05-05")
        count()
        few = count()
        for _number in range(20):
            self._measure(type_action="improvement", service_about_on="2026-05-05")
        count()
        self.assertLessEqual(count(), few + 3)

    def test_a_list_is_read_with_the_same_queries(self):
        names = ["name", "reference", "service_missing_count", "service_is_gated"]
        reviews = self.Review.union(*(self._review() for _number in range(8)))
        self.assertReadAlike(reviews, names)

    def test_inputs_are_frozen_at_the_meeting(self):
        """What comes up later is for the next review."""
        review = self._review()
        with freeze_time("2026-12-09"), self.assertRaises(UserError):
            review.action_service_freeze()
        with freeze_time("2026-12-10 09:30:00"):
            review.action_service_freeze()
        self.assertEqual(review.service_frozen_by_id, self.inspector)
        self.assertEqual(review.activity_ids.user_id, self.boss)
        before = self._input(review, "improvement").summary
        self._measure(type_action="improvement", service_about_on="2026-05-05")
        with self.assertRaises(UserError):
            review.action_service_gather()
        with self.assertRaises(UserError):
            review.service_date_to = "2026-12-01"
        self.assertEqual(self._input(review, "improvement").summary, before)
        with self.assertRaises(AccessError):
            review.service_input_ids[0].summary = "Everything is fine"
        with self.assertRaises(UserError):
            review.unlink()

    def test_a_meeting_is_in_the_calendar(self):
        """Regulation A4.2.3: who enters it afterwards, or moves it, has not held it."""
        with freeze_time("2026-12-10 09:10:00"):
            late = self.Review.with_user(self.inspector).create(
                {
                    "name": "Just now",
                    "date": "2026-12-10 09:00:00",
                    "service_date_from": "2026-01-01",
                    "service_date_to": "2026-11-30",
                    "user_ids": [Command.set((self.inspector | self.boss).ids)],
                }
            )
            with self.assertRaisesRegex(UserError, "not in the calendar"):
                late.action_service_freeze()
        review = self._review()
        event = review.service_event_id
        people = (self.inspector | self.boss).partner_id
        self.assertLessEqual(people, event.partner_ids)
        with freeze_time("2026-12-10 08:00:00"):
            review.user_ids |= self.chief
            self.assertIn(self.chief.partner_id, event.partner_ids)
            review.date = "2026-12-10 10:00:00"
        with freeze_time("2026-12-10 10:05:00"):
            review.action_service_freeze()
        self.assertEqual(event.start, review.date)
        with self.assertRaisesRegex(UserError, "as it was held"):
            event.with_user(self.inspector).write({"start": "2026-12-09 10:00:00"})

    def test_an_executive_takes_part(self):
        """Regulation A3.1.3: no meeting without one, and who signs was there."""
        review = self._review(user_ids=[Command.set(self.inspector.ids)])
        with freeze_time("2026-12-10 09:00:00"):
            with self.assertRaises(UserError):
                review.action_service_freeze()
            review.user_ids |= self.boss
            review.action_service_freeze()
            self._judge_all(review)
            other = self._user("second_boss", "executive")
            with self.assertRaises(ValidationError):
                review.with_user(other).button_close()
            review.with_user(self.boss).button_close()
        self.assertEqual(review.service_signed_by_id, self.boss)

    def test_nobody_takes_part_afterwards(self):
        """Who takes part is settled when the meeting begins."""
        review = self._held()
        other = self._user("second_boss", "executive")
        with self.assertRaises(UserError):
            review.user_ids |= other

    def test_what_a_decision_names_is_open(self):
        """Nothing is promised by a measure that is closed; which one is signed."""
        review = self._held()
        measure = self._measure(type_action="improvement")
        line = review.line_ids
        line.write({"action_id": measure.id, "service_owner_id": False})
        cancelled = self.env.ref("mgmtsystem_action.stage_cancel")
        with freeze_time("2026-12-10 11:00:00"):
            before = measure.stage_id
            measure.sudo()._write_as_step(
                {
                    "stage_id": cancelled.id,
                    "date_open": "2026-12-01",
                    "date_closed": "2026-12-02",
                }
            )
            self.assertNotIn(measure.service_state, ("proposed", "open", "done"))
            with self.assertRaisesRegex(ValidationError, "closed or cancelled"):
                review.with_user(self.boss).button_close()
            measure.sudo()._write_as_step(
                {"stage_id": before.id, "date_open": False, "date_closed": False}
            )
            review.with_user(self.boss).button_close()
        self.assertFalse(review.is_signature_broken)
        line.sudo().action_id = self._measure(type_action="improvement")
        review.signature_ids.invalidate_recordset()
        review.invalidate_recordset()
        self.assertTrue(review.is_signature_broken)

    def test_nothing_is_left_open(self):
        """Each judgement has a reason, each decision an owner and a day."""
        review = self._review()
        signing = review.with_user(self.boss)
        with freeze_time("2026-12-10 10:00:00"):
            with self.assertRaisesRegex(ValidationError, "Begin the meeting"):
                signing.button_close()
            review.action_service_freeze()
            with self.assertRaisesRegex(ValidationError, "is missing: say why"):
                signing.button_close()
            self._judge_all(review)
            for values in (
                {"service_suitable": False},
                {"service_adequate_reason": "."},
                {"service_effective_reason": False},
                {"service_direction": False},
                {"line_ids": [Command.clear()]},
            ):
                with self.subTest(values), self.env.cr.savepoint() as savepoint:
                    review.write(values)
                    with self.assertRaises(ValidationError):
                        signing.button_close()
                    self.env.flush_all()
                    savepoint.rollback()
                    self.env.invalidate_all()
            review.line_ids.service_deadline = False
            with self.assertRaisesRegex(ValidationError, "until when"):
                signing.button_close()
        self.assertEqual(review.state, "open")

    def test_decisions_are_measures(self):
        """Regulation A4.1.2: with an owner and a day, approved by the signature."""
        review = self._signed()
        measure = review.line_ids.action_id
        self.assertEqual(measure.user_id, self.owner)
        self.assertEqual(measure.date_deadline, date(2027, 3, 31))
        self.assertEqual(measure.service_state, "open")
        self.assertEqual(measure.service_approved_by_id, self.boss)
        self.assertEqual(measure.type_action, "improvement")
        self.assertIn(review.reference, measure.service_source_name)
        following = self._review("2027-12-01 09:00:00", service_date_to="2027-11-30")
        told = self._input(following, "decisions").rows["rows"]
        self.assertIn(measure.name, [row[0] for row in told])

    def test_a_cancelled_measure_is_no_decision(self):
        """What was cancelled promises nothing: the decision makes another one."""
        review = self._held()
        line = review.line_ids
        cancelled = self._measure(self.inspector, **line._measure_source())
        line.service_owner_id = False
        self.assertTrue(line._is_promised())
        cancelled.with_user(self.chief)._cancel("Nobody has the time to do it")
        self.assertFalse(line._is_promised())
        line.service_owner_id = self.owner
        self.assertFalse(line._is_over(), "it is promised by its own words")
        with freeze_time("2026-12-10 11:00:00"):
            review.with_user(self.boss).button_close()
        self.assertEqual(line.action_id.user_id, self.owner)
        self.assertNotEqual(line.action_id, cancelled)

    def test_what_was_signed_stays(self):
        """A later change goes by rectifying, and shows."""
        review = self._signed()
        self.assertEqual(review.state, "done")
        self.assertFalse(review.activity_ids)
        self.assertEqual(review.signature_ids.user_id, self.boss)
        self.assertFalse(review.is_signature_broken)
        for values in ({"name": "Other"}, {"service_suitable": "no"}):
            with self.subTest(values), self.assertRaises(UserError):
                review.write(values)
        lines, inputs = review.line_ids, review.service_input_ids
        for record, values in ((lines, {"name": "Other"}), (inputs[0], {"note": "x"})):
            with self.assertRaises(UserError):
                record.write(values)
        with freeze_time("2026-12-11"), self.assertRaises(UserError):
            review.service_direction = "Something else altogether, from now on"
        with freeze_time("2026-12-11"):
            review.with_user(self.boss)._rectify(
                "service_direction", "Nights and weekends first", "A slip of the pen"
            )
        self.assertEqual(review.service_direction, "Nights and weekends first")
        review.invalidate_recordset()
        review.signature_ids.invalidate_recordset()
        self.assertTrue(review.is_signature_broken)
        self.assertEqual(review.signature_ids.changed, "Direction of Improvement")

    def test_minutes_are_kept(self):
        """They are printed when it is signed, and handed over as they were."""
        review = self._signed()
        minutes = base64.b64decode(review.service_minutes)
        for text in (
            "Review 2026",
            "Hire somebody for the night",
            review.signature_ids.digest,
        ):
            self.assertIn(text.encode(), minutes)
        [document] = self.env["service.quality.evidence"]._documents(review)
        self.assertEqual(document.content, minutes)
        self.assertEqual(document.name, f"{review.reference}.pdf")

    def test_no_minutes_are_put_in_their_place(self):
        """The file behind the field stays, too."""
        review = self._signed()
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", review._name),
                ("res_id", "=", review.id),
                ("res_field", "=", "service_minutes"),
            ]
        )
        self.assertTrue(file)
        forged = {"datas": base64.b64encode(b"Everybody agreed")}
        with self.assertRaises(AccessError):
            file.with_user(self.inspector).write(forged)
        with self.assertRaises(AccessError):
            file.with_user(self.inspector).unlink()
        with self.assertRaises(AccessError):
            file.with_user(self.inspector).create(
                forged
                | {
                    "name": "Minutes",
                    "res_model": review._name,
                    "res_id": review.id,
                    "res_field": "service_minutes",
                }
            )
        other = file.with_user(self.inspector).create(
            {"name": "Slides", "res_model": review._name, "res_id": review.id}
        )
        other.name = "Slides of the meeting"

    def test_no_way_past_the_gates(self):
        """Neither by RPC, nor by import, nor by who has written the review."""
        review = self._held()
        with self.assertRaises(AccessError):
            review.write({"state": "done"})
        with self.assertRaises(AccessError):
            review.sudo().write({"state": "done"})
        with self.assertRaises(AccessError):
            review.write({"service_signed_by_id": self.boss.id})
        with self.assertRaises(AccessError):
            self._review(state="done")
        with self.assertRaises(AccessError):
            self._review(service_frozen_at="2026-12-10")
        with self.assertRaises(AccessError):
            review.with_user(self.inspector).button_close()
        self.assertFalse(review.with_user(self.inspector).may_decide)

    def test_who_has_written_does_not_sign(self):
        """Two sides of an act are two persons."""
        both = self._user("both", "executive", "quality")
        review = self._review(user_ids=[Command.set((self.boss | both).ids)])
        with freeze_time("2026-12-10 09:00:00"):
            review.action_service_freeze()
            self._judge_all(review)
        review.with_user(both).conclusion = "<p>All is well with us</p>"
        with freeze_time("2026-12-10 11:00:00"), self.assertRaises(AccessError):
            review.with_user(both).button_close()

    def test_dates_in_their_order(self):
        with self.assertRaises(ValidationError):
            self._review(service_date_to="2025-12-01")

    def test_the_register_finds_it(self):
        """Regulations A3.1.3, A4.1.2 and A4.2.3: held, and closed."""
        held = self._obligation("a4_2_3_2")
        closed = self._obligation("a4_1_2_1") | self._obligation("a3_1_3_1")
        self._review()
        self.judge("2026-12-10 10:00:00", held, closed)
        self.assertStands(held, "2026", "due", 0, 1)
        review = self._held()
        self.judge("2026-12-10 10:30:00", held, closed)
        # that it was held says an executive, by signing
        self.assertStands(held, "2026", "due", 0, 1)
        for obligation in closed:
            self.assertStands(obligation, "2026", "due", 0, 1)
        with freeze_time("2027-01-05"):
            review.with_user(self.boss).button_close()
        self.judge("2027-01-06", held, closed)
        self.assertStands(held, "2026", "fulfilled", 1, 1)
        for obligation in closed:
            self.assertStands(obligation, "2026", "fulfilled_late", 1, 1)

    def test_without_a_regulation_it_is_as_oca_has_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        review = self.Review.create(
            {"name": "Free", "date": "2026-12-10", "company_id": other.id}
        )
        self.assertFalse(review.service_is_gated)
        self.assertFalse(review.service_input_ids)
        review.button_close()
        self.assertEqual(review.state, "done")
        self.assertFalse(review.service_minutes)
        self._in_force(self.regulation, company_id=other.id)
        review.invalidate_recordset()
        self.assertTrue(review.service_is_gated)
        self.assertFalse(review.service_may_rectify, "it was never signed")


@tagged("post_install", "-at_install", "security")
class TestManagementReviewSecurity(ReviewCase):
    def test_quality_writes_and_others_do_not(self):
        review = self._held()
        for user in (self.boss, self.expert, self.chief, self.caller, self.owner):
            own = review.with_user(user)
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    own.write({"name": "Mine"})
                with self.assertRaises(AccessError):
                    review.line_ids.with_user(user).write({"decision": "Nothing"})
                with self.assertRaises(AccessError):
                    review.service_input_ids[:1].with_user(user).write({"note": SAID})
                with self.assertRaises(AccessError):
                    own.action_service_gather()

    def test_who_sees_reviews(self):
        """Those who answer for the service, and who takes part."""
        review = self._review()
        self._judge_all(review)
        for user in (self.inspector, self.boss, self.expert, self.chief):
            self.assertIn(review, self.Review.with_user(user).search([]))
        for user in (self.caller, self.owner, self.proposer):
            for model in (
                "mgmtsystem.review",
                "mgmtsystem.review.line",
                "service.quality.review.input",
            ):
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).search([]))
        review.user_ids |= self.owner
        self.assertEqual(self.Review.with_user(self.owner).search([]), review)
        inputs = self.env["service.quality.review.input"].with_user(self.owner)
        self.assertTrue(inputs.search([]))

    def test_companies_are_apart(self):
        review = self._held()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._user(
            "stranger",
            "quality",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.Review.with_user(stranger).search([]))
        inputs = self.env["service.quality.review.input"].with_user(stranger)
        self.assertFalse(inputs.search([]))
        with self.assertRaises(AccessError):
            review.with_user(stranger).read(["name"])
