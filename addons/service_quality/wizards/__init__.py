from . import (
    agreement_coverage,
    agreement_end,
    base_partner_merge,
    complaint_answer,
    complaint_refusal,
    event_void,
    phone_entry,
    ticket_deadline,
    ticket_finish,
    ticket_finish_visit,
    visit_correct,
    visit_revise,
)
