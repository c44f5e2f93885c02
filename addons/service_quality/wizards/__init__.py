from . import (
    agreement_coverage,
    agreement_end,
    event_void,
    ticket_deadline,
    ticket_finish,
)
