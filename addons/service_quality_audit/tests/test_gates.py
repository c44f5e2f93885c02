from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .internal_audit_common import NOW, InternalAuditCase

ORIGIN = "mgmtsystem_nonconformity.nc_origin_internal_audit"


@tagged("post_install", "-at_install", "security")
class TestGates(InternalAuditCase):
    """Where gates hold, and that nothing begins behind them: one rule for all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.free = cls.env["res.company"].create({"name": "Free"})
        cls.made = {
            "mgmtsystem.action": {"name": "Label it", "type_action": "correction"},
            "mgmtsystem.audit": {"name": "First audit"},
            "mgmtsystem.nonconformity": {
                "name": "No labels",
                "description": "Three racks have no labels at all",
                "partner_id": cls.acme.id,
                "responsible_user_id": cls.owner.id,
                "manager_user_id": cls.chief.id,
                "origin_ids": [Command.link(cls.env.ref(ORIGIN).id)],
            },
            "mgmtsystem.review": {"name": "Review", "date": NOW},
        }

    def _create(self, model, company=None, **values):
        free = self.env[model].with_context(allowed_company_ids=self.free.ids)
        records = self.env[model] if company is None else free
        return records.create(
            self.made[model]
            | ({"date_deadline": "2026-12-31"} if model == "mgmtsystem.action" else {})
            | values
        )

    def test_no_company_is_no_way_round(self):
        """Made without a company, it is one of the user's, with the gates there."""
        for model in self.made:
            with self.subTest(model):
                record = self._create(model, company_id=False)
                self.assertEqual(record.company_id, self.company)
                self.assertTrue(record.service_is_gated)
                with self.assertRaises(AccessError):
                    record.company_id = False

    def test_gates_do_not_depend_on_who_looks(self):
        """What has no company is under the regulation of any, seen from each."""
        for model in self.made:
            with self.subTest(model):
                record = self._create(model, self.free, company_id=self.free.id)
                self.assertFalse(record.service_is_gated)
                with self.assertRaises(AccessError):
                    record.company_id = False
                with self.assertRaises(AccessError):
                    record.company_id = self.company
                record.flush_recordset()
                self.env.cr.execute(  # from before there was a regulation
                    f"UPDATE {record._table} SET company_id = NULL WHERE id = %s",
                    [record.id],
                )
                record.invalidate_recordset()
                for company in (self.company, self.free):
                    own = record.with_context(allowed_company_ids=company.ids)
                    own.invalidate_recordset(["service_is_gated"])
                    self.assertTrue(own.service_is_gated, company.name)
                record.company_id = self.company
                self.assertTrue(record.service_is_gated)

    def test_what_is_ours_is_of_the_same_company(self):
        """A department, a project or a programme of another company is refused."""
        theirs = self.env["helpdesk.ticket.team"].create(
            {"name": "Theirs", "company_id": self.free.id}
        )
        project = self.env["service.quality.project"].create(
            {
                "name": "Theirs",
                "partner_id": self.acme.id,
                "company_id": self.free.id,
                "user_id": self.owner.id,
            }
        )
        programme = self.env["service.quality.audit.programme"].create(
            {"year": 2031, "company_id": self.free.id, "team_ids": False}
        )
        audit = self._audit()
        action, record = map(
            self._create, ("mgmtsystem.action", "mgmtsystem.nonconformity")
        )
        for own, values in (
            (audit, {"service_team_ids": [Command.link(theirs.id)]}),
            (audit, {"service_programme_id": programme.id}),
            (audit.service_member_ids, {"team_ids": [Command.link(theirs.id)]}),
            (audit.line_ids[0], {"service_team_id": theirs.id}),
            (action, {"service_team_id": theirs.id}),
            (action, {"service_project_id": project.id}),
            (record, {"service_team_id": theirs.id}),
            (record, {"service_project_id": project.id}),
        ):
            with self.subTest(own=own, values=values):
                with self.assertRaisesRegex(UserError, "company"):
                    own.with_env(self.env).write(values)

    def test_auditors_come_with_the_team_alone(self):
        """Deny: named when an audit is made, by a default, by an import or a copy."""
        Audit = self.env["mgmtsystem.audit"].with_user(self.inspector)
        names = [Command.set(self.auditee.ids)]
        with self.assertRaises(AccessError):
            Audit.create({"name": "Named", "auditor_user_ids": names})
        taken = Audit.with_context(
            default_auditor_user_ids=names,
            default_state="done",
            default_closing_date=NOW,
            default_service_phase="done",
        ).create({"name": "By default"})
        self.assertFalse(taken.auditor_user_ids)
        self.assertEqual((taken.state, taken.service_phase), ("open", "plan"))
        self.assertFalse(taken.closing_date)
        found = Audit.load(
            ["name", "auditor_user_ids/.id"], [["Imported", str(self.auditee.id)]]
        )
        self.assertFalse(found["ids"])
        audit = self._audit()
        self.assertEqual(audit.auditor_user_ids, self.expert)
        copied = audit.with_user(self.inspector).copy()
        self.assertFalse(copied.auditor_user_ids)
        with self.assertRaises(AccessError):
            audit.with_user(self.inspector).auditor_user_ids = self.auditee
        # by who is allowed to: the conflict is seen, and keeps it from beginning
        audit.service_member_ids.user_id = self.auditee
        self.assertTrue(audit.service_member_ids.has_conflict)
