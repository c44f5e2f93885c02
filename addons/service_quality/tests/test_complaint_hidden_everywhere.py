from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_quality_complaint.tests.accused_common import AccusedCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase

HISTORY = ("service_event_ids", "service_clock_ids", "service_span_ids")

BESIDE = {"helpdesk_mgmt_sla"}
"""Addons that may be installed beside ours: their rows call such a ticket *Hidden*, and
our rules cannot name models that are not there."""


@tagged("post_install", "-at_install", "security")
class TestHiddenEverywhere(ComplaintCase):
    """Calls, visits and messages of a complaint are hidden as it is."""

    def test_nothing_about_it_is_seen(self):
        """Ledger, clocks, spans, calls, notices and messages are hidden with it."""
        complaint = self._complaint(
            "2026-03-02 09:00:00",
            service_about_user_id=self.head.id,
            service_severity="important",
        )
        complaint.message_post(body="Between us")
        self._answer(complaint, "2026-03-02 10:00:00")
        self._move(complaint, "resolved", "2026-03-02 11:00:00")
        call, inspector = complaint.service_callback_ids, self.inspector
        self.contact.phone = "+49 30 123456"
        call.with_user(inspector).save_call("no_answer", note="About the head")
        call._answer_in_writing({"solved": "no", "satisfaction": "1"}, "link")
        Visit = self.env["service.quality.visit"].with_user(inspector)
        visit = Visit.create({"ticket_id": complaint.id})
        visit.save_work(parts=[{"name": "Till", "quantity": 1}])
        names = (*HISTORY, "service_callback_ids", "service_notice_ids", "message_ids")
        for records in (
            *(complaint[name] for name in names),
            call.attempt_ids,
            call.answer_ids,
            visit,
            visit.part_ids,
        ):
            with self.subTest(model=records._name):
                self.assertTrue(records)
                found = records.with_user(self.head).search([("id", "in", records.ids)])
                self.assertFalse(found)
                self.assertFalse(records[:1].with_user(self.head).has_access("read"))
        changes = self.env["helpdesk.ticket"].with_user(self.head).service_changes()
        tickets = {row["ticket_id"] for row in changes["rows"]}
        self.assertNotIn(complaint.id, tickets)


@tagged("post_install", "-at_install", "security")
class TestAccusedEverywhere(AccusedCase):
    """What other addons have of a complaint is hidden from whom it is about."""

    def of(self, model):
        """Return a model as the accused has it."""
        return self.env[model].with_user(self.head)

    def test_all_that_names_a_ticket_is_hidden_with_it(self):
        """No rule is forgotten: of every model that refers to tickets."""
        for model in self.env.registry.values():
            if model._abstract or model._transient or model._name == "helpdesk.ticket":
                continue
            if model._original_module in BESIDE:
                continue
            names = [
                field.name
                for field in model._fields.values()
                if field.comodel_name == "helpdesk.ticket"
                and field.type == "many2one"
                and field.store
            ]
            domain = self.env["ir.rule"].with_user(self.head)
            domain = domain._compute_domain(model._name, "read")
            for name in names:
                with self.subTest(model=model._name, field=name):
                    self.assertIn("service_is_hidden", repr(domain))
                    self.assertIn(
                        name, repr(domain).replace("callback_id", "ticket_id")
                    )

    def test_parts_of_its_reports_are_hidden(self):
        """Of every model that is a part of a report, which may be about a complaint.

        The rows of its lists follow their report: see the next test.
        """
        rows = self.env.registry.descendants(
            ["service.quality.report.part"], "_inherit"
        )
        for model in self.env.registry.values():
            field = model._fields.get("report_id")
            if (
                field is None
                or model._abstract
                or model._transient
                or field.comodel_name != "service.quality.report"
                or model._name in rows
            ):
                continue
            domain = self.env["ir.rule"].with_user(self.head)
            domain = domain._compute_domain(model._name, "read")
            with self.subTest(model=model._name):
                self.assertIn("service_is_hidden", repr(domain))

    def test_rows_of_its_reports_are_hidden(self):
        """Deny: what a report lists is neither found nor read by whom it hides from."""
        report = self.env["service.quality.report"]._create_as_step(
            [
                {
                    "kind": "event",
                    "period_kind": "month",
                    "date_from": "2026-03-01",
                    "trigger": "complaint",
                    "event_key": "complaint:test",
                    "event_ticket_id": self.complaint.id,
                }
            ]
        )
        [row] = self.env["service.quality.report.project"]._create_as_step(
            [{"report_id": report.id, "name": "Acme", "contribution": "sent"}]
        )
        reader = self._user("rows_reader", "quality")
        for user, seen in ((reader, True), (self.head, False)):
            own = row.with_user(user)
            with self.subTest(user=user.login):
                self.assertEqual(bool(own.search([("id", "=", row.id)])), seen)
                self.assertEqual(own.has_access("read"), seen)
                self.assertEqual(own.has_access("write"), seen)

    def test_defaults_take_nothing_from_it(self):
        """Nor by a default that the client sends along."""
        for name in ("helpdesk.ticket.complaint.answer", "service.quality.visit"):
            Model = self.of(name).with_context(default_ticket_id=self.complaint.id)
            with self.subTest(name), self.assertRaises(AccessError):
                Model.onchange({}, [], {"ticket_id": {}})
