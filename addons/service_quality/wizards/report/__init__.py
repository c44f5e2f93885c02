from . import report_say
