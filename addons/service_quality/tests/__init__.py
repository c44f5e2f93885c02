from . import test_clock
from . import test_ledger
from . import test_ticket
from . import test_calendar
from . import test_agreement
from . import test_purge
