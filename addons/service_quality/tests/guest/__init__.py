from . import test_guest
from . import test_strange_file
