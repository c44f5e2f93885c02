import base64
import csv
import hashlib
import io
import json

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.printing import CHROMIUM_PARAMETER
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.chromium import find_chromium, print_pdf
from odoo.addons.service_quality_core.tools.isolation import run_isolated
from odoo.addons.service_quality_core.tools.spreadsheet import guard

from ..tools.archive import Archive
from ..tools.blackout import black_out, blackener

QUALITY = group_of("quality")

JUDGED = (
    "id", "judged_at", "label", "obligation_id", "state", "why", "note", "remark",
    "decided_by_id", "due_count", "done_count", "missing_count", "sample_text",
)  # fmt: skip


class ServiceQualityEvidencePack(models.Model):
    """Packs what proves the clauses of a regulation in a time, to be handed over.

    It is a ZIP with an index to read, the records of each obligation with their
    documents, the judgements, and a manifest of digests. It holds what the user who
    asked for it may read, and says how much was counted beyond that. It is made in the
    background.
    """

    _name = "service.quality.evidence.pack"
    _description = "Evidence Pack"
    _inherit = ["service.quality.steps.mixin"]
    _order = "id desc"
    _check_company_auto = True

    regulation_id = fields.Many2one(
        "service.quality.regulation", required=True, ondelete="restrict"
    )
    clause_ids = fields.Many2many(
        "service.quality.clause",
        string="Clauses",
        domain="[('regulation_id', '=', regulation_id)]",
        help="None: the whole regulation.",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._service_day().replace(month=1, day=1),
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self.env.company._service_day(),
        help="The last day. Each period of which a part lies in these days is in it.",
    )
    names_shown = fields.Boolean(
        string="Names Are Shown",
        help="Else names of complainants, of persons complained about and of staff are "
        "blacked out, and files in which they cannot be are left out.",
    )
    names_reason = fields.Char(
        string="Why Names Are Shown", help="It stands in the pack, with who decided so."
    )
    state = fields.Selection(
        [("running", "Being made"), ("done", "Ready"), ("failed", "Not made")],
        required=True,
        readonly=True,
        default="running",
        copy=False,
    )
    failure = fields.Char(string="Why It Failed", readonly=True, copy=False)
    part_ids = fields.One2many(
        "service.quality.evidence.pack.part",
        "pack_id",
        string="Contents",
        readonly=True,
    )
    part_count = fields.Integer(string="Files Planned", readonly=True, copy=False)
    made_count = fields.Integer(string="Files Made", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    file = fields.Binary(
        string="Evidence Pack", readonly=True, copy=False, attachment=True
    )
    filename = fields.Char(compute="_compute_filename")
    digest = fields.Char(
        string="SHA-256", readonly=True, copy=False, help="Of the whole file."
    )

    _date_check = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day does not lie before the first."
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("regulation_id", "date_from", "date_to")
    def _compute_display_name(self):
        for pack in self:
            days = pack.date_to and f"{pack.date_from} – {pack.date_to}"
            pack.display_name = " · ".join(
                filter(None, (pack.regulation_id.code, days))
            )

    @api.depends("part_count", "made_count", "state")
    def _compute_progress(self):
        for pack in self:
            made = 0 if pack.state == "running" else 100
            if pack.state == "running" and pack.part_count:
                # the last hundredth is the index
                made = 99 * pack.made_count / pack.part_count
            pack.progress = made

    @api.depends("regulation_id", "date_from", "date_to")
    def _compute_filename(self):
        for pack in self:
            code = pack.regulation_id.code
            pack.filename = f"evidence_{code}_{pack.date_from}_{pack.date_to}.zip"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Plan the parts, and have them made."""
        asked = (
            "regulation_id", "clause_ids", "company_id", "date_from", "date_to",
            "names_shown", "names_reason",
        )  # fmt: skip
        packs = super().create(
            [{name: vals[name] for name in asked if name in vals} for vals in vals_list]
        )
        packs._check_names()
        packs.sudo()._plan()  # no user writes what is in a pack
        if packs:
            cron = self.env.ref("service_quality_regulation.ir_cron_make_packs")
            cron.sudo()._trigger()  # who asks for a pack may not run jobs
        return packs

    def _check_names(self):
        """Let the quality department alone decide that names are shown, and why."""
        for pack in self.filtered("names_shown"):
            if not self.env.su and not self.env.user.has_group(QUALITY):
                raise AccessError(
                    self.env._("Only the quality department shows names in a pack.")
                )
            if not (pack.names_reason or "").strip():
                raise ValidationError(self.env._("Say why names are shown."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_names(self):
        if any(pack.names_shown for pack in self):
            raise UserError(
                self.env._("That names were shown stays in the record, with its pack.")
            )

    def write(self, vals):
        """Refuse to change a pack: its content answers the question as it was asked."""
        if not self.env.su:
            raise UserError(self.env._("Ask for a new pack. This one stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_parts(self):
        """Delete the parts by hand, so that their files go with them."""
        self.sudo().part_ids.unlink()  # no user deletes a part of a pack

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Do nothing: the client saves a new pack, which starts it, and reloads."""
        self._ensure_some()
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _cells(self):
        """Return the obligations in periods that the pack is about, in order."""
        self.ensure_one()
        domain = (
            Domain("regulation_id", "=", self.regulation_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("date_from", "<=", self.date_to)
            & Domain("date_to", ">=", self.date_from)
        )
        if self.clause_ids:
            domain &= Domain("clause_id", "in", self.clause_ids.ids)
        cells = self.env["service.quality.compliance"].search(domain)
        return cells.sorted(
            lambda cell: (
                cell.clause_id.sequence,
                cell.obligation_id.sequence,
                cell.obligation_id.id,
                cell.date_from,
            )
        )

    def _plan(self):
        """Add a part for each obligation and period that has none yet."""
        for pack in self:
            cells = pack.with_user(pack.create_uid)._cells()
            parts = [
                Command.create(
                    {
                        "compliance_id": cell.id,
                        "judgement_id": cell.judgement_ids[:1].id,
                    }
                )
                for cell in cells - pack.part_ids.compliance_id
            ]  # batched: values
            count = len(pack.part_ids) + len(parts)
            pack._write_as_step({"part_ids": parts, "part_count": count})

    def _judge_and_plan(self):
        """Judge what came due since the last judging, and plan parts for it too."""
        clauses = self.clause_ids or self.regulation_id.clause_ids
        clauses.obligation_ids._judge(self.company_id)
        self._plan()

    def _ordered_parts(self):
        """Return the parts in the order of the regulation."""
        order = {cell: number for number, cell in enumerate(self._cells())}
        return self.part_ids.sorted(lambda part: order.get(part.compliance_id, 0))

    def _as_asked(self):
        """Return the pack as the user who asked for it sees it, in their language."""
        self.ensure_one()
        user = self.create_uid
        return self.with_user(user).with_context(
            lang=user.lang,
            tz=self.company_id._service_tz(),
            allowed_company_ids=self.company_id.ids,
        )

    def _finish(self):
        """Put the parts together, with the index and the digests."""
        self.ensure_one()
        asked = self._as_asked()
        show = self._shower()
        archive = Archive()
        packed = {}
        for path, content in self.part_ids._files():
            packed[path], content = show(path, content)
            archive.add(packed[path], content)
        archive.add(*show("judgements.csv", asked._judgements()))
        files = archive.files()
        pages = asked.with_context(service_pack=(packed, files))
        archive.add("index.html", pages._render_index().encode())
        archive.add("index.pdf", pages._print_index())
        archive.add(*show("index.csv", asked._index_table(packed, files)))
        manifest = asked._manifest(archive.files(), packed)
        manifest = json.dumps(manifest, ensure_ascii=False, indent=1)
        archive.add(*show("manifest.json", manifest.encode()))
        archive.add("SHA256SUMS", archive.sums())
        content = archive.close()
        self._write_as_step(
            {
                "file": base64.b64encode(content),
                "digest": hashlib.sha256(content).hexdigest(),
                "state": "done",
            }
        )

    def _blackener(self):
        """Return a function that blacks out names in a text; none where they show."""
        self.ensure_one()
        if self.names_shown:
            return str
        rules = self.env["service.quality.evidence"].sudo()  # names of everybody
        return blackener(rules._persons(self.company_id))

    def _shower(self):
        """Return a function of a path and bytes that gives what is handed over.

        Names are blacked out. Of a file in which they cannot be, as a signed sheet,
        its digest is handed over in its place: who has it can show that it is the same.
        """
        if self.names_shown:
            return lambda path, content: (path, content)
        blacken = self._blackener()

        def show(path, content):
            shown = black_out(path, content, blacken)
            if shown is not None:
                return path, shown
            note = self.env._(
                "This file may name people and is not handed over. Its SHA-256: %s",
                hashlib.sha256(content).hexdigest(),
            )
            return f"{path}.withheld.txt", note.encode()

        return show

    def _index_table(self, packed, files):
        """Return the files of each obligation and period, as CSV without formulas.

        :param packed: dict of the path of a file to its path in the pack
        :param files: what the archive says of its files
        """
        known = {file["path"]: file for file in files}
        states = dict(
            self.env["service.quality.judgement"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        rows = []
        for part in self._ordered_parts():
            cell = part.judgement_id
            about = (
                part.compliance_id.clause_id.code,
                cell.obligation_id.name,
                cell.label,
                states.get(cell.state),
                cell.done_count,
                cell.due_count,
            )
            own = [known[packed[path]] for path in part._paths()]
            for file in own or [{"path": "", "bytes": "", "sha256": ""}]:
                rows.append((*about, file["path"], file["bytes"], file["sha256"]))
        labels = (
            self.env._("Clause"),
            self.env._("Obligation"),
            self.env._("Period"),
            self.env._("Status"),
            self.env._("Done"),
            self.env._("Asked for"),
            self.env._("File"),
            self.env._("Bytes"),
            "SHA-256",
        )
        return write_csv(labels, rows)

    def _render_index(self):
        """Return the index as a whole document, in the language of the environment."""
        packed, files = self.env.context.get("service_pack", ({}, []))
        digests = {file["path"]: file["sha256"] for file in files}
        cells = self.part_ids.compliance_id
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        document = self.env["ir.qweb"]._render(
            "service_quality_regulation.evidence_pack_index",
            {
                "pack": self,
                "code": (self.env.lang or "en_US").replace("_", "-"),
                "made_at": f"{now:%Y-%m-%d %H:%M}",
                "clauses": self._ordered_parts().grouped(
                    lambda part: part.compliance_id.clause_id
                ),
                "states": dict(cells._fields["state"]._description_selection(self.env)),
                "whys": dict(cells._fields["why"]._description_selection(self.env)),
                "packed": packed,
                "digests": digests,
            },
        )
        return self._blackener()(f"<!DOCTYPE html>{document}")

    def _print_index(self):
        """Return the index on paper, by Chromium, or by wkhtmltopdf where it is not."""
        document = self._render_index()
        parameters = self.env["ir.config_parameter"].sudo()  # no secret
        chromium = find_chromium(parameters.get_param(CHROMIUM_PARAMETER))
        if chromium:
            return print_pdf(document, chromium)
        return self.env["ir.actions.report"]._service_print_offline(document)

    def _manifest(self, files, packed):
        """Return what is in the pack: a dict that other programs can read.

        :param files: list of dicts of path, size and digest
        :param packed: dict of the path of a file to its path in the pack
        """
        return {
            "regulation": self.regulation_id.display_name,
            "clauses": self.clause_ids.mapped("code"),
            "company": self.company_id.name,
            "from": str(self.date_from),
            "to": str(self.date_to),
            "asked_by": self.create_uid.name,
            "made_at": str(fields.Datetime.now()),
            "names_shown": self.names_shown,
            "names_reason": self.names_reason or "",
            "obligations": [part._entry(packed) for part in self.part_ids],
            "files": files,
        }

    def _judgements(self):
        """Return every judgement of what is in the pack, as CSV."""
        found = self.env["service.quality.judgement"].search(
            [("compliance_id", "in", self.part_ids.compliance_id.ids)], order="id"
        )
        described = found.fields_get(JUDGED, ["string"])
        labels = [described[name]["string"] for name in JUDGED]
        return write_csv(labels, found._export_rows([[name] for name in JUDGED]))

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_make_packs(self):
        """Make the packs that were asked for, part by part, committing after each."""
        for pack in self.search([("state", "=", "running")], order="id"):
            if not pack._make_parts():
                return

    def _make_parts(self):
        """Make a pack; return True if the time of the job lasted.

        A pack that cannot be made says why, and keeps no other from being made.
        """
        self.ensure_one()
        progress = self.env["ir.cron"]._commit_progress
        if not self.made_count and not self._try(self._judge_and_plan):
            return bool(progress(1))
        for part in self.part_ids.filtered(lambda part: not part.is_made):
            if not self._try(part._make):
                return bool(progress(1))
            self._write_as_step({"made_count": self.made_count + 1})
            if not progress(1, remaining=self.part_count - self.made_count + 1):
                return False
        self._try(self._finish)
        return bool(progress(1))

    def _try(self, work):
        error = run_isolated(self.env.cr, f"evidence pack {self.id}", work)
        if error:
            self._write_as_step(
                {"state": "failed", "failure": str(error) or repr(error)}
            )
        return not error


def write_csv(labels, rows):
    """Return rows as CSV that spreadsheets open as text: no cell is a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([guard(label) for label in labels])
    writer.writerows([_plain(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _plain(value):
    if value is False or value is None:
        return ""
    return guard(value)
