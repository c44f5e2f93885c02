from odoo import fields, models


class ServiceQualityCallbackScript(models.Model):
    """A script gives the caller's first and last words, in the customer's language."""

    _name = "service.quality.callback.script"
    _description = "Follow-up Call Script"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: for every company.", ondelete="restrict"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        check_company=True,
        help="Empty: for every department.",
        ondelete="restrict",
    )
    opening = fields.Text(
        required=True,
        translate=True,
        help="{customer}, {caller}, {company} and {ticket} stand for their names.",
    )
    closing = fields.Text(required=True, translate=True)

    def _for_callback(self, callback):
        """Return opening and closing for a call, the most particular script first.

        :return: dict ``{"opening", "closing"}`` in the language of the environment
        """
        scripts = self.search(
            [
                ("company_id", "in", (False, callback.company_id.id)),
                ("team_id", "in", (False, callback.team_id.id)),
            ]
        )
        script = scripts.sorted(
            lambda script: (not script.team_id, not script.company_id, script.sequence)
        )[:1]
        ticket = callback.ticket_id
        names = {
            "{customer}": callback.partner_id.name or ticket.partner_name or "",
            "{caller}": self.env.user.name,
            "{company}": callback.company_id.name,
            "{ticket}": f"{ticket.number} {ticket.name}",
        }
        return {
            part: self._fill(script[part], names) for part in ("opening", "closing")
        }

    def _fill(self, text, names):
        # whatever else stands in braces is the author's own
        for placeholder, name in names.items():
            text = (text or "").replace(placeholder, name)
        return text or ""
