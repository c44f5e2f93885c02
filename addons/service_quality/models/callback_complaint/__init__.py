from . import (
    helpdesk_ticket,
    service_quality_callback,
)
