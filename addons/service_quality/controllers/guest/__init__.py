from . import guest
