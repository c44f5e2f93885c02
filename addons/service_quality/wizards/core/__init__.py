from . import (
    agreement_coverage,
    agreement_end,
    base_partner_merge,
    event_void,
    mail_compose_message,
    personal_data,
    ticket_deadline,
    ticket_finish,
)
