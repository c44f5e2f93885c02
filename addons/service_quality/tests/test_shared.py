from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


@tagged("post_install", "-at_install", "security")
class TestShared(ServiceQualityCase):
    """What all companies share is one company's to read, and not to change."""

    def test_what_all_share_is_changed_by_who_works_for_all(self):
        here = self.env.company
        self.env["res.company"].create({"name": "Elsewhere"})
        manager = self._user("here", "service_manager", "quality")
        for xmlid, vals in (
            ("callback_script_usual", {"opening": "Hello", "closing": "Bye"}),
            ("callback_exemption_no_contact", {}),
            ("severity_major", {"severity": "major", "definition": "Grave"}),
        ):
            shared = self._ours(xmlid)
            with self.subTest(xmlid):
                manager.company_ids = here
                mine = shared.with_user(manager)
                self.assertTrue(mine.has_access("read"))
                for operation in ("write", "unlink"):
                    self.assertFalse(mine.has_access(operation))
                if "name" in mine._fields:
                    vals = {"name": "Own", **vals}
                error = AccessError
                if shared._name == "service.quality.severity":
                    error = UniqueViolation  # there is one for all, and no second
                with (
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(error),
                    self.env.cr.savepoint(),
                ):
                    mine.create(vals)
                own = mine.create(vals | {"company_id": here.id})
                self.assertTrue(own.has_access("write"))
                manager.company_ids = self.env["res.company"].search([])
                self.assertTrue(shared.with_user(manager).has_access("write"))
