from . import test_js
from . import test_visit
from . import test_visit_day
from . import test_visit_security
from . import test_visit_sheet
from . import test_visit_tour
