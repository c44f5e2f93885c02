from . import test_evidence_pack
from . import test_policy
from . import test_register
