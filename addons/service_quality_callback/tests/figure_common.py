from odoo.addons.service_quality_indicator.tests.figure_common import FigureCase

from .callback_common import CallbackCase


class CallFigureCase(CallbackCase, FigureCase):
    """The company's indicators are counted in March 2026, with follow-up calls."""
