from . import test_questionnaire
from . import test_survey
from . import test_survey_answer
from . import test_survey_page
from . import test_survey_sending
from . import test_survey_recall
