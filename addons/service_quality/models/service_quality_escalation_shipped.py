from odoo import Command, api, models

LEVELS = [
    # when, at, whom, what
    ("percent", 80, "assignee", "activity"),
    ("percent", 100, "duty", "activity"),
    ("percent", 100, "leader", "mail"),
    ("percent", 150, "service_manager", "activity"),
    ("percent", 150, "service_manager", "mail"),
]
"""Three levels: who works on it, who looks after the team, who answers for it."""

MAJOR_COMPLAINT = [
    ("complaint", 0, "technical_centre", "activity"),
    ("complaint", 0, "service_manager", "mail"),
    ("complaint", 0, "executive", "mail"),
]


class ServiceQualityEscalation(models.Model):
    """The rules that every company starts with."""

    _inherit = "service.quality.escalation"

    @api.model
    def _ship_rules(self):
        """Give each company that never had a rule those that work from the start."""
        known = self.with_context(active_test=False)._read_group([], ["company_id"])
        companies = self.env["res.company"].search(
            [("id", "not in", [company.id for (company,) in known])]
        )
        values = [
            self._prepare_shipped(company, *rule)
            for company in companies
            for rule in (
                (10, False, LEVELS),
                (20, "major", MAJOR_COMPLAINT),
            )
        ]
        rules = self.create(values)
        for code, _name in self.env["res.lang"].get_installed():
            names = self._shipped_names(code)
            for severity, some in rules.grouped("severity").items():
                some.with_context(lang=code).name = names[severity]
        return rules

    @api.model
    def _prepare_shipped(self, company, sequence, severity, steps):
        return {
            "name": self._shipped_names("en_US")[severity],
            "company_id": company.id,
            "sequence": sequence,
            "severity": severity,
            "step_ids": [
                Command.create(
                    {
                        "sequence": 10 * number,
                        "trigger": trigger,
                        "amount": amount,
                        "recipient": recipient,
                        "action": action,
                    }
                )
                for number, (trigger, amount, recipient, action) in enumerate(steps, 1)
            ],
        }

    @api.model
    def _shipped_names(self, lang):
        """Return the names of the rules in a language, by severity."""
        env = self.with_context(lang=lang).env
        return {
            False: env._("Every promise, in three levels"),
            "major": env._("Major complaints at once"),
        }
