from . import attachment
from . import complaint
from . import follow_up
from . import guest
from . import hotline
from . import portal
from . import portal_complaint
from . import report
