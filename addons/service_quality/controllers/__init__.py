from . import follow_up
from . import guest
from . import portal
