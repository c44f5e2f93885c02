from . import callback_decision
from . import personal_data
