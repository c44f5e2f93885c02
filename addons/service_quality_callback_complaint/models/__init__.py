from . import (
    helpdesk_ticket,
    service_quality_callback,
    service_quality_desk,
    service_quality_evidence,
    service_quality_overview,
)
