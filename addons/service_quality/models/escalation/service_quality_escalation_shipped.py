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


class ServiceQualityEscalation(models.Model):
    """The rules that every company starts with."""

    _inherit = "service.quality.escalation"

    @api.model
    def _shipped(self):
        """Return what each company starts with; addons add rules about what they bring.

        :return: dict of (subject, severity of complaints or False) to the rule's place,
            its name in the user's language, and its steps: a list of tuples of trigger,
            amount, recipient and action
        """
        return {
            ("promise", False): (
                10,
                self.env._("Every promise, in three levels"),
                LEVELS,
            )
        }

    @api.model
    def _ship_rules(self):
        """Give each company those that work from the start.

        Where it ever had a rule about something it is given none about it.
        """
        known = set(
            self.with_context(active_test=False)._read_group(
                [], ["company_id", "subject"]
            )
        )
        wanted = [
            (company, rule)
            for company in self.env["res.company"].search([])
            for rule in self._shipped()
            if (company, rule[0]) not in known
        ]
        rules = self.create([self._prepare_shipped(*one) for one in wanted])
        alike = {}
        for rule, (_company, key) in zip(rules, wanted, strict=True):
            alike[key] = alike.get(key, self) | rule
        for code, _name in self.env["res.lang"].get_installed():
            shipped = self.with_context(lang=code)._shipped()
            for key, some in alike.items():
                _place, name, _steps = shipped[key]
                some.with_context(lang=code).name = name
        return rules

    @api.model
    def _prepare_shipped(self, company, key):
        subject, severity = key
        sequence, name, steps = self.with_context(lang="en_US")._shipped()[key]
        return {
            "name": name,
            "company_id": company.id,
            "sequence": sequence,
            "subject": subject,
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
