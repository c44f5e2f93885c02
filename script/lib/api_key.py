# Fed to "odoo shell": prints an API key of the administrator, for JSON-2.
# ruff: noqa: F821, INP001
from datetime import timedelta

from odoo import fields

admin = env.ref("base.user_admin")
print(
    env["res.users.apikeys"]
    .with_user(admin)
    ._generate("rpc", "tests", fields.Datetime.now() + timedelta(days=1))
)
env.cr.commit()
