import base64
import hashlib
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html
from PIL import Image
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.image import base64_to_image

from .test_visit import ARRIVED, LEFT, OPENED, VisitCase, as_png

REPORT = "service_quality_visit.service_quality_visit_report"


def photo(width=40, height=30, color="red"):
    return as_png(Image.new("RGB", (width, height), color))


@tagged("post_install", "-at_install")
class TestVisitWork(VisitCase):
    def test_work_and_parts(self):
        """Regulation A3.6.1: work and parts are written down on site."""
        visit = self._arrive()
        part = {"name": "Fan", "serial": "F-1", "quantity": 2, "place": "Van 3"}
        own = self.as_(self.engineer, visit)
        own.save_work(work_done="Fan replaced", parts=[part])
        own.save_work(parts=[part, {"name": "Old fan", "direction": "returned"}])
        self.assertEqual(visit.work_done, "Fan replaced", "left out, so as it was")
        self.assertEqual(
            visit.part_ids.mapped(lambda p: (p.name, p.quantity, p.direction, p.place)),
            [("Fan", 2, "taken", "Van 3"), ("Old fan", 1, "returned", False)],
        )
        own.save_work(parts=[])
        self.assertFalse(visit.part_ids)

    def test_a_part_is_more_than_nothing(self):
        visit = self._arrive()
        with self.assertRaisesRegex(ValidationError, "more than 0"):
            self.as_(self.engineer, visit).save_work(
                parts=[{"name": "Fan", "quantity": -1}]
            )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            visit.part_ids.create({"visit_id": visit.id, "name": "Fan", "quantity": -1})

    def test_photos_are_made_smaller(self):
        visit = self._arrive()
        own = self.as_(self.engineer, visit)
        photo_id = own.add_photo("a.png", photo(3000, 1000))
        self.assertEqual(own.add_photo("a.png", photo()), photo_id, "sent twice")
        self.assertEqual(visit.photo_ids.ids, [photo_id])
        image = base64_to_image(visit.photo_ids.datas)
        self.assertEqual(image.size, (1920, 640))
        own.remove_photo(photo_id)
        own.remove_photo(photo_id)
        self.assertFalse(visit.photo_ids)

    def test_what_is_no_photo(self):
        own = self.as_(self.engineer, self._arrive())
        for data in (
            "no base 64",
            False,
            base64.b64encode(b"<svg onload='alert(1)'/>").decode(),
            base64.b64encode(b"%PDF-1.4").decode(),
        ):
            with self.subTest(data), self.assertRaises(ValidationError):
                own.add_photo("a.png", data)
        limits = "odoo.addons.service_quality_visit.models.service_quality_visit_phone"
        with patch(f"{limits}.MAX_PHOTO_BYTES", 10), self.assertRaises(ValidationError):
            own.add_photo("a.png", photo())
        with patch(f"{limits}.MAX_PHOTOS", 0), self.assertRaises(ValidationError):
            own.add_photo("a.png", photo())

    def test_a_photo_of_another_visit_is_not_removed(self):
        first = self._arrive()
        self._leave(first)
        photo_id = self.as_(self.engineer, first).add_photo("a.png", photo())
        second = self._arrive(moment="2026-03-03 09:00:00")
        self.as_(self.engineer, second).remove_photo(photo_id)
        self.assertTrue(first.photo_ids)

    def test_work_is_offered_when_the_ticket_is_resolved(self):
        """What was written on site is not typed again."""
        visit = self._arrive()
        self.as_(self.engineer, visit).save_work(work_done="Fan replaced")
        finish = self.env["helpdesk.ticket.finish"].create(
            {"ticket_id": self.ticket.id}
        )
        self.assertEqual(finish.service_work_done, "Fan replaced")
        self.ticket.service_work_done = "By the desk"
        finish = self.env["helpdesk.ticket.finish"].create(
            {"ticket_id": self.ticket.id}
        )
        self.assertEqual(finish.service_work_done, "By the desk")


