from . import test_questionnaire
from . import test_survey
