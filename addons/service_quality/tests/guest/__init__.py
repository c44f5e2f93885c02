from . import test_guest
