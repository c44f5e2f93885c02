from odoo.addons.service_quality_callback.tests.callback_common import CallbackCase
from odoo.addons.service_quality_complaint.tests.complaint_common import ComplaintCase
from odoo.addons.service_quality_regulation.tests.regulation_common import (
    RegulationCase,
)


class ProofCase(CallbackCase, ComplaintCase, RegulationCase):
    """Regulation A is in force, customers are called, and outlets complained about."""
