from odoo import Command, api, fields, models
from odoo.exceptions import UserError

BESIDE = frozenset({"name", "sequence", "active"})
"""What may be changed of a rule without asking for its approval again."""


class ServiceQualityCallbackExemption(models.Model):
    """An exemption names tickets that are not called back; each use is counted.

    A rule holds for the tickets that are handled after an executive has approved it,
    who is not the one who wrote it.
    """

    _name = "service.quality.callback.exemption"
    _description = "Exemption from Follow-up Calls"
    _inherit = ["service.quality.approval.mixin"]
    _order = "sequence, id"
    _check_company_auto = True
    _second_roles = ("executive",)
    _not_authored = BESIDE

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
    covered_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Categories It Covers",
        readonly=True,
        copy=False,
        help="The category and those below it when the rule was approved. One that "
        "comes below it later is covered once the rule is approved again.",
    )
    channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        ondelete="restrict",
        help="By which the ticket was opened, whatever it says later.",
    )
    process_id = fields.Many2one("helpdesk.ticket.type", ondelete="restrict")
    state = fields.Selection(
        [("requested", "To Approve"), ("approved", "Approved")],
        required=True,
        default="requested",
        readonly=True,
        copy=False,
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
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

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Ask for approval again where a rule comes to exempt other tickets."""
        result = super().write(vals)
        if vals.keys() - BESIDE:
            self._write_as_step(
                {
                    "state": "requested",
                    "approved_at": False,
                    "covered_ids": [Command.clear()],
                }
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.sudo().callback_ids:  # also calls that the user may not see
            raise UserError(
                self.env._(
                    "Calls were exempt by this rule, so it is part of the record. "
                    "Archive it instead."
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_callbacks(self):
        """Open the calls that were exempt by the rule."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_callback.service_quality_callback_action"
        )
        return action | {"domain": [("exemption_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _refusal(self):
        return self.env._("An executive approves which tickets are not called back.")

    def _prepare_decided(self, state):
        categories = self.category_id.with_context(active_test=False)
        covered = categories.search([("id", "child_of", categories.ids)])
        return {
            "state": state,
            "approved_at": fields.Datetime.now(),
            "covered_ids": [Command.set(covered.ids)],
        }

    def _ship(self):
        """Approve the rule that comes with the addon: it spares calls to nobody."""
        self._write_as_step({"state": "approved"})

    def _match(self, ticket, has_contact):
        """Return the first of the rules that exempts a ticket, or none."""
        for rule in self:
            if rule._applies(ticket, has_contact):
                return rule
        return self.browse()

    def _applies(self, ticket, has_contact):
        if self.no_contact and has_contact:
            return False
        return (
            self.company_id.id in (False, ticket.company_id.id)
            and self.team_id.id in (False, ticket.team_id.id)
            and self.channel_id.id in (False, ticket.service_first_channel_id.id)
            and self.process_id.id in (False, ticket.type_id.id)
            and (not self.category_id or ticket.category_id in self.covered_ids)
        )
