from . import test_measure
from . import test_measure_source
from . import test_improvement_plan
from . import test_management_review
from . import test_nonconformity
