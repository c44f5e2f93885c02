from . import test_callback_complaint
from . import test_complaint_call
