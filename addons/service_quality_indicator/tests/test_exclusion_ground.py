from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .figure_common import FigureCase


@tagged("post_install", "-at_install")
class TestExclusionGround(FigureCase):
    """A house rule is left out only on a ground that was approved before the miss."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.manager = cls._user("ground_manager", "service_manager", **companies)
        cls.quality = cls._user("ground_quality", "quality", **companies)
        cls.executive = cls._user("ground_executive", "executive", **companies)
        rule = cls._house_rule(
            metric="first_response", duration=1, unit="hour", company_id=cls.company.id
        )
        rule._enter_house_rules("2026-01-01 00:00:00")
        cls.ground = (
            cls.env["service.quality.exclusion.ground"]
            .with_user(cls.quality)
            .create({"name": "The exchange was down"})
        )

    def _missed(self):
        ticket = self._ticket("2026-03-02 09:00")
        self._move(ticket, "resolved", "2026-03-02 12:00")
        clock = self.clock(ticket, "first_response")
        self.assertEqual((clock.kind, clock.verdict), ("house", "missed"))
        return clock

    def _approve(self, moment):
        with freeze_time(moment):
            self.ground.with_user(self.executive).action_approve()

    def _request(self, clock, words=b"The line was down"):
        document = self.env["ir.attachment"].with_user(self.manager)
        return (
            self.env["service.quality.exclusion"]
            .with_user(self.manager)
            .create(
                {
                    "clock_id": clock.id,
                    "ground_id": self.ground.id,
                    "evidence": "The provider wrote us",
                    "document_ids": [
                        Command.link(
                            document.create({"name": "Letter", "raw": words}).id
                        )
                    ],
                }
            )
        )

    def test_a_house_rule_is_left_out_on_an_approved_ground(self):
        self._approve("2026-03-01 09:00")
        missed = self._missed()
        with self.assertRaisesRegex(ValidationError, "Letter is empty"):
            with self.env.cr.savepoint():
                self._request(missed, b".")
        exclusion = self._request(missed)
        self.assertFalse(exclusion.agreement_id)
        exclusion.with_user(self.quality).action_approve()
        self.assertEqual(exclusion.state, "approved")
        self.assertEqual(exclusion.clock_id.verdict, "missed", "a miss stays a miss")

    def test_a_ground_holds_from_its_approval_on(self):
        clock = self._missed()
        self._check_refused(clock, "had not approved")
        self._approve("2026-03-02 11:00")
        self._check_refused(clock, "had not approved")

    def test_a_ground_of_an_agreement_is_none_for_house_rules(self):
        agreement = self._agreement(
            {"metric": "resolution", "duration": 8},
            exclusion_ground_ids=[Command.create({"name": "Power cut"})],
        )
        self.ground = agreement.exclusion_ground_ids
        self._check_refused(self._missed(), "choose a ground")
        with self.assertRaises(UserError):
            self.ground.with_user(self.executive).action_approve()

    def _check_refused(self, clock, words):
        with (
            self.assertRaisesRegex(ValidationError, words),
            self.env.cr.savepoint(),
        ):
            self._request(clock)

    def test_who_writes_and_who_approves(self):
        """Deny: who wrote it, who is no executive, and who has no such role."""
        for role in ("service_manager", "quality", "desk", "technical_centre"):
            user = self._user(f"ground_no_{role}", role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.ground.with_user(user).action_approve()
        both = self._user("ground_both", "executive", "quality")
        self.ground.with_user(both).name = "The exchange was down, twice"
        with self.assertRaises(AccessError):
            self.ground.with_user(both).action_approve()
        for role in ("desk", "staff", "sales", "project_manager"):
            user = self._user(f"ground_write_{role}", role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.ground.with_user(user).name = "Anything"
        with self.assertRaises(AccessError):
            self.ground.with_user(self.quality).approved_at = "2026-01-01 00:00:00"

    def test_an_approved_ground_stays_as_it_is(self):
        self._approve("2026-03-01 09:00")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self.ground.name = "Anything at all"
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self.ground.unlink()
        self.ground.active = False
