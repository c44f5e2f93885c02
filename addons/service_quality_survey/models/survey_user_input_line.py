from odoo import api, models


class SurveyUserInputLine(models.Model):
    """Is what one person answered to one question; once given it stays as it is."""

    _inherit = "survey.user_input.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.user_input_id._service_check_open()
        return lines

    def write(self, vals):
        self.user_input_id._service_check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_service_answer(self):
        self.user_input_id._service_check_open()
