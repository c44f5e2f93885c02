from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.tools.form_text import weigh

from .service_quality_improvement_plan import KINDS

DECISIONS = [
    ("take", "Take up"),
    ("wait", "Wait"),
]


class ServiceQualityImprovementPlanLine(models.Model):
    """A gap in the running of a process, and what is done about it."""

    _name = "service.quality.improvement.plan.line"
    _description = "Gap of a Service Improvement Plan"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.decision.line.mixin",
        "service.quality.measure.source.mixin",
    ]
    _decision_record = "plan_id"
    _order = "plan_id desc, sequence, id"

    plan_id = fields.Many2one(
        "service.quality.improvement.plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    sequence = fields.Integer(string="Rank", default=1000)
    key = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, default="other")
    name = fields.Char(string="Gap", required=True)
    process_id = fields.Many2one("helpdesk.ticket.type", ondelete="restrict")
    missed_count = fields.Integer(string="Missed", readonly=True)
    due_count = fields.Integer(string="Out Of", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    decision = fields.Selection(DECISIONS, copy=False)
    remedy = fields.Text(
        string="What Is Done, or Why It Waits",
        copy=False,
    )
    owner_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        copy=False,
        ondelete="restrict",
    )
    deadline = fields.Date(string="Until", copy=False)

    _key_uniq = models.UniqueIndex("(plan_id, key) WHERE key IS NOT NULL")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.plan_id._check_open({"line_ids"})
        return lines

    def write(self, vals):
        """Change only gaps of a plan that is not approved; what was found stays."""
        self.plan_id._check_open({"line_ids"})
        if {"name", "plan_id"} & vals.keys() and not self.env.su:
            if any(self.mapped("key")):
                raise UserError(
                    self.env._("What was found by a query is not renamed or moved.")
                )
        result = super().write(vals)
        self.plan_id._check_open({"line_ids"})  # of the one that it came to
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_found(self):
        self.plan_id._check_open({"line_ids"})
        if not self.env.su and any(self.mapped("key")):
            raise UserError(
                self.env._("A gap that was found stays. Say why nothing is done yet.")
            )

    @api.model
    def _step_refusal(self, label):
        return self.env._("%s comes from a query. Nobody writes it by hand.", label)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _store(self, plan, gaps):
        """Write the gaps of a plan by their rank, and keep what people have written.

        What is no gap any more goes, unless somebody has written about it: then it
        stands behind all gaps.

        :param gaps: list of :class:`~..tools.gaps.Gap`, the heaviest first
        """
        known = {line.key: line for line in plan.line_ids if line.key}
        fresh = []
        for number, gap in enumerate(gaps, 1):
            values = {
                "sequence": number,
                "name": gap.name,
                "kind": gap.kind,
                "process_id": gap.process_id,
                "missed_count": gap.missed,
                "due_count": gap.due,
                "res_model": gap.model,
                "res_id": gap.res_id,
            }
            if gap.key in known:
                known.pop(gap.key)._write_as_step(values)
            else:
                fresh.append(values | {"key": gap.key})
        gone = plan.line_ids.browse(line.id for line in known.values())
        kept = gone.filtered(lambda line: line.remedy or line.decision)
        kept._write_as_step({"sequence": len(gaps) + 1, "missed_count": 0})
        (gone - kept).unlink()
        # nobody enters gaps by hand
        self.sudo()._create_as_step([one | {"plan_id": plan.id} for one in fresh])

    def _is_decided(self):
        """Return True if it is said what is done by whom and until when, or why not."""
        self.ensure_one()
        if not self.decision or weigh(self.remedy) < LEAST_REASON:
            return bool(self.decision and self._standing_measures())
        return self.decision == "wait" or bool(self.owner_id and self.deadline)

    def _signed(self):
        """Return what is signed of a gap, as JSON holds it."""
        return [
            self.name,
            self.kind,
            self.process_id.id,
            self.missed_count,
            self.due_count,
            self.decision or "",
            self.remedy or "",
            self.owner_id.id,
            fields.Date.to_string(self.deadline) or "",
        ]

    def _measure_values(self):
        return {
            "name": self.remedy if self.decision == "take" else "",
            "type_action": "correction",
            "company_id": self.company_id.id,
            "user_id": self.owner_id.id,
            "date_deadline": self.deadline,
            "service_about_on": self.plan_id.date_from,
        }

    def _measure_name(self):
        parts = (self.plan_id.display_name, self.process_id.name, self.name)
        return " · ".join(filter(None, parts))

    def _measure_approval(self):
        return self.plan_id.decided_by_id, self.plan_id.decided_at

    def _carry_out(self):
        """Make measures of what is taken up."""
        return self.filtered(lambda line: line.decision == "take")._commit_measures()
