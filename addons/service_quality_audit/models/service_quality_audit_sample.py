import json
import secrets

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.tools.draw import draw

from .audit_data import SAMPLES

SIZE, MOST = 5, 100

HOW = (
    "Python 3: import json, random; d = json.load(open('this file')); "
    "n = min(d['size'], len(d['population'])); "
    "print(sorted(random.Random(d['seed']).sample(sorted(d['population']), n)) "
    "== d['drawn'])"
)
"""How a reader of the evidence pack repeats a draw."""


class ServiceQualityAuditSample(models.Model):
    """A sample of cases of one link of delivery, drawn at random (M11).

    Seed, population and size are kept, so that anybody can repeat the draw. Of each
    kind and link there is one: nobody draws until they like what comes out. A part of
    the seed is made at the draw: nobody tries words until one draws what they like.
    """

    _name = "service.quality.audit.sample"
    _description = "Sample of an Audit"
    _inherit = ["service.quality.steps.mixin"]
    _order = "audit_id desc, id"

    audit_id = fields.Many2one(
        "mgmtsystem.audit", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="audit_id.company_id", store=True)
    kind = fields.Selection(
        SAMPLES, string="Sample Of", required=True, default="ticket"
    )
    process_id = fields.Many2one(
        "helpdesk.ticket.type",
        string="Link of Delivery",
        required=True,
        ondelete="restrict",
    )
    size = fields.Integer(required=True, default=SIZE)
    seed = fields.Char(readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True, help="The last day.")
    population = fields.Json(readonly=True, help="The ids that were drawn from.")
    population_count = fields.Integer(string="Drawn From", readonly=True)
    drawn = fields.Json(string="Ids", readonly=True, help="The ids that were drawn.")
    drawn_count = fields.Integer(string="Drawn", readonly=True)
    drawn_at = fields.Datetime(string="Drawn On", readonly=True)
    drawn_by_id = fields.Many2one("res.users", readonly=True)
    ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        "service_quality_audit_sample_ticket_rel",
        string="Tickets",
        readonly=True,
    )
    callback_ids = fields.Many2many(
        "service.quality.callback",
        "service_quality_audit_sample_callback_rel",
        string="Follow-up Calls",
        readonly=True,
    )

    _kind_uniq = models.UniqueIndex(
        "(audit_id, kind, process_id)",
        "A sample of this kind was drawn from this link already. It stays, because a "
        "second draw would be a choice.",
    )

    @api.depends("kind", "process_id", "drawn_count", "population_count")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for sample in self:
            sample.display_name = (
                f"{labels.get(sample.kind)}: {sample.process_id.name or ''} "
                f"({sample.drawn_count} / {sample.population_count})"
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("size")
    def _check_size(self):
        for sample in self:
            if not 0 < sample.size <= MOST:
                raise ValidationError(self.env._("A sample has 1 to %s cases.", MOST))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Draw at once: what was drawn is kept with what it was drawn from."""
        samples = super().create(vals_list)
        samples.audit_id._check_not_closed()
        samples.audit_id._check_auditor()
        for sample in samples:
            sample.sudo()._draw(self.env.user)  # from all there is, whoever draws
        return samples

    def write(self, vals):
        """Refuse to change what was drawn."""
        if not self.env.su:
            raise UserError(self.env._("What was drawn stays as it was drawn."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        raise UserError(self.env._("What was drawn stays as it was drawn."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_cases(self):
        """List what was drawn."""
        self.ensure_one()
        model = "service.quality.callback" if self.kind == "call" else "helpdesk.ticket"
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.drawn or [])],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _draw(self, user):
        """Draw one sample, and keep what it was drawn from.

        :param user: who draws
        """
        self.ensure_one()
        audit = self.audit_id
        if not (audit.service_date_from and audit.service_date_to):
            raise ValidationError(
                self.env._("Enter on which days the audit looks back.")
            )
        if not audit.service_seed:
            # made up by neither Odoo nor the clock
            audit._write_as_step({"service_seed": secrets.token_hex(8)})
        by_nobody = secrets.token_hex(8)
        seed = f"{audit.service_seed}/{by_nobody}/{self.kind}/{self.process_id.id}"
        cases = self._cases()
        drawn = draw(seed, cases.ids, self.size)
        linked = "callback_ids" if self.kind == "call" else "ticket_ids"
        self._write_as_step(
            {
                "seed": seed,
                "date_from": audit.service_date_from,
                "date_to": audit.service_date_to,
                "population": sorted(cases.ids),
                "population_count": len(cases),
                "drawn": drawn,
                "drawn_count": len(drawn),
                "drawn_at": fields.Datetime.now(),
                "drawn_by_id": user.id,
                linked: [Command.set(drawn)],
            }
        )

    def _cases(self):
        """Return all cases of the kind and link in the time that is looked back on."""
        start, end = self.audit_id._period()
        at = "opened_at" if self.kind == "call" else "service_opened_at"
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain(at, ">=", start)
            & Domain(at, "<", end)
        )
        if self.kind == "call":
            domain &= Domain("ticket_id.type_id", "=", self.process_id.id)
            Model = self.env["service.quality.callback"]
        else:
            domain &= Domain("type_id", "=", self.process_id.id)
            Model = self.env["helpdesk.ticket"]
        if self.kind == "complaint":
            domain &= Domain("service_is_complaint", "=", True)
        return Model.with_context(active_test=False).search(domain, order="id")

    def _content(self):
        """Return the draw as anybody can repeat it."""
        self.ensure_one()
        return {
            "kind": self.kind,
            "process": self.process_id.id,
            "from": str(self.date_from),
            "to": str(self.date_to),
            "seed": self.seed,
            "size": self.size,
            "population": self.population or [],
            "drawn": self.drawn or [],
        }

    def _file_name(self):
        return f"draw {self.kind} {self.process_id.id}.json"

    def _as_file(self):
        """Return the draw as a file by which anybody can repeat it."""
        content = self._content() | {
            "drawn_at": str(self.drawn_at),
            "link": self.process_id.name,
            "how_to_repeat": HOW,
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode()
