from . import test_callback_decision
