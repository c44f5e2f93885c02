from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .figure_common import FigureCase

RESOLUTION = {"metric": "resolution", "duration": 8, "goal_percent": 90}


@tagged("post_install", "-at_install")
class TestExclusion(FigureCase):
    """An exclusion is asked for on a ground, decided by another user, and listed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.manager = cls._user("manager", "service_manager", **companies)
        cls.quality = cls._user("quality", "quality", **companies)
        cls.both = cls._user("both", "service_manager", "quality", **companies)
        cls.agreement = cls._agreement(
            RESOLUTION,
            exclusion_ground_ids=[Command.create({"name": "Power cut at the site"})],
        )
        cls.ground = cls.agreement.exclusion_ground_ids
        cls.met, cls.missed, cls.other = (
            cls._ticket("2026-03-02 09:00") for _number in range(3)
        )
        cls._move(cls.met, "resolved", "2026-03-02 12:00")
        cls._move(cls.missed | cls.other, "resolved", "2026-03-10 12:00")

    def _request(self, ticket=None, user=None, **values):
        clock = self.clock(ticket or self.missed)
        document = (
            self.env["ir.attachment"]
            .with_user(user or self.manager)
            .create({"name": "Outage report", "raw": b"from the grid"})
        )
        values = {
            "clock_id": clock.id,
            "ground_id": self.ground.id,
            "evidence": "The grid was down from 9 to 17",
            "document_ids": [Command.link(document.id)],
            **values,
        }
        Exclusion = self.env["service.quality.exclusion"].with_user(
            user or self.manager
        )
        return Exclusion.create(values)

    def test_attainment_with_and_without_deadlines_set_by_hand(self):
        """A deadline that was moved by agreement hides no promise that was missed."""
        moved = self._ticket("2026-03-02 09:00")
        with freeze_time("2026-03-02 10:00"):
            moved.service_set_deadline(
                "resolution",
                "2026-03-11 12:00:00",
                "The part comes by ship",
                attachment_ids=self._consent(moved),
            )
        self._move(moved, "resolved", "2026-03-10 12:00")
        self.assertEqual(self.clock(moved).verdict, "met")
        self._take("sla_resolution")
        figure = self._figure("sla_resolution")
        self.assertEqual((figure.numerator, figure.denominator), (2, 4))
        self.assertEqual(figure.value, 50)
        self.assertEqual(figure.by_hand_count, 1)
        self.assertEqual(figure.value_computed, 25)
        self.assertIn("by a deadline set by hand", figure.note)
        [counted] = figure._recount().values()
        self.assertEqual(counted["value_computed"], 25)

    def test_attainment_before_and_after(self):
        """A miss stays a miss: the second figure stands beside the first."""
        self._take("sla_resolution")
        exclusion = self._request()
        figure = self._figure("sla_resolution")
        self.assertEqual(figure.excluded_count, 0)
        evidence = exclusion.with_user(self.quality).document_ids
        self.assertEqual(evidence.raw, b"from the grid")
        exclusion.with_user(self.quality).action_approve()
        self.assertAlmostEqual(figure.value, 100 / 3)
        self.assertEqual((figure.numerator, figure.denominator), (1, 3))
        self.assertEqual(figure.excluded_count, 1)
        self.assertEqual(figure.value_after, 50)
        self.assertEqual(self.clock(self.missed).verdict, "missed")
        [counted] = figure._recount().values()
        self.assertEqual(counted["value_after"], 50)
        action = self.Counting._open_rows(
            figure.indicator_id,
            self.company,
            figure._period(),
            "company",
            self.company.id,
            "excluded",
        )
        clocks = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(clocks.ticket_id, self.missed)

    def test_figure_taken_later_counts_it(self):
        self._request().with_user(self.quality).action_approve()
        self._take("sla_resolution")
        self.assertEqual(self._figure("sla_resolution").value_after, 50)

    def test_refused_changes_nothing(self):
        self._take("sla_resolution")
        self._request().with_user(self.quality).action_refuse()
        self.assertEqual(self._figure("sla_resolution").excluded_count, 0)

    def test_form_takes_over_the_clock(self):
        """The service manager asks on the missed target, and says why."""
        Exclusion = (
            self.env["service.quality.exclusion"]
            .with_user(self.manager)
            .with_context(default_clock_id=self.clock(self.missed).id)
        )
        form = Form(Exclusion)
        self.assertEqual(form.ticket_id, self.missed)
        form.ground_id = self.ground
        form.evidence = "The grid was down"
        form.document_ids.add(
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "Outage report", "raw": b"from the grid"})
        )
        exclusion = form.save()
        self.assertEqual(exclusion.clock_id, self.clock(self.missed))
        self.assertEqual(exclusion.agreement_id, self.agreement)
        with self.assertRaisesRegex(UserError, "that was missed"):
            Exclusion.create({"ground_id": self.ground.id, "evidence": "None"})

    def test_needs_evidence(self):
        with self.assertRaisesRegex(ValidationError, "evidence"):
            self._request(document_ids=[])

    def test_needs_a_ground_of_the_agreement(self):
        other = self._agreement(
            {"metric": "arrival", "duration": 4},
            exclusion_ground_ids=[Command.create({"name": "Force majeure"})],
        )
        with self.assertRaisesRegex(ValidationError, "does not name this ground"):
            self._request(ground_id=other.exclusion_ground_ids.id)

    def test_what_was_met_is_not_excluded(self):
        with self.assertRaisesRegex(UserError, "not missed"):
            self._request(self.met)

    def test_house_rule_is_not_excluded_on_a_ground_of_an_agreement(self):
        self._house_rule(
            metric="first_response", duration=1, company_id=self.company.id
        )._enter_house_rules("2026-01-01 00:00:00")
        ticket = self._ticket("2026-03-02 09:00", partner_id=self.globex.id)
        self._move(ticket, "resolved", "2026-03-03 09:00")
        clock = self.clock(ticket, "first_response")
        with self.assertRaisesRegex(ValidationError, "approved for house rules"):
            self._request(clock_id=clock.id)

    def test_twice_is_refused(self):
        self._request()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._request()

    def test_whoever_asked_does_not_decide(self):
        exclusion = self._request(user=self.both)
        with self.assertRaisesRegex(AccessError, "two persons"):
            exclusion.with_user(self.both).action_approve()

    def test_manager_does_not_decide(self):
        exclusion = self._request()
        with self.assertRaisesRegex(AccessError, "quality department"):
            exclusion.with_user(self.manager).action_approve()
        with self.assertRaises(AccessError):
            self._request(self.other, user=self.quality)

    def test_decision_is_not_written(self):
        """State and decision come from the methods alone, whatever is sent."""
        exclusion = self._request(state="approved", decided_by_id=self.manager.id)
        self.assertEqual(exclusion.state, "requested")
        self.assertFalse(exclusion.decided_by_id)
        with self.assertRaises(UserError):
            exclusion.with_user(self.manager).write({"state": "approved"})
        exclusion.with_user(self.quality).action_approve()
        with self.assertRaisesRegex(UserError, "decided"):
            exclusion.with_user(self.manager).write({"evidence": "Better"})
        with self.assertRaisesRegex(UserError, "part of the record"):
            exclusion.with_user(self.manager).unlink()
        with self.assertRaisesRegex(UserError, "already"):
            exclusion.with_user(self.quality).action_refuse()

    def test_grounds_of_a_signed_agreement_stay(self):
        with self.assertRaisesRegex(UserError, "Amend"):
            self.ground.with_user(self.manager).name = "Anything"
        Ground = self.env["service.quality.exclusion.ground"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Amend"), self.env.cr.savepoint():
            Ground.create({"name": "Anything", "agreement_id": self.agreement.id})
        self.env.invalidate_all(flush=False)
        with freeze_time("2026-03-05"):
            draft = self.agreement.browse(self.agreement.action_amend()["res_id"])
        self.assertEqual(draft.exclusion_ground_ids.name, "Power cut at the site")
        draft.exclusion_ground_ids.name = "Power cut"
