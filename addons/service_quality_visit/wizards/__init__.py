from . import (
    helpdesk_ticket_finish,
    service_quality_visit_correct,
    service_quality_visit_revise,
)
