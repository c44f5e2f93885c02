from odoo import api, models


class ServiceQualityEvent(models.Model):
    _inherit = "service.quality.event"

    @api.model
    def _kinds(self):
        _ = self.env._
        return super()._kinds() | {
            "acknowledged": _("Complaint acknowledged"),
            "investigating": _("Complaint under investigation"),
            "passed_on": _("Passed on"),
            "root_cause": _("Root cause found"),
            "answered": _("Complaint answered"),
            "answer_accepted": _("Answer accepted"),
            "answer_refused": _("Answer refused"),
            "complaint_closed": _("Complaint closed"),
        }
