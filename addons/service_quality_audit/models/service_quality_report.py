from odoo import models


class ServiceQualityReport(models.Model):
    _inherit = "service.quality.report"

    def action_view_measures(self):
        """List the measures of the report's period as they stand today.

        A report that was sent prints what was true then.
        """
        self.ensure_one()
        self.check_access("read")
        period, telling = self._period(), self.env["service.quality.report.telling"]
        lists = self.env["service.quality.period.list"]
        found = [
            lists._measure_domain(telling._about(self, one))
            for one in (period.previous(), period)
        ]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_audit.mgmtsystem_action_action"
        )
        domain = list(found[0] | found[1])
        return action | {"domain": domain, "context": {"create": False}}

    def _send(self):
        """Make measures of what the report says is done about missed goals."""
        result = super()._send()
        self.line_ids.filtered("action")._commit_measures()
        return result
