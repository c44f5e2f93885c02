from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user

from ..models import roles

ROLES = tuple(dict(roles.ROLES))
INSIDERS = tuple(role for role in ROLES if role not in ("staff", "sales"))
"""Who reads all tickets and what hangs on them."""

OUTSIDERS = ("employee", "portal", "public")


class RoleMixin:
    """One user in each of our roles and outside of them, and what they may not do."""

    @classmethod
    def _make_users(cls, prefix, **portal):
        """Make ``cls.users``, by role.

        :param prefix: of their logins
        :param portal: values of the customer's user instead of a new contact of Acme
        """
        cls.users = {role: cls._user(f"{prefix}_{role}", role) for role in ROLES}
        cls.users["employee"] = new_test_user(cls.env, login=f"{prefix}_employee")
        cls.users["portal"] = new_test_user(
            cls.env,
            login=f"{prefix}_portal",
            groups="base.group_portal",
            **portal or {"parent_id": cls.acme.id, "email": "portal@acme.example"},
        )
        cls.users["public"] = cls.env.ref("base.public_user")

    def may(self, role, records, operation):
        return records.with_user(self.users[role]).has_access(operation)

    def assertMay(self, records, operation, *roles):
        """Assert that just these roles may do something to records."""
        found = {role for role in self.users if self.may(role, records, operation)}
        self.assertEqual(found, set(roles), (records, operation))

    def others(self, *roles):
        return [role for role in self.users if role not in roles]

    def call(self, role, model, method, *args, **kwargs):
        """Call a method as another program does: only what is public, as that user."""
        return call_kw(self.env(user=self.users[role])[model], method, args, kwargs)

    def assertRefused(self, roles, attempt):
        """Assert that an attempt, which is given a role, is refused to each of some."""
        for role in roles:
            with (
                self.subTest(role=role),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                attempt(role)

    def assertAllowed(self, roles, attempt):
        """Assert that each of some roles may do something, and undo it."""
        for role in roles:
            with self.subTest(role=role), self.env.cr.savepoint() as savepoint:
                attempt(role)
                savepoint.rollback()
            self.env.invalidate_all()
