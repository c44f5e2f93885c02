from . import service_quality_callback_decision
