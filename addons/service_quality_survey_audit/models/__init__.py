from . import service_quality_survey
