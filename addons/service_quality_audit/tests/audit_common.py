from odoo.addons.service_quality_regulation.tests.regulation_common import (
    RegulationCase,
)

SAID = "Cables were labelled again and the plan was drawn anew"


class AuditCase(RegulationCase):
    """Regulation A in force, who answers for its clauses, and a leader of a team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._user("owner", "staff", email="owner@us.example")
        cls.proposer = cls._user("proposer", "project_manager")
        cls.Measure = cls.env["mgmtsystem.action"]

    @classmethod
    def _measure(cls, user=None, **values):
        """Return a corrective action that a project manager has proposed."""
        return cls.Measure.with_user(user or cls.proposer).create(
            {
                "name": "Label the cables again",
                "type_action": "correction",
                "user_id": cls.owner.id,
                "date_deadline": "2026-12-31",
                **values,
            }
        )
