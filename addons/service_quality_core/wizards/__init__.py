from . import (
    base_partner_merge_automatic_wizard,
    helpdesk_ticket_deadline,
    helpdesk_ticket_finish,
    service_quality_agreement_coverage,
    service_quality_agreement_end,
    service_quality_event_void,
    service_quality_personal_data,
    service_quality_rectify,
)
