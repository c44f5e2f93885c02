from . import service_quality_callback_decision
from . import service_quality_personal_data
