from . import test_measure
from . import test_measure_source
from . import test_nonconformity
