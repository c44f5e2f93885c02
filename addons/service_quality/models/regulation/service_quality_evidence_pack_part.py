import base64
import hashlib

from lxml import etree

from odoo import api, fields, models
from odoo.fields import Domain

from .service_quality_evidence_pack import write_csv

BATCH = 1000

NO_TEXT = (None, "binary", "properties", "one2many", "many2many")
"""Kinds of fields that are no one text in a table."""


class ServiceQualityEvidencePackPart(models.Model):
    """What an evidence pack has of one obligation in one period: its records."""

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

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _make(self):
        """Judge the obligation and export its records at the same moment.

        The records are those that the user who asked for the pack may read.
        """
        self.ensure_one()
        self.compliance_id._judge_period()
        self.judgement_id = self.compliance_id.judgement_ids[:1]
        asked = self.with_env(self.pack_id._as_asked().env)
        found = self.compliance_id._rows("due") or self.compliance_id._rows("done")
        if not found:
            self.is_made = True
            return
        model, domain = found
        missing = self.compliance_id._rows("missing")
        labels, rows, count = asked._export(model, domain, missing and missing[1])
        counted = self.env[model].with_context(active_test=False).search_count(domain)
        content = write_csv(labels, rows) if count else b""
        cell = self.compliance_id
        name = f"{cell.clause_id.code}_{cell.label}_{cell.obligation_id.id}.csv"
        self.write(
            {
                "is_made": True,
                "row_count": count,
                "unreadable_count": counted - count,
                "path": f"records/{name}" if content else False,
                "content": base64.b64encode(content) if content else False,
                "digest": content and hashlib.sha256(content).hexdigest(),
            }
        )

    @api.model
    def _export(self, model, domain, missing):
        """Return labels, rows and how many there are of what the user may read."""
        Model = self.env[model].with_context(active_test=False)
        if not Model.has_access("read"):
            return [], [], 0
        names = self._shown_fields(Model)
        records = Model.search(domain, order="id")
        late = set(Model.search(Domain(missing)).ids) if missing else set()
        described = Model.fields_get(names, ["string"])
        labels = [self.env._("ID"), self.env._("Done")]
        labels += [described[name]["string"] for name in names]
        yes, no = self.env._("Yes"), self.env._("No")
        rows = []
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            rows += [
                [
                    record.id,
                    no if record.id in late else yes,
                    *(self._shown(record, name) for name in names),
                ]
                for record in batch
            ]
            batch.invalidate_recordset(flush=False)
        return labels, rows, len(records)

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

    def _entry(self):
        """Return what the manifest says of an obligation in a period."""
        self.ensure_one()
        cell = self.compliance_id
        return {
            "clause": cell.clause_id.code,
            "obligation": cell.obligation_id.name,
            "period": cell.label,
            "state": self.judgement_id.state,
            "why": self.judgement_id.why,
            "reason": self.judgement_id.note or "",
            "due": self.judgement_id.due_count,
            "done": self.judgement_id.done_count,
            "judged_at": str(cell.judged_at),
            "file": self.path or "",
            "records": self.row_count,
            "not_shown": self.unreadable_count,
        }
