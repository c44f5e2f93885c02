from . import service_quality_demo
