"""The management system's own tests, in a company without a regulation."""

from odoo.tests import TransactionCase, tagged

from odoo.addons.mgmtsystem_nonconformity.tests import test_nonconformity as theirs
from odoo.addons.service_quality_core.tests.common import ServiceQualityCase


class FreeCase(TransactionCase):
    """No regulation is in force in any company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._forget_regulations()

    _ours = classmethod(ServiceQualityCase._ours.__func__)
    _forget_regulations = classmethod(ServiceQualityCase._forget_regulations.__func__)


@tagged("post_install", "-at_install")
class TestNonconformityTheirs(theirs.TestModelNonConformity, FreeCase):
    """Where no regulation is in force the management system works as it did."""

    def test_no_gate_is_ours(self):
        self.assertFalse(self.nc_test.service_is_gated)
        self.assertFalse(self.nc_test.service_due_on)
