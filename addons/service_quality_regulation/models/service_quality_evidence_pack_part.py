import base64
import hashlib
import itertools

from lxml import etree

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.service_quality_core.models.evidence import these
from odoo.addons.service_quality_core.tools.form_text import clean_name

from .service_quality_evidence_pack import write_csv

BATCH = 1000
DOCUMENT_BATCH = 20
MOST_NAME = 100

NO_TEXT = (None, "binary", "properties", "one2many", "many2many")
"""Kinds of fields that are no one text in a table."""


class ServiceQualityEvidencePackPart(models.Model):
    """Holds what proves one obligation in one period: its records and documents."""

    _name = "service.quality.evidence.pack.part"
    _description = "Part of an Evidence Pack"
    _order = "pack_id desc, id"
    _rec_name = "path"

    pack_id = fields.Many2one(
        "service.quality.evidence.pack", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="pack_id.company_id", store=True)
    compliance_id = fields.Many2one(
        "service.quality.compliance",
        string="Obligation",
        required=True,
        index=True,
        ondelete="restrict",
    )
    judgement_id = fields.Many2one(
        "service.quality.judgement",
        readonly=True,
        ondelete="restrict",
        help="How the obligation stood when its records were packed.",
    )
    is_made = fields.Boolean(string="Packed", readonly=True)
    path = fields.Char(string="File", readonly=True)
    content = fields.Binary(readonly=True, attachment=True)
    row_count = fields.Integer(string="Records", readonly=True)
    unreadable_count = fields.Integer(
        string="Not Shown",
        readonly=True,
        help="Records that were counted and that whoever asked may not read.",
    )
    digest = fields.Char(string="SHA-256", readonly=True)
    document_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Files",
        domain=lambda self: [
            ("res_model", "=", self._name),
            ("res_field", "=", False),
        ],
        readonly=True,
        help="The files that prove what the records say.",
    )
    document_count = fields.Integer(string="Documents", readonly=True)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _make(self):
        """Judge the obligation and keep what proves it at the same moment.

        The records and documents are those that the user who asked for the pack may
        read; those of what corrected it are among them.
        """
        self.ensure_one()
        self.compliance_id._judge_period()
        self.judgement_id = self.compliance_id.judgement_ids[:1]
        asked = self.with_env(self.pack_id._as_asked().env)
        values = {"is_made": True, "row_count": 0, "unreadable_count": 0}
        tables, keep = [], []
        correction = self.compliance_id._correction()
        if correction:
            keep.append(asked._readable(correction._name, these(correction)))
        for evidence in self.compliance_id._evidences():
            domain = evidence.done if evidence.due is None else evidence.due
            records = asked._readable(evidence.model, domain)
            Model = self.env[evidence.model].with_context(active_test=False)
            counted = Model.search_count(domain)  # batched: of one obligation
            values["row_count"] += len(records)
            values["unreadable_count"] += counted - len(records)
            if records:
                missing = evidence.due is not None and evidence.due & ~evidence.done
                tables.append(write_csv(*asked._export(records, missing)))
                keep.append(records)
            keep += [asked._readable(*proof) for proof in evidence.proofs]
        if tables:
            content = b"\r\n".join(tables)
            values |= {
                "path": f"records/{self._stem()}.csv",
                "content": base64.b64encode(content),
                "digest": hashlib.sha256(content).hexdigest(),
            }
        values["document_count"] = sum(map(self._keep_documents, keep))
        self.write(values)

    def _stem(self):
        """Return how the files about the obligation and the period are named."""
        cell = self.compliance_id
        return f"{cell.clause_id.code}_{cell.label}_{cell.obligation_id.id}"

    @api.model
    def _readable(self, model, domain):
        """Return the records of a model that the user may read."""
        Model = self.env[model].with_context(active_test=False)
        return Model.search(domain, order="id") if Model.has_access("read") else Model

    def _keep_documents(self, records):
        """Keep copies of the documents of records, and return how many there are."""
        # a picture stays as it is
        Attachment = self.env["ir.attachment"].with_context(image_no_postprocess=True)
        Evidence = records.env["service.quality.evidence"]
        paths = set()
        for batch in split_every(DOCUMENT_BATCH, records.ids, records.browse):
            for document in Evidence._documents(batch):
                path = self._document_path(document, paths)
                paths.add(path)
                Attachment.create(  # batched: one file is in memory at a time
                    {
                        "name": path,
                        "raw": document.content,
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
            batch.invalidate_recordset(flush=False)
            Attachment.invalidate_model(["raw", "datas"], flush=False)
        return len(paths)

    def _document_path(self, document, taken):
        """Return the path of a document in the pack, none of those that are taken."""
        folder = f"documents/{self._stem()}/{document.record.id}"
        name = clean_name(document.name.replace("/", "-"))[-MOST_NAME:]
        number = itertools.count(2)
        path = f"{folder}/{name}"
        while path in taken:
            path = f"{folder}/{next(number)}_{name}"
        return path

    @api.model
    def _export(self, records, missing):
        """Return the labels and the rows of a table of records.

        :param missing: the domain of what was not done, if there is one
        """
        names = self._shown_fields(records)
        late = set(records.search(Domain(missing)).ids) if missing else set()
        described = records.fields_get(names, ["string"])
        labels = [self.env._("ID"), self.env._("Done")]
        labels += [described[name]["string"] for name in names]
        yes, no = self.env._("Yes"), self.env._("No")
        rows = []
        for batch in split_every(BATCH, records.ids, records.browse):
            rows += [
                [
                    record.id,
                    no if record.id in late else yes,
                    *(self._shown(record, name) for name in names),
                ]
                for record in batch
            ]
            batch.invalidate_recordset(flush=False)
        return labels, rows

    @api.model
    def _shown(self, record, name):
        """Return a value of a record as an export shows it.

        Who reads a record reads the names of what it refers to, as in the client, also
        of a ticket that another company has by now.
        """
        field = record._fields[name]
        if name == "display_name":
            return record.sudo().display_name or ""  # names alone, as said above
        if field.type == "many2one":
            return record[name].sudo().display_name or ""  # as above
        return field.convert_to_export(record[name], record)

    @api.model
    def _shown_fields(self, Model):
        """Return what the client's list of a model shows to the user."""
        arch = etree.fromstring(Model.get_view(view_type="list")["arch"])
        names = [
            node.get("name")
            for node in arch.iter("field")
            if node.getparent().tag == "list"
        ]
        kinds = Model.fields_get(names, ["type"])
        names = dict.fromkeys(
            name
            for name in ("display_name", *names)
            if name == "display_name" or kinds.get(name, {}).get("type") not in NO_TEXT
        )
        return list(names)

    def _files(self):
        """Yield the path and the content of each file of some parts."""
        for part in self:
            if part.content:
                yield part.path, base64.b64decode(part.content)
            for document in part.document_ids:
                yield document.name, document.raw
                document.invalidate_recordset(["raw"], flush=False)

    def _paths(self):
        """Return the paths of the files of one part, before names are blacked out."""
        self.ensure_one()
        paths = [self.path] if self.content else []
        return paths + self.document_ids.mapped("name")

    def _entry(self, packed):
        """Return what the manifest says of an obligation in a period.

        :param packed: dict of the path of a file to its path in the pack
        """
        self.ensure_one()
        cell = self.compliance_id
        return {
            "clause": cell.clause_id.code,
            "obligation": cell.obligation_id.name,
            "period": cell.label,
            "state": self.judgement_id.state,
            "why": self.judgement_id.why,
            "reason": self.judgement_id.note or "",
            "rests_on": self.judgement_id.remark or "",
            "due": self.judgement_id.due_count,
            "done": self.judgement_id.done_count,
            "judged_at": str(cell.judged_at),
            "file": self.path or "",
            "documents": [packed[path] for path in self.document_ids.mapped("name")],
            "records": self.row_count,
            "not_shown": self.unreadable_count,
        }