@tagged("post_install", "-at_install")
class TestVisitSigning(VisitCase):
    def test_documents_that_prove_it(self):
        """Regulation A3.6.1: the sheets that the customer signed are handed over."""
        visit, other = self._arrive(), self.visits.create({"ticket_id": self.ticket.id})
        sheet = self._sign(visit)
        found = self.env["service.quality.evidence"]._documents(visit | other)
        self.assertEqual(list(found), [(visit, sheet.filename, sheet._content())])
        self.assertTrue(sheet.filename.endswith(".pdf"))

    def test_the_customer_signs(self):
        """Regulation A3.6.1: the customer signs for what was done, and it is kept."""
        visit = self._arrive()
        self._leave(visit)
        sheet = self._sign(visit)
        self.assertEqual(visit.state, "signed")
        self.assertEqual((visit.sheet_id, visit.work_done), (sheet, "Fan replaced"))
        self.assertEqual((sheet.signed_name, sheet.revision), ("Ann", 1))
        self.assertMoment(sheet.signed_at, LEFT)
        content = base64.b64decode(sheet.pdf)
        self.assertEqual(sheet.digest, hashlib.sha256(content).hexdigest())
        self.assertTrue(sheet.is_intact)
        self.assertEqual(sheet.filename, f"{visit.number.replace('/', '-')}.pdf")

    def test_signing_on_site_ends_the_visit(self):
        """The customer signs for both times, so whoever is there leaves with that."""
        visit = self._arrive()
        self._sign(visit)
        self.assertEqual(self._rows(), [("arrived", ARRIVED), ("departed", LEFT)])
        self.assertAgrees(self.ticket)

    def test_a_signature_sent_twice_is_one(self):
        visit = self._arrive()
        first = self._sign(visit, external_ref="sign-1")
        again = self._sign(visit, moment="2026-03-02 12:00:00", external_ref="sign-1")
        self.assertEqual(first, again)
        with self.assertRaisesRegex(UserError, "is signed and stays"):
            self._sign(visit, external_ref="sign-2")

    def test_a_sheet_that_says_nothing_is_not_signed(self):
        visit = self._arrive()
        with self.assertRaisesRegex(ValidationError, "what was done") as refused:
            self._sign(visit, work={"work_done": "  "}, signed_name=" ")
        self.assertIn("name of who signs", str(refused.exception))
        planned = self.as_(self.engineer).create({"ticket_id": self.ticket.id})
        with self.assertRaisesRegex(ValidationError, "Record the arrival"):
            self._sign(planned)

    def test_what_is_no_signature(self):
        visit = self._arrive()
        self._leave(visit)
        blank = as_png(Image.new("RGBA", (300, 100), (255, 255, 255, 0)))
        for signature in ("?", False, photo()[:40], blank, photo(1, 1)):
            with (
                self.subTest(signature),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self._sign(visit, signature=signature)
        models = "odoo.addons.service_quality_visit.models"
        limits = f"{models}.service_quality_visit_signing"
        for limit in ("MAX_SIGNATURE_BYTES", "MAX_SIGNATURE_PIXELS"):
            with patch(f"{limits}.{limit}", 10), self.assertRaises(ValidationError):
                self._sign(visit)

    def test_nobody_signs_before_or_in_the_future(self):
        visit = self._arrive()
        self._leave(visit)
        for at in ("2026-03-02 11:00:00", "2026-03-02 18:00:00"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._sign(visit, moment="2026-03-02 12:00:00", at=at)

    def test_a_failed_signature_leaves_nothing_behind(self):
        """One call writes, leaves and signs, or does nothing at all."""
        visit = self._arrive()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._sign(visit, signature=False)
        self.assertEqual((visit.state, visit.work_done), ("on_site", False))

    def test_a_signed_sheet_is_frozen(self):
        visit = self._arrive()
        own = self.as_(self.engineer, visit)
        own.save_work(parts=[{"name": "Fan"}])
        photo_id = own.add_photo("a.png", photo())
        sheet = self._sign(visit)
        picture = self.env["ir.attachment"].browse(photo_id)
        for user in (self.engineer, self.desk, self.manager):
            mine = visit.with_user(user)
            part = mine.part_ids
            for attempt in (
                lambda mine=mine: mine.write({"work_done": "More"}),
                lambda mine=mine: mine.save_work(parts=[]),
                lambda mine=mine: mine.add_photo("b.png", photo()),
                lambda mine=mine: mine.remove_photo(photo_id),
                lambda mine=mine: mine.unlink(),
                lambda part=part: part.write({"name": "Gold"}),
                lambda part=part: part.unlink(),
                lambda part=part: part.copy(),
                lambda user=user: picture.with_user(user).unlink(),
                lambda user=user: picture.with_user(user).write({"raw": b"x"}),
                lambda user=user: sheet.with_user(user).write({"signed_name": "Bob"}),
                lambda user=user: sheet.with_user(user).unlink(),
                lambda user=user: sheet.with_user(user).copy(),
            ):
                # a missing right is such an error as well
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    attempt()
        # not even by code that forgets who it runs for
        for attempt in (
            lambda: visit.write({"work_done": "More"}),
            lambda: visit.part_ids.write({"name": "Gold"}),
            lambda: sheet.write({"signed_name": "Bob"}),
            lambda: sheet.unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()

    def test_rows_of_a_signed_visit_are_not_voided(self):
        visit = self._arrive()
        self._sign(visit)
        row = visit._events()[:1].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "is signed and stays"):
            row._void("Not so")
        wizard = self.env["service.quality.visit.correct"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "is signed and stays"):
            wizard.create(
                {"visit_id": visit.id, "arrived_at": OPENED, "reason": "Wrong"}
            ).action_confirm()

    def test_a_revision_corrects_and_keeps_what_was_signed(self):
        visit = self._arrive()
        first = self._sign(visit)
        before = first.pdf
        wizard = self.env["service.quality.visit.revise"].with_user(self.desk)
        wizard.create({"visit_id": visit.id, "reason": "Wrong part"}).action_confirm()
        self.assertEqual((visit.state, visit.revision_reason), ("left", "Wrong part"))
        second = self._sign(
            visit, moment="2026-03-02 15:00:00", work={"work_done": "Pump replaced"}
        )
        self.assertEqual((second.revision, second.revision_reason), (2, "Wrong part"))
        self.assertEqual((visit.sheet_id, visit.revision_reason), (second, False))
        self.assertEqual((first.is_current, second.is_current), (False, True))
        self.assertEqual(first.pdf, before)
        self.assertTrue(second.filename.endswith("-r2.pdf"))
        with self.assertRaises(UserError):
            visit.sheet_id.write({"pdf": first.pdf})

    def test_what_is_not_signed_is_not_revised(self):
        visit = self._arrive()
        wizard = self.env["service.quality.visit.revise"].with_user(self.desk)
        with self.assertRaisesRegex(UserError, "change it right here"):
            wizard.create({"visit_id": visit.id, "reason": "Wrong"}).action_confirm()

    def test_numbers_count_per_year_and_never_twice(self):
        first = self._arrive()
        second = self._arrive(self._ticket(OPENED, user_id=self.engineer.id))
        self.assertRegex(first.number, r"^FS/\d{4}/\d{5}$")
        self.assertNotEqual(first.number, second.number)

    def test_an_altered_file_is_noticed(self):
        sheet = self._sign(self._arrive())
        self.assertTrue(sheet.is_intact)
        in_client = sheet.with_context(bin_size=True)
        in_client.invalidate_recordset(["is_intact"])
        self.assertTrue(in_client.is_intact)
        sheet._attachment().raw = b"%PDF-1.4 forged"
        self.env.invalidate_all()
        self.assertFalse(sheet.is_intact)


@tagged("post_install", "-at_install")
class TestVisitPrint(VisitCase):
    def _page(self, visit, data=None, user=None, lang="en_US"):
        report = self.env["ir.actions.report"].with_user(user or self.desk)
        content, _type = report.with_context(lang=lang)._render_qweb_html(
            REPORT, visit.ids, data
        )
        return " ".join(html.fromstring(content).text_content().split())

    def test_what_the_sheet_says(self):
        self._agreement(
            {"metric": "first_response", "duration": 1},
            {"metric": "arrival", "duration": 2},
            {"metric": "resolution", "duration": 8},
        )
        self._house_rule(metric="resolution", duration=7.75)
        self.ticket = self._ticket(OPENED, user_id=self.engineer.id)
        visit = self._arrive()
        self.as_(self.engineer, visit).save_work(
            work_done="Fan replaced",
            parts=[{"name": "Fan", "serial": "F-1", "quantity": 2, "place": "Van 3"}],
        )
        draft = self._page(visit)
        self.assertIn("Draft, not signed", draft)
        self._sign(visit)
        text = self._page(visit)
        for part in (
            visit.number,
            self.ticket.number,
            "No dial tone",
            "Acme",
            "Erin Engineer",
            "Fan replaced",
            "F-1",
            "Taken from Van 3",
            "1 hour 30 minutes",
            "Arrival",
            "Met",
            "8 h · Office",
            "Ann",
        ):
            self.assertIn(part, text)
        self.assertNotIn("Draft", text)
        self.assertNotIn("7.75", text, "rules of the house are not the customer's")
        self.assertNotIn("First response", text, "not what a visit is about")

    def test_it_is_printed_in_the_customers_language_and_zone(self):
        self.env["res.lang"]._activate_lang("zh_CN").date_format = "%Y年%m月%d日"
        self.contact.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        text = self._page(self._arrive())
        self.assertIn("2026年03月02日 18:00", text)
        self.assertIn("Asia/Shanghai", text)

    def test_the_address_of_a_page_signs_nothing(self):
        """What comes with a request does not look like a signature."""
        visit = self._arrive()
        forged = {"signing": {"signed_name": "Ann", "revision": 1}}
        self.assertIn("Draft, not signed", self._page(visit, forged))

    def test_printing_returns_what_was_signed(self):
        visit = self._arrive()
        sheet = self._sign(visit)
        report = self.env["ir.actions.report"].with_user(self.engineer)
        report = report.with_context(force_report_rendering=True)
        content, _type = report._render_qweb_pdf(REPORT, visit.ids)
        self.assertEqual(content, base64.b64decode(sheet.pdf))

    def test_an_engineer_prints_the_sheet_of_a_colleagues_ticket(self):
        visit = self.as_(self.desk).create(
            {"ticket_id": self.ticket.id, "user_id": self.colleague.id}
        )
        with freeze_time(ARRIVED):
            visit.with_user(self.colleague).action_arrive()
        self.assertIn("No dial tone", self._page(visit, user=self.colleague))

    def test_whoever_may_not_read_the_visit_gets_no_sheet(self):
        visit = self._arrive()
        self._sign(visit)
        sales = self._user("visit_sales", "sales")
        with self.assertRaises(AccessError):
            self._page(visit, user=sales)
        report = self.env["ir.actions.report"].with_user(sales)
        with self.assertRaises(AccessError):
            report.with_context(force_report_rendering=True)._render_qweb_pdf(
                REPORT, visit.ids
            )
