from . import test_evidence
from . import test_evidence_pack
from . import test_js
from . import test_policy
from . import test_register
from . import test_register_security
from . import test_regulation
from . import test_rule_change
