from . import service_quality_measure_say
