from . import test_desk
from . import test_desk_tour
from . import test_duty
from . import test_handover
from . import test_js
from . import test_mail_after_end
