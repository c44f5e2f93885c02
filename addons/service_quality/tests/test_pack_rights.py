from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.service_quality_regulation.tests.pack_common import PackCase
from odoo.addons.service_quality_visit.tests.test_visit import drawn_signature

from .proof_common import ProofCase


@tagged("post_install", "-at_install")
class TestPackRights(ProofCase, PackCase):
    """A pack holds no more than whoever asks for it may read."""

    def test_no_document_of_what_one_may_not_read(self):
        """The sheet of a visit for a complaint is not for whom that is about."""
        ticket = self._ticket("2026-03-02 08:00", user_id=self.caller.id)
        Visit = self.env["service.quality.visit"].with_user(self.caller)
        with freeze_time("2026-03-02 09:00:00"):
            visit = Visit.browse(Visit.record_arrival(ticket.id))
        with freeze_time("2026-03-02 10:00:00"):
            visit.sign("Ann", drawn_signature(), work={"work_done": "Fan replaced"})
        obligation = self._obligation("a3_6_1_2")
        self.judge("2026-03-05", obligation)
        ticket.write(
            {"service_is_complaint": True, "service_about_user_id": self.inspector.id}
        )
        for user, shown in ((self.inspector, 0), (self.expert, 1)):
            with freeze_time("2026-03-05"):
                pack = self.pack(user, clauses=("A3.6.1",))
                files = self.make(pack)
            with self.subTest(user.login):
                part = pack.part_ids.filtered(
                    lambda part: part.compliance_id.obligation_id == obligation
                )
                self.assertEqual(part.document_count, shown)
                sheets = [path for path in files if path.endswith(".pdf.withheld.txt")]
                self.assertEqual(len(sheets), shown, "names cannot be blacked out")

    def test_no_more_than_one_may_read(self):
        """What is hidden from whoever asks is counted, and not handed over."""
        complaint = self._complaint(
            "2026-03-02 09:00:00", service_about_user_id=self.inspector.id
        )
        self._answer(complaint, "2026-03-02 15:00:00")
        self._in_force(self.env.ref("service_quality_regulation.regulation_c"))
        obligation = self._obligation("c2_3_1")
        self.judge("2026-03-05", obligation)
        self.assertStands(obligation, "2026-03", "fulfilled", 1, 1)
        regulation = self.env.ref("service_quality_regulation.regulation_c")
        for user, shown in ((self.inspector, 0), (self.expert, 1)):
            with freeze_time("2026-03-05"):
                pack = self.pack(
                    user,
                    regulation_id=regulation.id,
                    clause_ids=obligation.clause_id.ids,
                )
                self.make(pack)
            part = pack.part_ids.filtered(
                lambda part: part.compliance_id.obligation_id == obligation
            )
            with self.subTest(user.login):
                self.assertEqual(part.row_count, shown)
                self.assertEqual(part.unreadable_count, 1 - shown)
