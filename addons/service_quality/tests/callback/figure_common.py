from ..indicator.figure_common import FigureCase
from .callback_common import CallbackCase


class CallFigureCase(CallbackCase, FigureCase):
    """A company whose indicators are counted in March 2026, with follow-up calls."""
