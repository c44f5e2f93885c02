from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Give companies the rules about what is due until a day."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["service.quality.escalation"]._ship_rules()
