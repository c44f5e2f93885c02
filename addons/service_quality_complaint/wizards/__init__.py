from . import (
    service_quality_personal_data,
    helpdesk_ticket_complaint_answer,
    helpdesk_ticket_complaint_ease,
    helpdesk_ticket_complaint_refusal,
    mail_compose_message,
    service_quality_phone_entry,
)
