import csv
import hashlib
import io
import json

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_quality_regulation.models import (
    service_quality_evidence_pack as pack,
)

from .pack_common import PackCase

PRINT = pack.ServiceQualityEvidencePack._print_index


@tagged("post_install", "-at_install")
class TestEvidencePack(PackCase):
    """What is handed over: index, records, judgements, and digests of all."""

    def rows(self, content):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    def scene(self):
        """Two projects that run, one with a signed agreement; judged on the 5th."""
        projects = self.env["service.quality.project"].with_context(active_test=False)
        projects.search([]).write({"date_start": False, "date_end": "2020-01-01"})
        done, late = projects.create(
            [
                {"name": name, "partner_id": self.acme.id, "date_start": "2026-03-01"}
                for name in ("=1+1", "Without")
            ]
        )
        self._sign(done)
        self.judge("2026-03-05", self.regulation.obligation_ids)
        return done, late

    def _sign(self, project):
        self._agreement({"metric": "resolution", "duration": 8}, project_id=project.id)

    def test_what_is_in_it(self):
        done, late = self.scene()
        with freeze_time("2026-03-05"):
            pack = self.pack()
            self.assertEqual((pack.progress, pack.part_count), (0, 2))
            files = self.make(pack)
        self.assertEqual(pack.progress, 100)
        obligation = self._obligation("a4_3_1_1")
        path = f"records/A4.3.1_2026-03_{obligation.id}.csv"
        self.assertEqual(
            files.keys(),
            {
                path,
                "index.csv",
                "index.html",
                "index.pdf",
                "judgements.csv",
                "manifest.json",
                "SHA256SUMS",
            },
        )
        head, *rows = self.rows(files[path])
        self.assertEqual(head[:2], ["ID", "Done"])
        self.assertEqual(
            {(int(row[0]), row[1]) for row in rows}, {(done.id, "Yes"), (late.id, "No")}
        )
        judged = {cell for row in self.rows(files["judgements.csv"]) for cell in row}
        self.assertIn("Overdue", judged)
        self.assertIn(obligation.display_name, judged)
        self.assertIn(
            b"Each running project has a signed agreement", files["index.pdf"]
        )

    def test_index_on_paper(self):
        """The index is printed, in the language of whoever asked."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.inspector.lang = "zh_CN"
        self.scene()
        pack = self.pack().sudo()
        pack.part_ids[0]._make()
        pack = pack._as_asked()
        self.assertIn('lang="zh-CN"', pack._render_index())
        self.assertTrue(PRINT(pack).startswith(b"%PDF"))

    def test_digests(self):
        """Each file can be checked, and the manifest says how things stood."""
        self.scene()
        with freeze_time("2026-03-05"):
            files = self.make(self.pack())
        sums = dict(
            reversed(line.split("  ", 1))
            for line in files["SHA256SUMS"].decode().splitlines()
        )
        self.assertEqual(sums.keys(), files.keys() - {"SHA256SUMS"})
        for path, digest in sums.items():
            self.assertEqual(hashlib.sha256(files[path]).hexdigest(), digest, path)
        manifest = json.loads(files["manifest.json"])
        entries = {entry["clause"]: entry for entry in manifest["obligations"]}
        self.assertEqual(entries["A4.3.1"]["state"], "overdue")
        self.assertEqual((entries["A4.3.1"]["done"], entries["A4.3.1"]["due"]), (1, 2))
        self.assertEqual(entries["A3.2.2"]["state"], "not_supported")
        self.assertEqual(entries["A3.2.2"]["file"], "")
        listed = {entry["path"]: entry for entry in manifest["files"]}
        self.assertEqual(listed.keys(), sums.keys() - {"manifest.json"})
        for path, entry in listed.items():
            self.assertEqual(entry["sha256"], sums[path])

    def test_judged_when_packed(self):
        """What was done since the last judging is done in index and manifest, too."""
        _done, late = self.scene()
        self._sign(late)
        with freeze_time("2026-03-05"):
            pack = self.pack()
            files = self.make(pack)
        [path] = (name for name in files if name.startswith("records/"))
        self.assertEqual({row[1] for row in self.rows(files[path])[1:]}, {"Yes"})
        [entry] = (
            entry
            for entry in json.loads(files["manifest.json"])["obligations"]
            if entry["clause"] == "A4.3.1"
        )
        self.assertEqual((entry["state"], entry["done"]), ("fulfilled_late", 2))
        self.assertIn(b"Fulfilled", files["index.pdf"])
        self.assertNotIn(b"Overdue", files["index.pdf"])

    def test_periods_that_were_not_judged_yet(self):
        """A pack asked for before the night's judging has the new period, too."""
        self.env["service.quality.project"].create(
            {"name": "Acme", "partner_id": self.acme.id}
        )
        with freeze_time("2026-03-05"):
            pack = self.pack()
            self.assertFalse(pack.part_ids)
            files = self.make(pack)
        self.assertEqual(pack.part_count, 2)
        self.assertTrue(any(name.startswith("records/") for name in files))

    def test_what_is_said_is_what_was_packed(self):
        """A later judging does not change what index and manifest say of a file."""
        _done, late = self.scene()
        with freeze_time("2026-03-05"):
            pack = self.pack()
            for part in pack.sudo().part_ids:
                part._make()
            pack.sudo()._write_as_step({"made_count": 2})
        self._sign(late)
        self.judge("2026-03-07", self.regulation.obligation_ids)
        with freeze_time("2026-03-07"):
            files = self.make(pack)
        entries = json.loads(files["manifest.json"])["obligations"]
        self.assertIn("overdue", {entry["state"] for entry in entries})
        self.assertIn(b"Overdue", files["index.pdf"])

    def test_whole_regulation(self):
        self.scene()
        with freeze_time("2026-03-05"):
            pack = self.pack(clauses=())
            self.assertEqual(pack.part_count, len(self.regulation.obligation_ids))
            self.make(pack)

    def test_documents(self):
        """The files that prove the records are in it, each under a name of its own."""
        policy = (
            self.env["service.quality.policy"]
            .with_user(self.inspector)
            .create({"name": "Policy A/B", "text": "<p>Well done</p>"})
        )
        with freeze_time("2026-02-01"):
            policy.with_user(self.boss).action_approve()
        project = self.env["service.quality.project"].create(
            {"name": "Acme", "partner_id": self.acme.id, "date_start": "2026-02-10"}
        )
        agreement = self._agreement(
            {"metric": "resolution", "duration": 8}, project_id=project.id
        )
        names = ("Contract.pdf", "Contract.pdf", "../x\u202e.exe")
        agreement.document_ids = [
            Command.create(
                {
                    "name": name,
                    "raw": f"Agreement {number}".encode(),
                    "res_model": agreement._name,
                    "res_id": agreement.id,
                }
            )
            for number, name in enumerate(names)
        ]
        with freeze_time("2026-03-05"):
            clauses = ("A4.1.1", "A4.3.1")
            pack = self.pack(
                clauses=clauses, names_shown=True, names_reason="The auditor signed"
            )
            files = self.make(pack)
            black = self.pack(clauses=clauses)
            blackened = self.make(black)
        documents = {path for path in files if path.startswith("documents/")}
        found = {path.split("/", 2)[2]: files[path] for path in documents}
        page = found[f"{policy.id}/Policy A-B · v1.html"]
        self.assertIn(b"<p>Well done</p>", page)
        own = {
            content: path.removeprefix(f"{project.id}/")
            for path, content in found.items()
            if path.startswith(f"{project.id}/")
        }
        self.assertEqual(
            {own[b"Agreement 0"], own[b"Agreement 1"]},
            {"Contract.pdf", "2_Contract.pdf"},
        )
        self.assertTrue(own[b"Agreement 2"].endswith("x.exe"))
        self.assertFalse([path for path in files if ".." in path.split("/")])
        manifest = json.loads(files["manifest.json"])
        named = [path for one in manifest["obligations"] for path in one["documents"]]
        self.assertEqual(sorted(named), sorted(documents))
        self.assertEqual(sum(pack.part_ids.mapped("document_count")), len(named))
        sums = files["SHA256SUMS"].decode()
        for path in documents:
            self.assertIn(f"{hashlib.sha256(files[path]).hexdigest()}  {path}", sums)
        # what was copied for a pack is deleted with it
        kept = pack.sudo().part_ids.document_ids
        self.assertEqual(len(kept), len(named))
        with self.assertRaisesRegex(UserError, "stays in the record"):
            pack.with_user(self.inspector).unlink()
        kept = black.sudo().part_ids.document_ids
        black.with_user(self.inspector).unlink()
        self.assertFalse(kept.exists())
        # a file in which names cannot be blacked out is vouched for, and stays here
        self.assertFalse([path for path in blackened if path.endswith("Contract.pdf")])
        withheld = [
            path
            for path in blackened
            if path.endswith(".withheld.txt") and f"/{project.id}/" in path
        ]
        self.assertEqual(len(withheld), 3)
        told = b" ".join(blackened[path] for path in withheld).decode()
        self.assertIn(hashlib.sha256(b"Agreement 0").hexdigest(), told)

    def test_names_are_blacked_out(self):
        """Names of staff are in no file, unless the quality department decides so."""
        done, _late = self.scene()
        done.user_id = self.expert
        self.expert.name = "Zhang Wei & Sons"
        with freeze_time("2026-03-05"):
            files = self.make(self.pack())
            shown = self.make(
                self.pack(names_shown=True, names_reason="The auditor signed")
            )
        for path, content in files.items():
            self.assertNotIn(b"Zhang Wei", content, path)
        [path] = (path for path in files if path.startswith("records/"))
        self.assertIn("████", files[path].decode())
        self.assertIn(b"Zhang Wei", shown[path])
        manifest = json.loads(shown["manifest.json"])
        self.assertEqual(manifest["names_reason"], "The auditor signed")
        self.assertIn(b"The auditor signed", shown["index.html"])
        with self.assertRaises(ValidationError):
            self.pack(names_shown=True)
        with self.assertRaises(AccessError):
            self.pack(self.boss, names_shown=True, names_reason="I want to know")

    def test_index_for_who_has_nothing_else(self):
        """A page and a table say of each clause which file proves it, with a digest."""
        self.scene()
        with freeze_time("2026-03-05"):
            files = self.make(self.pack())
        head, *rows = self.rows(files["index.csv"])
        self.assertEqual(head[0], "Clause")
        [row] = (row for row in rows if row[0] == "A4.3.1")
        path, _size, digest = row[-3:]
        self.assertEqual(hashlib.sha256(files[path]).hexdigest(), digest)
        page = files["index.html"].decode()
        self.assertIn(f'href="{path}"', page)
        self.assertIn(digest, page)

    def test_no_formula(self):
        """A title that a spreadsheet would reckon with is text."""
        self.scene()
        with freeze_time("2026-03-05"):
            files = self.make(self.pack())
        path = next(path for path in files if path.startswith("records/"))
        cells = {cell for row in self.rows(files[path]) for cell in row}
        self.assertIn("'=1+1", cells)
        self.assertNotIn("=1+1", cells)

    def test_whose_it_is(self):
        """A pack holds what one person may read, and is no one else's."""
        self.scene()
        pack = self.pack()
        for user in (self.boss, self.expert):
            self.assertNotIn(pack, pack.with_user(user).search([]))
            with self.assertRaises(AccessError):
                pack.with_user(user).read(["file"])
            self.pack(user)
        for user in (self.chief, self.caller, self.second):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.pack(user)
        with self.assertRaises(UserError):
            pack.write({"date_to": "2026-12-31"})

    def test_interrupted(self):
        """What was made is not made again."""
        self.scene()
        with freeze_time("2026-03-05"):
            pack = self.pack()
            pack.sudo().part_ids[0]._make()
            pack.sudo()._write_as_step({"made_count": 1})
            self.assertEqual(pack.progress, 49.5)
            first = pack.part_ids[0].digest
            self.make(pack)
        self.assertEqual(pack.part_ids[0].digest, first)
        self.assertEqual(pack.made_count, 2)

    @mute_logger("odoo.addons.service_quality_core.tools.isolation")
    def test_one_that_cannot_be_made(self):
        """It says why, and those asked for after it are made."""
        self.scene()
        other = self.env["res.company"].create({"name": "Left behind"})
        leaver = self._user("leaver", "quality", email="leaver@us.example")
        with freeze_time("2026-03-05"):
            broken, good = self.pack(leaver), self.pack()
            leaver.sudo().write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            )
            self.make(good)
        broken = broken.sudo()
        self.assertEqual(broken.state, "failed")
        self.assertTrue(broken.failure)
        self.assertFalse(broken.file)
