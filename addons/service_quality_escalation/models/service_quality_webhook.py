import re
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import NO_ACCESS

WRITE_ONLY = {"url": "stored_url", "secret": "stored_secret"}
"""What can be set and never be read again: where it is typed, and where it is kept."""

PRIVATE = "service_quality_escalation.webhook_private"
"""The system parameter that lets channels of the own network pass, also without TLS."""


class ServiceQualityWebhook(models.Model):
    """A channel takes alarms to a chat service, or to another program.

    The address of such a channel holds a key. It is kept like the secret that signs
    messages: both can be replaced, and are never shown.
    """

    _name = "service.quality.webhook"
    _description = "Channel for Alarms"
    _inherit = ["service.quality.steps.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    kind = fields.Selection(
        [
            ("wecom", "WeCom (企业微信)"),
            ("dingtalk", "DingTalk (钉钉)"),
            ("feishu", "Feishu (飞书)"),
            ("json", "Other program (JSON)"),
        ],
        required=True,
        default="wecom",
    )
    url = fields.Char(
        string="Address",
        compute="_compute_write_only",
        inverse="_inverse_write_only",
        help="It is not shown again. Enter it anew to replace it.",
    )
    secret = fields.Char(
        compute="_compute_write_only",
        inverse="_inverse_write_only",
        help="The key that messages are signed with, where the channel asks for it. It "
        "is not shown again. Enter it anew to replace it.",
    )
    stored_url = fields.Char(groups=NO_ACCESS, copy=False)
    stored_secret = fields.Char(groups=NO_ACCESS, copy=False)
    host = fields.Char(string="Service", readonly=True, copy=False)
    has_secret = fields.Boolean(string="With Signature", readonly=True, copy=False)
    per_minute = fields.Integer(
        string="Messages a Minute",
        required=True,
        default=18,
        help="Chat services refuse more than so many; the rest waits for its turn.",
    )
    delivery_ids = fields.One2many("service.quality.webhook.delivery", "webhook_id")
    failed_count = fields.Integer(compute="_compute_failed_count")

    _per_minute_check = models.Constraint(
        "CHECK (per_minute BETWEEN 1 AND 6000)",
        "A channel takes at least one message a minute, and at most 6,000.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    def _compute_write_only(self):
        self.url = self.secret = False

    def _inverse_write_only(self):
        """Do nothing: :meth:`create` and :meth:`write` have put them away."""

    def _compute_failed_count(self):
        counts = dict(
            self.env["service.quality.webhook.delivery"]._read_group(
                [("webhook_id", "in", self.ids), ("state", "=", "failed")],
                ["webhook_id"],
                ["__count"],
            )
        )
        for webhook in self:
            webhook.failed_count = counts.get(webhook, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        webhooks = super().create([self._without_secrets(vals) for vals in vals_list])
        for webhook, vals in zip(webhooks, vals_list, strict=True):
            if not vals.get("url"):
                raise ValidationError(self.env._("Enter the address of the channel."))
            webhook._put_away(vals)
        return webhooks

    def write(self, vals):
        result = super().write(self._without_secrets(vals))
        self._put_away(vals)
        return result

    @api.model
    def _without_secrets(self, vals):
        """Return the values less what must not get into memory, where it is read."""
        return {name: vals[name] for name in vals if name not in WRITE_ONLY}

    def _put_away(self, vals):
        """Keep what is write-only where no user reads it; empty leaves it as it is.

        A space takes the secret away.
        """
        kept = {}
        if vals.get("url"):
            url = vals["url"].strip()
            kept["stored_url"] = url
            kept["host"] = self._check_address(url).hostname
        if vals.get("secret"):
            secret = vals["secret"].strip()
            kept["stored_secret"] = secret or False
            kept["has_secret"] = bool(secret)
        if kept:
            # no user may write these; access to the record was checked before
            self.sudo()._write_as_step(kept)

    @api.model
    def _check_address(self, url):
        """Return the parts of an address, or say what is wrong with it."""
        schemes = ("https", "http") if self._private_allowed() else ("https",)
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts = port = None
        if (
            parts is None
            or parts.scheme not in schemes
            or not re.fullmatch(r"[\w.:-]+", parts.hostname or "")
            or parts.username is not None
            or port == 0
        ):
            raise ValidationError(
                self.env._(
                    "That is no address of a channel. It begins with https:// and "
                    "comes from the settings of the chat group."
                )
            )
        return parts

    @api.model
    def _private_allowed(self):
        # a setting of the whole database, which a service manager may not read
        return bool(self.env["ir.config_parameter"].sudo().get_param(PRIVATE))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_test(self):
        """Send a message to the channel, and say what came of it."""
        self.ensure_one()
        self.check_access("write")
        delivery = self.env["service.quality.webhook.delivery"].sudo()  # by us only
        delivery = delivery.create(
            {
                "webhook_id": self.id,
                "text": self.env._(
                    "Test from Odoo by %s: alarms will arrive here.", self.env.user.name
                ),
            }
        )
        delivery._attempt()
        done = delivery.state == "delivered"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if done else "danger",
                "message": self.env._("The message has arrived.")
                if done
                else self.env._("The message did not arrive: %s", delivery.result),
                "sticky": not done,
            },
        }

    def action_view_deliveries(self):
        """Open what was sent to the channel."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_escalation.service_quality_webhook_delivery_action"
        )
        return action | {"domain": [("webhook_id", "=", self.id)], "context": {}}
