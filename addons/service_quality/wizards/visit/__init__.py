from . import (
    ticket_finish,
    visit_correct,
    visit_revise,
)
