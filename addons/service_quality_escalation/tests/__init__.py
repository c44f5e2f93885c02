from . import test_alarm
from . import test_alarm_security
from . import test_channel
from . import test_effect
from . import test_escalation
from . import test_wrong_input
