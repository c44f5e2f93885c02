from odoo import fields, models


class ResCompany(models.Model):
    """A company says to whom its complaints go, and where people complain."""

    _name = "res.company"
    _inherit = ["res.company", "service.quality.hotline"]

    service_technical_centre_id = fields.Many2one(
        "helpdesk.ticket.team",
        groups="base.group_user",
        string="Technical Service Centre",
        index="btree_not_null",
        help="Every major complaint is assigned to this team at once.",
        ondelete="restrict",
    )
    service_complaint_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        groups="base.group_user",
        string="Team for Complaints",
        index="btree_not_null",
        help="Has new complaints first. Empty: the team that they are about.",
        ondelete="restrict",
    )
    service_pass_on_every_complaint = fields.Boolean(
        string="Pass On Every Complaint",
        help="A complaint of any severity goes at once to the quality officer of the "
        "outlet that it is about, or to whoever leads it.",
    )
    service_hotline = fields.Char(
        string="Supervision Hotline",
        help="The number at which people complain, printed on every form and receipt.",
    )
    service_hotline_tester_id = fields.Many2one(
        "res.users",
        groups="base.group_user",
        string="Who Tests the Hotline",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Calls every hotline once in a quarter. Empty: somebody of the quality "
        "department.",
    )

    def _service_passes_on_every_complaint(self):
        """Return True if complaints of any severity are passed on at once.

        The company's regulation asks for it, or the company wishes it besides.
        """
        self.ensure_one()
        return self.service_pass_on_every_complaint or self._service_regulation_asks(
            "pass_on_complaints"
        )

    def _service_hotline_tester(self):
        """Return who calls the hotlines of a company once in a quarter."""
        tester = self._service_people(self.service_hotline_tester_id)
        return tester or self._service_role_users("quality")[:1]

    def _service_hotline_number(self):
        return self.service_hotline or super()._service_hotline_number()
