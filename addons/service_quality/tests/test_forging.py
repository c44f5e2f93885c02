import base64
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from odoo.addons.service_quality_core.models.base import OWN
from odoo.addons.service_quality_core.tests.common import PAPER
from odoo.addons.service_quality_report.tests.report_common import ReportCase

JUNK = (
    True, False, None, 0, 1, 2, 1.0, "", "draft", "signed", "x", [], [[6, 0, [1]]], {},
    "2026-01-01", "2026-01-01 08:00:00",
)  # fmt: skip
"""What a caller may send for a field, the very default of it among them."""

TAKES_NO_MORE = (
    "service.quality.check",
    "service.quality.evidence.pack",
    "service.quality.exclusion",
)
"""Models that take what is asked for when they are created, and nothing beside."""

STEPS = "service.quality.steps.mixin"

FORGED = base64.b64encode(b"<script>forged</script>")


@tagged("post_install", "-at_install", "security")
class TestForging(ReportCase):
    """What only a step writes is not written past it, by whichever way."""

    def _of(self, user, model, **defaults):
        context = {f"default_{name}": value for name, value in defaults.items()}
        return self.env[model].with_user(user).with_context(**context)

    def assertKept(self, attempt, *values):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            attempt(*values)
        self.env.invalidate_all(flush=False)

    def _guarded(self):
        models = (self.env[name].sudo() for name in sorted(self.env.registry))
        return [m for m in models if isinstance(m, self.env.registry[STEPS])]

    def test_what_only_steps_write(self):
        """Deny: no value passes for a field that only steps write, with no right."""
        harmless = self.env["helpdesk.ticket"]._service_harmless()
        for model in self._guarded():
            if model._abstract:
                continue
            for name in model._written_by_steps():
                for value in JUNK:
                    forged = {name: value}
                    with self.subTest(model=model._name, **forged):
                        with self.assertRaises(UserError):
                            model.write(forged)
                        if model._name in TAKES_NO_MORE or (name, value) in harmless:
                            continue
                        with self.assertRaises(UserError):
                            model.create(forged)

    def test_every_such_field_is_guarded(self):
        """What nobody enters is guarded wherever a role of ours may write."""
        guarded = {model._name for model in self._guarded()}
        rights = self.env["ir.model.access"].search(
            ["|", ("perm_write", "=", True), ("perm_create", "=", True)]
        )
        missing = [
            f"{name}.{field.name}"
            for name in rights.model_id.mapped("model")
            if name.startswith(OWN) and not self.env[name]._transient
            for field in self.env[name]._fields.values()
            if field.readonly and field.store and not field.compute
            if field.name not in MAGIC_COLUMNS and name not in guarded
        ]
        self.assertFalse(missing, "take up service.quality.steps.mixin")
        self.assertIn("helpdesk.ticket", guarded)

    def test_a_copy_begins_at_the_beginning(self):
        """Deny: who copies a report that was sent has one that was sent."""
        report = self._make()
        self._send(report)
        copied = report.with_user(self.quality).copy_data({"state": "sent"})[0]
        self.assertFalse(report._written_by_steps() & copied.keys())

    def test_number_of_a_ticket(self):
        """Deny: staff give a ticket the number of another."""
        first, second = (
            self._ticket("2026-03-02 09:00:00"),
            self._ticket("2026-03-02 09:00:00"),
        )
        desk = self._user("forging_desk", "desk")
        Ticket = self._of(desk, "helpdesk.ticket", number=second.number)
        with self.assertRaises(UserError):
            Ticket.browse(first.id).number = second.number
        with self.assertRaises(UserError):
            Ticket.create({"name": "x", "description": "x", "number": second.number})
        fresh = Ticket.create({"name": "x", "description": "x"})
        copied = fresh.copy({"number": second.number})
        numbers = {first.number, second.number, fresh.number, copied.number}
        self.assertEqual(len(numbers), 4)
        self.assertNotIn("/", numbers)

    def test_an_answer_that_a_default_gives(self):
        """Deny: a complaint is entered as answered, by a default of the context."""
        desk = self._user("forging_desk", "desk")
        ticket = self._of(
            desk,
            "helpdesk.ticket",
            service_answer="Sorry",
            service_received_by_id=self.quality.id,
        ).create({"name": "x", "description": "x", "service_is_complaint": True})
        self.assertFalse(ticket.sudo().service_answer)
        self.assertEqual(ticket.sudo().service_received_by_id, desk)

    def test_defaults_of_the_context(self):
        """Deny: a caller sends defaults for what a step writes."""
        approved = {"state": "approved", "approved_by_id": self.executive.id}
        policy = self._of(self.quality, "service.quality.policy", **approved).create(
            {"name": "Ours", "text": "So it is"}
        )
        self.assertEqual(policy.state, "draft")
        self.assertFalse(policy.approved_by_id)
        target = self._of(
            self.quality, "service.quality.indicator.target", state="approved"
        ).create(
            {
                "indicator_id": self.env["service.quality.indicator"]
                .search([("unit", "=", "percent")], limit=1)
                .id,
                "goal": 50,
                "date_from": "2030-01-01",
            }
        )
        self.assertEqual(target.state, "draft")
        review = self._of(
            self.quality, "service.quality.policy.review", state="done"
        ).create({"name": "Review"})
        self.assertEqual(review.state, "draft")

    def test_a_step_takes_no_default_of_its_caller(self):
        """Deny: a report is sent so that its deliveries are born acknowledged."""
        report = self._make()
        report.with_user(self.quality).review()
        self._of(
            self.quality,
            report._name,
            acknowledged_at="2026-01-01",
            seen_at="2026-01-01",
        ).browse(report.id).send()
        self.assertTrue(report.delivery_ids)
        self.assertFalse(report.delivery_ids.filtered("acknowledged_at"))
        self.assertFalse(report.delivery_ids.filtered("seen_at"))

    def test_report_is_not_sent_by_a_default(self):
        """Deny: a project manager makes a report that nobody reviewed or sent."""
        report = self._of(
            self.manager,
            "service.quality.report",
            state="sent",
            reviewed_by_id=self.quality.id,
            page_file=FORGED,
        ).create(
            {
                "kind": "project",
                "date_from": "2026-03-01",
                "project_id": self.project.id,
            }
        )
        self.assertEqual(report.state, "draft")
        self.assertFalse(report.reviewed_by_id)
        self.assertNotIn(b"script>forged", report._content("html"))

    def test_defaults_of_the_user(self):
        """Deny: an own default would hold for what the system creates, too."""
        Default = self.env["ir.default"].with_user(self.manager)
        Default.set("service.quality.patrol", "done_on", "2026-01-01", user_id=True)
        Default.set("service.quality.patrol", "report", "<p>Looked</p>", user_id=True)
        plan = (
            self.env["service.quality.patrol.plan"]
            .with_user(self.manager)
            .create({"name": "Server room", "project_id": self.project.id})
        )
        self.assertFalse(any(plan.patrol_ids.mapped("done_on")))
        self.assertTrue(plan.patrol_ids)
        self.assertIn("Looked", plan.patrol_ids[0].report, "what people do enter")

    def test_defaults_of_the_user_in_models_of_others(self):
        """Deny: nor is a signature, an end or a beginning such a default."""
        Default = self.env["ir.default"].with_user(self.quality)
        now = "2026-03-01 10:00:00"
        for model, names in {
            "mgmtsystem.review": {
                "service_frozen_at": now,
                "service_signed_at": now,
                "service_signed_by_id": self.executive.id,
                "state": "done",
            },
            "mgmtsystem.audit": {
                "service_phase": "done", "state": "done", "closing_date": now,
            },
            "mgmtsystem.action": {
                "service_done_at": now, "service_approved_by_id": self.executive.id,
                "date_open": "2026-03-01",
            },
            "mgmtsystem.nonconformity": {
                "service_key": "obligation,38", "service_round": 3,
                "service_approved_by_id": self.executive.id,
            },
            "mgmtsystem.verification.line": {"service_verdict": "conform"},
            "helpdesk.ticket": {"service_opened_at": now},
        }.items():  # fmt: skip
            for name, value in names.items():
                Default.set(model, name, value, user_id=True)
            given = self._of(self.quality, model).default_get([*names])
            for name, value in names.items():
                with self.subTest(model=model, name=name):
                    self.assertNotEqual(given.get(name), value)

    def test_defaults_that_forms_send(self):
        """What a dialog is opened with is still taken."""
        wizard = self._of(
            self.quality, "service.quality.report.say", purpose="review"
        ).create({"text": "Well done"})
        self.assertEqual(wizard.purpose, "review")

    def test_closing_and_deciding_in_anothers_name(self):
        """Deny: values of steps among those that are entered."""
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._of(self.quality, "service.quality.policy.review").create(
                {"name": "Review", "closed_by_id": self.executive.id}
            )
        regulation = self._of(self.quality, "service.quality.regulation").create(
            {"name": "Ours", "code": "OURS"}
        )
        Term = self._of(
            self.quality,
            "service.quality.regulation.term",
            decided_by_id=self.executive.id,
        )
        asked = {"regulation_id": regulation.id}
        with self.assertRaises(UserError):
            Term.create({**asked, "decided_by_id": self.executive.id})
        self.assertEqual(Term.sudo().create(asked).decided_by_id, self.quality)

    def test_files_of_a_sent_report(self):
        """Deny: the stored page is served as it is, and nobody writes into it."""
        report = self._make("customer", self.agreement)
        self._send(report)
        page = report._content("html")
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", report._name),
                ("res_id", "=", report.id),
                ("res_field", "!=", False),
            ]
        )
        self.assertEqual(len(files), 3)
        place = {"res_model": report._name, "res_id": report.id}
        place["res_field"] = "page_file"
        for user in (self.manager, self.quality, self.centre):
            Attachment = self.env["ir.attachment"].with_user(user)
            own = Attachment.create({"name": "own", "raw": b"own"})
            self.assertKept(files.with_user(user).write, {"raw": b"forged"})
            self.assertKept(files.with_user(user).unlink)
            self.assertKept(
                Attachment.create, {"name": "page", "raw": b"forged", **place}
            )
            self.assertKept(own.write, place)
        self.assertEqual(report._content("html"), page)
        chat = {"name": "chat", "raw": b"chat", **place, "res_field": False}
        self.env["ir.attachment"].with_user(self.quality).create(chat).unlink()

    def test_evidence_of_a_patrol(self):
        """Deny: evidence is not deleted once the patrol was reported."""
        plan = (
            self.env["service.quality.patrol.plan"]
            .with_user(self.manager)
            .create({"name": "Server room", "project_id": self.project.id})
        )
        patrol = plan.patrol_ids[0]
        photo, second = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create(
                [
                    {
                        "name": name,
                        "raw": b"photo of the room",
                        "res_model": patrol._name,
                        "res_id": patrol.id,
                    }
                    for name in ("first", "second")
                ]
            )
        )
        patrol.attachment_ids = [Command.link(photo.id)]
        second.unlink()
        patrol.report_result("in_order", "<p>Looked</p>")
        self.assertKept(photo.unlink)
        self.assertKept(photo.write, {"raw": b"another"})

    def test_regulation_for_every_company(self):
        """Deny: one company writes what is for every one, or hides what others see."""
        Regulation = self._of(self.quality, "service.quality.regulation")
        menu = self.env.ref("base.menu_administration")
        values = {"name": "Ours", "code": "OURS", "menu_ids": [Command.set(menu.ids)]}
        shipped = Regulation.browse(
            self.env.ref("service_quality_regulation.regulation_a").id
        )
        own = Regulation.create(values)
        for attempt, given in (
            (Regulation.create, {**values, "code": "NEW", "company_id": False}),
            (own.write, {"company_id": False}),
            (shipped.write, {"active": False}),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                attempt(given)
            self.env.invalidate_all(flush=False)

        other = self.env["res.company"].create({"name": "Another one"})
        self.env["service.quality.regulation.term"].create(
            {"regulation_id": shipped.id, "company_id": other.id}
        )
        Menu = self.env["ir.ui.menu"]
        hidden = Menu._service_hidden_menus((other.id,), date(2026, 12, 1))
        self.assertNotIn(menu.id, hidden, "it is another company's")

    def test_evidence_that_one_may_not_read(self):
        """Deny: an obligation counts what whoever writes it may not read."""
        regulation = self._of(self.quality, "service.quality.regulation").create(
            {
                "name": "Ours",
                "code": "OURS",
                "clause_ids": [Command.create({"code": "1", "name": "First"})],
            }
        )
        self.assertKept(
            self._of(self.quality, "service.quality.obligation").create,
            {
                "clause_id": regulation.clause_ids.id,
                "name": "Guess",
                "role": "quality",
                "evidence": "domain",
                "evidence_model": "ir.config_parameter",
                "evidence_date": "create_date",
                "evidence_domain": "[('value', '=like', 'a%')]",
            },
        )

    def test_answer_of_a_customer(self):
        """Deny: people of the house confirm in the customer's name in the portal."""
        report = self._make("customer", self.agreement)
        self._send(report)
        said = {"report_id": report.id, "given_by": "Ann", "channel": "portal"}
        said["partner_id"] = self.contact.id
        Response = self._of(self.quality, "service.quality.report.response")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            Response.create({**said, "kind": "confirmed"})
        objected = {
            "report_id": report.id,
            "given_by": "Ann",
            "kind": "objection",
            "text": "Not so",
            "copy_file": base64.b64encode(PAPER),
        }
        with self.assertRaises(UserError), self.env.cr.savepoint():
            Response.create({**objected, "answer": "Withdrawn"})
        objection = Response.create(objected)
        self.assertEqual((objection.channel, objection.state), ("paper", "open"))
        self.assertFalse(objection.partner_id)

    def test_report_that_only_names_an_own_project(self):
        """Deny: a project manager reads of others by naming an own project."""
        other = self._agreement({"metric": "resolution", "duration": 4})
        Report = self._of(self.manager, "service.quality.report")
        values = {"date_from": "2026-03-01", "project_id": self.project.id}
        for about in (
            {"kind": "organisation"},
            {"kind": "event"},
            {"kind": "department", "team_id": self.team.id},
            {"kind": "customer", "agreement_id": other.id},
        ):
            self.assertKept(Report.create, {**values, **about})
        own = Report.create({**values, "kind": "project"})
        self.assertTrue(own.read(["kind"]))
        theirs = Report.create(
            {**values, "kind": "customer", "agreement_id": self.agreement.id}
        )
        self.assertTrue(theirs.read(["kind"]))
