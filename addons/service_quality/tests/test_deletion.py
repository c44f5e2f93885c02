import ast
from pathlib import Path

from freezegun import freeze_time
from psycopg2 import Error

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.models.ir_model_data import (
    FOREIGN,
    PROGRAM_MODELS,
)
from odoo.addons.service_quality_core.models.roles import ROLES

from .proof_common import ProofCase

ROOT = Path(__file__).parents[2]

READERS = ("ref", "_for_xml_id", "_xmlid_to_res_id")

KEPT_BY_ODOO = {
    "base.group_user",
    "base.partner_root",
    "base.public_user",
    "base.user_admin",
    "base.user_root",
}

WITH_FALLBACK = {
    "service_quality_core.helpdesk_ticket_type_incident",
    "sms.ir_cron_sms_scheduler_action",
}
"""What may be deleted: the code does without it."""

BUILT_IN = ("ir.model", "ir.model.", "ir.module", "ir.ui.menu", "ir.rule", "res.")
"""Records that describe the program to Odoo, or are nobody's data."""


@tagged("post_install", "-at_install")
class TestDeletion(ProofCase):
    """An administrator deletes what is shipped: it is refused, or done without."""

    def _data(self, domain):
        return self.env["ir.model.data"].search(domain, order="id")

    def _try_to_delete(self, record):
        """Delete a record; return whether that was possible."""
        try:
            with mute_logger("odoo.sql_db"), self.cr.savepoint():
                record.unlink()
        except (UserError, Error):
            return False
        return True

    # ------------------------------------------------------------------
    # Refused
    # ------------------------------------------------------------------

    def test_parts_of_the_program_are_not_deleted(self):
        """Neither the record nor its external id, and the message says what to do."""
        own = self._data(
            [("module", "=like", "service_quality%"), ("model", "in", PROGRAM_MODELS)]
        )
        by_model = own.grouped("model")
        foreign = self._data([]).filtered(lambda one: one.complete_name in FOREIGN)
        self.assertEqual(set(foreign.mapped("complete_name")), FOREIGN)
        for data in [*(some[0] for some in by_model.values()), *foreign]:
            with self.subTest(data.complete_name):
                for record in (self.env[data.model].browse(data.res_id), data):
                    self.assertFalse(self._try_to_delete(record))

    def test_the_message_says_what_to_do(self):
        template = self.env.ref("service_quality_callback.mail_template_callback_link")
        with self.assertRaisesRegex(UserError, "instead of deleting"):
            template.unlink()

    def test_what_code_reads_by_its_id_is_kept_or_has_a_fallback(self):
        """Each external id in the code is kept, or the code does without it."""
        read = self._read_by_code()
        self.assertGreater(len(read), 40)
        for path, xmlid in sorted(read):
            if xmlid in FOREIGN | KEPT_BY_ODOO | WITH_FALLBACK:
                continue
            with self.subTest(path, xmlid=xmlid):
                module, name = xmlid.split(".")
                data = self._data([("module", "=", module), ("name", "=", name)])
                self.assertTrue(data._service_needed())

    def _read_by_code(self):
        """Return (path, external id) of what the code reads without a fallback."""
        found = set()
        for folder in ("models", "wizards", "controllers", "reports", "tools"):
            for path in ROOT.glob(f"service_quality*/{folder}/**/*.py"):
                tree = ast.parse(path.read_text())
                texts = {
                    node.targets[0].id: node.value.value
                    for node in tree.body
                    if isinstance(node, ast.Assign)
                    and isinstance(node.targets[0], ast.Name)
                    and isinstance(node.value, ast.Constant)
                }
                for node in ast.walk(tree):
                    if (
                        not isinstance(node, ast.Call)
                        or not isinstance(node.func, ast.Attribute)
                        or node.func.attr not in READERS
                        or not node.args
                    ):
                        continue
                    [first, *_rest] = node.args
                    value = getattr(first, "value", None)
                    if isinstance(first, ast.Name):
                        value = texts.get(first.id)
                    if isinstance(value, str):
                        found.add((f"{folder}/{path.name}", value))
        return found

    # ------------------------------------------------------------------
    # Done without
    # ------------------------------------------------------------------

    def _delete_all(self):
        """Delete each record of ours, the helpdesk and mail that may be deleted."""
        ours = self.env["ir.module.module"].search(
            [("name", "=like", "service_quality%")]
        )
        theirs = ["helpdesk_mgmt", "helpdesk_type", "mail", "phone"]
        modules = [*ours.mapped("name"), *theirs]
        deleted = []
        # what refers to others goes first
        for data in self._data([("module", "in", modules)])[::-1]:
            if not data.exists():
                continue  # it went with what refers to it
            if data.model.startswith(BUILT_IN) or data.model not in self.env:
                continue
            if data.name.startswith("demo_") or data.model in PROGRAM_MODELS:
                continue
            record = self.env[data.model].browse(data.res_id)
            name = data.complete_name
            if self._try_to_delete(record.exists()):
                deleted.append(name)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        return deleted

    def test_without_what_may_be_deleted(self):
        """The desk, calls, complaints, pages, figures and the register still work."""
        deleted = self._delete_all()
        self.assertIn("helpdesk_mgmt.helpdesk_ticket_channel_phone", deleted)
        self.assertIn("helpdesk_mgmt.helpdesk_ticket_channel_web", deleted)
        self.assertGreater(len(deleted), 50)
        self._take_a_call()
        self._complain()
        self._look()
        self._run_jobs()

    def _take_a_call(self):
        for method in ("action_create_ticket", "action_create_complaint"):
            with Form(
                self.env["service.quality.phone.entry"].with_user(self.clerk)
            ) as form:
                form.partner_id = self.contact
                form.name = "No dial tone"
                form.team_id = self.team
            getattr(form.record, method)()
        _again, stage = self.env["helpdesk.ticket.stage"].create(
            [
                {"name": "Again", "service_phase": "active"},
                {"name": "Finished", "service_phase": "resolved", "closed": True},
            ]
        )
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "No dial tone",
                "description": "Since noon",
                "partner_id": self.contact.id,
                "team_id": self.team.id,
                "service_work_done": "Line card exchanged",
            }
        )
        ticket.stage_id = stage
        call = ticket.service_callback_ids
        reason = self.env["service.quality.callback.reason"].search([], limit=1)
        call.with_user(self.caller).save_call(
            "completed",
            outcomes=[
                {
                    "callback_id": call.id,
                    "solved": "no",
                    "satisfaction": "1",
                    "reason_ids": reason.ids,
                }
            ],
        )
        call.with_user(self.caller)._prepare_complaint("minor")

    def _complain(self):
        tickets = self.env["helpdesk.ticket"]
        entered = tickets.service_complaint_register(
            {
                "subject": "Kept waiting",
                "description": "<p>An hour</p>",
                "severity": "major",
                "partner_id": self.contact.id,
                "about_team_id": self.outlet.id,
            }
        )
        complaint = tickets.browse(entered["id"])
        complaint._service_portal_complaint_values(self.contact, "Again")
        complaint.service_complaint_acknowledge()
        complaint.service_complaint_investigate()
        complaint.service_complaint_answer("<p>Sorry</p>", "phone")
        tickets._service_hotline_values(
            self.outlet,
            {
                "about": "person", "which": "", "text": "He was rude",
                "anonymous": True, "name": "", "email": "", "phone": "",
            },
        )  # fmt: skip

    def _look(self):
        for role in dict(ROLES):
            user = self._user(f"deletion_{role}", role)
            self.env["service.quality.overview"].with_user(user).read_tiles(role)
        self.env["service.quality.desk"].with_user(self.clerk).overview()
        with freeze_time("2026-04-01 08:00"):
            self.regulation.exists().obligation_ids._judge(self.company)
        Report = self.env["service.quality.report"].with_user(self.inspector)
        Report.make("organisation", "month", "2026-03-01")

    def _run_jobs(self):
        jobs = self._data(
            [("module", "=like", "service_quality%"), ("model", "=", "ir.cron")]
        )
        for job in self.env["ir.cron"].browse(jobs.mapped("res_id")):
            with self.subTest(job.name), self.enter_registry_test_mode():
                job.method_direct_trigger()
