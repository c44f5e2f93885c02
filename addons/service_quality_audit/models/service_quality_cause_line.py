from odoo import api, fields, models
from odoo.exceptions import AccessError

METHODS = [("five_whys", "5 whys"), ("fishbone", "Fishbone")]

BRANCHES = [
    ("people", "People"),
    ("method", "Method and process"),
    ("tool", "Tools and equipment"),
    ("information", "Information and material"),
    ("environment", "Environment"),
    ("measurement", "Measuring and supervision"),
]

LEAST_WHYS = 3
LEAST_BRANCHES = 3
"""With fewer lines a method was not followed, and is one text in another shape."""


class ServiceQualityCauseLine(models.Model):
    """Is one step of the search for a cause by a named method.

    5 whys: each line asks why the answer before it came about. Fishbone: each line is
    what was found on one branch.
    """

    _name = "service.quality.cause.line"
    _description = "Step to a Root Cause"
    _inherit = ["service.quality.steps.mixin", "service.quality.decision.line.mixin"]
    _order = "round desc, sequence, id"
    _rec_name = "answer"
    _decision_record = "nonconformity_id"

    nonconformity_id = fields.Many2one(
        "mgmtsystem.nonconformity", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="nonconformity_id.company_id", store=True)
    service_team_id = fields.Many2one(
        related="nonconformity_id.service_team_id", string="Department", store=True
    )
    round = fields.Integer(required=True, readonly=True, default=1)
    sequence = fields.Integer(default=10)
    method = fields.Selection(METHODS, required=True, default="five_whys")
    branch = fields.Selection(BRANCHES, help="Of a fishbone.")
    question = fields.Char(
        string="Why?", help="For the 5 whys: the question that is asked."
    )
    answer = fields.Char(string="Because", required=True)
    evidence = fields.Char(help="How this is known: records, an interview, a test.")
    is_root = fields.Boolean(string="Root Cause")
    cause_id = fields.Many2one(
        "mgmtsystem.nonconformity.cause",
        string="Kind of Cause",
        index="btree_not_null",
        ondelete="restrict",
        help="Repeated causes are counted by their kind.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        parents = [
            self.env["mgmtsystem.nonconformity"].browse(vals.get("nonconformity_id"))
            for vals in vals_list
        ]
        self.env["mgmtsystem.nonconformity"].union(*parents)._check_analysed()
        for vals in vals_list:
            self._check_by_hand(vals)
        return super()._create_as_step(
            [
                vals | {"round": parent.service_round or 1}
                for vals, parent in zip(vals_list, parents, strict=True)
            ]
        )

    def write(self, vals):
        self._check_current()
        if "nonconformity_id" in vals:
            parent = self.env["mgmtsystem.nonconformity"].browse(
                vals["nonconformity_id"]
            )
            if any(line.nonconformity_id != parent for line in self):
                raise AccessError(
                    self.env._("A cause cannot be moved to another nonconformity.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        self._check_current()

    def _check_current(self):
        """Refuse to change what was signed for, or found in an earlier round."""
        parents = self.nonconformity_id
        parents._check_analysed()
        if any(
            line.round != line.nonconformity_id.service_round
            and line.nonconformity_id.service_is_gated
            for line in self
        ):
            raise AccessError(
                self.env._("What was found in an earlier round stays as it is.")
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _signed(self):
        """Return what of a line is signed for."""
        self.ensure_one()
        return {
            "method": self.method,
            "branch": self.branch,
            "question": self.question,
            "answer": self.answer,
            "evidence": self.evidence,
            "is_root": self.is_root,
            "cause": self.cause_id.id,
        }
