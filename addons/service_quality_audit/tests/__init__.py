from . import test_measure, test_nonconformity
