from odoo import models

from .service_quality_desk_nudge import CHANNEL


class IrWebsocket(models.AbstractModel):
    """Lets those who watch the desk hear that there is something new."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let those who watch the desk hear the nudges of their companies.

        The channel that a client names is replaced: those that nudges are sent to
        belong to a company's record, which no client can name.
        """
        user = self.env.user
        wanted = CHANNEL in channels
        channels = [channel for channel in channels if channel != CHANNEL]
        if wanted and self.env["service.quality.desk"]._is_watched_by(user):
            channels += [(company, CHANNEL) for company in user.company_ids]
        return super()._build_bus_channel_list(channels)
