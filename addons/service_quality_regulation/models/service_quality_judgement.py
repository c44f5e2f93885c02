from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_quality_core.models.base import CarriedJson

from .obligation_data import REASONS, STATES


class ServiceQualityJudgement(models.Model):
    """Says how an obligation stood for a period at a moment, and why.

    Rows are only added, one whenever the answer is another than the one before. So the
    newest row up to the end of a day says how things stood on that day.
    """

    _name = "service.quality.judgement"
    _description = "Judgement of an Obligation"
    _order = "id desc"
    _rec_name = "label"
    _log_access = False

    compliance_id = fields.Many2one(
        "service.quality.compliance",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    obligation_id = fields.Many2one(
        "service.quality.obligation",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    clause_id = fields.Many2one(related="obligation_id.clause_id")
    role = fields.Selection(related="obligation_id.role")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Until",
        required=True,
        readonly=True,
        help="The last day of the period.",
    )
    label = fields.Char(string="Period", required=True, readonly=True)
    judged_at = fields.Datetime(required=True, readonly=True)

    state = fields.Selection(STATES, string="Status", required=True, readonly=True)
    why = fields.Selection(REASONS, required=True, readonly=True)
    note = fields.Char(
        string="Reason",
        readonly=True,
        help="That was given for the decision, or why nobody could do it.",
    )
    remark = fields.Char(
        string="Rests On",
        readonly=True,
        help="Of what was done: how many were brought in by import, were noted without "
        "a connection, or were done by who had only just been given the role.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    due_count = fields.Integer(string="Needed", readonly=True)
    done_count = fields.Integer(string="Done", readonly=True)
    missing_count = fields.Integer(string="Missing", readonly=True)
    late_count = fields.Integer(string="Done Late", readonly=True)
    lost_count = fields.Integer(string="Can Not Be Done Any More", readonly=True)
    late_on = fields.Date(string="Fulfilled Late On", readonly=True)
    sample = CarriedJson(
        string="Sampled Records",
        readonly=True,
        help="Of what was counted: the model, and ids of some that were missing and of "
        "some that were done.",
    )
    sample_text = fields.Char(string="Sample", compute="_compute_sample_text")

    _company_idx = models.Index("(company_id, date_from, obligation_id, id)")

    def init(self):
        """Refuse changes where no method of ours can be passed by."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION service_quality_judgement_refuse()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'Judgements are append-only: % refused.', TG_OP
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE OR REPLACE TRIGGER service_quality_judgement_append_only
                BEFORE UPDATE OR DELETE ON service_quality_judgement
                FOR EACH ROW EXECUTE FUNCTION service_quality_judgement_refuse();
            """
        )

    @api.depends("sample")
    @api.depends_context("uid", "lang")
    def _compute_sample_text(self):
        """Name the records; the numbers stand for what the reader may not read."""
        names = self._sample_names()
        labels = (("missing", self.env._("missing")), ("done", self.env._("done")))
        for judgement in self:
            sample = judgement.sample or {}
            known = names.get(sample.get("model"), {})
            parts = [
                f"{label}: {', '.join(known.get(i, str(i)) for i in sample[key])}"
                for key, label in labels
                if sample.get(key)
            ]
            judgement.sample_text = " · ".join(parts)

    def _sample_names(self):
        """Return names by id by model, of the records that the reader may read."""
        ids = defaultdict(set)
        for sample in filter(None, self.mapped("sample")):
            ids[sample["model"]].update(sample["done"], sample.get("missing", ()))
        names = {}
        for model, wanted in ids.items():
            # its addon may have gone since then
            if model in self.env and self.env[model].has_access("read"):
                records = self.env[model].browse(wanted).exists()
                found = records._filtered_access("read")
                # a model without names calls its records by itself and the number
                pairs = ((record.id, record.display_name) for record in found)
                names[model] = {
                    i: name for i, name in pairs if name and name != f"{model},{i}"
                }
        return names

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_sample(self):
        """List the records that are named: those that were missing, else those done.

        :raise UserError: where the judgement names none, or their addon is gone
        """
        self.ensure_one()
        self.check_access("read")
        sample = self.sample or {}
        model, ids = sample.get("model"), sample.get("missing") or sample.get("done")
        if not ids or model not in self.env:
            raise UserError(self.env._("This judgement names no records."))
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.compliance_id.display_name} · {self.sample_text}",
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse: what was judged was judged."""
        if vals:
            raise UserError(
                self.env._("A judgement stays as it was. What changes is judged anew.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_judged(self):
        raise UserError(self.env._("A judgement stays in the record."))
