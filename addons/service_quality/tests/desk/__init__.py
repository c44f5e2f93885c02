from . import test_desk
from . import test_duty
from . import test_handover
