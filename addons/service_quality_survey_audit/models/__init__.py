from . import (
    res_company,
    res_config_settings,
    service_quality_review_input,
    service_quality_survey,
    service_quality_survey_part,
    service_quality_survey_silence,
)
