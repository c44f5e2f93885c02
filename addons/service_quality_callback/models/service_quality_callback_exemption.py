from odoo import fields, models


class ServiceQualityCallbackExemption(models.Model):
    """An exemption names tickets that are not called back; each use is counted."""

    _name = "service.quality.callback.exemption"
    _description = "Exemption from Follow-up Calls"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: for every company.", ondelete="restrict"
    )
    no_contact = fields.Boolean(
        string="Nobody to Call",
        default=True,
        help="Only tickets without a person who asked for them and without a contact "
        "named in the agreement, such as an alarm from monitoring.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        check_company=True,
        ondelete="restrict",
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category", check_company=True, ondelete="restrict"
    )
    channel_id = fields.Many2one("helpdesk.ticket.channel", ondelete="restrict")
    process_id = fields.Many2one("helpdesk.ticket.type", ondelete="restrict")
    callback_ids = fields.One2many(
        "service.quality.callback", "exemption_id", string="Follow-up Calls"
    )
    callback_count = fields.Integer(
        compute="_compute_callback_count", string="Number of Follow-up Calls"
    )

    def _compute_callback_count(self):
        counts = dict(
            self.env["service.quality.callback"]._read_group(
                [("exemption_id", "in", self.ids)], ["exemption_id"], ["__count"]
            )
        )
        for rule in self:
            rule.callback_count = counts.get(rule, 0)

    def action_view_callbacks(self):
        """Open the calls that were exempt by the rule."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_callback.service_quality_callback_action"
        )
        return action | {"domain": [("exemption_id", "=", self.id)], "context": {}}

    def _match(self, ticket, has_contact):
        """Return the first of the rules that exempts a ticket, or none."""
        for rule in self:
            if rule._applies(ticket, has_contact):
                return rule
        return self.browse()

    def _applies(self, ticket, has_contact):
        if self.no_contact and has_contact:
            return False
        path = ticket.category_id.parent_path or ""
        return (
            self.company_id.id in (False, ticket.company_id.id)
            and self.team_id.id in (False, ticket.team_id.id)
            and self.channel_id.id in (False, ticket.channel_id.id)
            and self.process_id.id in (False, ticket.type_id.id)
            and (not self.category_id or str(self.category_id.id) in path.split("/"))
        )
