from odoo import api, fields, models


class ServiceQualitySolution(models.Model):
    _name = "service.quality.solution"
    _description = "Solution Category"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.env["helpdesk.ticket"]._service_check_unused("service_solution_id", self)
