from . import test_survey_audit
