import base64
import hashlib
import io
import zipfile
from unittest.mock import patch

from .regulation_common import RegulationCase


class PackCase(RegulationCase):
    """The fixture asks for evidence packs, and makes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a page is printed in one test, which takes seconds
        cls.startClassPatcher(
            patch.object(
                type(cls.env["service.quality.evidence.pack"]),
                "_print_index",
                lambda pack: pack._render_index().encode(),
            )
        )

    def pack(self, user=None, clauses=("A4.3.1", "A3.2.2"), **values):
        Pack = self.env["service.quality.evidence.pack"]
        chosen = self.regulation.clause_ids.filtered(lambda one: one.code in clauses)
        return Pack.with_user(user or self.inspector).create(
            {
                "regulation_id": self.regulation.id,
                "clause_ids": chosen.ids,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                **values,
            }
        )

    def make(self, pack):
        cron = self.env.ref("service_quality_regulation.ir_cron_make_packs")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(pack.state, "done")
        content = base64.b64decode(pack.file)
        self.assertEqual(hashlib.sha256(content).hexdigest(), pack.digest)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.assertIsNone(archive.testzip())
            return {name: archive.read(name) for name in archive.namelist()}
