from odoo import fields, models

CADENCES = [
    ("asked", "As regulations ask, else monthly"),
    ("none", "None"),
    ("month", "Monthly"),
    ("quarter", "Quarterly"),
]
"""How often drafts make themselves; what a regulation asks for is made in any case."""


class ResCompany(models.Model):
    """A company says how often it reports on its service, and on what events."""

    _inherit = "res.company"

    service_report_project_cadence = fields.Selection(
        CADENCES, string="Project Quality Analysis Reports", default="asked"
    )
    service_report_department_cadence = fields.Selection(
        CADENCES, string="Department Summary Reports", default="asked"
    )
    service_report_missed_a_day = fields.Integer(
        string="Missed Targets a Day",
        default=10,
        help="So many missed on a day make an event report; 0: never.",
    )
    service_name_engineers = fields.Boolean(
        string="Name Engineers to Customers",
        help="Customer service reports say who worked on a ticket.",
    )

    _service_report_missed_check = models.Constraint(
        "CHECK (service_report_missed_a_day >= 0)",
        "An event report is made at a number of missed targets, or 0 for never.",
    )
