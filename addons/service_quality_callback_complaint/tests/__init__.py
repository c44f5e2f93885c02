from . import test_callback_complaint
from . import test_complaint_call
from . import test_desk_calls_of_centre
