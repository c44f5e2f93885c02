from freezegun import freeze_time

from odoo import Command

from .audit_common import AuditCase

DAY = "2026-03-10 09:00"
CORRECTION = "The customer was called and given a spare router"
RESULT = "The plan was drawn anew; photos are in the project folder"


class NonconformityCase(AuditCase):
    """A leader of a team answers for a nonconformity of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Nonconformity = cls.env["mgmtsystem.nonconformity"]
        cls.head = cls._user("head", "service_manager", email="head@us.example")
        cls.leader = cls._user("leader", "project_manager", email="leader@us.example")
        cls.team.user_id = cls.head
        cls.cause = cls.env.ref("mgmtsystem_nonconformity.procedure_not_respected")

    @classmethod
    def _raise(cls, source=None, grade="minor", moment=DAY, **values):
        with freeze_time(moment):
            return cls.Nonconformity._service_raise(
                [
                    {
                        "source": source or cls.team,
                        "grade": grade,
                        "name": "Cables without labels",
                        "description": "Three racks of Acme have no labels at all",
                        "team": cls.team,
                        "responsible": cls.leader,
                    }
                    | values
                ]
            )

    def _correct(self, record, moment=DAY):
        own = record.with_user(record.responsible_user_id)
        with freeze_time(moment):
            own.service_correction = CORRECTION
            own.action_correct()

    def _analyse(self, record, moment=DAY):
        own = record.with_user(record.responsible_user_id)
        with freeze_time(moment):
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

    def _plan(self, record, moment=DAY, submit=True, cost=0, **check):
        own = record.with_user(record.responsible_user_id)
        with freeze_time(moment):
            measure = self.Measure.with_user(own.env.user).create(
                own._measure_values()
                | own._measure_source()
                | {
                    "name": "Label the cables again",
                    "user_id": self.owner.id,
                    "date_deadline": "2026-12-31",
                    "service_cost": cost,
                }
            )
            own.service_check_ids = [
                Command.create(
                    {
                        "look_at": "Whether each cable of Acme has a label",
                        "looker_id": self.inspector.id,
                        "wait_days": 30,
                    }
                    | check
                )
            ]
            if submit:
                own.action_submit()
        return measure

    def _approve(self, record, user=None, moment=DAY):
        with freeze_time(moment):
            return record.with_user(user or self.head).action_approve()

    def _carry_out(self, record, moment="2026-03-20 09:00"):
        with freeze_time(moment):
            for measure in record.service_measure_ids.filtered(
                lambda one: one.service_state == "open"
            ):
                measure.with_user(measure.user_id)._report_done(RESULT)
            own = record.with_user(record.responsible_user_id)
            own.service_result = RESULT
            own.action_report_done()

    def _until(self, record, state, **plan):
        """Bring a draft to a state."""
        steps = {
            "analysis": self._correct,
            "pending": self._analyse,
            "submitted": lambda one: self._plan(one, **plan),
            "open": lambda one: self._approve(
                one, self.boss if one.service_is_major else self.head
            ),
            "check": self._carry_out,
        }
        for name, step in steps.items():
            step(record)
            if name == state:
                return record
        raise AssertionError(state)
