from odoo import api, models


class ServiceQualityReportInstruction(models.Model):
    """An executive's instruction (批示) is a measure that is approved from the start.

    Regulation A3.1.2. The owner reports either of the two done, and both are.
    """

    _name = "service.quality.report.instruction"
    _inherit = [
        "service.quality.report.instruction",
        "service.quality.measure.source.mixin",
    ]

    def _measure_values(self):
        return {
            "name": self.text,
            "type_action": "correction",
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "date_deadline": self.deadline,
            "service_about_on": self.report_id.date_from,
            "service_team_id": self.report_id.team_id.id,
            "service_project_id": self.report_id.project_id.id,
        }

    def _measure_name(self):
        return self.env._("Instruction on %s", self.report_id.display_name)

    def _measure_approval(self):
        return self.author_id, self.create_date

    @api.model_create_multi
    def create(self, vals_list):
        instructions = super().create(vals_list)
        instructions._commit_measures()
        return instructions

    def write(self, vals):
        """Let the measure follow its owner and its day, as the executive sets them."""
        result = super().write(vals)
        followed = {"user_id": "user_id", "deadline": "date_deadline"}
        moved = {followed[name]: vals[name] for name in followed.keys() & vals.keys()}
        if moved:
            measures = self.sudo().service_measure_ids  # the executive may not write
            measures.filtered(lambda one: one.service_state == "open")._write_as_step(
                moved
            )
        return result

    def _move_due(self, day, reason):
        """Move the day of the measure along, with the same reason."""
        move = super()._move_due(day, reason)
        measures = self.sudo().service_measure_ids  # who may move it was checked
        for measure in measures.filtered(lambda one: one.service_state == "open"):
            measure._move_due(day, reason)  # it has one
        return move

    def _follow_done(self, result):
        """Report the instruction done with its measure."""
        for instruction in self.filtered(lambda one: one.state == "open"):
            instruction.complete(result)

    def complete(self, result, external_ref=None):
        """Report instructions done, and their measures."""
        done = super().complete(result, external_ref=external_ref)
        measures = self.sudo().service_measure_ids  # who completes it was checked
        measures.filtered(lambda one: one.service_state == "open")._note_done(result)
        return done
