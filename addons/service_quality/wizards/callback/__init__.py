from . import callback_decision
