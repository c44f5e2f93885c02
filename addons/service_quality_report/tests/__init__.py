from . import test_quality_report
from . import test_quality_report_kinds
from . import test_quality_report_security
from . import test_quality_report_tour
from . import test_reminder
from . import test_report_content
from . import test_report_indicator
from . import test_wrong_input
