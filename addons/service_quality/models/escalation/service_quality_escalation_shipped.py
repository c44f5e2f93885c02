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

REPORTING = [
    ("days", 1, "quality", "activity"),
    ("days", 3, "technical_centre", "activity"),
    ("days", 7, "executive", "activity"),
]
"""Who looks after reports, who reviews them, who reads them."""

DEVIATION = [
    ("days", 1, "assignee", "activity"),
    ("days", 1, "quality", "activity"),
    ("days", 7, "service_manager", "activity"),
    ("days", 7, "executive", "activity"),
]

OBLIGATION = [
    ("days", 1, "quality", "activity"),
    ("days", 7, "executive", "activity"),
]

SHIPPED = {
    # what it is about and of which complaints: its place and its steps
    ("promise", False): (10, LEVELS),
    ("promise", "major"): (20, MAJOR_COMPLAINT),
    ("report", False): (30, REPORTING),
    ("acknowledgement", False): (40, REPORTING),
    ("instruction", False): (50, REPORTING),
    ("objection", False): (60, REPORTING),
    ("deviation", False): (70, DEVIATION),
    ("obligation", False): (80, OBLIGATION),
}


class ServiceQualityEscalation(models.Model):
    """The rules that every company starts with."""

    _inherit = "service.quality.escalation"

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
            for rule in SHIPPED
            if (company, rule[0]) not in known
        ]
        rules = self.create([self._prepare_shipped(*one) for one in wanted])
        alike = {}
        for rule, (_company, key) in zip(rules, wanted, strict=True):
            alike[key] = alike.get(key, self) | rule
        for code, _name in self.env["res.lang"].get_installed():
            names = self._shipped_names(code)
            for key, some in alike.items():
                some.with_context(lang=code).name = names[key]
        return rules

    @api.model
    def _prepare_shipped(self, company, key):
        subject, severity = key
        sequence, steps = SHIPPED[key]
        return {
            "name": self._shipped_names("en_US")[key],
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

    @api.model
    def _shipped_names(self, lang):
        """Return the names of the rules in a language, as they are shipped."""
        env = self.with_context(lang=lang).env
        names = {
            "promise": env._("Every promise, in three levels"),
            "report": env._("Reports not sent in time"),
            "acknowledgement": env._("Reports not acknowledged in time"),
            "instruction": env._("Instructions not done in time"),
            "objection": env._("Objections not answered in time"),
            "deviation": env._("Deviations not analysed in time"),
            "obligation": env._("Obligations overdue"),
        }
        return {(subject, False): name for subject, name in names.items()} | {
            ("promise", "major"): env._("Major complaints at once")
        }
