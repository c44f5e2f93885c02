from . import service_quality_report_say
