from . import test_callback_complaint
