from odoo.tools import SQL

from odoo.addons.service_quality_regulation.tests.regulation_common import (
    RegulationCase,
)

SAID = "Cables were labelled again and the plan was drawn anew"

TOLD = (
    "mgmtsystem.action",
    "mgmtsystem.audit",
    "mgmtsystem.nonconformity",
    "mgmtsystem.review",
    "service.quality.audit.programme",
    "service.quality.improvement.plan",
)
"""What the story tells of the same company, and of the same figures."""


class AuditCase(RegulationCase):
    """Regulation A in force, who answers for its clauses, and a leader of a team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._forget_story()
        cls.owner = cls._user("owner", "staff", email="owner@us.example")
        cls.proposer = cls._user("proposer", "project_manager")
        cls.Measure = cls.env["mgmtsystem.action"]

    @classmethod
    def _forget_story(cls):
        """Give what the story tells to another company: a test makes its own."""
        other = cls.env["res.company"].create({"name": "Of the story"})
        for model in TOLD:
            table = SQL.identifier(cls.env[model]._table)
            cls.env.cr.execute(
                SQL(
                    "UPDATE %s SET company_id = %s WHERE company_id = %s",
                    table,
                    other.id,
                    cls.company.id,
                )
            )
        cls.env.invalidate_all()

    def _count_queries(self, act):
        """Return how many queries something takes that nothing was read for."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def assertReadAlike(self, records, names):
        """Check that reading all of some records asks as often as reading one."""
        self.assertGreater(len(records), 1)
        one, many = records[:1], records
        counts = [
            self._count_queries(lambda some=some: some.read(names))
            for some in (many, one, many)  # what is read once for all is read first
        ]
        self.assertEqual(*counts[1:])

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
