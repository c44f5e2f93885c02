from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_quality_core.tests.promise_common import PortalCase

TOLD_TO_CUSTOMERS = {
    "helpdesk.ticket": {"service_opened_at", "service_phase", "service_is_hidden"},
    "helpdesk.ticket.stage": {"service_phase"},
    "helpdesk.ticket.team": {"service_hotline"},
    "mail.message": {"service_is_hidden"},
    "res.company": {"service_hotline"},
}
"""Fields of ours that customers may read: on the page, on notices, or of themselves."""

SETTINGS = ("service_require_", "service_answer_", "service_call_", "service_report_")
"""How a team or company works, which says nothing of a ticket or a person."""

SETTINGS += (
    "service_close_after_callback", "service_mail_is_complaint", "service_process_id",
    "service_staff_retention_months", "service_pass_on_every_complaint",
    "service_engineer_figures", "service_name_engineers", "service_tz",
)  # fmt: skip

GUESSES = {
    "boolean": True,
    "datetime": "2026-03-02 09:00:00",
    "date": "2026-03-02",
    "char": "x",
    "text": "x",
    "html": "x",
    "selection": "late",
}
"""What is looked for in a field of a type; else 1."""


@tagged("post_install", "-at_install", "security")
class TestStaffFields(PortalCase):
    """What is for staff is neither read nor found out by a search."""

    def fields_of_ours(self):
        """Return (model as the customer has it, field) of all models they read."""
        for name in sorted(self.env.registry):
            Model = self.env[name].with_user(self.customer)
            if Model._abstract or Model._transient or not Model.has_access("read"):
                continue
            for field in Model._fields.values():
                if field.name.startswith("service_"):
                    yield Model, field

    def test_each_field_is_of_staff(self):
        """Access is denied by default: a new field is for staff, or is listed here."""
        for Model, field in self.fields_of_ours():
            is_setting = Model._name in ("res.company", "helpdesk.ticket.team")
            is_setting |= field.related is not None and field.related.startswith(
                "team_id."
            )
            if is_setting and field.name.startswith(SETTINGS):
                continue
            with self.subTest(model=Model._name, field=field.name):
                if field.name not in TOLD_TO_CUSTOMERS.get(Model._name, ()):
                    self.assertTrue(field.groups)

    def test_no_field_of_staff_is_searched(self):
        """Nor sorted nor grouped by: each would tell its value by what is found."""
        for Model, field in self.fields_of_ours():
            if not field.groups:
                continue
            value = GUESSES.get(field.type, 1)
            with self.subTest(model=Model._name, field=field.name):
                self.assertFalse(Model._has_field_access(field, "read"))
                for domain in (
                    [(field.name, "in", [value])],
                    [(field.name, "not in", [value])],
                ):
                    if field._description_searchable:
                        with self.assertRaises(AccessError):
                            Model.search(domain)
                if field.store and field.column_type:
                    with self.assertRaises(AccessError):
                        Model.search([], order=field.name)
                    with self.assertRaises(AccessError):
                        Model.formatted_read_group([], [field.name], ["__count"])
