from . import (
    service_quality_evidence,
    service_quality_survey_questionnaire_mixin,
    service_quality_survey_field_mixin,
    service_quality_survey_outcome_mixin,
    service_quality_survey,
    service_quality_survey_steps,
    service_quality_survey_contact,
    service_quality_survey_exclusion,
    survey_question,
    survey_survey,
    survey_user_input,
)
