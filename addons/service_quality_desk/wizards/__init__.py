from . import service_quality_handover_say
